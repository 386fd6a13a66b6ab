"""Actions: everything the window can do, once: its menu, its name, its key, its icon. Menus, toolbar and shortcut sheet derive from it."""

from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from . import theme
from .live_settings import LiveSettings


@dataclass(frozen=True)
class Spec:
    """One action as data."""

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    tip: str = ""


SEPARATOR = "-"
SPECS = (
    Spec("open_source", "File", "Open source…", ("Ctrl+O",), "film-strip", tip="Video file or image"),
    Spec("open_folder", "File", "Open folder of images…", ("Ctrl+Shift+O",), "folder-open"),
    Spec("open_address", "File", "Open stream…", ("Ctrl+U",), "broadcast", tip="http:// or rtsp:// stream"),
    Spec("open_model", "File", "Open model…", ("Ctrl+M",), "cube", tip="Checkpoint or descriptor"),
    Spec(SEPARATOR, "File", ""),
    Spec("load_preset", "File", "Load preset…", ("Ctrl+L",), "sliders", tip="A preset, or the look of a snapshot made by this program"),
    Spec("save_preset", "File", "Save preset…", ("Ctrl+S",), "floppy-disk", tip="The look as it is now"),
    Spec(SEPARATOR, "File", ""),
    Spec("snapshot", "File", "Snapshot", ("S",), "camera", tip="Save the picture, its settings inside"),
    Spec("record", "File", "Record", ("Ctrl+R",), "record", True, "Record the painted picture to a video file"),
    Spec("output", "File", "Output folder…", (), "folder-open", tip="Where recordings and snapshots go"),
    Spec(SEPARATOR, "File", ""),
    Spec("quit", "File", "Quit", ("Ctrl+Q",), "sign-out"),
    Spec("find", "Edit", "Find setting", ("Ctrl+F",), "magnifying-glass"),
    Spec("full_screen", "View", "Full screen", ("F", "F11"), "arrows-out", tip="The prediction alone, for projector and audience"),
    Spec("fit", "View", "Prediction: fit", ("Ctrl+0",), "frame-corners"),
    Spec("one_to_one", "View", "Prediction: one to one", ("Ctrl+1",), "number-square-one"),
    Spec(SEPARATOR, "View", ""),
    Spec("freeze", "Show", "Freeze", ("Space",), "pause", True, "Hold the camera picture; chain and network go on"),
    Spec("bypass", "Show", "Bypass", ("0",), "prohibit", True, "Show the processed picture instead of the painting"),
    Spec("recipe", "Show", "Back to the recipe", ("R",), "arrow-counter-clockwise", tip="The chain as the model was trained"),
    Spec(SEPARATOR, "Show", ""),
    Spec("next_model", "Show", "Next model", ("PgDown",), "caret-right"),
    Spec("previous_model", "Show", "Previous model", ("PgUp",), "caret-left"),
    Spec("back_source", "Show", "Back to the source before", ("Alt+Left",), "arrow-u-up-left"),
    Spec("back_model", "Show", "Back to the model before", ("Alt+Shift+Left",), "arrow-u-up-left"),
    Spec("reopen", "Show", "Reopen source", ("Ctrl+Shift+R",), "arrows-clockwise", tip="Close the camera and open it again"),
    Spec("shortcuts", "Help", "Shortcuts", ("?", "F1"), "keyboard"),
    Spec("about", "Help", "About webcam-pix2pix", (), "info"),
)
MENUS = ("File", "Edit", "View", "Show", "Help")
TOOLBAR = ("freeze", "bypass", "snapshot", "record", "full_screen")
HINTS = (  # what no menu can tell
    ("1 to 9", "presets, in the order of File, Presets"),
    ("Slider", "Shift: ten times finer · double click or Delete: back to the model's value · arrow keys"),
    ("Picture", "wheel, + and −: zoom · drag: move · double click: fit · right click: copy, save, histogram"),
    ("Text and numbers", "Enter: take it · Esc: leave it; then the keys are the show's again"),
    ("Full screen", "Esc, F or double click: leave"),
    ("Anywhere", "drop a video, image, model, preset or snapshot"),
)


class Actions:
    """The QActions by name, as attributes of `window`'s menus. `self[name]` is one of them."""

    def __init__(self, window: QMainWindow) -> None:
        self._actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for title in MENUS:
            self.menus[title] = window.menuBar().addMenu(f"&{title}")
            self.menus[title].setToolTipsVisible(True)
        for spec in SPECS:
            menu = self.menus[spec.menu]
            if spec.name == SEPARATOR:
                menu.addSeparator()
                continue
            action = QAction(spec.text, window, checkable=spec.checkable)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            keys = " or ".join(_spoken(key) for key in spec.keys)
            action.setToolTip((spec.tip or spec.text.rstrip("…")) + (f"  ({keys})" if keys else ""))
            menu.addAction(action)
            window.addAction(action)
            self._actions[spec.name] = action
        self.retheme()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def for_output(self) -> list[QAction]:
        """The actions whose keys the output window takes too: all but quitting, which an audience must not see by accident."""
        return [action for name, action in self._actions.items() if name != "quit"]

    def show_state(self, name: str, on: bool) -> None:
        """Check or uncheck without triggering."""
        if self._actions[name].isChecked() != on:
            self._actions[name].setChecked(on)

    def show_settings(self, live: LiveSettings) -> None:
        """Check and enable what the settings say."""
        self.show_state("freeze", live.value.capture.freeze)
        self.show_state("bypass", not live.value.prediction.enabled)
        self["recipe"].setEnabled(bool(live.departures()))
        self["back_source"].setEnabled(live.can_go_back("Capture.Init.device_id"))
        self["back_model"].setEnabled(live.can_go_back("Model.model_name"))

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        for spec in SPECS:
            if spec.icon:
                active = theme.current().red if spec.name == "record" else None
                self._actions[spec.name].setIcon(theme.icon(spec.icon, active=active))


def sheet() -> str:
    """The shortcut sheet as HTML."""
    t = theme.current()
    rows = []
    for menu in MENUS:
        keyed = [spec for spec in SPECS if spec.menu == menu and spec.keys]
        if menu == "Edit":
            keyed = [Spec("", "", "Undo", ("Ctrl+Z",)), Spec("", "", "Redo", ("Ctrl+Shift+Z",)), *keyed]
        rows += [f"<tr><td colspan=2 style='color:{t.dim}; padding-top:8px'>{menu}</td></tr>"] if keyed else []
        rows += [_line(" or ".join(map(_spoken, spec.keys)), spec.text.rstrip("…")) for spec in keyed]
    rows += [f"<tr><td colspan=2 style='color:{t.dim}; padding-top:8px'>Mouse and numbers</td></tr>"]
    rows += [_line(where, what) for where, what in HINTS]
    return f"<table cellpadding=3>{''.join(rows)}</table>"


def _line(key: str, what: str) -> str:
    return f"<tr><td style='padding-right:24px'><b>{key}</b></td><td>{what}</td></tr>"


def _spoken(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("PgDown", "Page Down").replace("PgUp", "Page Up")

