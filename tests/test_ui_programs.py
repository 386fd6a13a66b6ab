"""Other programs from the window's menu: on, off, what is missing, and nothing that waits."""

import urllib.request

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from msa.capturer import Capturer
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.output.programs import Programs, ServeDialog, connect_programs


class Window(QMainWindow):
    """The parts of the main window that programs are connected to."""

    class Actions(dict):
        def show_state(self, name, on):
            self[name].setChecked(on)

    def __init__(self, programs):
        super().__init__()
        self.output, self.messages, self.notes, self.problems = type("Output", (), {"programs": programs}), self, [], []
        self.note, self.problem = self.notes.append, self.problems.append
        names = ("serve", "copy_address", "virtual_camera", "ndi", "syphon", "spout")
        self.actions_ = self.Actions({name: QAction(name, self, checkable=True) for name in names})


@pytest.fixture
def window(qtbot):
    pipeline = Pipeline(Capturer(Settings().with_values({"Capture.Init.device_id": "test"}).capture_init))
    programs = Programs(pipeline)
    window = Window(programs)
    qtbot.addWidget(window)
    connect_programs(window)
    yield window
    programs.close()
    pipeline.close()


def settled(qtbot, window, condition):
    def ticked() -> bool:
        window.output.programs.tick()
        return condition()
    qtbot.waitUntil(ticked, timeout=20000)


def test_serving_is_asked_about_shown_and_stopped(window, qtbot):
    act, programs = window.actions_, window.output.programs
    assert not act["copy_address"].isVisible()
    act["serve"].trigger()
    dialog = window.findChild(ServeDialog)
    assert dialog.isVisible() and not act["serve"].isChecked() and dialog.address() == "127.0.0.1:8080"
    dialog.everyone.setChecked(True)
    assert dialog.address() == "0.0.0.0:8080"
    dialog.everyone.setChecked(False)
    dialog.port.setRange(0, 65535)
    dialog.port.setValue(0)
    dialog.accept()
    settled(qtbot, window, lambda: "serve" in programs.running)
    assert window.notes and programs.running.url in window.notes[0]
    assert act["serve"].isChecked() and act["serve"].text() == f"Serving at {programs.running.url}" and act["copy_address"].isVisible()
    with urllib.request.urlopen(f"{programs.running.url}/status.json", timeout=5) as answer:
        assert b'"readers": 0' in answer.read()
    act["serve"].trigger()
    settled(qtbot, window, lambda: "serve" not in programs.running and not act["serve"].isChecked())
    assert act["serve"].text() == "Serve on the network…"


def test_a_taken_port_is_a_line_and_the_switch_goes_back(window, qtbot):
    programs = window.output.programs
    programs.start({"serve": "0"})
    settled(qtbot, window, lambda: "serve" in programs.running)
    other = Programs(programs.running._engine)
    other.problem.connect(window.problem)
    other.start({"serve": programs.running.url.rpartition(":")[2]})
    qtbot.waitUntil(lambda: other.tick() or bool(window.problems), timeout=20000)
    assert "the port is taken by another program" in window.problems[0]
    other.close()


def test_what_is_missing_is_grey_and_says_what_to_install(window):
    from webcam_pix2pix.sinks.programs import KINDS, missing

    for name, kind in KINDS.items():
        action = window.actions_[name.replace("-", "_")]
        assert action.isEnabled() == (not missing(kind))
        assert action.isEnabled() or "pip install" in action.text() or "is only on" in action.text()
