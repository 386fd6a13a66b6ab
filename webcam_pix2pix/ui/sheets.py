"""The two small windows behind the Help menu: shortcuts and about."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from webcam_pix2pix import __version__

from . import actions, theme

ABOUT = """<h3>webcam-pix2pix {version}</h3>
<p>A camera turned into a live picture by a pix2pix network.<br>MIT licence.</p>
<p>After <i>webcam-pix2pix-tensorflow</i> by Memo Akten (2017),<br>with which <i>Learning to See</i> was made,
and its PyTorch port (2025).</p>"""


def once(parent: QWidget, make: Callable[[QWidget], "Sheet"]) -> None:
    """Show the sheet, or bring the one that is there to the front."""
    made = next((sheet for sheet in parent.findChildren(Sheet) if sheet.objectName() == make.__name__), None) or make(parent)
    made.setObjectName(make.__name__)
    made.show()
    made.raise_()
    made.activateWindow()


class Sheet(QDialog):
    """A text that the next press of Esc, ? or a click on its close button takes away; it never blocks the window."""

    def __init__(self, parent: QWidget, title: str, html: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(html, textFormat=Qt.TextFormat.RichText, accessibleName=title)
        text.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        area = QScrollArea(widgetResizable=True, frameShape=QScrollArea.Shape.NoFrame)
        area.setWidget(text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        hint = text.sizeHint()
        self.resize(hint.width() + 3 * theme.L, min(hint.height() + theme.M, parent.height()))

    def keyPressEvent(self, event) -> None:
        if event.text() == "?" or event.key() == Qt.Key.Key_F1:
            self.close()
        else:
            super().keyPressEvent(event)


def shortcuts(parent: QWidget) -> Sheet:
    """The shortcut sheet."""
    return Sheet(parent, "Shortcuts", actions.sheet())


def about(parent: QWidget) -> Sheet:
    """Version, licence, origin."""
    return Sheet(parent, "About", ABOUT.format(version=__version__))
