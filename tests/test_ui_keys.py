"""Who gets the keys: real key events, sent to the window as the system does."""

import re
import threading
from functools import partial

import pytest
import test_app
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton

from webcam_pix2pix.ui.shell.menus import bring
from webcam_pix2pix.ui.training.training_dock import Training

make, window = test_app.make, test_app.window
FLIP, FIT, TONE, BLUR = "Capture.Processing.flip_v", "Capture.Processing.fit", "EdgeDetection.tone", "Capture.Processing.pre_blur"


@pytest.fixture
def stage(window, qtbot):
    """The window in front, the keys with the stage."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    window.keys.give_back()
    window.tree.expand_as(set())
    assert focus() is window.prediction.view
    return window


def focus():
    return QApplication.focusWidget()


def press(window, *keys, modifier=Qt.KeyboardModifier.NoModifier):
    for key in keys:
        QTest.keyClick(window.windowHandle(), key, modifier)
    QApplication.processEvents()


def write(window, text):
    for letter in text:
        QTest.keyClick(window.windowHandle(), letter)


def click(window, widget, place=None):
    """Through the window, so that the focus goes where a click sends it."""
    window.tree.tree.scrollToItem(next((item for item in window.tree.items.values() if item.field.isAncestorOf(widget)), None)
                                  or next(iter(window.tree.items.values())))
    QApplication.processEvents()
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=widget.mapTo(window, place or widget.rect().center()))
    QApplication.processEvents()


def frozen(window):
    return window.pipeline.settings.capture.freeze


def test_the_keys_are_the_stages_from_the_beginning(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    assert focus() is window.prediction.view


def test_no_usual_key_belongs_to_a_desktop(window):
    """Those of window managers, input methods and macOS (where Ctrl is Cmd) never reach a program, or do something else as well."""
    taken = (r"Meta\+.*|Alt\+F\d+|Alt\+(Tab|Space|Esc)|Ctrl\+Alt\+.*|Alt\+Shift\+.*|Ctrl\+(Space|Tab|Esc|H|M|`|\.|;)|"
             r"Ctrl\+Shift\+(3|4|5|Q|U|Esc|Tab)|Ctrl\+(Up|Down|Left|Right)")
    for name, keys in window.key_map.map.usual.items():
        assert not [key for key in keys if re.fullmatch(taken, key)], name
        assert "F11" not in keys or len(keys) > 1  # macOS shows the desktop by it
    assert window.key_map.map.usual["back_model"] == ("Shift+PgUp",)


def test_space_freezes_whatever_was_clicked_last(stage):
    click(stage, stage.tree.fields[FLIP].focusProxy(), QPoint(8, 8))
    assert stage.pipeline.settings.processing.flip_v and focus() is stage.prediction.view
    press(stage, Qt.Key.Key_Space)
    assert frozen(stage) and stage.pipeline.settings.processing.flip_v
    click(stage, stage.bar.buttons["bypass"])
    press(stage, Qt.Key.Key_Space)
    assert not frozen(stage) and not stage.pipeline.settings.prediction.enabled


def test_tab_reaches_no_dock_that_lies_behind_another(stage, qtbot):
    """Qt keeps those far outside the window, and visible: Tab came to their buttons, and Space let them float out there."""
    reached = set()
    for front in ("parameters", "models"):
        bring(next(dock for dock in stage.docks if dock.objectName() == front))
        qtbot.wait(100)
        behind = [dock for dock in stage.docks if dock.isVisible() and dock.visibleRegion().isEmpty()]
        assert behind
        for _ in range(250):
            press(stage, Qt.Key.Key_Tab)
            assert not any(dock.isAncestorOf(focus()) for dock in behind), focus().accessibleName()
            reached |= {dock.objectName() for dock in stage.docks if dock.isAncestorOf(focus())}
        stage.keys.give_back()
    assert {"parameters", "models", "prediction", "capture"} <= reached


def test_what_tab_reaches_among_the_settings_is_in_sight(stage):
    stage.tree.tree.scrollToTop()
    reached = set()
    stage.tree.search.setFocus()
    for _ in range(200):
        press(stage, Qt.Key.Key_Tab)
        if stage.tree.tree.viewport().isAncestorOf(focus()):
            assert not focus().visibleRegion().isEmpty(), focus().accessibleName()
            reached.add(focus())
    assert len(reached) > 60 and stage.tree.tree.verticalScrollBar().value() > 0


def test_a_slider_and_a_drop_down_take_no_keys_by_mouse(stage, qtbot):
    click(stage, stage.tree.fields[BLUR].slider)
    assert focus() is stage.prediction.view
    box = stage.tree.fields[FIT].focusProxy()
    click(stage, box)
    box.hidePopup()
    qtbot.waitUntil(lambda: focus() is stage.prediction.view, timeout=5000)
    before = stage.live.value.processing.fit
    write(stage, "p")  # "pad" is among the choices
    assert stage.live.value.processing.fit == before


def test_a_panel_that_is_hidden_hands_its_keys_to_no_text_and_no_switch(stage, qtbot):
    bring(stage.models)
    hidden = []
    for key in (Qt.Key.Key_7, Qt.Key.Key_6, Qt.Key.Key_5, Qt.Key.Key_2, Qt.Key.Key_1, Qt.Key.Key_1):
        press(stage, key, modifier=Qt.KeyboardModifier.AltModifier)
        qtbot.wait(30)
        hidden.append(stage.prediction.isHidden())
        for _ in range(2):
            before = frozen(stage)
            press(stage, Qt.Key.Key_Space)
            assert frozen(stage) != before
    assert all(hidden) and stage.browser.search.text() == stage.tree.search.text() == ""
    press(stage, Qt.Key.Key_7, modifier=Qt.KeyboardModifier.AltModifier)
    qtbot.wait(30)
    press(stage, Qt.Key.Key_Space)
    assert frozen(stage)


@pytest.mark.parametrize("floating", [False, True])
def test_the_first_click_on_each_button_of_a_dock_counts_and_leaves_the_keys_to_the_stage(stage, qtbot, floating):
    dock = next(dock for dock in stage.docks if isinstance(dock.content, Training))
    bring(dock)
    dock.setFloating(floating)
    qtbot.waitUntil(lambda: dock.content.layout() is not None and dock.content.new.isVisible(), timeout=5000)
    for button in (dock.content.new, dock.content.start_):
        button.clicked.disconnect()
        clicks = []
        button.clicked.connect(partial(clicks.append, 1))
        window, at = button.window(), button.mapTo(button.window(), button.rect().center())
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=5000)
        QTest.mousePress(window.windowHandle(), Qt.MouseButton.LeftButton, pos=at)
        qtbot.wait(150)  # as long as a finger is down: the window shows and refreshes meanwhile
        QTest.mouseRelease(window.windowHandle(), Qt.MouseButton.LeftButton, pos=at)
        assert clicks == [1]
        assert floating or focus() is stage.prediction.view


def test_letters_change_no_drop_down_that_tab_has_reached(stage):
    box = stage.tree.fields[FIT].focusProxy()
    box.setFocus(Qt.FocusReason.TabFocusReason)
    write(stage, "p")
    assert stage.live.value.processing.fit == "crop"
    press(stage, Qt.Key.Key_Down)
    assert stage.live.value.processing.fit == "pad"


@pytest.mark.parametrize("panel", ["tree", "browser"])
def test_the_x_of_a_search_empties_it_and_gives_the_keys_back(stage, qtbot, panel):
    panel = getattr(stage, panel)
    bring(next(dock for dock in stage.docks if dock.content is panel))
    qtbot.waitUntil(panel.search.isVisible, timeout=5000)
    click(stage, panel.search)
    write(stage, "blur")
    clear = panel.search.findChild(QToolButton)
    qtbot.waitUntil(lambda: clear.isVisible() and clear.width() > 0, timeout=5000)
    click(stage, clear)
    assert panel.search.text() == "" and focus() is stage.prediction.view
    press(stage, Qt.Key.Key_Space)
    assert panel.search.text() == "" and frozen(stage)


def test_escape_leaves_the_search_and_the_keys_are_the_stages(stage, qtbot):
    press(stage, Qt.Key.Key_F, modifier=Qt.KeyboardModifier.ControlModifier)
    write(stage, "blur 0")
    assert stage.tree.search.text() == "blur 0" and stage.pipeline.settings.prediction.enabled
    press(stage, Qt.Key.Key_Escape)
    assert stage.tree.search.text() == "" and focus() is stage.prediction.view
    press(stage, Qt.Key.Key_Space, Qt.Key.Key_0)
    assert frozen(stage) and not stage.pipeline.settings.prediction.enabled and stage.tree.search.text() == ""


def test_space_is_for_the_switch_that_tab_has_reached_and_escape_gives_it_back(stage):
    switch = stage.tree.fields[FLIP].focusProxy()
    stage.tree.search.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(20):  # as a keyboard user comes there
        press(stage, Qt.Key.Key_Tab)
        if focus() is switch:
            break
    assert focus() is switch
    press(stage, Qt.Key.Key_Space)
    assert stage.pipeline.settings.processing.flip_v and not frozen(stage)
    press(stage, Qt.Key.Key_Escape)
    assert focus() is stage.prediction.view
    press(stage, Qt.Key.Key_Space)
    assert frozen(stage) and stage.pipeline.settings.processing.flip_v


def test_typing_replaces_a_number_that_was_clicked(stage):
    edit = stage.tree.fields[BLUR]._edit
    stage.live.set(BLUR, 1)
    stage._mirror()
    click(stage, edit)
    assert focus() is edit and edit.selectedText() == "1"
    write(stage, "2")
    press(stage, Qt.Key.Key_Return)
    assert stage.live.value.processing.pre_blur == 2 and focus() is stage.prediction.view
    click(stage, edit)
    write(stage, "9")
    press(stage, Qt.Key.Key_Escape)
    assert stage.live.value.processing.pre_blur == 2 and focus() is stage.prediction.view


def test_a_second_click_sets_the_cursor(stage):
    edit = stage.tree.fields[TONE]._edit
    click(stage, edit)
    assert edit.hasSelectedText()
    click(stage, edit)
    assert not edit.hasSelectedText()


def test_a_click_beside_a_number_ends_its_editing(stage):
    edit = stage.tree.fields[BLUR]._edit
    click(stage, edit)
    write(stage, "7")
    click(stage, stage.tree.fields[FLIP].focusProxy(), QPoint(8, 8))
    assert stage.live.value.processing.pre_blur == 7 and focus() is stage.prediction.view
    press(stage, Qt.Key.Key_Space)
    assert frozen(stage)


def test_buttons_of_docks_that_are_built_late_take_no_keys_by_mouse(stage, qtbot):
    dock = next(dock for dock in stage.docks if dock.objectName() == "training")
    dock.raise_()
    qtbot.waitUntil(lambda: any(button.isVisible() for button in dock.content.findChildren(QPushButton)), timeout=15000)
    button = dock.content.pause
    button.setEnabled(True)
    dock.content.controls.show()
    QApplication.processEvents()
    QTest.mouseClick(stage.windowHandle(), Qt.MouseButton.LeftButton, pos=button.mapTo(stage, button.rect().center()))
    qtbot.waitUntil(lambda: focus() is stage.prediction.view, timeout=5000)
    press(stage, Qt.Key.Key_Space)
    assert frozen(stage) and not button.hasFocus()
    assert all(edit.focusPolicy() & Qt.FocusPolicy.ClickFocus for edit in stage.tree.findChildren(QLineEdit))


def test_quitting_asks_while_something_runs(stage, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    stage.toggle_recording()
    press(stage, Qt.Key.Key_Q, modifier=control)
    question = stage.leaving.question
    assert stage.isVisible() and question.isVisible() and "recording" in question.text() and question.parent() is stage
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert stage.isVisible() and stage.leaving.question is None and stage.output.recorder is not None
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow, timeout=5000)
    press(stage, Qt.Key.Key_Q, modifier=control)
    release, recorder = threading.Event(), stage.output.recorder
    close = recorder.close
    recorder.close = lambda: (release.wait(30), close())
    next(button for button in stage.leaving.question.buttons() if button.text() == "Quit").click()
    qtbot.waitUntil(lambda: stage.bar.buttons["record"].text() == "Saving…", timeout=5000)
    assert stage.isVisible() and stage.leaving.saving and stage.output.recorder is None  # it stays until the file is whole
    assert stage.leaving.ready() and stage.isVisible()  # asked again by the close button, it would close at once ...
    assert not stage.leaving.ready()  # ... and waits again when nothing came of that
    release.set()
    qtbot.waitUntil(lambda: stage._closed, timeout=20000)
    assert not stage.isVisible() and recorder.path.stat().st_size > 1000


def test_lost_frames_are_told_while_there_is_time_to_change_something(stage, qtbot):
    stage.toggle_recording()
    record = stage.bar.buttons["record"]
    qtbot.waitUntil(lambda: record.text().startswith("Stop 0:0") and "lost" not in record.text(), timeout=5000)
    stage.output.recorder.refused = 3
    qtbot.waitUntil(lambda: record.text().endswith(" · 3 lost"), timeout=5000)
    assert sum("loses frames" in message.text for message in stage.messages.all) == 1
    stage.toggle_recording()
    qtbot.waitUntil(lambda: not stage.output.saving, timeout=20000)
    assert "3 frames lost" in stage.messages.all[-1].text


def test_quitting_asks_about_a_training(stage):
    class Job:
        code = None

        def stop(self):
            self.code = 0

    training = next(dock for dock in stage.docks if dock.objectName() == "training").content
    training.job = Job()
    assert stage.leaving.at_work() == ["a training"]
    assert not stage.leaving.leave() and stage.isVisible()
    assert "The training stops" in stage.leaving.question.informativeText()
    training.job.stop()
    stage.leaving.question.reject()
    assert stage.leaving.leave() and not stage.isVisible()


def test_quitting_does_not_ask_when_nothing_runs_and_is_no_key_of_the_output(stage, qtbot):
    press(stage, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: focus() is stage.stage, timeout=5000)
    QTest.keyClick(stage.stage.windowHandle(), Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert stage.stage.isVisible() and stage.isVisible() and not stage._closed
    QTest.keyClick(stage.stage.windowHandle(), Qt.Key.Key_Space)
    assert frozen(stage)
    QTest.keyClick(stage.stage.windowHandle(), Qt.Key.Key_Escape)
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow, timeout=5000)
    press(stage, Qt.Key.Key_Q, modifier=Qt.KeyboardModifier.ControlModifier)
    assert stage._closed
