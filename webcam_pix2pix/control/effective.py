"""Which settings do something, as the others stand."""

from collections.abc import Callable, Mapping
from typing import Any

from webcam_pix2pix.settings import NAMES

Flat = Mapping[str, Any]
_IMAGE, _EDGE = "Capture.Processing.", "EdgeDetection."

_edges_live: Callable[[Flat], bool] = lambda v: not v[_IMAGE + "canny"] and v[_EDGE + "method"] in (  # noqa: E731
    "training_matched", "custom_canny")
_soft: Callable[[Flat], bool] = lambda v: not v[_IMAGE + "canny"] and v[_EDGE + "method"] in (  # noqa: E731
    "training_matched", "soft")
_adaptive: Callable[[Flat], bool] = lambda v: (  # noqa: E731
    v[_IMAGE + "adaptive_thresh"] or (v[_EDGE + "method"] == "adaptive" and not v[_IMAGE + "canny"]))
EFFECTIVE: dict[str, Callable[[Flat], bool]] = {  # settings that do nothing unless ...
    _IMAGE + "canny_t1": lambda v: v[_IMAGE + "canny"],
    _IMAGE + "canny_t2": lambda v: v[_IMAGE + "canny"],
    _IMAGE + "adaptive_thresh_block": _adaptive,
    _IMAGE + "adaptive_thresh_c": _adaptive,
    _IMAGE + "accum_w1": lambda v: v[_IMAGE + "accum_w2"] > 0,
    _IMAGE + "accum_w2": lambda v: v[_IMAGE + "accum_w1"] > 0,
    _EDGE + "method": lambda v: not v[_IMAGE + "canny"],
    **{_EDGE + key: _edges_live for key in (
        "canny_t1_fine", "canny_t2_fine", "canny_t1_coarse", "canny_t2_coarse", "morph_kernel_size", "morph_iterations")},
    **{_EDGE + key: lambda v: _edges_live(v) or _soft(v) for key in ("blur_kernel", "blur_sigma")},
    **{_EDGE + key: _soft for key in ("soft_low", "soft_gain")},
    _EDGE + "network": lambda v: not v[_IMAGE + "canny"] and v[_EDGE + "method"] in ("training_matched", "network"),
    **{_EDGE + key: lambda v: v[_EDGE + "tone"] > 0 for key in ("tone_blur", "tone_equalize", "tone_color")},
    **{f"Bend.{key}": lambda v: v["Bend.noise"] > 0 for key in ("noise_speed", "noise_seed")},
    "Output.scale": lambda v: v["Output.size"] == 0,
    "Output.sharpen": lambda v: v["Output.scale"] != "x1" or v["Output.size"] > 0 or v["Output.sharp_screen"],
}


def is_effective(name: str, values: Flat) -> bool:
    """Whether the setting `name` does anything; values: all settings by dotted name."""
    rule = EFFECTIVE.get(name)
    return rule is None or rule(values)


for _name in EFFECTIVE:  # a typo fails at import
    if _name not in NAMES:
        raise KeyError(_name)
