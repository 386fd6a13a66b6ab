"""The whole window, offscreen: a real capturer on the test scene, a real engine, pixels where they must be so."""

import gc
import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QMetaObject, QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit, QTabBar
from shiboken6 import Shiboken

from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.model import ModelInfo, Port
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import NAMES, Settings, write_preset
from webcam_pix2pix.sinks import read_snapshot
from webcam_pix2pix.specs import UNet, to_json
from webcam_pix2pix.ui.foundation.store import Store

RECIPE = Recipe(edges=EdgeDetection(method="custom_canny", tone=0.5))
TONE = "EdgeDetection.tone"


def info(name):
    return ModelInfo(name, Path(f"/models/{name}.json"), Path(f"/models/{name}.pth"), input=Port((64, 64, 3)), output=Port((64, 64, 3)),
                     network=to_json(UNet(depth=6)), recipe=RECIPE)


class Flat:
    """A network that paints one colour: what the window shows can be told from a pixel."""

    input_size, multiple, label, note = (64, 64), 32, "CPU fp32", ""

    def __init__(self, name):
        self.info = info(name)
        self.color = {"red": (200, 40, 30), "blue": (20, 60, 210)}[name]

    def __call__(self, image):
        return np.full_like(image, self.color)

    def close(self):
        pass


def build(settings, frames):
    model = settings.model.model_name
    if model not in ("", "red", "blue"):
        raise ValueError(f"{model}: no such model")
    return Flat(model or "red")


@pytest.fixture
def make(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(tmp_path / "models"))
    opened = []

    def make(values=None, build=build, **more):
        settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 160, "Capture.Init.height": 120,
                                           "Prediction.post_time_lerp": 0.0} | (values or {}))
        window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, build), config_dir=tmp_path / "config", **more)
        window.output.folder = str(tmp_path / "output")
        opened.append(window)
        window.resize(1280, 720)
        window.show()
        qtbot.waitUntil(lambda: window.monitor.info is not None and getattr(window.frame, "predicted", None) is not None, timeout=40000)
        return window

    yield make
    for window in opened:
        if Shiboken.isValid(window):
            window.close()
            window.deleteLater()


@pytest.fixture
def window(make):
    return make()


def centre(window):
    """Colour in the middle of the prediction panel, as painted."""
    image = window.prediction.view.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3]


def shown(window, color):
    return np.abs(np.subtract(centre(window), color)).max() < 12


def wait(qtbot, condition, timeout=10000):
    qtbot.waitUntil(condition, timeout=timeout)


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))


def test_the_three_panels_come_from_one_frame(window, qtbot):
    for _ in range(20):
        qtbot.wait(15)
        frame = window.frame
        assert window.capture.view.image is frame.captured and window.processed.view.image is frame.processed
        assert window.prediction.view.image is frame.predicted
    wait(qtbot, lambda: shown(window, (200, 40, 30)))
    image = window.grab().toImage()
    assert image.size().width() >= 1280


def test_the_image_shares_the_memory_of_the_frame(window):
    from webcam_pix2pix.ui.panels.image_item import shared_image
    image = window.frame.predicted
    assert shared_image(image).constBits().nbytes >= image.nbytes and not image.flags.writeable


def test_model_and_recipe_arrive(window, qtbot):
    assert window.live.value.edges.method == "training_matched" and window.live.value.edges.tone == 0.5
    wait(qtbot, lambda: window.badge.text() == "as trained")
    window.live.set(TONE, 0.1)
    wait(qtbot, lambda: window.badge.text() == "changed (1)")
    assert TONE in window.badge.toolTip()
    QTest.keyClick(window, Qt.Key.Key_R)
    wait(qtbot, lambda: window.badge.text() == "as trained")
    assert window.pipeline.settings.edges.tone == 0.5


def test_keys_freeze_and_bypass(window, qtbot):
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert window.pipeline.settings.capture.freeze
    wait(qtbot, lambda: window.actions_["freeze"].isChecked() and "frozen" in window.capture.bar.note.text())
    QTest.keyClick(window, Qt.Key.Key_0)
    wait(qtbot, lambda: window.frame.predicted is not None and not shown(window, (200, 40, 30)))
    QTest.keyClick(window, Qt.Key.Key_0)
    wait(qtbot, lambda: shown(window, (200, 40, 30)))


def test_space_is_for_a_button_reached_with_tab(window):
    button = window.bar.buttons["bypass"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    if not button.hasFocus():
        pytest.skip("this platform gives no focus")
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not window.pipeline.settings.capture.freeze and not window.pipeline.settings.prediction.enabled


def test_full_screen_shows_the_prediction_and_nothing_else(window, qtbot):
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.stage.isVisible() and window.stage.size() == window.stage.screen().size()
    wait(qtbot, lambda: window.stage.view.image is not None)
    image = window.stage.grab().toImage()
    assert np.abs(np.subtract(image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3], (200, 40, 30))).max() < 12
    if window.stage.width() != window.stage.height():
        assert image.pixelColor(1, 1).getRgb()[:3] == (0, 0, 0)
    wait(qtbot, lambda: QApplication.focusWidget() is window.stage)
    QTest.keyClick(window.stage, Qt.Key.Key_Escape)
    assert not window.stage.isVisible()


class Stripes(Flat):
    """Soft stripes, 16:9: what sharpening does to them can be measured."""

    input_size = (64, 114)

    def __call__(self, image):
        height, width = image.shape[:2]
        row = np.rint(128 + 60 * np.sin(np.arange(width) * 1.8)).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def test_a_wide_painting_fills_the_full_screen_and_is_sharpened_there(make, qtbot):
    window = make(build=lambda settings, frames: Stripes("red"))
    QTest.keyClick(window, Qt.Key.Key_F11)
    wait(qtbot, lambda: window.stage.view.image is not None)
    view = window.stage.view
    window.stage.showNormal()
    window.stage.setFixedSize(1280, 720)  # a screen of 16:9
    wait(qtbot, lambda: (view.width(), view.height()) == (1280, 720))

    def spread():
        image = view.grab().toImage()
        values = [image.pixelColor(x, 360).red() for x in range(100, 1180)]
        return max(values) - min(values)

    wait(qtbot, lambda: spread() > 130)
    sharp = spread()
    image = view.grab().toImage()
    assert min(image.pixelColor(x, y).red() for x in (1, 1278) for y in (3, 360, 716)) > 20, "no bars"
    assert window.prediction.view.image is window.frame.predicted, "the window and sinks have the painting as it is"
    window.live.set("Output.sharp_screen", False)
    wait(qtbot, lambda: spread() < sharp - 10)


def test_switching_models(window, qtbot):
    window.open.model("blue")
    wait(qtbot, lambda: window.monitor.info.name == "blue" and shown(window, (20, 60, 210)))
    window.open.model("nothing.pth")
    wait(qtbot, lambda: any("nothing.pth" in message.text for message in window.messages.all))
    wait(qtbot, lambda: window.live.value.model.model_name == "blue")  # what is shown is what runs
    assert window.monitor.info.name == "blue" and window.messages.unread == 1 and window.messages.button.text() == "1"


def test_a_new_model_says_that_it_replaces_what_was_set_by_hand(window, qtbot):
    window.live.set(TONE, 0.9)
    window.open.model("blue")
    wait(qtbot, lambda: window.monitor.info.name == "blue")
    assert window.live.value.edges.tone != 0.9 and "Ctrl+Z" in window.messages.all[-1].text
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.live.value.edges.tone == 0.9 and TONE in window.live.departures()
    wait(qtbot, window.actions_["recipe"].isEnabled)
    QTest.keyClick(window, Qt.Key.Key_R)
    assert window.live.departures() == ()


def test_sizes_that_the_network_can_take_are_offered(window, qtbot):
    box = window.tree.fields["Model.size"].focusProxy()
    wait(qtbot, lambda: box.count() > 3)
    sizes = [box.itemData(i) for i in range(box.count())]
    assert sizes[:3] == [0, 64, 128] and all(size % 64 == 0 for size in sizes) and 1024 in sizes
    window.live.set("Model.size", 100)  # from elsewhere: shown all the same
    wait(qtbot, lambda: box.currentData() == 100)


def test_a_message_covers_no_tab_and_no_button(window, qtbot):
    for size in ((800, 600), (1280, 720)):
        window.resize(*size)
        qtbot.wait(50)
        window.messages.problem("a line with a long text, " * 12)
        window.messages.tick()
        toast, view = window.messages._toast, window.prediction.view
        assert window.rect().contains(toast.geometry())
        assert QRect(view.mapTo(window, QPoint(0, 0)), view.size()).contains(toast.geometry())


def test_tabs_and_source_can_be_read_in_a_small_window(window, qtbot):
    window.resize(800, 600)
    qtbot.wait(100)
    assert window.width() == 800
    tabs = next(bar for bar in window.findChildren(QTabBar) if bar.isVisible() and bar.parent() is window)
    texts = [tabs.tabText(i) for i in range(tabs.count())]
    assert texts == ["parameters", "models", "presets", "training", "collect"]
    for i, text in enumerate(texts):
        assert tabs.tabRect(i).width() >= tabs.fontMetrics().horizontalAdvance(text) + 10 and tabs.rect().contains(tabs.tabRect(i))
    assert "test scene" in window.bar.source.text() and window.rect().contains(
        QRect(window.bar.buttons["full_screen"].mapTo(window, QPoint(0, 0)), window.bar.buttons["full_screen"].size()))
    window.timer.stop()
    window.bar.source.show_choice('video "clip 7.mp4"')
    window.bar.source.fit(12)
    assert window.bar.source.text() == " clip 7.mp4  ▾" and 'video "clip 7.mp4"' in window.bar.source.accessibleName()
    window.bar.source.fit(26)
    assert 'video "clip 7.mp4"' in window.bar.source.text()


def test_loading_can_be_cancelled(make, qtbot):
    release = threading.Event()

    def slow_blue(settings, frames):
        if settings.model.model_name == "blue":
            release.wait(10)
        return build(settings, frames)

    window = make(build=slow_blue)
    window.open.model("blue")
    wait(qtbot, lambda: "loading blue" in window.bar.model.text())
    window.monitor.return_to_running_model()
    wait(qtbot, lambda: not window.pipeline.status.loading)
    release.set()
    qtbot.wait(200)
    assert window.monitor.info.name == "red" and window.live.value.model.model_name == ""


def test_a_model_that_is_gone_gives_candidate_to_the_default_one(make):
    assert make({"Model.model_name": "gone"}).monitor.info.name == "red"


def test_every_setting_can_be_changed_while_it_runs(window, qtbot):
    for name, row in window.bridge.rows.items():
        if name.startswith(("Capture.Init.", "Model.", "Bend.")) or row.kind == "text":  # these networks cannot be bent
            continue
        value = window.live.value.flat()[name]
        low, high = row.knob.limits or (0, 1)
        other = (not value if row.kind == "switch" else row.knob.choices[-1] if row.kind == "choice" else
                 low + (high - low) / 10 if row.kind == "number" else min(int(low) + 1, int(high)))
        window.tree.fields[name].edited.emit(other)
        assert window.pipeline.settings.flat()[name] == other, name
        window.tree.fields[name].edited.emit(value)
    window.live.apply({"Capture.enabled": True, "Capture.freeze": False}, "awake")
    index = window.frame.index
    wait(qtbot, lambda: window.frame.index > index + 5)
    assert not [m.text for m in window.messages.all if m.kind == "problem"]


def test_a_recording_dropped_on_the_window_restores_its_settings_and_model(window, qtbot):
    window.live.set(TONE, 0.25)
    window.toggle_recording()
    wait(qtbot, lambda: window.output.recorder.written > 3)
    path = window.output.recorder.path
    window.toggle_recording()
    wait(qtbot, lambda: any("Recording saved" in message.text for message in window.messages.all))
    then = window.live.value
    window.live.set(TONE, 0.9)
    window.open.model("blue")
    wait(qtbot, lambda: window.monitor.info.name == "blue")
    drop(window, path)
    wait(qtbot, lambda: window.monitor.info.name == "red" and shown(window, (200, 40, 30)))
    assert window.live.value == then and window.live.value.capture_init.device_id == "test", "it is no source"


def test_snapshot_and_its_preset(window, qtbot, tmp_path):
    window.live.set(TONE, 0.25)
    QTest.keyClick(window, Qt.Key.Key_S)
    wait(qtbot, lambda: bool(list((tmp_path / "output").glob("*.png"))) and not window.output._background.busy)
    path = next((tmp_path / "output").glob("*.png"))
    assert read_snapshot(path)["settings"][TONE] == 0.25 and not QImage(str(path)).isNull()
    window.live.set(TONE, 0.75)
    drop(window, path)
    assert window.live.value.edges.tone == 0.25


def test_recording(window, qtbot, tmp_path):
    import av
    button, action = window.bar.buttons["record"], window.actions_["record"]
    for size, height in ((0, 64), (720, 720)):  # said before it begins
        window.live.set("Output.size", size)
        wait(qtbot, lambda height=height: button.text() == f"Record {height}p")
        assert f"{height}×{height} pixels, 30 fps, MP4" in action.toolTip() and "Ctrl+R" in action.toolTip()
        assert button.toolTip() == action.toolTip()
    window.actions_["record"].trigger()
    wait(qtbot, lambda: window.output.recorder.written > 10)
    window.actions_["record"].trigger()
    wait(qtbot, lambda: any(m.text.startswith("Recording saved") for m in window.messages.all))
    with av.open(str(next((tmp_path / "output").glob("*.mp4")))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (720, 720)
        assert sum(1 for _ in container.decode(video=0)) >= 10


def test_dropped_files_find_their_place(window, qtbot, tmp_path):
    write_preset(tmp_path / "look.json", {TONE: 0.3, "Capture.Processing.invert": True})
    drop(window, tmp_path / "look.json")
    assert window.live.value.edges.tone == 0.3 and window.live.value.processing.invert
    image = QImage(80, 60, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.green)
    image.save(str(tmp_path / "green.png"))
    drop(window, tmp_path / "green.png")
    wait(qtbot, lambda: window.pipeline.capturer.source is not None and "green" in window.pipeline.capturer.source.name)
    wait(qtbot, lambda: str(tmp_path / "green.png") in window.remembered.recent_sources)  # once it has given an image


def test_bad_presets_are_one_line(window, tmp_path):
    (tmp_path / "bad.json").write_text('{"settings": {"EdgeDetection.tone": 9}}')
    before = window.live.value
    drop(window, tmp_path / "bad.json")
    assert window.live.value == before and "EdgeDetection.tone" in window.messages.all[-1].text


def test_presets_can_be_found_in_their_folder(window, monkeypatch):
    opened = []
    monkeypatch.setattr("webcam_pix2pix.ui.presets.menu.show_folder", lambda path, failed: opened.append(path))
    window.presets.aboutToShow.emit()
    window.presets.actions()[-1].trigger()
    assert Path(opened[0]) == window.store.presets and window.store.presets.is_dir()


def test_undo_and_redo(window):
    window.live.set(TONE, 0.9)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.live.value.edges.tone == 0.5 and window.live.value.edges.method == "training_matched"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.live.value.edges.tone == 0.9


def test_layout_settings_and_theme_are_remembered(make, tmp_path):
    first = make()
    first.processed.close()
    first.set_theme("light")
    first.live.set(TONE, 0.9)
    first.close()
    data = json.loads((tmp_path / "config" / "settings.json").read_text())
    assert data["settings"][TONE] == 0.9 and data["theme"] == "light"
    second = make(second_values := {TONE: 0.9, "EdgeDetection.method": "custom_canny"}, keep=True, chosen=second_values)
    assert second.processed.isHidden() and second.remembered.theme == "light" and second.live.value.edges.tone == 0.9
    second.layout_.reset()
    assert second.processed.isVisible()
    second.set_theme("dark")


def test_a_floating_dock_does_not_stay_out_of_sight(window, qtbot):
    window.models.setFloating(True)
    window.models.move(-576, -432)
    room = window.screen().availableGeometry()
    wait(qtbot, lambda: room.intersects(window.models.frameGeometry()) and window.models.x() > -100 and window.models.y() > -100)


def test_the_docks_are_remembered_though_the_screen_is_another(make, tmp_path, caplog):
    first = make()
    first.processed.close()
    first.splitDockWidget(first.capture, first.models, Qt.Orientation.Vertical)
    geometry = first.saveGeometry().data()
    first.close()
    screen_width = int.from_bytes(geometry[46:50], "big", signed=True)  # where Qt keeps it
    assert screen_width == first.screen().geometry().width()
    store = Store(tmp_path / "config")
    wider = QByteArray(geometry[:46] + (3 * screen_width).to_bytes(4, "big") + geometry[50:])
    _, docks, widths = store.read_layout()
    store.write_layout(wider, docks, widths)
    second = make()
    assert second.processed.isHidden() and second.models.x() == second.capture.x()
    assert "layout" not in caplog.text


def test_a_session_on_a_small_screen_leaves_the_columns_as_wide_as_they_were(make, qtbot):
    window = make()
    window.resizeDocks([window.capture, window.prediction], [340, 600], Qt.Orientation.Horizontal)
    wait(qtbot, lambda: window.layout_._widths.get(window.processed, 0) > 320)
    wide = window.capture.width()
    window.resize(800, 600)
    qtbot.wait(100)
    assert window.capture.width() < 200
    window.close()
    assert abs(make().capture.width() - wide) < 4


def test_no_recipe_is_praised_before_a_model_is_there(qtbot, tmp_path):
    release = threading.Event()

    def slow(settings, frames):
        release.wait(20)
        return Flat("red")

    settings = Settings().with_values({"Capture.Init.device_id": "test"})
    window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, slow), config_dir=tmp_path)
    try:
        window.live.adopt(RECIPE, keep=False)  # its descriptor has been read
        window.show()
        wait(qtbot, lambda: window.frame is not None, timeout=20000)
        qtbot.wait(200)
        assert window.badge.text() == "no model yet" and not window.badge.isEnabled()
        release.set()
        wait(qtbot, lambda: window.badge.text() == "as trained", timeout=20000)
    finally:
        release.set()
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def test_undo_leaves_the_source_and_back_brings_it(window, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    window.live.set(TONE, 0.9)
    window.open.source("screen-that-is-not")
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert window.live.value.capture_init.device_id == "screen-that-is-not" and window.live.value.edges.tone == 0.5
    wait(qtbot, lambda: window.actions_["back_source"].isEnabled())
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.live.value.capture_init.device_id == "test"


def test_the_rate_is_of_images_that_are_predicted(make, qtbot):
    window = make({"Capture.Init.fps": 20})
    wait(qtbot, lambda: 0 < float(window.status.fps.value) < 40 and float(window.status.rate.value) > 0)
    window.live.set("Capture.enabled", False)
    wait(qtbot, lambda: window.status.fps.value == "0.0" and window.status.rate.value == "0.0")


def test_a_broken_memory_is_no_reason_to_stay_away(make, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.json").write_text("{")
    (tmp_path / "config" / "layout.ini").write_text("[General]\nversion=1\nstate=nonsense\ngeometry=nonsense\n")
    window = make()
    assert window.prediction.isVisible() and window.parameters.isVisible()


def test_the_prediction_is_the_hero(window):
    others = [dock for dock in window.docks if dock is not window.prediction and not dock.visibleRegion().isEmpty()]
    area = [dock.width() * dock.height() for dock in others]
    assert window.prediction.width() * window.prediction.height() > 2 * max(area)
    assert window.parameters.x() < window.prediction.x() < window.capture.x() and window.capture.y() < window.processed.y()


def test_every_control_has_a_name_for_screen_readers(window):
    for kind in (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit):
        for widget in window.findChildren(kind):
            if not widget.objectName().startswith("qt_") and type(widget).__name__ != "QScrollBar":
                assert widget.accessibleName() or getattr(widget, "text", lambda: "")(), (widget.toolTip(), widget.parent())


def test_every_shortcut_is_unique_and_on_the_sheet(window):
    from webcam_pix2pix.ui.shell.actions import SPECS, sheet
    keys = [key for spec in SPECS for key in spec.keys]
    assert len(keys) == len(set(keys))
    assert "Space" in sheet() and "F11" in sheet()


def test_settings_changed_elsewhere_show_in_the_tree(window, qtbot):
    window.pipeline.settings = window.pipeline.settings.with_values({TONE: 0.42})
    wait(qtbot, lambda: window.tree.fields[TONE].slider.value_now == 0.42)


def test_no_reference_to_none_or_true_is_lost(window, qtbot):
    def counts():
        gc.collect()
        return np.array([sys.getrefcount(None), sys.getrefcount(True)])
    wait(qtbot, lambda: bool(window.browser.catalog.state))  # the models have been looked for
    start, index = counts(), window.frame.index
    until = time.monotonic() + 20
    while window.frame.index < index + 40 and time.monotonic() < until:  # qtbot's own waiting costs references
        QApplication.processEvents()
        time.sleep(0.002)
    assert (np.abs(counts() - start) < 100).all()  # the broken PySide6 loses some six a frame


def test_the_window_does_not_wait_for_the_model(qtbot, tmp_path):
    def slow(settings):
        time.sleep(1.0)
        return Flat("red")

    settings = Settings().with_values({"Capture.Init.device_id": "test"})
    window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, slow), config_dir=tmp_path)
    try:
        window.show()
        qtbot.waitUntil(lambda: window.frame is not None, timeout=10000)
        assert window.monitor.info is None or window.pipeline.status.loading == ""
        assert set(NAMES) == set(window.tree.fields)
    finally:
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def test_what_stands_beside_keeps_its_width_when_the_window_grows(window, qtbot):
    left, right = window.parameters.width(), window.capture.width()
    assert 300 <= left <= 360 and 220 <= right <= 300
    window.resize(1900, 1000)
    wait(qtbot, lambda: window.prediction.width() > 1200)
    assert abs(window.parameters.width() - left) < 12 and abs(window.capture.width() - right) < 12
    window.resize(700, 600)
    wait(qtbot, lambda: window.prediction.width() < 500)
    assert window.prediction.width() > 200


def test_no_python_object_outlives_what_qt_deletes_with_the_window(make, qtbot):
    def of_qt():
        """Python objects of what Qt itself makes and deletes; of QObjects, Shiboken learns when they are deleted."""
        return [item for item in Shiboken.getAllValidWrappers() if not isinstance(item, QObject | QMetaObject)
                and not Shiboken.createdByPython(item) and not Shiboken.ownedByPython(item)]

    before = of_qt()
    window = make()
    assert len(of_qt()) > len(before)
    window.prediction.view.show_histogram(True)
    window.actions_["shortcuts"].trigger()
    window.messages.problem("a problem")
    window.messages.open_list()
    qtbot.wait(50)
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    assert not [item for item in of_qt() if not any(item is other for other in before)]
