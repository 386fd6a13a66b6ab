"""How settings are shown."""

import re

import pytest

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
    method = ROWS["EdgeDetection.method"].tip("soft", True, None)
    assert "sharp lines: edges at two scales" in method and "model: soft lines" in method
    assert "Set “Trails: present” above 0 too" in ROWS["Capture.Processing.accum_w1"].tip(0.0, False, None)
    for text in ("0.1 to 3 px", "model: 0.8 px", "trained with 0.7 to 1.6"):
        assert text in tip


def test_settings_without_effect_are_known_and_say_why():
    def idle(name, trained="custom_canny", **values):
        return ROWS[name].idle(Settings().with_values({n.replace("__", "."): v for n, v in values.items()}).flat(), trained)

    simple, fine, soft = "Capture.Processing.canny_t1", "EdgeDetection.canny_t1_fine", "EdgeDetection.soft_low"
    assert idle(simple) == "it needs “Simple edges: on”" and not idle(simple, Capture__Processing__canny=True)
    assert not idle(fine) and idle(soft) == (
        "the model was trained with “Method: sharp lines”, which does not use this. A change sets “Method: soft lines”")
    assert not idle(soft, "soft") and "A change sets “Method: sharp lines”" in idle(fine, "soft")
    assert not idle(fine, "soft", EdgeDetection__method="custom_canny") and not idle("EdgeDetection.blur_sigma", "soft")
    assert idle(fine, EdgeDetection__method="soft") == "“Method: soft lines” does not use this"
    assert idle(fine, Capture__Processing__canny=True) == "“Simple edges: on” takes the place of these edges"
    assert "“Trails: present” above 0" in idle("Capture.Processing.accum_w1")


@pytest.mark.parametrize("name", ROWS)
def test_names_for_programs_stand_in_the_second_line_of_a_tooltip_and_nowhere_else(name):
    row = ROWS[name]
    for trained in ("custom_canny", "soft"):
        first, rest = (row.tip(row.default, False, None) + row.idle(Settings().flat(), trained)).split(f"<br>{name}</p>")
        assert not re.search(r"[a-z]_[a-z]|[A-Z]\w+\.[a-z]", first + rest), rest
