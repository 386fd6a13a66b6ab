"""Dialogs that ask for files, a folder or an address; each gives None, or nothing, when it was left.

Each purpose begins in a folder of its own: where it was answered last, or else where the user keeps such things.
"""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QInputDialog, QWidget

from ..foundation.file_dialog import ask_file, ask_files, ask_folder, of_the_user

VIDEO = "*.mp4 *.mov *.mkv *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.gif"
IMAGE = "*.jpg *.jpeg *.png *.bmp *.tif *.tiff *.webp *.ppm"

_Place = QStandardPaths.StandardLocation
PLACES = {"films": _Place.MoviesLocation, "images": _Place.PicturesLocation, "checkpoints": _Place.DownloadLocation,
          "datasets": _Place.DocumentsLocation}
_last: dict[str, str] = {}  # purpose -> folder of the last answer


def recall(memory: dict[str, str]) -> None:
    """Begin where `memory` (purpose -> folder) says, and note new answers in it."""
    global _last
    _last = memory


def start(purpose: str) -> str:
    """The folder to begin in, for one of PLACES; one that exists."""
    last = _last.get(purpose, "")
    return last if last and Path(last).is_dir() else str(of_the_user(PLACES[purpose]))


def source(parent: QWidget) -> str | None:
    """A video or an image."""
    return next(iter(films(parent, "Open source", images=True, several=False)), None)


def films(parent: QWidget, title: str, images: bool, several: bool = True) -> list[str]:
    """Films; with `images`, images too."""
    kinds = f"Films and images ({VIDEO} {IMAGE})" if images else f"Films ({VIDEO})"
    ask = ask_files if several else ask_file
    chosen = ask(parent, title, start("films"), f"{kinds};;All files (*)")
    found = [chosen] if isinstance(chosen, str) else list(chosen or ())
    return [_noted("films", path) for path in found]


def image_folder(parent: QWidget, title: str = "Open folder of images") -> str | None:
    """A folder of images."""
    folder = ask_folder(parent, title, start("images"))
    return _noted("images", folder, Path(folder)) if folder else None


def dataset(parent: QWidget, folder: str) -> str | None:
    """A folder of pairs; asked for from `folder` where that exists."""
    here = folder if folder and Path(folder).is_dir() else start("datasets")
    chosen = ask_folder(parent, "Dataset", here)
    return _noted("datasets", chosen) if chosen else None


def address(parent: QWidget) -> str | None:
    """A stream."""
    text, ok = QInputDialog.getText(parent, "Open stream", "Address of the stream (http:// or rtsp://)")
    return text.strip() or None if ok else None


def model(parent: QWidget, folder: Path) -> str | None:
    """A checkpoint or a descriptor; asked for in `folder`."""
    return ask_file(parent, "Open model: checkpoint or descriptor", str(folder), "All files (*)")


def checkpoint(parent: QWidget) -> str | None:
    """A checkpoint to be copied."""
    kinds = "*.pth *.pt *.safetensors *.ckpt *.h5 *.hdf5 *.pict *.index *.meta *.onnx *.json"
    path = ask_file(parent, "Import model: checkpoint", start("checkpoints"), f"Checkpoints ({kinds});;All files (*)")
    return _noted("checkpoints", path) if path else None


def output(parent: QWidget, now: Path) -> str | None:
    """Where recordings and snapshots go. now: where they go today; it need not exist."""
    return ask_folder(parent, f"Folder of recordings and snapshots (now {now})", str(now))


def saved_settings(parent: QWidget | None, presets: Path, made: tuple[Path, Path]) -> str | None:
    """A preset, or a snapshot or recording with its settings inside. made: folders of recordings and of snapshots."""
    begin = _last.get("settings", "")
    has_own = any(presets.glob("*.json")) if presets.is_dir() else False
    usual = next((str(folder) for folder in ((presets,) if has_own else ()) + made if folder.is_dir()), start("films"))
    path = ask_file(parent, "Load settings: preset, snapshot or recording", begin if Path(begin or ":").is_dir() else usual,
                    "Presets, snapshots, recordings (*.json *.png *.mp4 *.mov *.mkv)", (presets, *made))
    return _noted("settings", path) if path else None


def _noted(purpose: str, path: str, folder: Path | None = None) -> str:
    _last[purpose] = str(folder or Path(path).parent)
    return path
