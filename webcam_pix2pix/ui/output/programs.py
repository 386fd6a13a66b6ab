"""Programs: the painting for other programs, switched in the menu Live."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QSpinBox, QWidget

from msa.webserver import EVERYONE, LOOPBACK
from webcam_pix2pix.sinks.programs import KINDS, Running, missing

from ..foundation.background import Background

PORT = 8080  # that is proposed


class Programs(QObject):
    """Starts and stops what feeds other programs, on a thread of its own: libraries take time to load, drivers to answer.

    Signals:
        note(str), problem(str): the result.
        changed(): something was started or stopped.
    """

    note = Signal(str)
    problem = Signal(str)
    changed = Signal()

    def __init__(self, pipeline: Any) -> None:
        super().__init__()
        self.running = Running(pipeline, lambda: pipeline.status.to_json(), lambda: pipeline.status.source_fps or 30.0)
        self._background = Background("programs")

    def start(self, asked: Mapping[str, str]) -> None:
        """Start outputs by name, as Running.start() takes them."""
        for name, argument in asked.items():
            self._background.submit(partial(self.running.start, name, argument),
                                    lambda text: self._done(self.note, text), lambda error: self._done(self.problem, str(error)))

    def stop(self, name: str) -> None:
        """Stop one of them."""
        self._background.submit(lambda: self.running.stop(name), lambda _: self.changed.emit(), must=True)

    def switch(self, name: str, on: bool) -> None:
        """As the menu says."""
        if on:
            self.start({name: ""})
        else:
            self.stop(name)

    def ask_to_serve(self, parent: QWidget, on: bool) -> None:
        """Ask for the port and start the server, or stop it."""
        if not on:
            return self.stop("serve")
        self.changed.emit()  # it is not on yet
        dialog = ServeDialog(parent)
        dialog.accepted.connect(lambda: self.start({"serve": dialog.address()}))
        dialog.open()

    def tick(self) -> None:
        """Called a few times a second: what has failed is switched off."""
        self._background.poll()
        for name in self.running.ended():
            self.stop(name)

    def close(self) -> None:
        """Stop everything."""
        self._background.close()
        self.running.close()

    def _done(self, signal: Any, text: str) -> None:
        signal.emit(text)
        self.changed.emit()


class ServeDialog(QDialog):
    """Port, and who may see it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Serve on the network")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.port = QSpinBox(minimum=1024, maximum=65535, value=PORT, accessibleName="Port")
        self.everyone = QCheckBox("Everyone in this network can watch")
        self.everyone.setToolTip("Off: only programs and browsers on this machine")
        text = QLabel("Browsers, OBS, OpenCV and other machines can then show the painting, the camera image and what the network sees. "
                      "There is no password.", wordWrap=True)
        text.setMinimumWidth(360)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Serve", QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QFormLayout(self)
        layout.addRow(text)
        layout.addRow("Port", self.port)
        layout.addRow(self.everyone)
        layout.addRow(buttons)

    def address(self) -> str:
        """[HOST:]PORT."""
        return f"{EVERYONE if self.everyone.isChecked() else LOOPBACK}:{self.port.value()}"


def connect_programs(window: Any) -> None:
    """Bring the actions of `window` (the MainWindow) and what they start together."""
    programs, act = window.output.programs, window.actions_
    programs.note.connect(window.messages.note)
    programs.problem.connect(window.messages.problem)
    act["serve"].triggered.connect(lambda on: programs.ask_to_serve(window, on))
    act["copy_address"].triggered.connect(lambda: QGuiApplication.clipboard().setText(f"{programs.running.url}/painting.mjpg"))
    for name, kind in KINDS.items():
        action: QAction = act[name.replace("-", "_")]
        action.setToolTip(kind.tip)
        action.setVisible(not kind.platform or kind.platform == sys.platform)  # nothing brings Syphon to another system
        if reason := missing(kind):
            action.setText(f"{kind.label}  ({reason.removeprefix(kind.label).strip()})")
            action.setEnabled(False)
        action.triggered.connect(lambda on, name=name: programs.switch(name, on))

    def show() -> None:
        url = programs.running.url
        act["serve"].setText(f"Serving at {url}" if url else "Serve on the network…")
        act["copy_address"].setVisible(bool(url))
        for name in ("serve", *KINDS):
            act.show_state(name.replace("-", "_"), name in programs.running)

    programs.changed.connect(show)
    show()
