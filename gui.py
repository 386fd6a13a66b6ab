"""MainWindow: assembles parameter tree, image docks, status line and menus around a Pipeline, and pulls what the engine makes.

A new dock is one line in DOCKS: (name, title, factory). The factory is called with the pipeline and `notify(text, problem=False)`, a
line for the message area, and returns a widget. It is first shown (showEvent) when the user looks at it: what is slow to build waits
until then. Where the widget has tick(), it is called some eight times a second; where it has shut(), once at the end, before the engine
closes.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QWidget

from msa.capturer import Capturer
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.model import model_folders, user_models_folder
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui import asking, menus, sheets, theme
from webcam_pix2pix.ui.actions import Actions
from webcam_pix2pix.ui.badge import RecipeBadge
from webcam_pix2pix.ui.browser import ModelBrowser
from webcam_pix2pix.ui.collect import Collect
from webcam_pix2pix.ui.dock import Dock
from webcam_pix2pix.ui.drop_target import DropTarget
from webcam_pix2pix.ui.first import borrowed, first_settings, to_remember
from webcam_pix2pix.ui.hints import Hints
from webcam_pix2pix.ui.layout import Layout
from webcam_pix2pix.ui.live_settings import LiveSettings
from webcam_pix2pix.ui.messages import Messages
from webcam_pix2pix.ui.mirror import Mirror
from webcam_pix2pix.ui.opening import Opening
from webcam_pix2pix.ui.output import Output
from webcam_pix2pix.ui.panels import Panels
from webcam_pix2pix.ui.presets import PresetMenu
from webcam_pix2pix.ui.sources import SourceMenu
from webcam_pix2pix.ui.stage import Stage
from webcam_pix2pix.ui.status import StatusLine
from webcam_pix2pix.ui.store import Store, documents
from webcam_pix2pix.ui.topbar import TopBar
from webcam_pix2pix.ui.training import Training
from webcam_pix2pix.ui.transport import TransportBar
from webcam_pix2pix.ui.tree import ParameterTree
from webcam_pix2pix.ui.watch import Watch

log = logging.getLogger(__name__)

FRAME_MS, TREE_MS, TEXT_MS = 16, 50, 120  # how often: pictures, the tree, everything else
SAVE_S = 2.0  # settings are remembered when they have been left alone for so long

DOCKS: tuple[tuple[str, str, Callable[[Pipeline, Callable[..., None]], QWidget]], ...] = (
    ("training", "training", Training),
    ("collect", "collect", Collect),
)


def run(values: Mapping[str, Any], build: Callable, config_dir: Path | None = None, screenshot: Path | None = None) -> int:
    """Open the window with settings `values` (dotted names) and stay until it closes; build: makes a predictor, as Pipeline takes it.

    screenshot: save a picture of the window once it paints, then close it.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("webcam-pix2pix")
    app.setDesktopFileName("webcam-pix2pix")
    app.setWindowIcon(theme.icon("paint-brush", theme.DARK.accent))
    first = first_settings(Store(config_dir).read(), values)
    pipeline = Pipeline(Capturer(first.settings.capture_init), first.settings, build)
    window = MainWindow(pipeline, chosen=values, keep=first.keep, config_dir=config_dir)
    window.live.adopt(first.recipe, keep=True)
    window.show()
    sys.excepthook = window.excepthook
    if screenshot:
        window.screenshot_when_painted(screenshot)
    for name in (signal.SIGINT, signal.SIGTERM):  # heard because the timer runs Python code all the time
        signal.signal(name, lambda *_: QTimer.singleShot(0, window.close))
    code = app.exec()
    if threading.active_count() > 1:  # blocked in a driver, or building a model: a crash at the end helps nobody
        logging.shutdown()
        os._exit(code)
    return code


class MainWindow(QMainWindow):
    """The window. Owns the pipeline: closing the window closes it.

    chosen: settings asked for by name; the recipe of the first model does not replace them.
    keep: the settings of the pipeline are to stay as they are when the first model comes.
    """

    def __init__(self, pipeline: Pipeline, *, chosen: Mapping[str, Any] | None = None, keep: bool = False,
                 config_dir: Path | None = None) -> None:
        super().__init__()
        self.pipeline = pipeline
        self.store = Store(config_dir)
        self.remembered = self.store.read()
        theme.apply(self.remembered.theme)
        self.live = LiveSettings(pipeline.settings, self._push, self)
        self._lent = borrowed(self.remembered, pipeline.settings, chosen or {})
        self.mirror = Mirror(self.live, self.remembered.mirror)
        self._dirty, self._tree_time, self._text_time = True, 0.0, 0.0
        self._picture_path: Path | None = None
        self._saved, self._changed = self.live.value, 0.0
        self._started = self._closed = False
        self.setWindowTitle("webcam-pix2pix")
        self.setAcceptDrops(True)
        self._build()
        self.watch = Watch(pipeline, self.live, self.messages, chosen or {}, keep)
        self._connect()
        self.layout_.restore()
        self.timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start()
        self.prediction.picture.setFocus()

    # ---- assembly

    def _build(self) -> None:
        self.actions_ = Actions(self)
        self.drop_target = DropTarget(self)
        self.messages = Messages(self)
        self.output = Output(self.pipeline, self.remembered.output)
        self.panels = Panels()
        self.capture, self.processed, self.prediction = self.panels.capture, self.panels.processed, self.panels.prediction
        self.tree = ParameterTree(self.live)
        self.browser = ModelBrowser(model_folders, self.remembered.recent_models, self.store.folder / "thumbnails")
        self.parameters = Dock("parameters", "parameters", self.tree)
        self.models = Dock("models", "models", self.browser)
        self.docks: list[Dock] = [self.prediction, self.capture, self.processed, self.parameters, self.models]
        self.docks += [Dock(name, title, factory(self.pipeline, self.messages.tell), late=True) for name, title, factory in DOCKS]
        self.layout_ = Layout(self, {dock.objectName(): dock for dock in self.docks}, self.store)
        self.stage = Stage(self, self.remembered)
        act = self.actions_
        self.presets = PresetMenu(self, self.live, self.store.presets)
        self.open = Opening(self, self.pipeline, self.live, self.presets, self.messages.problem)
        self.sources = SourceMenu(self, self.open.source, act.of("Source"), self.remembered.recent_sources)
        self.open.remember = self.sources.remember
        models = self.browser.menu(self, act.of("Model"))
        act.insert(self, "Model", models)
        act.insert(self, "Source", self.sources)
        self.badge = RecipeBadge(self.live)
        self.bar = TopBar(act, self.sources, models, self.badge)
        self.addToolBar(self.bar)
        self.transport = TransportBar(act, lambda: self.pipeline.capturer.transport, self.open.skip)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.transport)
        self.hints = Hints(self.remembered, self.messages.hint, lambda: self.messages.free)
        self.status = StatusLine()
        self.status.add(self.messages.button)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addPermanentWidget(self.status, 1)
        act.menus["File"].insertMenu(act["output"], self.presets)
        undo = menus.add_undo(act.menus["Edit"], act["find"], self.live.undo, self)
        self.stage.addActions([*act.all(), *self.presets.keys, *undo])
        menus.fill_view(act, self.stage.menu(self), self.docks, self.layout_.reset, self.remembered.theme == "light", self.set_theme)
        if self.remembered.collapsed is not None:
            self.tree.expand_as(set(self.remembered.collapsed))

    def _connect(self) -> None:
        act = self.actions_
        self.live.changed.connect(self._settings_changed)
        for collect in (dock.content for dock in self.docks if isinstance(dock.content, Collect)):
            collect.recall(self.remembered.collect)
            collect.train.connect(lambda folder: self._in_training(Training.ask_start, folder))
        for part in (self.output, self.presets):
            part.note.connect(self.messages.note)
            part.problem.connect(self.messages.problem)
            part.saved.connect(self.messages.note)
        self.output.recording.connect(lambda on: act.show_state("record", on))
        self.tree.refused.connect(self.messages.problem)
        self.tree.note.connect(self.messages.note)
        self.browser.chosen.connect(self.open.model)
        self.browser.problem.connect(self.messages.problem)
        self.browser.note.connect(self.messages.note)
        self.browser.cancelled.connect(self.watch.go_back)
        self.watch.model_changed.connect(lambda: self.tree.fields["Model.size"].offer(self.watch.sizes()))
        self.stage.left.connect(self.activateWindow)
        self.stage.shown_on.connect(act.show_output)
        self.stage.shown_on.connect(lambda: self.stage.show_image(self.prediction.picture.image))
        self.stage.problem.connect(self.messages.problem)
        for name, does in {
            "open_source": self.open.ask_source, "open_folder": self.open.ask_folder, "open_address": self.open.ask_address,
            "open_model": self.open.ask_model, "reopen": self.open.reopen,
            "load_preset": self.presets.ask_and_load, "save_preset": self.presets.ask_and_save, "snapshot": self.snapshot,
            "record": self.toggle_recording, "output": self._ask_output, "quit": self.close, "find": self._find,
            "full_screen": self.stage.toggle, "fit": lambda: self.prediction.picture.set_zoom(None),
            "one_to_one": lambda: self.prediction.picture.set_zoom(1.0), "recipe": self.live.to_recipe,
            "new_model": lambda: self._in_training(Training.ask_new), "train": lambda: self._in_training(Training.ask_start),
            "import_model": self.browser.ask_import,
            "next_model": lambda: self.browser.step(1), "previous_model": lambda: self.browser.step(-1),
        }.items():
            act[name].triggered.connect(lambda *_, does=does: does())
        sheets.connect(act, self, lambda: (*self.output.folders(), self.store.presets, user_models_folder(), documents(),
                                           self.store.folder))
        act["freeze"].triggered.connect(self._freeze)
        act["bypass"].triggered.connect(lambda on: self.live.set("Prediction.enabled", not on))

    def set_theme(self, name: str) -> None:
        """"dark" or "light"."""
        self.remembered.theme = theme.apply(name).name
        for part in (*self.docks, self.actions_, self.transport, self.messages, self.tree, self.bar, self.browser):
            part.retheme()
        self.badge.refresh()

    @property
    def frame(self) -> Frame | None:
        """The frame that is shown."""
        return self.panels.frame

    # ---- what the user does

    def start(self) -> None:
        """Start the engine; it loads the model on a thread of its own. Called once the window has painted."""
        if not self._started:
            self._started = True
            self.layout_.lift()
            self.pipeline.start()

    def snapshot(self) -> None:
        """Save the picture that is shown."""
        self.output.snapshot(self.frame, self.live.value.flat(), getattr(self.watch.info, "name", ""))

    def _freeze(self, on: bool) -> None:
        button = QApplication.focusWidget()
        if isinstance(button, QAbstractButton):  # reached with Tab: the space bar is for it
            self.actions_.show_state("freeze", not on)
            return button.click()
        self.live.set("Capture.freeze", on)

    def toggle_recording(self) -> None:
        """Start or stop the recording."""
        source = self.pipeline.capturer.source
        self.output.toggle_recording(source.fps if source and source.fps else 30.0)


    def screenshot(self, path: Path) -> None:
        """Save a picture of the whole window. Raises OSError."""
        if not self.grab().save(str(path)):
            raise OSError(f"{path}: the picture of the window could not be written")

    def excepthook(self, kind, error, traceback) -> None:
        """A bug: into the log, and one line in the window; the show goes on."""
        log.error("internal error", exc_info=(kind, error, traceback))
        self.messages.problem(f"Internal error: {kind.__name__}: {error}. The log tells more; please report it.")

    def screenshot_when_painted(self, path: Path) -> None:
        """Save a picture of the window of 1600x1000 some pictures after the model has come, then close."""
        self._picture_path = path
        self.resize(1600, 1000)

    # ---- the timer

    def tick(self) -> None:
        """Show the newest frame; now and then the tree and the text."""
        frame = self.pipeline.output.take()
        if frame is not None:
            self.panels.show(frame)
            self.stage.show_image(frame.predicted)
        now = time.monotonic()
        if self._dirty and now - self._tree_time > TREE_MS / 1000:
            self._dirty, self._tree_time = False, now
            self._mirror()
        if now - self._text_time > TEXT_MS / 1000:
            self._text_time = now
            self._slow_tick()

    def _mirror(self) -> None:
        self.tree.refresh()
        self.badge.refresh()
        self.actions_.show_state("freeze", self.live.value.capture.freeze)
        self.actions_.show_state("bypass", not self.live.value.prediction.enabled)
        self.actions_["recipe"].setEnabled(bool(self.live.departures()))
        self.sources.current = self.live.value.capture_init.device_id

    def _slow_tick(self) -> None:
        if self.pipeline.settings is not self.live.value:  # changed by someone else
            self.live.value = self.pipeline.settings
            self._dirty = True
        self.layout_.note()
        status, source = self.watch.tick(), self.pipeline.capturer.source
        self.status.show_status(status, 1000 / source.fps if source and source.fps else None, self.panels.latency_ms, status.skipped)
        self.bar.show_status(status, self.output.elapsed())
        self.browser.show_current(status.model, status.loading)
        self.panels.show_marks(status, self.live.value, self.pipeline.capturer.lost)
        steady = self.panels.steady(status)
        self.hints.tick(self.frame is not None and self.frame.predicted is not None)
        for part in (self.messages, self.output, self.sources, self.open, self.transport, *(dock.content for dock in self.docks)):
            if hasattr(part, "tick"):
                part.tick()
        if self.live.value is not self._saved and time.monotonic() - self._changed > SAVE_S:
            self._saved = self.live.value
            self._remember()
        if steady and self.live.value.prediction.enabled and self.frame.predicted is not None:
            self.browser.keep_thumbnail(self.frame.predicted)
        if self._picture_path and steady:
            path, self._picture_path = self._picture_path, None
            QTimer.singleShot(0, self.close)  # also when it cannot be written
            self.screenshot(path)

    def _push(self, settings: Settings) -> None:
        self.pipeline.settings = settings

    def _settings_changed(self) -> None:
        self._dirty, self._changed = True, time.monotonic()

    # ---- menus

    def _ask_output(self) -> None:
        folder = asking.output(self, self.output.folder)
        if folder:
            self.output.folder = self.remembered.output = folder

    def _find(self) -> None:
        self.parameters.show()
        self.parameters.raise_()
        self.tree.search.setFocus()
        self.tree.search.selectAll()

    def _in_training(self, does: Callable[..., None], *more: str) -> None:
        dock = next(dock for dock in self.docks if isinstance(dock.content, Training))
        menus.bring(dock)
        does(dock.content, *more)

    # ---- events

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        if not self._started:
            QTimer.singleShot(0, self.start)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.layout_.keep()

    def dragEnterEvent(self, event) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.drop_target.point_out("Drop it here to use it: film, image, folder, model, preset or snapshot")

    def dragLeaveEvent(self, event) -> None:
        self.drop_target.hide()

    def dropEvent(self, event) -> None:
        self.drop_target.hide()
        url = event.mimeData().urls()[0]
        event.acceptProposedAction()
        self.open.path(url.toLocalFile() if url.isLocalFile() else url.toString())

    def closeEvent(self, event) -> None:
        if not self._closed:
            self._closed = True
            self.timer.stop()
            self._remember()
            self.layout_.remember()
            self.stage.close()
            self.hide()  # closing what runs may take a moment
            rooms = (dock.content.shut for dock in self.docks if hasattr(dock.content, "shut"))
            for part in (self.output.close, self.sources.shut, *rooms, self.pipeline.close):
                try:
                    part()
                except Exception:
                    log.exception("closing the window")
        super().closeEvent(event)

    def _remember(self) -> None:
        self.remembered.settings = to_remember(self.live.value.flat(), self._lent)
        self.remembered.collapsed = sorted(self.tree.collapsed())
        try:
            self.store.write(self.remembered)
        except OSError as error:
            log.warning("nothing remembered: %s", error)
