"""The small windows behind the Help menu."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QAbstractSlider, QDialog, QDialogButtonBox, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from webcam_pix2pix import __version__

from ..foundation import theme
from ..foundation.desktop import show_folder
from . import actions
from .actions import Actions
from .toast import breakable

ABOUT = """<h3>webcam-pix2pix {version}</h3>
<p>Turns a camera into a live image with a pix2pix network. MIT licence.</p>
<p>After <i>webcam-pix2pix-tensorflow</i> by Memo Akten, 2017, with which <i>Learning to See</i> was made,
and its PyTorch port, 2025.</p>"""

FIRST_STEPS = """<h3>First steps</h3>
<ol>
<li><b>Look at yourself.</b> The camera is on the right, above what the network sees; its painting is in the middle.
Without a camera there is a test scene.</li>
<li><b>Choose a source.</b> The button at the top left, or the menu “Source”: a camera, a film, a folder of images, a stream,
the screen.
Or drop a file on the window.</li>
<li><b>Choose a model.</b> The button beside it, the tab “models” at the left, or Page Up and Page Down.</li>
<li><b>Change the painting.</b> Every setting is in the tab “parameters”; hold the pointer over one to read what it does.
R returns to what the model was trained with, Ctrl+Z undoes.</li>
<li><b>Keep your settings.</b> Ctrl+S saves them as a preset. It gets a key from 1 to 9, which recalls it.</li>
<li><b>Keep images.</b> S saves a snapshot, Ctrl+R records the painting as a film. File, Change output folder… says where they go; Output,
Size in “parameters” makes them larger.</li>
<li><b>Get settings back.</b> Snapshots and recordings hold the settings that they were made with: File, Load settings… (Ctrl+L) takes
them, as it takes presets.</li>
<li><b>Make a model of your own.</b> Model, New model… takes a film or a folder of images. A small model takes some hours;
you can load it into the show while it learns.</li>
</ol>"""
STAGE = """<h3>On stage</h3>
<table cellpadding=3>
<tr><td><b>Before</b></td><td>Connect the projector, then press <b>F</b>: the painting opens on the screen that this window is not on.
View, Full screen on chooses another one. <b>Shift+T</b> test pattern · <b>Shift+C</b> corners, if the projector stands askew.</td></tr>
<tr><td></td><td>Prepare your presets: Ctrl+S saves one, File, Presets, Keys 1 to 9 says which key recalls it.</td></tr>
<tr><td></td><td>If the painting is too slow, switch on <b>Quality, Hold the rate</b>: it lowers the quality to keep the rate.</td></tr>
<tr><td><b>During</b></td><td><b>Space</b> holds the camera image · <b>0</b> shows what the network sees, without its painting ·
<b>B</b> black · <b>1 to 9</b> presets · <b>Page Up, Page Down</b> models</td></tr>
<tr><td></td><td>Films: <b>P</b> pause · <b>[</b> and <b>]</b> loop from here, up to here · <b>\\</b> the whole film ·
<b>, .</b> image by image · <b>Ctrl+Page Up, Page Down</b> previous, next film or image</td></tr>
<tr><td></td><td><b>S</b> snapshot · <b>Ctrl+R</b> record · <b>Ctrl+L</b> settings of a preset,
snapshot or recording · <b>R</b> back to the recipe · <b>Ctrl+Z</b> undo</td></tr>
<tr><td><b>If something fails</b></td><td>If a camera or stream is lost, the program tries to open it each second. If a file
cannot be opened, nothing changes. The speech bubble at the bottom right, ⚠ when there is something new, lists what happened.</td></tr>
</table>"""

TITLE_BAR = 48  # px, so that the whole of a sheet, with the frame that the desktop gives it, is on the screen
_Step = QAbstractSlider.SliderAction
SCROLL = {Qt.Key.Key_Home: _Step.SliderToMinimum, Qt.Key.Key_End: _Step.SliderToMaximum, Qt.Key.Key_PageUp: _Step.SliderPageStepSub,
          Qt.Key.Key_PageDown: _Step.SliderPageStepAdd, Qt.Key.Key_Up: _Step.SliderSingleStepSub,
          Qt.Key.Key_Down: _Step.SliderSingleStepAdd}
PLACES = ("recordings", "snapshots", "your presets", "your models", "datasets and training runs", "settings and layout of this window")


def connect(actions_: Actions, parent: QWidget, folders: Callable[[], Sequence[Path]]) -> None:
    """Let the actions of the Help menu open their sheets. folders: gives those of PLACES."""
    made = {"first_steps": first_steps, "stage_page": on_stage, "shortcuts": shortcuts, "about": about,
            "places": lambda window: places(window, folders())}
    for name, make in made.items():
        actions_[name].triggered.connect(lambda *_, name=name, make=make: once(parent, name, make))


def once(parent: QWidget, name: str, make: Callable[[QWidget], "Sheet"]) -> None:
    """Show the sheet called `name`, or bring the one that is there to the front."""
    made = next((sheet for sheet in parent.findChildren(Sheet) if sheet.objectName() == name), None) or make(parent)
    made.setObjectName(name)
    made.show()
    made.raise_()
    made.activateWindow()


class Sheet(QDialog):
    """A text, `width` px or wider; its links are folders. It never blocks the window; the next press of Esc, ? or a click on its close
    button takes it away.

    found: gives the text for what is searched; then there is a field for that, into which letters go that are typed anywhere.
    """

    def __init__(self, parent: QWidget, title: str, html: str, width: int = 0, found: Callable[[str], str] | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(html, textFormat=Qt.TextFormat.RichText, accessibleName=title)
        text.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setMinimumSize(min(text.sizeHint().width(), 640), 1)  # as high as it is at its width, not at the narrowest
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        text.linkActivated.connect(lambda link: show_folder(QUrl(link).toLocalFile(), self._say))
        self.text, self.notice = text, QLabel(wordWrap=True, visible=False)
        self.notice.setContentsMargins(theme.L, 0, theme.L, 0)
        self.area = QScrollArea(widgetResizable=True, frameShape=QScrollArea.Shape.NoFrame)
        self.area.setWidget(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        buttons.setContentsMargins(theme.L, 0, theme.L, theme.M)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.search = QLineEdit(placeholderText="Search", clearButtonEnabled=True, accessibleName=f"search {title.lower()}")
        if found is not None:
            self.search.textChanged.connect(lambda words: text.setText(found(words)))
            line = QVBoxLayout()
            line.setContentsMargins(theme.L, theme.L, theme.L, 0)
            line.addWidget(self.search)
            layout.addLayout(line)
        layout.addWidget(self.area)
        layout.addWidget(self.notice)
        layout.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()
        hint = text.sizeHint()
        width = min(max(hint.width(), width) + 3 * theme.L, parent.window().width())
        height = text.heightForWidth(width - 2 * theme.L) + buttons.sizeHint().height() + 3 * theme.L
        self.resize(width, min(height, parent.window().height() - TITLE_BAR))

    def _say(self, text: str) -> None:
        self.notice.setText(breakable(text))
        self.notice.show()

    def keyPressEvent(self, event) -> None:
        if event.text() == "?" or event.key() == Qt.Key.Key_F1:
            self.close()
        elif event.key() in SCROLL:
            self.area.verticalScrollBar().triggerAction(SCROLL[event.key()])
        elif self.search.isVisible() and event.text().strip().isprintable() and event.text().strip():
            self.search.setFocus()
            self.search.insert(event.text())
        else:
            super().keyPressEvent(event)


def shortcuts(parent: QWidget) -> Sheet:
    """The shortcut sheet."""
    now = getattr(parent, "actions_", None)
    keys = now.keys() if now else None
    return Sheet(parent, "Shortcuts", actions.sheet(keys), found=lambda words: actions.sheet(keys, words))


def about(parent: QWidget) -> Sheet:
    """Version, licence, origin."""
    return Sheet(parent, "About", ABOUT.format(version=__version__))


def first_steps(parent: QWidget) -> Sheet:
    """From the first look to a model of one's own."""
    return Sheet(parent, "First steps", FIRST_STEPS)


def on_stage(parent: QWidget) -> Sheet:
    """What a performer needs, in one page."""
    return Sheet(parent, "On stage", STAGE)


def places(parent: QWidget, folders: Sequence[Path]) -> Sheet:
    """Where things are saved; each folder is a link. folders: in the order of PLACES."""
    rows = "".join(f"<tr><td><b>{what}</b></td><td>{_link(path)}</td></tr>" for what, path in zip(PLACES, folders, strict=True))
    return Sheet(parent, "Where things are saved", f"<h3>Where things are saved</h3><table cellpadding=4>{rows}</table>")


def _link(path: Path) -> str:
    if not path.is_dir():
        return f"{escape(str(path))}<br><i>made when it is needed</i>"
    return f'<a href="{QUrl.fromLocalFile(str(path)).toString()}">{escape(str(path))}</a>'
