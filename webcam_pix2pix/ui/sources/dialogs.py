"""Dialogs that ask for files, a folder or an address; each gives None, or nothing, when it was left.

Each purpose begins in a folder of its own: where it was answered last, or else where the user keeps such things.
"""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

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
    usual = QStandardPaths.writableLocation(PLACES[purpose])
    return next((folder for folder in (_last.get(purpose, ""), usual) if folder and Path(folder).is_dir()), str(Path.home()))


def source(parent: QWidget) -> str | None:
    """A video or an image."""
    return next(iter(films(parent, "Open source", images=True, several=False)), None)


def films(parent: QWidget, title: str, images: bool, several: bool = True) -> list[str]:
    """Films; with `images`, images too."""
    kinds = f"Films and images ({VIDEO} {IMAGE})" if images else f"Films ({VIDEO})"
    ask = QFileDialog.getOpenFileNames if several else QFileDialog.getOpenFileName
    chosen = ask(parent, title, start("films"), f"{kinds};;All files (*)")[0]
    found = [chosen] if isinstance(chosen, str) else list(chosen)
    return [_noted("films", path) for path in found if path]


def image_folder(parent: QWidget, title: str = "Open folder of images") -> str | None:
    """A folder of images."""
    folder = QFileDialog.getExistingDirectory(parent, title, start("images"))
    return _noted("images", folder, Path(folder)) if folder else None


def dataset(parent: QWidget, folder: str) -> str | None:
    """A folder of pairs; asked for from `folder` where that exists."""
    here = folder if folder and Path(folder).is_dir() else start("datasets")
    chosen = QFileDialog.getExistingDirectory(parent, "Dataset", here)
    return _noted("datasets", chosen) if chosen else None


def address(parent: QWidget) -> str | None:
    """A stream."""
    text, ok = QInputDialog.getText(parent, "Open stream", "Address of the stream (http:// or rtsp://)")
    return text.strip() or None if ok else None


def model(parent: QWidget, folder: Path) -> str | None:
    """A checkpoint or a descriptor; asked for in `folder`, or the nearest one above it that exists."""
    place = next(place for place in (folder, *folder.parents) if place.is_dir())
    return QFileDialog.getOpenFileName(parent, "Open model: checkpoint or descriptor", str(place))[0] or None


def checkpoint(parent: QWidget) -> str | None:
    """A checkpoint to be copied."""
    kinds = "*.pth *.pt *.safetensors *.ckpt *.h5 *.hdf5 *.pict *.index *.meta *.onnx *.json"
    path = QFileDialog.getOpenFileName(parent, "Import model: checkpoint", start("checkpoints"), f"Checkpoints ({kinds});;All files (*)")[0]
    return _noted("checkpoints", path) if path else None


def output(parent: QWidget, folder: str) -> str | None:
    """Where recordings and snapshots go."""
    return QFileDialog.getExistingDirectory(parent, "Folder of recordings and snapshots", folder or start("films")) or None


def _noted(purpose: str, path: str, folder: Path | None = None) -> str:
    _last[purpose] = str(folder or Path(path).parent)
    return path
