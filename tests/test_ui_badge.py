"""The recipe badge: a click lists what differs from the training and changes nothing; the way back says what it did."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.settings.recipe_badge import RecipeBadge

TONE, BLUR = "EdgeDetection.tone", "Capture.Processing.pre_blur"


@pytest.fixture
def made(qtbot):
    theme.apply("dark")
    live = LiveSettings(Settings(), lambda settings: None)
    live.adopt(Recipe(), keep=False)
    badge = RecipeBadge(live)
    qtbot.addWidget(badge)
    badge.model_came(None)
    badge.show()
    return live, badge


def test_a_click_lists_what_differs_and_changes_nothing(made, qtbot):
    live, badge = made
    assert badge.text() == "as trained"
    live.set(TONE, 0.9)
    live.set(BLUR, 3)
    badge.refresh()
    before = live.value
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and live.value == before and "changed" in badge.text()
    texts = {action.text(): action for action in menu.actions() if action.text()}
    blur = next(action for text, action in texts.items() if text.startswith("Blur: 3"))
    blur.trigger()
    menu.close()
    assert live.value.flat()[BLUR] == 0 and live.value.flat()[TONE] == 0.9


def test_the_way_back_says_what_it_did_and_can_be_undone(made, qtbot):
    live, badge = made
    live.set(TONE, 0.9)
    with qtbot.waitSignal(badge.note) as said:
        badge.to_recipe()
    assert "Soft shading" in said.args[0] and "Ctrl+Z" in said.args[0] and not live.departures()
    live.undo.undo()
    assert live.value.flat()[TONE] == 0.9


def test_the_way_back_is_there_for_smoothing_too_which_is_no_departure(made, qtbot):
    live, badge = made
    live.to_recipe()
    assert live.strayed == ()
    live.set("Prediction.post_time_lerp", 0.95)
    badge.refresh()
    assert badge.text() == "as trained" and live.strayed == ("Prediction.post_time_lerp",)
    with qtbot.waitSignal(badge.note) as said:
        badge.to_recipe()
    assert "Smooth painting" in said.args[0] and live.strayed == ()


def test_the_badge_says_how_far_a_training_is_that_is_not_finished(made):
    live, badge = made
    badge.model_came(SimpleNamespace(unfinished="2 of 700 steps"))
    assert badge.text() == "unfinished" and "2 of 700 steps" in badge.toolTip()
    live.set(TONE, 0.9)
    badge.refresh()
    assert badge.text() == "changed (1)" and "2 of 700 steps" in badge.toolTip()
    live.to_recipe()
    badge.model_came(SimpleNamespace(unfinished=""))
    assert badge.text() == "as trained" and "steps" not in badge.toolTip()


def test_the_badge_says_what_moves_by_itself(made):
    from webcam_pix2pix.control.modulation import Modulator
    live, badge = made
    live.desk.modulation = live.desk.modulation.with_modulator(Modulator(TONE))
    badge.refresh()
    assert badge.text() == "moving" and "Soft shading" in badge.toolTip()
