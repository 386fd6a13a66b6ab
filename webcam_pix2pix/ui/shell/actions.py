"""Actions: everything the window can do, once: its menu, its name, its key, its icon. Menus, toolbar and shortcut sheet derive from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ..foundation import theme
from ..settings.live_settings import LiveSettings


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
OUTPUTS = "Live/Outputs to other programs"  # a menu inside a menu
SPECS = (
    Spec("load_preset", "File", "Load settings…", ("Ctrl+L",), "sliders", tip="From a preset, a snapshot or a recording made by this "
                                                                              "program"),
    Spec("store_preset", "File", "Store preset", ("Ctrl+S",), "floppy-disk", tip="Store the settings of the image in the bank of presets"),
    Spec("save_preset", "File", "Save preset as…", ("Ctrl+Shift+S",), tip="Save the settings of the image as a file of your choice"),
    Spec(SEPARATOR, "File", ""),
    Spec("show_recordings", "File", "Show recordings", (), "folder-open", tip="Open the folder of the recordings"),
    Spec("output", "File", "Change output folder…", (), tip="Where recordings and snapshots go"),
    Spec(SEPARATOR, "File", ""),
    Spec("quit", "File", "Quit", ("Ctrl+Q",), "sign-out"),
    Spec("find", "Edit", "Find setting", ("Ctrl+F",), "magnifying-glass"),
    Spec("midi", "Edit", "MIDI…", (), "sliders", tip="Which knob plays what; or right click on a setting or an action"),
    Spec("keys", "Edit", "Keys…", (), "keyboard", tip="Which key does what"),
    Spec("full_screen", "View", "Full screen", ("F", "F11"), "arrows-out", True, "The painting alone, for projector and audience"),
    Spec("blackout", "View", "Blackout", ("B",), "moon", True, "Fade the output window to black, and back"),
    Spec("test_pattern", "View", "Test pattern", ("Shift+T",), "crosshair", True, "On the output window, to place and focus a projector"),
    Spec("corners", "View", "Move the corners", ("Shift+C",), "selection", True,
         "Of the output window, for a projector that stands askew: mouse, arrow keys"),
    Spec(SEPARATOR, "View", ""),
    Spec("fit", "View", "Fit the painting", ("Ctrl+0",), "frame-corners"),
    Spec("one_to_one", "View", "Painting one to one", ("Ctrl+1",), "number-square-one"),
    Spec(SEPARATOR, "View", ""),
    Spec("show_parameters", "View", "Parameters", ("Alt+1",), "sliders", True),
    Spec("show_models", "View", "Models", ("Alt+2",), "cube", True),
    Spec("show_presets", "View", "Presets", ("Alt+9",), "squares-four", True),
    Spec("show_training", "View", "Training", ("Alt+3",), "chart-line", True),
    Spec("show_collect", "View", "Collect", ("Alt+4",), "image", True),
    Spec("show_capture", "View", "Capture: camera image", ("Alt+5",), "video-camera", True),
    Spec("show_processed", "View", "Processed: what the network sees", ("Alt+6",), "eye", True),
    Spec("show_prediction", "View", "Prediction: the painting", ("Alt+7",), "paint-brush", True),
    Spec("show_chain", "View", "Steps of the chain", ("Alt+0",), "squares-four", True, "The image after each step of the preprocessing"),
    Spec("show_sketch", "View", "Sketch pad", ("Alt+8",), "pencil-simple", True, tip="Draw, and the drawing is the source"),
    Spec("open_source", "Source", "Open film or image…", ("Ctrl+O",), "film-strip"),
    Spec("open_folder", "Source", "Open folder of images…", ("Ctrl+Shift+O",), "folder-open"),
    Spec("open_address", "Source", "Open stream…", ("Ctrl+U",), "broadcast", tip="http:// or rtsp:// stream"),
    Spec("cameras", "Source", "Cameras with their images…", ("Ctrl+Shift+C",), "video-camera", tip="Look through all cameras, choose one"),
    Spec("region", "Source", "Part of the screen…", (), "crop", tip="Drag over the part of the screen that is to be the source"),
    Spec("back_source", "Source", "Back to the source before", ("Alt+Left",), "arrow-u-up-left"),
    Spec("reopen", "Source", "Reopen source", ("Ctrl+Shift+R",), "arrows-clockwise", tip="Close the source and open it again"),
    Spec(SEPARATOR, "Source", ""),
    Spec("play", "Source", "Play or pause film", ("P",), "pause", tip="Pause or continue the film or the folder of images"),
    Spec("previous", "Source", "Previous film or image", ("Ctrl+PgUp",), "skip-back"),
    Spec("next", "Source", "Next film or image", ("Ctrl+PgDown",), "skip-forward"),
    Spec("picture_back", "Source", "One image back", (",",)),
    Spec("picture_on", "Source", "One image on", (".",)),
    Spec("mark_in", "Source", "Loop from here", ("[",), "arrow-line-left", tip="Loop from here: the start can be dragged"),
    Spec("mark_out", "Source", "Loop up to here", ("]",), "arrow-line-right", tip="Loop up to here: the end can be dragged"),
    Spec("unmark", "Source", "Play the whole film", ("\\",), "arrows-out-line-horizontal", tip="Remove the loop: play the whole film"),
    Spec("open_model", "Model", "Open model…", ("Ctrl+Shift+M",), "cube",
         tip="Uses the file where it is, once or again; nothing is copied"),
    Spec("import_model", "Model", "Import model…", (), "download-simple", tip="Copies the file into your models folder: it stays listed"),
    Spec(SEPARATOR, "Model", ""),
    Spec("next_model", "Model", "Next model", ("PgDown",), "caret-right"),
    Spec("previous_model", "Model", "Previous model", ("PgUp",), "caret-left"),
    Spec("back_model", "Model", "Back to the model before", ("Shift+PgUp",), "arrow-u-up-left"),
    Spec("recipe", "Model", "Back to the recipe", ("R",), "arrow-counter-clockwise",
         tip="As the model was trained, nothing bent, the usual smoothing"),
    Spec(SEPARATOR, "Model", ""),
    Spec("new_model", "Model", "New model…", (), "magic-wand", tip="From films or images to a model of your own"),
    Spec("train", "Model", "Train…", (), "chart-line", tip="Train on a dataset"),
    Spec("freeze", "Live", "Freeze", ("Space",), "pause-circle", True, "Hold the camera image; preprocessing and network still run"),
    Spec("bypass", "Live", "Bypass", ("0",), "prohibit", True, "Show the processed image instead of the painting"),
    Spec("compare", "Live", "Compare", ("W",), "square-half", True, "A line to drag between the network's input, or a preset, and the "
                                                                     "painting. The output shows the painting alone"),
    Spec(SEPARATOR, "Live", ""),
    Spec("snapshot", "Live", "Snapshot", ("S",), "camera", tip="Save the painting with its settings inside"),
    Spec("record", "Live", "Record", ("Ctrl+R",), "record", True, "Record the painting as a film"),
    Spec("panic", "Live", "Panic: safe preset", ("F12",), "shield-warning", tip="Back at once to the preset named safe, or to what the "
                                                                               "model was trained with. Nothing is frozen or modulated"),
    Spec("phone", "Live", "Phone remote…", (), "device-mobile", tip="A page for your phone: sliders, presets, the live painting"),
    Spec("record_replay", "Live", "Record performance", (), "film-strip", True, "Write down the images and every change of a setting: to "
                                                                               "play it again, or to render it"),
    Spec(SEPARATOR, "Live", ""),
    Spec("serve", OUTPUTS, "Serve on the network…", (), "broadcast", True, "The painting for browsers, OBS and other machines (MJPEG)"),
    Spec("copy_address", OUTPUTS, "Copy the address"),
    Spec("virtual_camera", OUTPUTS, "Virtual camera", (), "", True),
    Spec("ndi", OUTPUTS, "NDI", (), "", True),
    Spec("syphon", OUTPUTS, "Syphon", (), "", True),
    Spec("spout", OUTPUTS, "Spout", (), "", True),
    Spec(SEPARATOR, "Live", ""),
    Spec("tap", "Live", "Tap the tempo", ("T",), "music-note", tip="Press in time: for LFOs in beats"),
    Spec("strike", "Live", "Start one shots", ("E",), "lightning", tip="Settings that are modulated by the shape “one shot” move once"),
    Spec("still", "Live", "Stop modulation", ("Shift+E",), "hand-palm", tip="Every setting stands still"),
    Spec("first_steps", "Help", "First steps", (), "compass"),
    Spec("stage_page", "Help", "On stage, in one page", (), "presentation"),
    Spec("places", "Help", "Where things are saved", (), "folder-open"),
    Spec("osc_page", "Help", "Control by OSC", (), "sliders", tip="Every address, with its range"),
    Spec("shortcuts", "Help", "Shortcuts", ("?", "F1"), "keyboard"),
    Spec("about", "Help", "About webcam-pix2pix", (), "info"),
)
MENUS = ("File", "Edit", "View", "Source", "Model", "Live", "Help")
LISTS = ("Source", "Model")  # menus that are made elsewhere: what there is to choose from, then the actions
TOOLBAR = ("freeze", "bypass", "snapshot", "record", "full_screen")
HINTS = (  # what no menu can tell
    ("1 to 9", "presets; to see or change the keys: File, Presets, Keys 1 to 9"),
    ("V", "bypass the network as long as the key is held"),
    ("Slider", "Shift: ten times finer · double click or Delete: back to the model's value · arrow keys"),
    ("Picture", "wheel, + and −: zoom · drag: move · double click: fit · right click: copy, save, histogram"),
    ("Text and numbers", "Enter: accept · Esc: cancel; after that, keys control the show again"),
    ("Full screen", "F again, Esc or double click: leave"),
    ("Anywhere", "drop a film, image, model, preset or snapshot"),
)


class Actions:
    """The QActions by name, as attributes of `window`'s menus. `self[name]` is one of them."""

    def __init__(self, window: QMainWindow) -> None:
        self._actions: dict[str, QAction] = {}
        self._tips: dict[str, str] = {}  # in place of those of SPECS
        self._output = ""  # screen of the full image
        self.menus: dict[str, QMenu] = {}
        self._listed: dict[str, list[QAction]] = {title: [] for title in LISTS}
        for title in MENUS:
            if title not in LISTS:
                self.menus[title] = window.menuBar().addMenu(f"&{title}")
                self.menus[title].setToolTipsVisible(True)
        for spec in SPECS:
            if spec.name == SEPARATOR:
                separator = QAction(window)
                separator.setSeparator(True)
                self._place(spec.menu, separator)
                continue
            action = QAction(spec.text, window, checkable=spec.checkable)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            self._place(spec.menu, action)
            window.addAction(action)
            self._actions[spec.name] = action
            self.show_keys(spec.name)
        self.retheme()

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def show_keys(self, name: str) -> None:
        """The tooltip says which keys the action has."""
        if name in self._actions:
            spec = next(spec for spec in SPECS if spec.name == name)
            self._actions[name].setToolTip((self._tips.get(name) or spec.tip or spec.text.rstrip("…")) + self._keys_of(name))

    def show_tip(self, name: str, tip: str) -> None:
        """Another tooltip: what the action would do as things are now."""
        self._tips[name] = tip
        self.show_keys(name)

    def _keys_of(self, name: str) -> str:
        keys = " or ".join(_spoken(key) for key in self._actions[name].shortcuts())
        return f"  ({keys})" if keys else ""

    def keys(self) -> dict[str, list[QKeySequence]]:
        """The keys of each action as they are now."""
        return {name: action.shortcuts() for name, action in self._actions.items()}

    def for_output(self) -> list[QAction]:
        """The actions whose keys the output window takes too: all but quitting, which an audience must not see by accident."""
        return [action for name, action in self._actions.items() if name != "quit"]

    def of(self, menu: str) -> list[QAction]:
        """The actions of a menu that is made elsewhere, separators included."""
        return self._listed[menu]

    def insert(self, window: QMainWindow, title: str, menu: QMenu) -> None:
        """Put a menu that was made elsewhere into its place in the menu bar."""
        menu.setTitle(f"&{title}")
        self.menus[title] = menu
        after = next(self.menus[name] for name in MENUS[MENUS.index(title) + 1:] if name in self.menus)
        window.menuBar().insertMenu(after.menuAction(), menu)

    def _place(self, menu: str, action: QAction) -> None:
        if menu not in MENUS and menu not in self.menus:
            parent, _, title = menu.partition("/")
            self.menus[menu] = self.menus[parent].addMenu(title)
            self.menus[menu].setToolTipsVisible(True)
        if menu in LISTS:
            self._listed[menu].append(action)
        else:
            self.menus[menu].addAction(action)

    def show_state(self, name: str, on: bool) -> None:
        """Check or uncheck without triggering."""
        if self._actions[name].isChecked() != on:
            self._actions[name].setChecked(on)

    def show_settings(self, live: LiveSettings) -> None:
        """Check and enable what the settings say."""
        self.show_state("freeze", live.value.capture.freeze)
        self.show_state("bypass", not live.value.prediction.enabled)
        self["recipe"].setEnabled(bool(live.strayed))
        self["back_source"].setEnabled(live.can_go_back("Capture.Init.device_id"))
        self["back_model"].setEnabled(live.can_go_back("Model.model_name"))

    def show_running(self, name: str, on: bool, text: str) -> None:
        """Check an action that has started or ended something; `text` is what it does next. Its button keeps its word."""
        action = self._actions[name]
        action.setIconText(action.iconText())
        action.setText(text)
        self.show_state(name, on)

    def show_output(self, screen: str) -> None:
        """The full image is open on the screen of that name; "": it is closed."""
        self._output = screen
        action = self._actions["full_screen"]
        action.setChecked(bool(screen))
        action.setText("Close full screen" if screen else "Full screen")
        action.setIcon(theme.icon("arrows-in" if screen else "arrows-out"))
        action.setToolTip((f"The painting is on {screen}: close it" if screen else "The painting alone, for projector and audience")
                          + self._keys_of("full_screen"))

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        for spec in SPECS:
            if spec.icon:
                active = theme.current().red if spec.name == "record" else None
                self._actions[spec.name].setIcon(theme.icon(spec.icon, active=active))
        self.show_output(self._output)


def sheet(now: Mapping[str, Sequence[QKeySequence | str]] | None = None, search: str = "") -> str:
    """The shortcut sheet as HTML. now: the keys of each action, where they are not the usual ones. search: words that a line must have."""
    now = {spec.name: spec.keys for spec in SPECS} | dict(now or {})
    lines = {menu: [(" or ".join(map(_spoken, now[spec.name])), spec.text.rstrip("…")) for spec in SPECS if spec.menu == menu and
                    now[spec.name]] for menu in MENUS}
    lines["Edit"] = [("Ctrl+Z", "Undo"), ("Ctrl+Shift+Z", "Redo"), *lines["Edit"]]
    lines["Mouse and numbers"] = list(HINTS)
    words, rows = search.lower().split(), []
    for title, known in lines.items():
        found = [line for line in known if all(word in f"{title} {' '.join(line)}".lower() for word in words)]
        rows += [f"<tr><td colspan=2 style='color:{theme.current().dim}; padding-top:8px'>{title}</td></tr>"] if found else []
        rows += [f"<tr><td style='padding-right:24px'><b>{key}</b></td><td>{what}</td></tr>" for key, what in found]
    return f"<table cellpadding=3>{''.join(rows)}</table>" if rows else "No key does that. Every action can get one: Edit, Keys…"


def _spoken(key: QKeySequence | str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("PgDown", "Page Down").replace("PgUp", "Page Up")
