"""The Collect dock: records what the camera shows as pairs for training, and imports films that are dropped on it."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa.files import format_error
from webcam_pix2pix.dataset.jobs.job import holds
from webcam_pix2pix.dataset.jobs.work import Stopped
from webcam_pix2pix.pipeline import IDLE_SIZE, Pipeline, resolved
from webcam_pix2pix.recipe import Recipe

from ..foundation import theme
from ..foundation.background import Background
from ..foundation.path_edit import FolderChoice
from ..foundation.store import documents
from ..sources import dialogs
from ..sources.drop_target import DropTarget

if TYPE_CHECKING:
    from webcam_pix2pix.dataset.pair_writer import PairWriter

SHOWN = 3  # last pairs, one below the other
IMPORT_WORKERS = 2  # processes of an import; the show keeps the rest of the machine


class Collect(QWidget):
    """Start and stop, rate, folder, count, the last pairs; a film or folder dropped here becomes a dataset of its own.

    Signals:
        train(str): the user wants a model of the pairs in this folder.
    """

    train = Signal(str)

    def __init__(self, pipeline: Pipeline, notify: Callable[..., None], folder: Path | None = None) -> None:
        super().__init__()
        self.pipeline, self.notify = pipeline, notify
        self.writer: PairWriter | None = None  # while recording
        self._background = Background("collect")
        self._stop_import = threading.Event()
        self._done = (0, 0)  # of the import: images, in all
        self._drawn = 0  # pairs when the last ones were drawn
        self.setAcceptDrops(True)
        self._target = DropTarget(self)
        self._memory: dict[str, Any] = {}
        self._build(folder or documents() / "datasets" / "collected")

    def recall(self, memory: dict[str, Any]) -> None:
        """Take folder, rate and limit from `memory`, and keep them there from now on."""
        known: dict[str, tuple[type, Callable]] = {"folder": (str, self.folder.setText), "rate": (float, self.rate.setValue),
                                                   "limit": (int, self.limit.setValue)}
        for name, (kind, set_value) in known.items():
            if type(memory.get(name)) is kind:
                set_value(memory[name])
        self._memory = memory
        for signal in (self.folder.textChanged, self.rate.valueChanged, self.limit.valueChanged):
            signal.connect(self._note_choice)

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self.place.retheme()

    def _note_choice(self, *_: object) -> None:
        self._memory.update(folder=self.folder.text(), rate=self.rate.value(), limit=self.limit.value())

    def _build(self, folder: Path) -> None:
        self.place = FolderChoice(str(folder), "folder for the pairs", "A new folder, or a folder of pairs made with the same settings: "
                                  "new pairs are added", self.notify)
        self.folder = self.place.edit
        self.rate = QDoubleSpinBox(accessibleName="pairs per second", minimum=0.1, maximum=60.0, value=2.0, singleStep=0.5, decimals=1)
        self.rate.setSuffix(" a second")
        self.limit = QSpinBox(accessibleName="stop after so many pairs", maximum=1_000_000, value=0, singleStep=100)
        self.limit.setSpecialValueText("no limit")
        self.limit.setSuffix(" pairs")
        self.record = QPushButton("Collect", checkable=True, accessibleName="collect pairs")
        self.record.setToolTip("Record network input and camera image side by side, with the settings as they are now")
        self.record.toggled.connect(lambda on: self.start() if on else self.stop())
        self.undo = QPushButton("Delete last pair", accessibleName="delete the last pair", enabled=False)
        self.undo.clicked.connect(lambda *_: self.writer.take_back() if self.writer else None)
        self.learn = QPushButton("Train with these…", accessibleName="train with these pairs", enabled=False)
        self.learn.clicked.connect(lambda *_: self.train.emit(self._dataset))
        self.folder.textChanged.connect(lambda text: self._offer_training(text))
        self.state = QLabel("nothing collected yet", wordWrap=True)
        self.state.setFont(theme.mono())
        self.last = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, accessibleName="last pairs")
        self.last.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.bring = QPushButton("Import film…", accessibleName="import film", toolTip="Pairs from a film; or drop films and folders here")
        self.bring.clicked.connect(self._ask_import)
        self.progress = QProgressBar(accessibleName="progress of the import", visible=False)
        self.cancel = QPushButton("Cancel", accessibleName="cancel the import", visible=False)
        self.cancel.clicked.connect(self._stop_import.set)
        questions = QFormLayout()
        questions.addRow("Folder", self.place)
        questions.addRow("Rate", self.rate)
        questions.addRow("Limit", self.limit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addLayout(questions)
        layout.addWidget(self.record)
        layout.addWidget(self.state)
        layout.addLayout(_row(self.undo, self.learn))
        layout.addWidget(self.last, 1)
        layout.addLayout(_row(self.bring, self.progress, self.cancel))
        self._offer_training()

    # ---- recording

    def start(self) -> None:
        """Start recording. If the folder cannot take the pairs, report it and do not start."""
        from webcam_pix2pix.dataset.pair_writer import PairWriter

        if self.writer is not None:
            return
        size = self.pipeline.predictor.input_size if self.pipeline.predictor else IDLE_SIZE
        try:
            writer = PairWriter(Path(self.folder.text().strip()).absolute(), self.recipe(), size, self.rate.value(),
                                self.limit.value() or None)
        except (ValueError, OSError) as error:
            self.notify(format_error(error), True)
            self.record.setChecked(False)
            return
        self.writer, self._drawn = writer, 0
        self.pipeline.add_sink(writer)
        self._recording(True)

    def stop(self) -> None:
        """Finish the dataset, beside the show."""
        writer, self.writer = self.writer, None
        if writer is None:
            return
        self.pipeline.remove_sink(writer)
        self._background.submit(writer.close, lambda _: self._finished(writer),
                                lambda error: self.notify(f"{writer.folder}: {format_error(error)}", True), must=True)
        self._recording(False)

    def recipe(self) -> Recipe:
        """How the inputs are made just now; what the camera shows is turned already."""
        settings = self.pipeline.settings
        model = self.pipeline.predictor.info.recipe if self.pipeline.predictor else None
        return Recipe(replace(settings.processing, flip_h=False, flip_v=False), resolved(settings.edges, model))

    def _finished(self, writer) -> None:
        if writer.error:
            return self.notify(writer.error, True)
        self._offer_training()
        if writer.count:
            self.notify(f"{writer.count} pairs in {writer.folder}", place=str(writer.folder))
        else:
            self.notify("No pair was collected.")

    def _recording(self, on: bool) -> None:
        self.record.setChecked(on)
        self.record.setText("■ Stop" if on else "Collect")
        for field in (self.folder, self.place.choose):
            field.setEnabled(not on)
        self.undo.setEnabled(False)
        self._offer_training()

    def _offer_training(self, folder: str = "") -> None:
        """To train with the pairs of `folder`; of the one that is collected into when none is given."""
        self._dataset = (folder or self.folder.text()).strip()
        self.learn.setEnabled(self.writer is None and bool(self._dataset) and (Path(self._dataset) / "manifest.json").is_file())
        self.learn.setToolTip(f"Make a model of the pairs in {self._dataset}")

    # ---- importing

    def bring_in(self, paths: list[str]) -> None:
        """Make a dataset of films, folders or images, beside the show, with the settings as they are now."""
        from webcam_pix2pix.dataset.prepare import PrepareJob, prepare

        if self._background.busy:
            return self.notify("Another import is running: wait until it ends, or cancel it")
        size = self.pipeline.predictor.input_size if self.pipeline.predictor else IDLE_SIZE
        job = PrepareJob(tuple(paths), self.recipe(), size=size)
        out = _unused(Path(self.folder.text().strip()).absolute().parent / Path(paths[0]).stem, job)
        self._stop_import.clear()
        self._done = (0, 0)
        self._importing(True)

        def on_progress(done: int, total: int) -> None:
            self._done = done, total

        workers = max(IMPORT_WORKERS, (os.cpu_count() or 2) // 2)
        self._background.submit(lambda: prepare(job, out, workers, on_progress, self._stop_import.is_set), self._brought, self._broke)

    def _brought(self, report) -> None:
        self._importing(False)
        skipped = f", {len(report.skipped)} could not be used" if report.skipped else ""
        if not report.total:
            return self.notify(f"Import: nothing usable was found{skipped}.", True)
        self._offer_training(str(report.folder))
        self.notify(f"{report.total} pairs in {report.folder}{skipped}", place=str(report.folder))

    def _broke(self, error: BaseException) -> None:
        self._importing(False)
        self.notify(f"Import: {format_error(error)}", not isinstance(error, Stopped))

    def _importing(self, on: bool) -> None:
        self.progress.setVisible(on)
        self.cancel.setVisible(on)
        self.bring.setVisible(not on)

    def _ask_import(self) -> None:
        paths = dialogs.films(self, "Import films", images=False)
        if paths:
            self.bring_in(paths)

    def dragEnterEvent(self, event) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._target.point_out("Make pairs of this")

    def dragLeaveEvent(self, event) -> None:
        self._target.hide()

    def dropEvent(self, event) -> None:
        event.acceptProposedAction()
        self._target.hide()
        self.bring_in([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    # ---- called by the window

    def tick(self) -> None:
        """A few times a second."""
        self._background.poll()
        done, total = self._done
        self.progress.setRange(0, total)  # 0: busy, nothing known yet
        self.progress.setValue(done)
        writer = self.writer
        if writer is None:
            return
        writer.rate, writer.limit = self.rate.value(), self.limit.value() or None
        refused = f" · {writer.refused} refused" if writer.refused else ""
        self.state.setText(f"{writer.count} {'pair' if writer.count == 1 else 'pairs'}{refused}")
        self.undo.setEnabled(writer.count > 0)
        if writer.count != self._drawn and self.isVisible():
            self._drawn = writer.count
            self._draw(list(writer.last)[-SHOWN:])
        if writer.error or (writer.limit and writer.count >= writer.limit):
            self.stop()

    def at_work(self) -> str:
        """What runs, in a few words; "" when nothing does."""
        return "the collecting of pairs" if self.writer is not None else ""

    def shut(self) -> None:
        """The window closes: finish what was collected, leave an import where it is; the same import goes on from there."""
        self._stop_import.set()
        writer, self.writer = self.writer, None
        if writer is not None:
            self.pipeline.remove_sink(writer)
            writer.close()
        self._background.close()

    def _draw(self, pairs: list[np.ndarray]) -> None:
        if not pairs:
            return self.last.clear()
        rows = np.ascontiguousarray(np.vstack([pair for pair in pairs[::-1] if pair.shape == pairs[-1].shape]))
        image = QPixmap.fromImage(QImage(rows.data, rows.shape[1], rows.shape[0], rows.strides[0], QImage.Format.Format_RGB888))
        self.last.setPixmap(image.scaled(self.last.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation))


def _unused(folder: Path, job) -> Path:
    """`folder`, or the first of folder-2, folder-3, ... that does not exist or holds the same import, cancelled."""
    number, free = 1, folder
    while free.exists() and not holds(free, job.describe()):
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.M)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QProgressBar) else 0)
    return row
