"""Dialogs that ask for a file, a folder or an address; each gives None when it was left."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

VIDEO = "*.mp4 *.mov *.mkv *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.gif"
IMAGE = "*.jpg *.jpeg *.png *.bmp *.tif *.tiff *.webp *.ppm"


def source(parent: QWidget) -> str | None:
    """A video or an image."""
    return QFileDialog.getOpenFileName(parent, "Open source", "", f"Videos and images ({VIDEO} {IMAGE});;All files (*)")[0] or None


def image_folder(parent: QWidget) -> str | None:
    """A folder of images."""
    return QFileDialog.getExistingDirectory(parent, "Open folder of images") or None


def address(parent: QWidget) -> str | None:
    """A stream."""
    text, ok = QInputDialog.getText(parent, "Open stream", "Address of the stream (http:// or rtsp://)")
    return text.strip() or None if ok else None


def model(parent: QWidget, folder: Path) -> str | None:
    """A checkpoint or a descriptor; asked for in `folder`, or the nearest one above it that exists."""
    start = next(place for place in (folder, *folder.parents) if place.is_dir())
    return QFileDialog.getOpenFileName(parent, "Open model: checkpoint or descriptor", str(start))[0] or None


def checkpoint(parent: QWidget) -> str | None:
    """A checkpoint to be copied."""
    kinds = "*.pth *.pt *.safetensors *.ckpt *.h5 *.hdf5 *.pict *.index *.meta *.json"
    return QFileDialog.getOpenFileName(parent, "Import model: checkpoint", "", f"Checkpoints ({kinds});;All files (*)")[0] or None


def output(parent: QWidget, folder: str) -> str | None:
    """Where recordings and snapshots go."""
    return QFileDialog.getExistingDirectory(parent, "Folder of recordings and snapshots", folder) or None
