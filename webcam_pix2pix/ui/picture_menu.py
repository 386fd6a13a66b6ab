"""The context menu of a picture: fit, one to one, copy, save, histogram."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from msa.files import write_whole

from .image_item import shared_image


def picture_menu(picture) -> QMenu:
    """What can be done with a Picture."""
    menu = QMenu(picture)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Fit", lambda: picture.set_zoom(None))
    menu.addAction("One to one", lambda: picture.set_zoom(1.0))
    menu.addSeparator()
    taken = picture.image  # the picture of this moment, not the one that is shown when the user has chosen a name
    for text, does in (("Copy picture", copy), ("Save picture…", ask_and_save)):
        menu.addAction(text, partial(does, picture, taken)).setEnabled(taken is not None)
    menu.addSeparator()
    histogram = menu.addAction("Histogram")
    histogram.setCheckable(True)
    histogram.setChecked(picture.histogram is not None and picture.histogram.isVisible())
    histogram.toggled.connect(picture.show_histogram)
    return menu


def copy(picture, image) -> None:
    """Put `image` (HxWx3 RGB uint8) on the clipboard."""
    QGuiApplication.clipboard().setImage(shared_image(image).copy())
    picture.note.emit(f"{picture.name.capitalize()} copied: {image.shape[1]}×{image.shape[0]}")


def ask_and_save(picture, image) -> None:
    """Ask for a name and save `image` there."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    start = str(Path(folder) / f"{picture.name}.png")
    path, _ = QFileDialog.getSaveFileName(picture, "Save picture", start, "Pictures (*.png *.jpg *.webp)")
    if path:
        save(picture, image, Path(path) if Path(path).suffix else Path(f"{path}.png"))


def save(picture, image, path: Path) -> None:
    """Write `image` in the format that the suffix of `path` names; what came of it is told."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not shared_image(image).save(buffer, path.suffix[1:].upper(), 95):
        return picture.problem.emit(f"{path}: not saved. Pictures can be .png, .jpg or .webp")
    try:
        write_whole(path, bytes(data))
    except OSError as error:
        return picture.problem.emit(f"{path}: not saved: {error.strerror or error}")
    picture.note.emit(f"Picture saved: {path}")
