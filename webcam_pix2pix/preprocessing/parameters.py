"""The settings of the chain: Processing and EdgeDetection, each knob declared once."""

from dataclasses import dataclass

from msa.knob import knob

METHODS = ("training_matched", "custom_canny", "soft", "adaptive", "network", "none")
FITS = ("crop", "pad", "stretch")


@dataclass(frozen=True)
class Processing:
    """The chain before and after the edges, in order. Names are those of the original application."""

    flip_h: bool = knob(True, "Mirror left and right")
    flip_v: bool = knob(False, "Turn upside down")
    frame_diff: bool = knob(False, "Show only what moved since the last frame")
    fit: str = knob("crop", "How the camera image is brought to the model's size: crop the centre, pad with black, or stretch",
                    choices=FITS)
    pre_gamma: float = knob(1.0, "Brighten (above 1) or darken (below 1) the mid-tones before everything else", limits=(0.2, 5.0))
    grayscale: bool = knob(False, "Remove the colour")
    lightness: bool = knob(False, "Remove the colour but keep how bright each colour looks (L of CIE Lab): for models that colourise")
    pre_blur: int = knob(0, "Soften before the edges: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    pre_median: int = knob(0, "Flatten texture, keep contours: median of 2n+1 pixels; 30 to 50 is an effect of its own. "
                           "Removes the colour", limits=(0, 50), unit="px")
    pre_thresh: int = knob(0, "Everything darker than this becomes black", limits=(0, 255))
    adaptive_thresh: bool = knob(False, "Black lines become white ones, whatever the light: for drawings instead of Canny")
    adaptive_thresh_block: int = knob(7, "Neighbourhood of the adaptive threshold: 2n+1 pixels", limits=(1, 100), unit="px")
    adaptive_thresh_c: int = knob(2, "How much darker than its neighbourhood a line must be", limits=(-50, 50))
    invert: bool = knob(False, "Turn black into white")
    canny: bool = knob(False, "Single-scale Canny edges as in the original application, in place of EdgeDetection")
    canny_t1: int = knob(40, "Lower threshold: smaller lets faint edges grow further", limits=(0, 255))
    canny_t2: int = knob(120, "Upper threshold: smaller starts more edges", limits=(0, 255))
    post_blur: int = knob(0, "Soften the edges: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    accum_w1: float = knob(0.0, "Trails: weight of the past. Needs accum_w2 too", limits=(0.0, 1.0))
    accum_w2: float = knob(0.0, "Trails: weight of the present. Needs accum_w1 too", limits=(0.0, 1.0))
    post_thresh: int = knob(0, "Pure black and white: everything above this becomes white", limits=(0, 255))
    blank: float = knob(0.0, "White square in the middle, as a share of the shorter side: for models that fill in", limits=(0.0, 1.0))


@dataclass(frozen=True)
class EdgeDetection:
    """The lines of the image, and the soft light and shade under them."""

    method: str = knob("training_matched", "training_matched: exactly what the model was trained with. custom_canny: edges at two scales. "
                       "soft: grey lines, as strong as the change of brightness. adaptive: a local threshold. "
                       "network: learned edges, by the file in network. none: no edges",
                       choices=METHODS)
    blur_kernel: int = knob(3, "Gaussian before the edges: size, odd (0: from the sigma)", limits=(0, 15), unit="px")
    blur_sigma: float = knob(0.8, "Gaussian before the edges: sigma; more hides texture", limits=(0.1, 3.0), unit="px")
    canny_t1_fine: int = knob(40, "Fine scale (aperture 3), lower threshold", limits=(0, 300))
    canny_t2_fine: int = knob(120, "Fine scale (aperture 3), upper threshold", limits=(0, 300))
    canny_t1_coarse: int = knob(80, "Coarse scale (aperture 5), lower threshold; both coarse thresholds 0: fine scale only",
                               limits=(0, 2000))
    canny_t2_coarse: int = knob(160, "Coarse scale (aperture 5), upper threshold; both coarse thresholds 0: fine scale only",
                               limits=(0, 2000))
    morph_kernel_size: int = knob(2, "Closes gaps in the lines: ellipse size", limits=(1, 10), unit="px")
    morph_iterations: int = knob(1, "Closes gaps in the lines: how often", limits=(0, 5))
    soft_low: float = knob(3.0, "Soft lines: the change of brightness that is still black, in grey levels per pixel; more hides "
                           "texture and noise", limits=(0.0, 50.0))
    soft_gain: float = knob(9.0, "Soft lines: how fast they become white above soft_low", limits=(0.1, 100.0))
    network: str = knob("", "Learned edges: the ONNX file of an edge detector, such as HED or TEED; one image in, one map out")
    tone: float = knob(0.0, "Soft luminance under the edges: strength. Gives light and shade to models trained with it", limits=(0.0, 1.0))
    tone_blur: float = knob(5.0, "Soft luminance: sigma of its blur", limits=(0.0, 20.0), unit="px")
    tone_equalize: bool = knob(True, "Soft luminance: histogram equalisation, so that a dark and a bright room look alike")
    tone_color: bool = knob(False, "Soft luminance: keep the colours of the camera. For models trained with it")
