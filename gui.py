"""MainWindow: assembles parameter tree, image docks, status line and menus around a Pipeline, and pulls what the engine makes.

A new dock is one line in DOCKS: (name, title, factory). The factory is called with the pipeline and `notify(text, problem=False)`, a
line for the message area, and returns a widget. It is first shown (showEvent) when the user looks at it: what is slow to build waits
until then. Where the widget has tick(), it is called some eight times a second; where it has shut(), once at the end, before the engine
closes.
"""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.model import model_folders
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.ui.compare.chain_dock import ChainStrip
from webcam_pix2pix.ui.control.parts import Parts
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.foundation.store import Store, run_folders
from webcam_pix2pix.ui.models.browser import ModelBrowser
from webcam_pix2pix.ui.output.full_screen import Stage
from webcam_pix2pix.ui.output.recording import Output
from webcam_pix2pix.ui.panels.dock import Dock
from webcam_pix2pix.ui.panels.frame_panels import Panels
from webcam_pix2pix.ui.panels.layout import Layout
from webcam_pix2pix.ui.panels.match_gauge import MatchGauge
from webcam_pix2pix.ui.presets.bank_dock import BankDock
from webcam_pix2pix.ui.presets.menu import PresetMenu
from webcam_pix2pix.ui.settings.bridge import Bridge
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.settings.recipe_badge import RecipeBadge
from webcam_pix2pix.ui.settings.startup import borrowed, to_remember
from webcam_pix2pix.ui.settings.tree import SettingsPanel
from webcam_pix2pix.ui.shell import menus
from webcam_pix2pix.ui.shell.actions import Actions
from webcam_pix2pix.ui.shell.engine_monitor import EngineMonitor
from webcam_pix2pix.ui.shell.hints import Hints
from webcam_pix2pix.ui.shell.keys import StageKeys
from webcam_pix2pix.ui.shell.leaving import Leaving
from webcam_pix2pix.ui.shell.messages import Messages
from webcam_pix2pix.ui.shell.status import StatusLine
from webcam_pix2pix.ui.shell.topbar import TopBar
from webcam_pix2pix.ui.shell.wiring import connect
from webcam_pix2pix.ui.sketch.sketch_dock import Sketch
from webcam_pix2pix.ui.sources.drop_target import DropTarget
from webcam_pix2pix.ui.sources.mirror import Mirror
from webcam_pix2pix.ui.sources.opening import Opening
from webcam_pix2pix.ui.sources.source_menu import SourceMenu
from webcam_pix2pix.ui.sources.transport_bar import TransportBar
from webcam_pix2pix.ui.training.collect_dock import Collect
from webcam_pix2pix.ui.training.training_dock import Training

log = logging.getLogger(__name__)

FRAME_MS, TREE_MS, TEXT_MS = 16, 50, 120  # how often: images, the tree, everything else
SAVE_S = 2.0  # settings are remembered when they have been left alone for so long

DOCKS: tuple[tuple[str, str, Callable[[Pipeline, Callable[..., None]], QWidget]], ...] = (
    ("presets", "presets", BankDock),
    ("training", "training", Training),
    ("collect", "collect", Collect),
    ("sketch", "sketch pad", Sketch),
    ("chain", "chain", ChainStrip),
)


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
        self.live = LiveSettings(pipeline.settings, lambda value: setattr(pipeline, "settings", value), self, lambda: pipeline.settings)
        pipeline.hooks.add(self.live.desk.modulated)
        self._lent = borrowed(self.remembered, pipeline.settings, chosen or {})
        self.mirror = Mirror(self.live, self.remembered.mirror, lambda: pipeline.capturer.device_id)
        self._dirty, self._tree_time, self._text_time = True, 0.0, 0.0
        self._saved, self._changed = self.live.value, 0.0
        self._started = self._closed = False
        self.setWindowTitle("webcam-pix2pix")
        self.setAcceptDrops(True)
        self._build()
        self.monitor = EngineMonitor(pipeline, self.live, self.messages, chosen or {}, keep)
        self.parts = Parts(self)
        connect(self)
        if self.store.trouble:
            self.messages.problem(self.store.trouble)
        self.layout_.restore()
        self.timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start()
        self.keys = StageKeys(self, self.prediction.view)
        self.keys.give_back()

    # ---- assembly

    def _build(self) -> None:
        self.actions_ = Actions(self)
        self.drop_target = DropTarget(self)
        self.messages = Messages(self, lambda aside: self.panels.room(aside))
        self.output = Output(self.pipeline, self.remembered.output)
        self.panels = Panels()
        self.capture, self.processed, self.prediction = self.panels.capture, self.panels.processed, self.panels.prediction
        self.bridge = Bridge(self.live)
        self.params = self.bridge.params
        self.tree = SettingsPanel(self.bridge)
        self.browser = ModelBrowser(model_folders, self.remembered.recent_models, self.store.folder / "thumbnails", run_folders())
        self.parameters = Dock("parameters", "parameters", self.tree)
        self.models = Dock("models", "models", self.browser)
        self.docks: list[Dock] = [self.prediction, self.capture, self.processed, self.parameters, self.models]
        self.docks += [Dock(name, title, factory(self.pipeline, self.messages.notify), late=True) for name, title, factory in DOCKS]
        self.layout_ = Layout(self, {dock.objectName(): dock for dock in self.docks}, self.store)
        self.stage = Stage(self, self.remembered)
        act = self.actions_
        self.presets = PresetMenu(self, self.live, self.store.presets, lambda seconds: setattr(self.pipeline, "fade_s", seconds))
        self.open = Opening(self, self.pipeline, self.live, self.presets, self.messages.problem)
        self.sources = SourceMenu(self, self.open.source, act.of("Source"), self.remembered.recent_sources)
        self.open.remember = self.sources.remember
        models = self.browser.menu(self, act.of("Model"))
        act.insert(self, "Model", models)
        act.insert(self, "Source", self.sources)
        self.badge = RecipeBadge(self.live)
        self.gauge = MatchGauge(self.live)
        self.bar = TopBar(act, self.sources, models, self.badge, self.gauge)
        self.addToolBar(self.bar)
        self.transport = TransportBar(act, lambda: self.pipeline.capturer.transport, self.open.skip)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.transport)
        self.hints = Hints(self.remembered, self.messages.hint, lambda: self.messages.quiet)
        self.status = StatusLine()
        self.status.add(self.messages.button)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addPermanentWidget(self.status, 1)
        act.menus["File"].insertMenu(act["output"], self.presets)
        undo = menus.add_undo(act.menus["Edit"], act["find"], self.live.undo, self)
        self.stage.addActions([*act.for_output(), *self.presets.keys, *undo])
        self.leaving = Leaving(self, lambda: (self.output, self.parts.replaying, *(dock.content for dock in self.docks)), self.close)
        menus.fill_view(act, self.stage.menu(self), self.docks, self.layout_.reset, self.remembered.theme == "light", self.set_theme)
        if self.remembered.collapsed is not None:
            self.tree.expand_as(set(self.remembered.collapsed))

    def set_theme(self, name: str) -> None:
        """"dark" or "light"."""
        self.remembered.theme = theme.apply(name).name
        for part in (*self.docks, self.actions_, self.transport, self.messages, self.bar):
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
            self.keys.start()
            self.pipeline.start()

    def snapshot(self) -> None:
        """Save the image that is shown."""
        modulation = self.live.desk.modulation
        self.output.snapshot(self.frame, self.live.value.flat(), self.monitor.info,
                             modulation.to_json() if modulation.modulators else None)

    def _freeze(self, on: bool) -> None:
        if self.keys.pressed_instead():
            self.actions_.show_state("freeze", not on)
        else:
            self.live.set("Capture.freeze", on)

    def toggle_recording(self) -> None:
        """Start or stop the recording."""
        self.output.toggle_recording(self.output.fps)

    # ---- the timer

    def tick(self) -> None:
        """Show the newest frame; now and then the tree and the text."""
        self.live.tick()
        self.mirror.tick()
        frame = self.pipeline.output.take()
        if frame is not None:
            self.panels.show(frame)
            self.stage.show_image(frame.predicted, self.live.value.output)
        now = time.monotonic()
        if self._dirty and now - self._tree_time > TREE_MS / 1000:
            self._dirty, self._tree_time = False, now
            self._mirror()
        if now - self._text_time > TEXT_MS / 1000:
            self._text_time = now
            self._slow_tick()

    def _mirror(self) -> None:
        self.bridge.refresh()
        self.badge.refresh()
        self.actions_.show_settings(self.live)
        self.sources.current = self.live.value.capture_init.device_id

    def _slow_tick(self) -> None:
        self.layout_.note()
        self.gauge.observe(self.frame)
        status = self.monitor.tick()
        self.status.show_status(status, self.live.value.quality, self.panels.latency_ms, status.skipped)
        self.status.show_morph(self.presets.player)
        self.bar.show_status(status, self.output.words())
        self.browser.show_current(status.model, status.loading)
        self.panels.show_marks(status, self.live.value, self.pipeline.capturer.lost)
        steady = self.panels.steady(status)
        self.hints.tick(self.frame is not None and self.frame.predicted is not None)
        for part in (self.messages, self.output, self.parts, self.sources, self.open, self.transport, *self.panels.all,
                     *(dock.content for dock in self.docks)):
            if hasattr(part, "tick"):
                part.tick()
        if self.live.value is not self._saved and time.monotonic() - self._changed > SAVE_S:
            self._saved = self.live.value
            self._remember()
        if steady and self.live.value.prediction.enabled and self.frame.predicted is not None:
            self.browser.keep_thumbnail(self.frame.predicted)

    def _settings_changed(self) -> None:
        self._dirty, self._changed = True, time.monotonic()

    def _find(self) -> None:
        self.parameters.show()
        self.parameters.raise_()
        self.tree.search.setFocus()
        self.tree.search.selectAll()

    def _in_training(self, does: Callable[..., None], *more: str) -> None:
        dock = next(dock for dock in self.docks if isinstance(dock.content, Training))
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
        self.drop_target.offer(event)

    def dragLeaveEvent(self, event) -> None:
        self.drop_target.hide()

    def dropEvent(self, event) -> None:
        for path in self.drop_target.taken(event):
            self.open.path(path)

    def closeEvent(self, event) -> None:
        if event.spontaneous() and not self._closed and not self.leaving.ready():  # the close button of the window
            return event.ignore()
        if not self._closed:
            self._closed = True
            self.timer.stop()
            self.monitor.close()
            self.keys.close()
            self._remember()
            self.layout_.remember()
            self.stage.close()
            self.hide()  # closing what runs may take a moment
            rooms = (dock.content.shut for dock in self.docks if hasattr(dock.content, "shut"))
            for part in (self.output.close, self.sources.shut, *rooms, self.parts.close, self.pipeline.close):
                try:
                    part()
                except Exception:
                    log.exception("closing the window")
        super().closeEvent(event)

    def _remember(self) -> None:
        if not self.parts.lends_settings:
            self.remembered.settings = to_remember(self.live.value.flat(), self._lent)
        self.remembered.collapsed = sorted(self.tree.collapsed())
        try:
            self.store.write(self.remembered)
        except OSError as error:
            log.warning("nothing remembered: %s", error)
