"""DropTarget: shows where a file that is dragged over the window will go, and what becomes of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from ..foundation import theme


class DropTarget(QLabel):
    """A frame over `parent`, with a word in it; hidden until something is dragged over."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, objectName="droptarget", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def offer(self, event) -> None:
        """Something is dragged over the window: say what happens to it, if it is a file or an address."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()
            self.point_out("Drop it here to use it: film, image, folder, address, model, preset or snapshot")

    def taken(self, event) -> list[str]:
        """What was dropped: a path or an address, or nothing that can be used."""
        self.hide()
        event.acceptProposedAction()
        return _dropped(event.mimeData())

    def point_out(self, text: str) -> None:
        """Show the frame with `text`."""
        t, tint = theme.current(), theme.current().window
        self.setStyleSheet(f"#droptarget {{ border: 3px solid {t.accent}; border-radius: 6px; color: {t.text}; font-weight: bold;"
                           f" background: rgba({int(tint[1:3], 16)}, {int(tint[3:5], 16)}, {int(tint[5:7], 16)}, 170); }}")
        self.setText(text)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()


def _dropped(data) -> list[str]:
    """The first file of what is dragged, or the address: as a link, or as the text of one."""
    text = data.text().strip()
    urls = [url.toLocalFile() if url.isLocalFile() else url.toString() for url in data.urls()]
    return urls[:1] or ([text] if "://" in text and len(text.split()) == 1 else [])
