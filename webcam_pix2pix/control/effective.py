"""Which settings do something, as the others stand, and why the others do not."""

from collections.abc import Callable, Mapping
from typing import Any

from webcam_pix2pix.settings import METHOD_OF, NAMES

Flat = Mapping[str, Any]
Rule = Callable[[Flat, str], str]  # (all settings by dotted name, method of edges that the model was trained with) -> why it is idle, or ""
_IMAGE, _EDGE = "Capture.Processing.", "EdgeDetection."
_METHOD = _EDGE + "method"


def _with(*methods: str) -> Rule:
    """Does something only where the edges are made by one of these methods."""
    def rule(values: Flat, trained: str) -> str:
        method = values[_METHOD]
        if values[_IMAGE + "canny"]:
            return f"{_IMAGE}canny=True takes the place of these edges"
        if (trained if method == "training_matched" else method) in methods:
            return ""
        if method == "training_matched":
            return f"the model was trained with {_METHOD}={trained}, which does not use this"
        return f"{_METHOD}={method} does not use this"
    return rule


def _moved_to(name: str) -> str:
    """What a change of an idle setting does besides, while the edges are as trained."""
    method = next((method for start, method in METHOD_OF.items() if name.startswith(_EDGE + start)), "")
    return f". A change sets {_METHOD}={method}" if method else ""


def _needs(met: Callable[[Flat], bool], what: str) -> Rule:
    return lambda values, _: "" if met(values) else f"it needs {what}"


_adaptive: Rule = lambda v, trained: "" if v[_IMAGE + "adaptive_thresh"] or not _with("adaptive")(v, trained) else (  # noqa: E731
    f"it needs {_IMAGE}adaptive_thresh=True, or {_METHOD}=adaptive")
_tone = _needs(lambda v: v[_EDGE + "tone"] > 0, f"{_EDGE}tone above 0")
_noise = _needs(lambda v: v["Bend.noise"] > 0, "Bend.noise above 0")
_ladder = _needs(lambda v: v["Quality.ladder"], "Quality.ladder=True")
_canny = _needs(lambda v: v[_IMAGE + "canny"], f"{_IMAGE}canny=True")
RULES: dict[str, Rule] = {  # the others always do something
    _IMAGE + "canny_t1": _canny,
    _IMAGE + "canny_t2": _canny,
    _IMAGE + "grayscale": lambda v, _: f"{_IMAGE}lightness=True makes the image grey" if v[_IMAGE + "lightness"] else "",
    _IMAGE + "adaptive_thresh_block": _adaptive,
    _IMAGE + "adaptive_thresh_c": _adaptive,
    _IMAGE + "accum_w1": _needs(lambda v: v[_IMAGE + "accum_w2"] > 0, f"{_IMAGE}accum_w2 above 0"),
    _IMAGE + "accum_w2": _needs(lambda v: v[_IMAGE + "accum_w1"] > 0, f"{_IMAGE}accum_w1 above 0"),
    _METHOD: lambda v, _: f"{_IMAGE}canny=True takes the place of these edges" if v[_IMAGE + "canny"] else "",
    **{_EDGE + key: _with("custom_canny") for key in (
        "canny_t1_fine", "canny_t2_fine", "canny_t1_coarse", "canny_t2_coarse", "morph_kernel_size", "morph_iterations")},
    **{_EDGE + key: _with("custom_canny", "soft") for key in ("blur_kernel", "blur_sigma")},
    **{_EDGE + key: _with("soft") for key in ("soft_low", "soft_gain")},
    _EDGE + "network": _with("network"),
    **{_EDGE + key: _tone for key in ("tone_blur", "tone_equalize", "tone_color")},
    **{f"Bend.{key}": _noise for key in ("noise_speed", "noise_seed")},
    **{f"Quality.{key}": _ladder for key in ("target_fps", "target_latency_ms", "smallest_size", "skip")},
    "Output.scale": _needs(lambda v: v["Output.size"] == 0, "Output.size=0"),
    "Output.sharpen": _needs(lambda v: v["Output.scale"] != "x1" or v["Output.size"] > 0 or v["Output.sharp_screen"],
                             "an output that is larger than the painting, or Output.sharp_screen=True"),
}


def why_idle(name: str, values: Flat, trained: str) -> str:
    """Why the setting `name` does nothing now, with dotted names and name=value in it; "" when it does something.

    values: all settings by dotted name; trained: method of edges of the model that runs.
    """
    rule = RULES.get(name)
    why = rule(values, trained) if rule else ""
    return why + _moved_to(name) if why and values[_METHOD] == "training_matched" and not values[_IMAGE + "canny"] else why


for _name in RULES:  # a typo fails at import
    if _name not in NAMES:
        raise KeyError(_name)
