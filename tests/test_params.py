"""How settings are shown."""

import params
from webcam_pix2pix.settings import NAMES, Settings

ROWS = {row.name: row for row in params.rows()}


def test_every_setting_has_a_row():
    assert set(ROWS) == set(NAMES) and len(params.rows()) == len(NAMES)


def test_kinds_follow_the_declaration():
    kinds = {name: ROWS[name].kind for name in ("Capture.freeze", "EdgeDetection.method", "Capture.Processing.canny_t1",
                                                "EdgeDetection.tone", "Capture.Init.device_id")}
    assert list(kinds.values()) == ["switch", "choice", "whole", "number", "text"]


def test_numbers_with_limits_have_sliders_unless_typed():
    assert ROWS["EdgeDetection.tone"].slider
    assert not ROWS["Capture.Init.width"].slider
    assert not ROWS["Capture.freeze"].slider


def test_search_finds_names_and_help():
    found = [name for name, row in ROWS.items() if row.matches(["luminance"])]
    assert "EdgeDetection.tone" in found and "Capture.freeze" not in found
    assert ROWS["Capture.Processing.pre_blur"].matches(["pre", "blur"])


def test_values_keep_their_digits_and_their_unit():
    assert ROWS["EdgeDetection.blur_sigma"].shown(0.537123) == "0.537123 px"
    assert ROWS["Capture.freeze"].shown(True) == "on"


def test_tooltip_tells_effect_limits_model_and_training():
    tip = ROWS["EdgeDetection.blur_sigma"].tip(0.8, True, (0.7, 1.6))
    assert ROWS["EdgeDetection.blur_sigma"].knob.help in tip
    for text in ("0.1 to 3 px", "model: 0.8 px", "trained with 0.7 to 1.6"):
        assert text in tip


def test_settings_without_effect_are_known():
    off = Settings().flat()
    on = Settings().with_values({"Capture.Processing.canny": True}).flat()
    assert not ROWS["Capture.Processing.canny_t1"].effective(off) and ROWS["Capture.Processing.canny_t1"].effective(on)
    soft = Settings().with_values({"EdgeDetection.method": "soft"}).flat()
    assert ROWS["EdgeDetection.soft_low"].effective(soft) and ROWS["EdgeDetection.blur_sigma"].effective(soft)
    assert not ROWS["EdgeDetection.canny_t1_fine"].effective(soft)
    assert ROWS["EdgeDetection.canny_t1_fine"].effective(off) and not ROWS["EdgeDetection.canny_t1_fine"].effective(on)
