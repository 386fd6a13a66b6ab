"""File dialogs: the places of the user and of this program at the side, columns that fit, kinds of files by their name."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtWidgets import QFileDialog, QHeaderView, QSplitter, QTreeView, QWidget

_Place = QStandardPaths.StandardLocation
USUAL = (_Place.HomeLocation, _Place.MoviesLocation, _Place.PicturesLocation, _Place.DocumentsLocation, _Place.DownloadLocation)
SIZE, SIDE = (860, 520), 170  # px: the dialog, and the places at its side


def ask_file(parent: QWidget | None, title: str, start: str, kinds: str, places: Sequence[Path] = ()) -> str | None:
    """One file; None when the dialog was left. kinds: as Qt writes them; places: of ours, at the side."""
    chosen = _ask(parent, title, start, QFileDialog.FileMode.ExistingFile, kinds, places)
    return chosen[0] if chosen else None


def ask_files(parent: QWidget, title: str, start: str, kinds: str, places: Sequence[Path] = ()) -> list[str]:
    """Any number of files."""
    return _ask(parent, title, start, QFileDialog.FileMode.ExistingFiles, kinds, places)


def ask_folder(parent: QWidget, title: str, start: str, places: Sequence[Path] = ()) -> str | None:
    """A folder; None when the dialog was left."""
    chosen = _ask(parent, title, start, QFileDialog.FileMode.Directory, "", places)
    return chosen[0] if chosen else None


def ask_to_save(parent: QWidget | None, title: str, start: str, kinds: str) -> str | None:
    """A name for a file, with the suffix that `start` has where none was typed; what is there already is asked about."""
    made = dialog(parent, title, str(Path(start).parent), QFileDialog.FileMode.AnyFile, kinds, ())
    made.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    made.setDefaultSuffix(Path(start).suffix[1:])
    made.selectFile(Path(start).name)
    chosen = _answer(made)
    return chosen[0] if chosen else None


def of_the_user(place: QStandardPaths.StandardLocation = _Place.DocumentsLocation) -> Path:
    """A folder of the user's, such as the documents; the home folder where there is none."""
    folder = QStandardPaths.writableLocation(place)
    return Path(folder) if folder and Path(folder).is_dir() else Path.home()


def dialog(parent: QWidget | None, title: str, start: str, mode: QFileDialog.FileMode, kinds: str, places: Sequence[Path]) -> QFileDialog:
    """The dialog, not shown yet."""
    made = QFileDialog(parent, title, str(_existing(Path(start).expanduser())))
    made.setFileMode(mode)
    if mode == QFileDialog.FileMode.Directory:
        made.setOption(QFileDialog.Option.ShowDirsOnly, True)
    if kinds:
        made.setOption(QFileDialog.Option.HideNameFilterDetails, True)
        made.setNameFilter(kinds)
    known = [Path(QStandardPaths.writableLocation(place)) for place in USUAL]
    there = dict.fromkeys(path for path in (*known, *(p / "webcam-pix2pix" for p in known[1:4]), *places) if path.is_dir())
    made.setSidebarUrls([QUrl("file:"), *(QUrl.fromLocalFile(str(path)) for path in there)])
    made.resize(*SIZE)
    sides = made.findChild(QSplitter)
    if sides is not None:
        sides.setSizes([SIDE, SIZE[0] - SIDE])
    table = made.findChild(QTreeView, "treeView")  # none where the system has a dialog of its own
    if table is not None:
        table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            table.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return made


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that exists; never the one that the program was started in."""
    return next((place for place in (folder, *folder.parents) if place.is_absolute() and place.is_dir()), Path.home())


def _ask(parent: QWidget | None, title: str, start: str, mode: QFileDialog.FileMode, kinds: str, places: Sequence[Path]) -> list[str]:
    return _answer(dialog(parent, title, start, mode, kinds, places))


def _answer(made: QFileDialog) -> list[str]:
    try:
        return list(made.selectedFiles()) if made.exec() else []
    finally:
        made.deleteLater()
