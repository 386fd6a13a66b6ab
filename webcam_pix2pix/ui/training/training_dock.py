"""The Training dock: start, pause and stop a training, see its losses and samples, load it into the show at any checkpoint."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.training.runs.runfolder import RunFolder, find_run, read_stats

from ..foundation import theme
from ..foundation.background import Background
from ..foundation.store import run_folders
from .command_process import Job
from .footage_list import datasets_of
from .new_model import NewModel
from .run_state import NOTHING_YET, STARTING, STOPPED, STOPPING, TrainingProgress, ending, is_taken, stamp_of, state_line
from .shrink_model import ShrinkModel
from .start_training import StartTraining

FRESH_S = 120.0  # a run that was written to within this time is trained by someone
REFRESH_S = 0.5  # how often the run folder is looked at


class Training(QWidget):
    """Follows the runs in the folder `runs`; the training itself is a process of its own. `began`: one was started from here."""

    began = Signal()

    def __init__(self, pipeline: Pipeline, notify: Callable[..., None], runs: Path | None = None) -> None:
        super().__init__()
        self.pipeline, self.notify = pipeline, notify
        self.runs, *self._more = run_folders() if runs is None else [runs.absolute()]  # new ones go into the first
        self._name = ""  # of the run that the job trains
        self.job: Job | None = None
        self._stopping = False  # the job was asked to end
        self._job_run: Callable[[], RunFolder | None] = lambda: None  # the run that the job trains, once it is there
        self._ended: dict[Path, tuple[int, int]] = {}  # runs that were trained from here, and as their figures were then
        self._elsewhere: Path | None = None  # run that another process holds
        self._background = Background("training")
        self._looked = 0.0
        self._shown_stats: tuple = ()
        self._trouble = ""  # why the last training ended, when that was an error
        self._theme: theme.Theme | None = None

    def showEvent(self, event) -> None:
        super().showEvent(event)
        if self.layout() is None:  # built when it is first looked at: the window starts without waiting for the plot
            self._build()
            self._list_runs()
            self._refresh(anew=True)

    def _build(self) -> None:
        from .run_view import RunView
        self.details = RunView(self._load, self.notify)
        self.details.chosen.connect(lambda: self._refresh(anew=True))
        self.state = QLabel(wordWrap=True)
        self.progress = TrainingProgress()
        self.trouble = QLabel(wordWrap=True, visible=False, accessibleName="why the training ended")
        self.trouble.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.curves, self.samples = self.details.curves, self.details.samples
        self.checkpoint, self.load = self.details.checkpoint, self.details.load
        self.new = self._button("New model…", "Make a model from films or images, all steps in one", self.ask_new)
        self.start_ = self._button("Train…", "Train on a dataset that you have", lambda: self.ask_start())
        self.resume = self._button("Continue this run", "Continue the training of the run that is shown", self._resume)
        self.pause = self._button("Pause", "Pause the training; it stays in memory", self._pause, checkable=True)
        self.pause.toggled.connect(self._show_pause)
        self.stop = self._button("Stop", "Finish the step, save, and end; the run can be continued later", self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addLayout(_row(self.new, self.start_))
        self.controls = QWidget()
        self.controls.setLayout(_row(self.resume, self.pause, self.stop))
        self.controls.layout().setContentsMargins(0, 0, 0, 0)
        for widget in (self.controls, self.progress, self.trouble, self.state):
            layout.addWidget(widget)
        self.area = QScrollArea(widgetResizable=True, frameShape=QScrollArea.Shape.NoFrame)  # a low window need not grow
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.details)
        layout.addWidget(self.area, 1)
        self.rest = QWidget()  # keeps the top at the top
        layout.addWidget(self.rest, 1)
        layout.addWidget(self.details.bar)  # outside of what scrolls: always to be seen
        self._retheme()

    def _retheme(self) -> None:
        self._theme = theme.current()
        self.curves.retheme(self._theme)
        self.trouble.setStyleSheet(f"color: {self._theme.red}")

    @property
    def run(self) -> RunFolder | None:
        """The run that is shown."""
        return self.details.run if self.layout() is not None else None

    # ---- called by the window

    def tick(self) -> None:
        """A few times a second."""
        self._background.poll()
        if self.isVisible() and time.monotonic() - self._looked > REFRESH_S:
            self._looked = time.monotonic()
            if self._theme is not theme.current():
                self._retheme()
            self._list_runs()
            self._refresh()
        if self.job is not None and self.job.code is not None:
            if (run := self.trained) is not None:
                self._ended[run.path] = stamp_of(run.progress_file)
            text, problem, page = ending(self.job, self._name, run)
            self.notify(text, problem, page)
            self._trouble = text if problem else ""
            self.job, self._stopping = None, False
            self._looked, self._shown_stats = 0.0, ()

    def at_work(self) -> str:
        """What runs, in a few words; "" when nothing does."""
        return "a training" if self.job is not None and self.job.code is None else ""

    def on_quitting(self) -> str:
        """What becomes of it when the window closes."""
        how = "New model… with the same name and footage" if self.trained is None else "“Continue this run”"
        return f"The training stops, and {how} goes on with it after the next start." if self.at_work() else ""

    def shut(self) -> None:
        """The window closes: a training of this window finishes its step, saves and ends; the window does not wait for it."""
        self._stop()
        self._background.close()

    # ---- what the user does

    def begin(self, arguments: list[str], name: str) -> None:
        """Start a train or make-model command beside the show. name: of the run."""
        self._job_run, self._name, self._trouble = lambda: find_run(self.runs, name), name, ""
        self.job = Job([*arguments, "--runs", str(self.runs), "--nice"], self.runs / "training.log")
        self.began.emit()
        self.notify(f"Training of {name} has started. It uses only what the show leaves free.")
        if self.layout() is not None:
            self._refresh(anew=True)

    def ask_new(self) -> None:
        """Model, New model…"""
        if self._is_free():
            self._ask(NewModel(self.window(), self.runs), "make-model", "--data", str(datasets_of(self.runs)))

    def ask_start(self, dataset: str = "") -> None:
        """Model, Train…; dataset: the one to begin with."""
        if self._is_free():
            self._ask(StartTraining(self.window(), self.runs, dataset), "train")

    def ask_shrink(self, model: str, shown: str) -> None:
        """Shrink… of a model in the browser: its path, and what it is called."""
        if self._is_free():
            self._ask(ShrinkModel(self.window(), self.runs, model, shown), "shrink", "--data", str(datasets_of(self.runs)))

    def _is_free(self) -> bool:
        if self.job is not None:
            self.notify(f"{self._name} is in training: stop it first, or wait until it ends.", True)
        return self.job is None

    def _ask(self, dialog: NewModel | ShrinkModel | StartTraining, command: str, *more: str) -> None:
        dialog.accepted.connect(lambda: self.begin([command, *dialog.arguments(), *more], dialog.run_name()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _resume(self) -> None:
        run = self.run
        if run is not None:
            self._job_run, self._name, self._trouble = lambda: run, run.name, ""
            self.job = Job(["train", "--resume", str(run.path), "--nice"], self.runs / "training.log")
            self._refresh(anew=True)

    @property
    def trained(self) -> RunFolder | None:
        """The run that is being trained from here; not always the one that is shown."""
        return self._job_run() if self.job is not None else None

    def _pause(self) -> None:
        run = self.trained
        if run is not None and self.pause.isChecked():
            run.pause_file.touch()
        else:
            self._unpause()
        self._refresh(anew=True)

    def _show_pause(self, on: bool) -> None:
        self.pause.setText("Resume" if on else "Pause")
        self.pause.setToolTip("Go on with the training" if on else "Pause the training; it stays in memory")
        self.pause.setAccessibleName(self.pause.text())

    def _unpause(self) -> None:
        if (run := self.trained) is not None:
            run.pause_file.unlink(missing_ok=True)
        if self.layout() is not None:
            self.pause.setChecked(False)

    def _stop(self) -> None:
        if self.job is None:
            return
        self._unpause()
        run = self.trained
        if run is not None:  # it tells the next window, too, that it was asked
            run.stop_file.touch()
        if os.name != "nt" or run is None:  # Windows knows no gentle signal
            self.job.stop()
        self._stopping = True
        if self.layout() is not None:
            self._refresh(anew=True)

    def _load(self) -> None:
        run, checkpoint = self.run, self.checkpoint.currentData()
        if run is None or checkpoint is None:
            return
        saved = time.strftime("%H:%M", time.localtime(checkpoint.stat().st_mtime))
        if checkpoint == run.latest:
            return self._into_the_show(run.model, saved)

        def publish() -> Path:
            from webcam_pix2pix.training.publish import publish
            return publish(run, run.path / "models", f"{run.name} {checkpoint.stem}", checkpoint)

        self._background.submit(publish, lambda model: self._into_the_show(model, saved),
                                lambda error: self.notify(f"{checkpoint.name}: {error}", True))

    def _into_the_show(self, descriptor: Path, saved: str) -> None:
        settings = self.pipeline.settings
        if settings.model.model_name == str(descriptor):
            self.pipeline.reload_model()
        else:
            self.pipeline.settings = settings.with_values({"Model.model_name": str(descriptor)})
        self.notify(f"{descriptor.parent.name}: loading into the show, as it was saved at {saved}")

    # ---- what is shown

    def _list_runs(self) -> None:
        if self.details.list_runs((self.runs, *self._more)):
            self._refresh(anew=True)

    def _refresh(self, anew: bool = False) -> None:
        """Show what is new in the run folder."""
        run, trained, busy = self.run, self.trained, self.job is not None
        if busy and trained is None:
            run = None  # its folder is not there yet, and what is shown of another one would be taken for it
        held = run is not None and run.path == self._elsewhere and is_taken(run)  # asked until it is not: that changes no file
        going = busy and not self._stopping
        for button, on in ((self.new, not busy), (self.start_, not busy), (self.pause, going and trained is not None), (self.stop, going),
                           (self.resume, not busy and run is not None and not held and not run.finished_epochs())):
            button.setEnabled(on)
        self.stop.setText("Stopping…" if self._stopping else "Stop")
        for button, on in ((self.pause, busy), (self.stop, busy), (self.resume, not busy and run is not None)):
            button.setVisible(on)
        self.controls.setVisible(busy or run is not None)
        self.progress.setVisible(busy)
        if self.job is not None:  # how far it is, whichever run is shown
            self.progress.show_run(trained, self.pause.isChecked(), self.job.began)
        self.area.setVisible(run is not None)
        self.rest.setVisible(run is None)
        self.details.bar.setVisible(run is not None)
        self.trouble.setText(self._trouble)
        self.trouble.setVisible(bool(self._trouble))
        self.state.setFont(theme.mono() if run or busy else self.font())
        if run is None:
            self._shown_stats = ()
            self.state.setText(STOPPING if self._stopping else self.job.last_line() or STARTING if self.job else NOTHING_YET)
            return
        here = trained is not None and trained.path == run.path
        said = stamp_of(self.job.log) if here and self.job is not None and not self.progress.known else None
        seen = (stamp_of(run.stats_file), stamp_of(run.samples), stamp_of(run.checkpoints), stamp_of(run.model), here, held, said)
        if seen == self._shown_stats and not anew:
            return
        self._shown_stats = seen
        stats = read_stats(run.stats_file)
        self.details.show_run(run, stats, running=here)
        self.load.setEnabled(run.model.is_file() and self.checkpoint.count() > 0)
        self._show_state(run, stats, here)

    def _show_state(self, run: RunFolder, stats: list[dict], here: bool) -> None:
        stamp = stamp_of(run.progress_file)
        fresh = self._ended.get(run.path) != stamp and time.time_ns() - stamp[0] < FRESH_S * 1e9
        self._elsewhere = run.path if not here and fresh and is_taken(run) else None
        doing = (STOPPING if here and self._stopping else "paused" if here and self.pause.isChecked() else "training" if here else
                 "finished" if run.finished_epochs() else STOPPED if self._elsewhere is None else
                 STOPPING if run.stop_file.exists() else "training in another program")
        self.state.setText(state_line(run, stats, doing, self.job if here and not self.progress.known else None))

    def _button(self, text: str, tip: str, pressed: Callable[[], None], checkable: bool = False) -> QPushButton:
        button = QPushButton(text, toolTip=tip, accessibleName=text.rstrip("…"), checkable=checkable)
        button.clicked.connect(lambda *_: pressed())
        return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
