"""The gauge beside the badge, with real images through the real chain."""

from dataclasses import replace

import numpy as np
import pytest

from msa.capturer import Captured
from msa.capturer.sources.testscene import draw
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.inputmatch import features, statistics
from webcam_pix2pix.pipeline.chain import Chain
from webcam_pix2pix.preprocessing import fit, preprocess
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.panels.match_gauge import MatchGauge
from webcam_pix2pix.ui.settings.live_settings import LiveSettings

SOFT = RECIPES["color-soft"]
INPUTS = [preprocess(fit(draw(k), (256, 256), SOFT.processing), SOFT.processing, SOFT.edges) for k in (0, 60, 200, 330)]
TRAINED = replace(SOFT, statistics=statistics(map(features, INPUTS)))
DARK = (draw(0) * 0.3).astype(np.uint8)


@pytest.fixture
def shown(qtbot, qapp):
    theme.apply("dark")
    live = LiveSettings(Settings(), lambda value: None)
    gauge = MatchGauge(live)
    qtbot.addWidget(gauge)
    live.adopt(TRAINED, keep=False)
    return live, gauge


def observe(gauge, live, image, times=12):
    """Shows the gauge what the chain makes of `image`, for six seconds."""
    offered: list[bool] = []
    gauge.offered.connect(offered.append)
    frame = Chain().step(Captured(0, 0.0, image), live.value.with_values({"EdgeDetection.method": live.recipe.edges.method}) if (
        live.recipe and live.value.edges.method == "training_matched") else live.value)
    frame = replace(frame, predicted=frame.processed)
    for step in range(times):
        gauge.observe(frame, lambda step=step: gauge._looked + 1)
    return offered


def test_what_fits_is_quiet_and_what_does_not_is_named(shown):
    live, gauge = shown
    assert observe(gauge, live, draw(60))[-1] and gauge.text() == "good match" and "as trained" in gauge.toolTip()
    observe(gauge, live, DARK)
    assert gauge.text().startswith("too ") and "Click" in gauge.toolTip()
    assert "brightness" in gauge.toolTip() and gauge.accessibleName() == f"match with the training: {gauge.text()}"


def test_one_click_moves_exposure_and_thresholds_and_undo_takes_it_back(shown, qtbot):
    live, gauge = shown
    observe(gauge, live, DARK)
    before = live.value
    with qtbot.waitSignal(gauge.note) as printed:
        gauge.click()
    assert live.value.edges.method == "soft" and live.value.processing.pre_gamma > 1.5 and "pre_gamma" in printed.args[0]
    observe(gauge, live, DARK)
    assert "too few lines" not in gauge.toolTip() and "too dark" not in gauge.toolTip()
    live.undo.undo()
    assert live.value == before


def test_without_statistics_there_is_nothing_to_see(shown):
    live, gauge = shown
    live.adopt(SOFT, keep=False)
    assert observe(gauge, live, draw(0))[-1] is False
    live.adopt(None, keep=True)
    assert observe(gauge, live, draw(0))[-1] is False
    before = live.value
    gauge.click()
    assert live.value == before


def test_it_looks_twice_a_second_at_most(shown, monkeypatch):
    _, gauge = shown
    looks = []
    monkeypatch.setattr("webcam_pix2pix.ui.panels.match_gauge.features", lambda image: looks.append(1) or features(image))
    frame = Chain().step(Captured(0, 0.0, draw(0)), Settings())
    gauge.observe(frame, lambda: 99.0)
    assert not looks, "no model paints yet, and the image is not made by its recipe"
    frame = replace(frame, predicted=frame.processed)
    for moment in np.arange(100.0, 103.0, 0.05):
        gauge.observe(frame, lambda moment=moment: float(moment))
    assert 5 <= len(looks) <= 7
