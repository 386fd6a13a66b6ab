"""The program driven through pyqtgraph's Parameter objects alone."""

import json

import pyqtgraph
import pytest
import test_app
from pyqtgraph.parametertree import Parameter, ParameterTree

import params
from webcam_pix2pix.settings import NAMES, Settings
from webcam_pix2pix.ui.settings.bridge import Bridge
from webcam_pix2pix.ui.settings.live_settings import LiveSettings

make, window = test_app.make, test_app.window
TONE, T1 = ("EdgeDetection", "tone"), ("Capture", "Processing", "canny_t1")


@pytest.fixture
def bridge(qapp):
    bridge = Bridge(LiveSettings(Settings(), lambda _: None))
    bridge.live.changed.connect(bridge.refresh)
    return bridge


def changes_of(root):
    printed = []
    root.sigTreeStateChanged.connect(lambda _, changes: printed.append([(p.opts["setting"], v) for p, what, v in changes
                                                                        if what == "value"]))
    return printed


def test_the_first_change_of_a_setting_that_began_away_from_its_default_counts(qapp):
    bridge = Bridge(LiveSettings(Settings().with_values({"Prediction.post_time_lerp": 0.0}), lambda _: None))
    bridge.params["Prediction", "post_time_lerp"] = 0.1
    assert bridge.live.value.prediction.post_time_lerp == 0.1


def test_a_script_plays_the_show(window, qtbot):
    root = window.params
    assert isinstance(root, Parameter) and isinstance(window.tree.tree, ParameterTree)
    assert isinstance(window.prediction.view.item, pyqtgraph.ImageItem)
    root.param("Prediction", "enabled").setValue(False)
    root.param(*T1).setValue(90)
    root["Capture", "Processing", "canny"] = True
    assert window.pipeline.settings.processing.canny_t1 == 90 and window.pipeline.settings.processing.canny
    test_app.wait(qtbot, lambda: not test_app.shown(window, (200, 40, 30)))
    before = root.saveState(filter="user")
    root.param("Model", "model_name").setValue("blue")
    root.param("Prediction", "enabled").setValue(True)
    test_app.wait(qtbot, lambda: window.monitor.info.name == "blue" and test_app.shown(window, (20, 60, 210)))
    root.restoreState(before)
    test_app.wait(qtbot, lambda: window.monitor.info.name == "red" and not test_app.shown(window, (200, 40, 30)))
    assert window.pipeline.settings.processing.canny_t1 == 90


def test_parameters_are_named_like_the_settings_and_shown_by_names_for_people(bridge):
    for name in NAMES:
        param = bridge.params.param(*name.split("."))
        assert isinstance(param, params.Setting) and param.opts["setting"] == name and name in param.opts["tip"]
    assert bridge.params.param("Capture", "Processing", "flip_h").title() == "Mirror"


def test_changes_from_elsewhere_are_reported_once_and_read_at_once(bridge):
    bridge.live.changed.disconnect(bridge.refresh)
    printed = changes_of(bridge.params)
    bridge.live.apply({"EdgeDetection.tone": 0.4, "Capture.Processing.invert": True}, "preset")
    assert bridge.params.param(*TONE).value() == 0.4 and printed == []  # the tree need not be painted for that
    bridge.refresh()
    assert [{name for name, _ in printed[0]}] == [{"EdgeDetection.tone", "Capture.Processing.invert", "EdgeDetection.method"}]
    assert len(printed) == 1


def test_a_value_the_tree_still_shows_can_be_set_again(bridge):
    bridge.live.changed.disconnect(bridge.refresh)  # nothing has been mirrored yet
    bridge.live.set("EdgeDetection.tone", 0.4)
    bridge.params.param(*TONE).setValue(0.0)
    assert bridge.live.value.edges.tone == 0.0


def test_restoring_a_state_is_one_change_and_one_step_of_undo(bridge):
    bridge.live.apply({"EdgeDetection.tone": 0.25, "Capture.Processing.pre_blur": 7}, "look")
    state = json.loads(json.dumps(bridge.params.saveState()))
    bridge.live.apply({"EdgeDetection.tone": 0.9, "Capture.Processing.pre_blur": 0}, "another")
    printed, steps = changes_of(bridge.params), bridge.live.undo.count()
    bridge.params.restoreState(state)
    assert (bridge.live.value.edges.tone, bridge.live.value.processing.pre_blur) == (0.25, 7)
    assert len(printed) == 1 and bridge.live.undo.count() == steps + 1
    bridge.live.undo.undo()
    assert bridge.live.value.edges.tone == 0.9 and bridge.params.param(*TONE).value() == 0.9


def test_a_state_of_another_version_adds_and_removes_no_setting(bridge):
    state = json.loads(json.dumps(bridge.params.saveState(filter="user")))
    processing = state["children"]["Capture"]["children"]["Processing"]["children"]
    del processing["canny_t2"], state["children"]["Bend"]
    processing["canny_t1"]["value"] = 77
    processing["of_later"] = {"type": "int", "value": 3}
    bridge.params.restoreState(state, removeChildren=True)
    bridge.params.param("EdgeDetection").restoreState({"children": {"tone": {"value": 0.3}}})
    assert bridge.live.value.processing.canny_t1 == 77 and bridge.live.value.edges.tone == 0.3
    assert {name: bridge.params.param(*name.split(".")) for name in bridge.rows} == bridge.settings
    assert not any("of_later" in group.names for group in (bridge.params, bridge.params.param("Capture", "Processing")))


def test_a_state_with_a_value_that_cannot_be_changes_nothing(bridge):
    state = json.loads(json.dumps(bridge.params.saveState()))
    bridge.live.apply({"Capture.Processing.invert": True, "EdgeDetection.tone": 0.4}, "look")
    state["children"]["EdgeDetection"]["children"]["tone"]["value"] = "much"
    before = bridge.live.value
    with pytest.raises(ValueError, match=r"EdgeDetection\.tone: 'much' is not a number"):
        bridge.params.restoreState(state)
    assert bridge.live.value == before and bridge.params["Capture", "Processing", "invert"] is True


def test_nothing_is_quantised_and_what_cannot_be_is_refused(bridge):
    tone = bridge.params.param(*TONE)
    tone.setValue(0.537123456789)
    assert bridge.live.value.edges.tone == 0.537123456789
    for bad in (7, "much", float("nan")):
        with pytest.raises(ValueError, match=r"EdgeDetection\.tone"):
            tone.setValue(bad)
    assert bridge.live.value.edges.tone == 0.537123456789 == tone.value()
    bridge.params.param(*T1).setValue("41")
    assert bridge.live.value.processing.canny_t1 == 41


def test_default_is_what_a_reset_returns_to(bridge):
    from webcam_pix2pix.preprocessing import EdgeDetection
    from webcam_pix2pix.recipe import Recipe
    tone = bridge.params.param(*TONE)
    tone.setValue(0.7)
    bridge.live.adopt(Recipe(edges=EdgeDetection(method="custom_canny", tone=0.5)), keep=True)
    assert tone.defaultValue() == 0.5 and not tone.valueIsDefault()
    state = bridge.params.saveState()
    tone.setToDefault()
    assert bridge.live.value.edges.tone == 0.5
    bridge.live.adopt(Recipe(edges=EdgeDetection(method="custom_canny", tone=0.2)), keep=True)
    bridge.params.restoreState(state)  # the value returns, the default is that of the model that runs
    assert bridge.live.value.edges.tone == 0.7 and tone.defaultValue() == 0.2


def test_changes_that_are_held_back_are_one_change(bridge):
    tone, steps = bridge.params.param(*TONE), bridge.live.undo.count()
    with bridge.params.treeChangeBlocker():
        tone.setValue(0.3)
        bridge.live.set("Capture.Processing.invert", True)  # from elsewhere, and mirrored meanwhile
        bridge.params.param(*T1).setValue(77)
        assert tone.value() == 0.3 and bridge.live.value.edges.tone == 0.0
    assert bridge.live.value.edges.tone == 0.3 and bridge.live.value.processing.canny_t1 == 77 and bridge.live.value.processing.invert
    assert bridge.live.undo.count() == steps + 2


def test_a_listener_may_change_other_settings(bridge):
    bridge.params.param(*TONE).sigValueChanged.connect(lambda _, value: bridge.params.param(*T1).setValue(int(100 * value)))
    bridge.live.set("EdgeDetection.tone", 0.3)
    assert bridge.live.value.processing.canny_t1 == 30
    bridge.params.param(*TONE).setValue(0.6)
    assert bridge.live.value.processing.canny_t1 == 60


def test_a_change_that_tells_nobody_counts_all_the_same(bridge):
    bridge.params.param(*TONE).setValue(0.8, blockSignal=True)
    assert bridge.live.value.edges.tone == 0.8


def test_the_parameters_work_without_a_window():
    root = params.create()
    root.param(*T1).setValue(90)
    assert root["Capture", "Processing", "canny_t1"] == 90 and root.param(*T1).defaultValue() == 40


def test_what_is_shown_is_not_set_again_when_the_settings_have_moved_on_meanwhile(bridge, monkeypatch):
    """As in a morph, whose thread goes on while the tree is brought up to date."""
    bridge.live.changed.disconnect(bridge.refresh)
    take = bridge.take

    def moves_on(*settings):
        bridge.live.correct({"EdgeDetection.tone": 0.75})
        take(*settings)

    monkeypatch.setattr(bridge, "take", moves_on)
    bridge.live.correct({"EdgeDetection.tone": 0.5})
    bridge.refresh()
    assert bridge.live.value.edges.tone == 0.75
    bridge.refresh()
    assert bridge.params["EdgeDetection", "tone"] == 0.75
    bridge.params["EdgeDetection", "tone"] = 0.25  # by hand, it counts
    assert bridge.live.value.edges.tone == 0.25


def test_names_can_be_read_in_a_tree_of_someone_else(bridge, qtbot):
    import webcam_pix2pix.ui.settings.items  # noqa: F401 registers them
    tree = ParameterTree()
    qtbot.addWidget(tree)
    tree.setParameters(bridge.params, showTop=False)
    with qtbot.waitExposed(tree):
        tree.show()
    words = [(item, item.text(0)) for item in tree.listAllItems() if item.text(0)]
    assert "Keep colours" in {text for _, text in words}
    for item, text in words:
        assert tree.visualItemRect(item).left() + tree.fontMetrics().horizontalAdvance(text) <= tree.header().sectionSize(0)
