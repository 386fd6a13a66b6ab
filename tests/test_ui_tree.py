"""The parameter tree: shows, edits, searches, marks."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget
from shiboken6 import Shiboken

from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import NAMES, Settings
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.settings.bridge import Bridge
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.settings.tree import SettingsPanel, SettingsTree

RECIPE = Recipe(edges=EdgeDetection(method="custom_canny", tone=0.5), ranges={"EdgeDetection.tone_blur": (3.0, 7.0)})
TONE, BLUR, FREEZE, FIT = "EdgeDetection.tone", "Capture.Processing.pre_blur", "Capture.freeze", "Capture.Processing.fit"


@pytest.fixture
def tree(qtbot):
    theme.apply("dark")
    tree = SettingsPanel(Bridge(LiveSettings(Settings(), lambda _: None)))
    tree.live = tree.bridge.live
    tree.live.changed.connect(tree.bridge.refresh)
    qtbot.addWidget(tree)
    tree.resize(360, 900)
    tree.show()
    tree.expand_as(set())
    return tree


def slider(tree, name):
    return tree.fields[name].slider


def type_into(tree, name, text):
    edit = tree.fields[name]._edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def test_every_setting_has_an_editor_with_a_name(tree):
    assert set(tree.fields) == set(NAMES)
    for field in tree.fields.values():
        assert field.focusProxy().accessibleName()


def test_typed_values_keep_their_digits(tree):
    type_into(tree, TONE, "0.537123")
    assert tree.live.value.edges.tone == 0.537123
    assert slider(tree, TONE).value_now == 0.537123
    assert tree.fields[TONE]._edit.text().startswith("0.537123")


def test_what_is_no_value_is_refused_with_a_line(tree, qtbot):
    with qtbot.waitSignal(tree.bridge.refused) as signal:
        type_into(tree, TONE, "7")
    assert signal.args[0] == "Soft shading takes a number from 0 to 1."
    assert tree.live.value.edges.tone == 0.0 and tree.fields[TONE]._edit.text() == "0"


def test_keys_move_a_slider_and_reset_it(tree):
    one = slider(tree, BLUR)
    one.setFocus()
    for _ in range(3):
        QTest.keyClick(one, Qt.Key.Key_Right)
    assert tree.live.value.processing.pre_blur == 3
    QTest.keyClick(one, Qt.Key.Key_Delete)
    assert tree.live.value.processing.pre_blur == 0


def test_dragging_with_shift_is_ten_times_finer(tree):
    one = slider(tree, TONE)

    def drag(modifier):
        tree.live.set(TONE, 0.5)
        start = QPoint(round(one._x(0.5)), one.height() // 2)
        QTest.mousePress(one, Qt.MouseButton.LeftButton, modifier, start)
        from PySide6.QtCore import QEvent, QPointF
        from PySide6.QtGui import QMouseEvent
        to = QPointF(start + QPoint(10, 0))
        one.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, to, to, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, modifier))
        QTest.mouseRelease(one, Qt.MouseButton.LeftButton, modifier, to.toPoint())
        return tree.live.value.edges.tone - 0.5

    coarse, fine = drag(Qt.KeyboardModifier.NoModifier), drag(Qt.KeyboardModifier.ShiftModifier)
    assert coarse > 0.05 and abs(fine - coarse / 10) < 0.01


def test_double_click_returns_to_the_models_value(tree):
    tree.live.adopt(RECIPE, keep=False)
    tree.live.set(TONE, 0.9)
    QTest.mouseDClick(slider(tree, TONE), Qt.MouseButton.LeftButton)
    assert tree.live.value.edges.tone == 0.5


def test_the_wheel_changes_nothing(tree, qtbot):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    for widget in (slider(tree, BLUR), tree.fields[FIT].focusProxy()):
        event = QWheelEvent(QPointF(20, 8), QPointF(20, 8), QPoint(0, 0), QPoint(0, -120), Qt.MouseButton.NoButton,
                            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
        widget.wheelEvent(event)
        assert not event.isAccepted()
    assert tree.live.value == Settings()


def test_values_from_elsewhere_are_not_quantised(tree):
    tree.live.set(TONE, 0.123456789)
    assert slider(tree, TONE).value_now == 0.123456789 and tree.live.value.edges.tone == 0.123456789


def test_a_changed_value_looks_changed(tree):
    tree.live.adopt(RECIPE, keep=False)
    item, back = tree.items[TONE], tree.fields[TONE]._back
    assert not item.font(0).bold() and not back.isVisible()
    tree.live.set(TONE, 0.9)
    assert item.font(0).bold() and back.isVisible() and "Outside" in item.toolTip(0)
    back.click()
    assert not item.font(0).bold() and tree.live.value.edges.tone == 0.5


def test_the_trained_range_is_on_the_slider(tree):
    tree.live.adopt(RECIPE, keep=False)
    assert slider(tree, "EdgeDetection.tone_blur").trained == (3.0, 7.0) and slider(tree, TONE).mark == 0.5


def test_editing_an_edge_shows_the_new_method(tree):
    tree.live.adopt(RECIPE, keep=False)
    assert tree.fields["EdgeDetection.method"].focusProxy().currentText() == "as trained"
    type_into(tree, "EdgeDetection.canny_t1_fine", "55")
    assert tree.fields["EdgeDetection.method"].focusProxy().currentText() == "sharp lines"


def test_what_the_edges_of_the_model_do_not_use_is_dim_and_says_why(tree):
    tree.live.adopt(Recipe(edges=EdgeDetection(method="soft")), keep=False)
    fine, soft = "EdgeDetection.canny_t1_fine", "EdgeDetection.soft_low"
    for name, idle in ((fine, True), (soft, False), ("EdgeDetection.blur_sigma", False)):
        item = tree.items[name]
        assert item.font(0).italic() is idle and slider(tree, name).property("idle") is idle
        for tip in (item.toolTip(0), tree.fields[name].toolTip()):
            assert ("trained with “Method: soft lines”" in tip) is idle
    type_into(tree, fine, "55")  # it says what a change does, and that it does
    assert tree.live.value.edges.method == "custom_canny"
    assert not tree.items[fine].font(0).italic() and tree.items[soft].font(0).italic()


def test_switches_and_choices(tree):
    QTest.mouseClick(tree.fields[FREEZE].focusProxy(), Qt.MouseButton.LeftButton)
    assert tree.live.value.capture.freeze is True
    box = tree.fields[FIT].focusProxy()
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert tree.live.value.processing.fit == "pad"


def test_search_hides_what_does_not_match(tree):
    tree.search.setText("luminance")
    shown = {name for name, item in tree.items.items() if not item.isHidden()}
    assert TONE in shown and FREEZE not in shown
    assert tree.sections["Smoothing"].isHidden() and not tree.sections["Edges"].isHidden()
    tree.search.clear()
    assert not any(item.isHidden() for item in tree.items.values())


def test_search_opens_groups_only_for_the_time_of_the_search(tree):
    tree.expand_as({"More", "Source"})
    tree.search.setText("sleep")
    assert tree.sections["More"].isExpanded() and tree.collapsed() == {"More", "Source"}
    tree.search.clear()
    assert not tree.sections["More"].isExpanded() and tree.sections["Edges"].isExpanded()


def test_the_tree_is_pyqtgraphs_and_speaks_to_people(tree):
    from pyqtgraph.parametertree import ParameterItem, ParameterTree
    assert isinstance(tree.tree, ParameterTree) and all(isinstance(item, ParameterItem) for item in tree.items.values())
    assert list(tree.sections)[:6] == ["Picture", "Edges", "Smoothing", "Model", "Source", "Quality"] and list(tree.sections)[-1] == "More"
    item = tree.items["Capture.Processing.flip_h"]
    assert item.text(0) == "Mirror" and item.parent().text(0) == "Picture" and "Capture.Processing.flip_h" in item.toolTip(0)
    for text in ("Capture.Processing.flip_h", "flip_h", "flip h", "mirror", "Picture left and right"):
        tree.search.setText(text)
        assert not item.isHidden(), text


def test_a_setting_that_nobody_has_named_is_under_more(monkeypatch):
    import params
    monkeypatch.delitem(params.SECTIONS["Picture"], "Capture.Processing.flip_h")
    row = next(row for row in params.rows() if row.name == "Capture.Processing.flip_h")
    assert (row.section, row.label) == ("More", "Flip h")


def test_names_for_people_are_unique():
    import params
    labels = [row.label for row in params.rows()]
    assert len(labels) == len(set(labels))


def test_the_root_item_goes_with_the_tree(qtbot):
    tree = SettingsTree()
    root = QTreeWidget.invisibleRootItem(tree)  # pyqtgraph keeps this Python object as well
    assert Shiboken.isValid(root)
    Shiboken.delete(tree)
    assert not Shiboken.isValid(root)


def test_a_click_on_the_name_of_a_section_opens_and_closes_it(tree, qtbot):
    from PySide6.QtCore import Qt
    tree.resize(400, 600)
    tree.show()
    heading = tree.sections["Edges"]
    for expected in (False, True):
        place = tree.tree.visualItemRect(heading).center()
        qtbot.mouseClick(tree.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert heading.isExpanded() is expected


def test_a_reset_of_what_is_as_trained_changes_nothing(tree):
    before = tree.bridge.live.value
    tree.bridge.reset("EdgeDetection.tone")
    assert tree.bridge.live.value == before
