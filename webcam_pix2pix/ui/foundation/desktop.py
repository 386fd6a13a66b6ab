"""Desktop: folders and pages opened with the programs of the system; the path where there is none."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

OPENER = "xdg-open"
_running: set[QProcess] = set()


def show_folder(path: str | Path, failed: Callable[[str], object]) -> None:
    """Open a page, a folder, or the folder of a file; of one that is not there yet, the first folder above it that is.

    failed: gets one line where the system has no program for it; then the path is on the clipboard.
    """
    path = Path(path)
    shown = path if path.suffix == ".html" else folder_of(path)

    def give_path() -> None:
        QGuiApplication.clipboard().setText(str(path))
        failed(f"No program opens this here. Its path is on the clipboard: {path}")

    if sys.platform != "linux":
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown))):
            give_path()
    elif shutil.which(OPENER) is None:
        give_path()
    else:
        _open_on_linux(shown, give_path)


def folder_of(path: Path) -> Path:
    """`path` itself or the nearest above it: the first that is a folder and is there."""
    return next((one for one in (path, *path.parents) if one.is_dir()), path.parent)


def _open_on_linux(shown: Path, failed: Callable[[], object]) -> None:
    """QDesktopServices only says that xdg-open has started, not that it found no program."""
    process = QProcess()
    process.setStandardOutputFile(QProcess.nullDevice())
    process.setStandardErrorFile(QProcess.nullDevice())

    def ended(code: int, status: QProcess.ExitStatus) -> None:
        _running.discard(process)
        if code:
            failed()

    process.finished.connect(ended)
    _running.add(process)
    process.start(OPENER, [str(shown)])
