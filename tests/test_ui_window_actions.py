"""Actions of the window, triggered on the desk by another thread, run in the window's."""

import threading

import pytest
from PySide6.QtWidgets import QMainWindow

from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.control.window_actions import register
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.shell.actions import SEPARATOR, SPECS, Actions


@pytest.fixture
def made(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    live = LiveSettings(Settings(), lambda settings: None, window)
    actions = Actions(window)
    register(live, actions, {})
    live.window = window  # it owns them all
    return live, actions


def elsewhere(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    thread.join()


def test_every_action_is_on_the_desk(made):
    live, _ = made
    assert {spec.name for spec in SPECS if spec.name != SEPARATOR} <= set(live.desk.actions)


def test_it_runs_in_the_thread_of_the_window(made, qtbot):
    live, actions = made
    threads = []
    actions["snapshot"].triggered.connect(lambda *_: threads.append(threading.current_thread()))
    elsewhere(live.desk.trigger, "snapshot")
    assert not threads
    live.tick()
    qtbot.waitUntil(lambda: threads == [threading.main_thread()])
    elsewhere(live.desk.trigger, "record", True)
    live.tick()
    qtbot.waitUntil(lambda: actions["record"].isChecked())
    elsewhere(live.desk.trigger, "record", True)  # it is on
    live.tick()
    qtbot.wait(20)
    assert actions["record"].isChecked() and live.desk.actions["record"].state()


def test_what_another_thread_changes_is_signalled_at_a_tick(made):
    live, _ = made
    signals = []
    live.changed.connect(lambda: signals.append(threading.current_thread()))
    elsewhere(live.desk.set, "EdgeDetection.tone", 0.4)
    assert not signals
    live.tick()
    assert signals == [threading.main_thread()] and live.value.edges.tone == 0.4
    live.tick()
    assert len(signals) == 1
