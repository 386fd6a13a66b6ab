"""TimeEstimate: says how long a training would take on this machine; what it measures, it measures in a process of its own."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QProcess, QProcessEnvironment, Signal
from PySide6.QtWidgets import QLabel, QWidget

from webcam_pix2pix.training.forecast import counting, measuring, rough_step_ms, seconds, spoken
from webcam_pix2pix.training.setup.options import Options

COUNTING = "counting the images…"
MEASURING = "measuring…"  # may take a minute on a busy machine

_pairs: dict[tuple[str, ...], int] = {}  # found out in this session: pairs by footage,
_step_ms: dict[Options, float] = {}  # and milliseconds of a step by options


class TimeEstimate(QLabel):
    """Call `ask` whenever a choice has changed. It measures only while it is seen.

    Signals:
        found(): more is known now: how many pairs the footage gives, see `pairs_of`, or `measured_s`.
    """

    found = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True, accessibleName="time that the training takes")
        self.measured_s: float | None = None  # that the training takes, once it is known
        self._question: tuple[tuple[str, ...], int | None, Callable[[int], Options]] | None = None
        self._process = self._new_process()
        self._arguments: list[str] = []  # of the process
        self._keep: Callable[[str], None] = lambda text: None  # where its answer goes

    def _new_process(self) -> QProcess:
        process = QProcess(self)
        process.finished.connect(self._found)
        return process

    def ask(self, options: Callable[[int], Options], footage: Sequence[str] = (), pairs: int | None = None) -> None:
        """options: gives those of a training on so many pairs. footage: what the pairs are made of, where their number is not known."""
        self._question, self.measured_s = (tuple(footage), pairs, options), None
        self._next()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._next()

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._end()

    @staticmethod
    def pairs_of(footage: Sequence[str]) -> int | None:
        """Pairs to learn from that the footage gives, about; None while they are not counted."""
        return _pairs.get(tuple(footage))

    def stop(self, text: str = "") -> None:
        """Show `text`; nothing is being measured afterwards."""
        self._question = self.measured_s = None
        self._end()
        self.setText(text)

    def _next(self) -> None:
        if self._question is None or not self.isVisible():
            return
        footage, pairs, options_of = self._question
        pairs = _pairs.get(footage) if pairs is None else pairs
        if pairs is None:
            return self._run(counting(footage), lambda text: _pairs.update({footage: int(text)}), COUNTING)
        try:
            options = options_of(pairs)
        except ValueError:
            return self.stop()
        kind = replace(options, n_epochs=1, n_epochs_decay=0)
        self.setToolTip(f"{options.epochs} times through about {pairs} pairs")
        if kind not in _step_ms:
            rough = rough_step_ms(kind, _step_ms)
            text = MEASURING if rough is None else f"{spoken(seconds(options, pairs, rough))}, {MEASURING}"
            return self._run(measuring(kind), lambda text: _step_ms.update({kind: float(text)}), text)
        self._end()
        self.measured_s = seconds(options, pairs, _step_ms[kind])
        self.setText(f"{spoken(self.measured_s)} on this machine")
        self.found.emit()

    def _run(self, arguments: list[str], keep: Callable[[str], None], text: str) -> None:
        self.setText(text)
        if self._process.state() != QProcess.ProcessState.NotRunning and arguments == self._arguments:
            return
        self._end()
        self._arguments, self._keep = arguments, keep
        environment = QProcessEnvironment.systemEnvironment()
        package = str(Path(__file__).parents[3])
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, [package, environment.value("PYTHONPATH")])))
        self._process.setProcessEnvironment(environment)
        self._process.start(sys.executable, arguments)

    def _found(self, code: int, status: QProcess.ExitStatus) -> None:
        if not self._arguments:  # it was given up
            return
        self._arguments = []
        if code or status != QProcess.ExitStatus.NormalExit:
            lines = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
            return self._fail(lines[-1] if lines else "")
        self._keep(bytes(self._process.readAllStandardOutput().data()).decode().split()[-1])
        self.found.emit()
        self._next()

    def _fail(self, text: str) -> None:
        if self._question is not None:
            self._question = None
            self.setText(text or "not known")

    def _end(self) -> None:
        self._arguments = []
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            if not self._process.waitForFinished(2000):  # a busy machine: it ends by itself, whether the dialog is there or not
                old, self._process = self._process, self._new_process()
                old.finished.disconnect(self._found)
                old.setParent(QCoreApplication.instance())
                old.finished.connect(old.deleteLater)
