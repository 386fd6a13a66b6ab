"""The context menu of an image: fit, one to one, copy, save, histogram."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from msa.files import write_atomic

from ..foundation.file_dialog import ask_to_save, of_the_user
from .image_item import shared_image


def image_menu(view) -> QMenu:
    """What can be done with a Image."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Fit", lambda: view.set_zoom(None))
    menu.addAction("One to one", lambda: view.set_zoom(1.0))
    menu.addSeparator()
    taken = view.image  # the image of this moment, not the one that is shown when the user has chosen a name
    for text, does in (("Copy image", copy), ("Save image…", ask_and_save)):
        menu.addAction(text, partial(does, view, taken)).setEnabled(taken is not None)
    menu.addSeparator()
    histogram = menu.addAction("Histogram")
    histogram.setCheckable(True)
    histogram.setChecked(view.histogram is not None and view.histogram.isVisible())
    histogram.toggled.connect(view.show_histogram)
    return menu


def copy(view, image) -> None:
    """Put `image` (HxWx3 RGB uint8) on the clipboard."""
    QGuiApplication.clipboard().setImage(shared_image(image).copy())
    view.note.emit(f"{view.name.capitalize()} copied: {image.shape[1]}×{image.shape[0]}")


def ask_and_save(view, image) -> None:
    """Ask for a name and save `image` there."""
    start = of_the_user(QStandardPaths.StandardLocation.PicturesLocation) / f"{view.name}.png"
    path = ask_to_save(view, "Save image", str(start), "Images (*.png *.jpg *.webp)")
    if path:
        save(view, image, Path(path))


def save(view, image, path: Path) -> None:
    """Write `image` in the format that the suffix of `path` names; what came of it is told."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not shared_image(image).save(buffer, path.suffix[1:].upper(), 95):
        return view.problem.emit(f"{path}: not saved. Images can be .png, .jpg or .webp")
    try:
        write_atomic(path, bytes(data))
    except OSError as error:
        return view.problem.emit(f"{path}: not saved: {error.strerror or error}")
    view.saved.emit(f"Image saved: {path}", str(path))
