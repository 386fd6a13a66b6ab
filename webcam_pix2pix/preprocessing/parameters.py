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
    lightness: bool = knob(False, "Grey image, as bright as the eye sees each colour (L of CIE Lab): for models that add colour")
    pre_blur: int = knob(0, "Blur the image before the edges are found: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    pre_median: int = knob(0, "Remove small details, keep outlines: median of 2n+1 pixels. 30 to 50 gives large flat shapes. "
                           "The image becomes grey", limits=(0, 50), unit="px")
    pre_thresh: int = knob(0, "Everything darker than this becomes black", limits=(0, 255))
    adaptive_thresh: bool = knob(False, "Turn dark lines into white lines, in any light: for drawings, in place of Canny")
    adaptive_thresh_block: int = knob(7, "Area that each pixel is compared with: 2n+1 pixels", limits=(1, 100), unit="px")
    adaptive_thresh_c: int = knob(2, "How much darker than the area around it a line must be", limits=(-50, 50))
    invert: bool = knob(False, "Turn black into white")
    canny: bool = knob(False, "Single-scale Canny edges as in the original application, in place of EdgeDetection")
    canny_t1: int = knob(40, "Lower threshold: a smaller value makes lines longer", limits=(0, 255))
    canny_t2: int = knob(120, "Upper threshold: a smaller value finds more lines", limits=(0, 255))
    post_blur: int = knob(0, "Soften the edges: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    accum_w1: float = knob(0.0, "Trails: how much of the past images stays. Set accum_w2 above 0 too", limits=(0.0, 1.0))
    accum_w2: float = knob(0.0, "Trails: how much of the new image is added. Set accum_w1 above 0 too", limits=(0.0, 1.0))
    post_thresh: int = knob(0, "Pure black and white: everything above this becomes white", limits=(0, 255))
    blank: float = knob(0.0, "White square in the middle, part of the shorter side: for models that paint what is lost", limits=(0.0, 1.0))


@dataclass(frozen=True)
class EdgeDetection:
    """The lines of the image, and the soft light and shade under them."""

    method: str = knob("training_matched", "training_matched: exactly what the model was trained with. custom_canny: edges at two scales. "
                       "soft: grey lines, as strong as the change of brightness. adaptive: a local threshold. "
                       "network: learned edges, by the file in network. none: no edges",
                       choices=METHODS)
    blur_kernel: int = knob(3, "Blur before the edges are found: size, an odd number. 0: chosen from blur_sigma", limits=(0, 15), unit="px")
    blur_sigma: float = knob(0.8, "Blur before the edges are found: strength. More hides small details", limits=(0.1, 3.0), unit="px")
    canny_t1_fine: int = knob(40, "Fine lines (aperture 3), lower threshold: a smaller value makes lines longer", limits=(0, 300))
    canny_t2_fine: int = knob(120, "Fine lines (aperture 3), upper threshold: a smaller value finds more lines", limits=(0, 300))
    canny_t1_coarse: int = knob(80, "Coarse lines (aperture 5), lower threshold. Set both coarse thresholds to 0 for fine lines only",
                               limits=(0, 2000))
    canny_t2_coarse: int = knob(160, "Coarse lines (aperture 5), upper threshold. Set both coarse thresholds to 0 for fine lines only",
                               limits=(0, 2000))
    morph_kernel_size: int = knob(2, "Close gaps in the lines: a larger value closes larger gaps", limits=(1, 10), unit="px")
    morph_iterations: int = knob(1, "Close gaps in the lines: how many times. 0: off", limits=(0, 5))
    soft_low: float = knob(3.0, "Soft lines: smaller changes of brightness than this stay black, in grey levels per pixel. More hides "
                           "texture and noise", limits=(0.0, 50.0))
    soft_gain: float = knob(9.0, "Soft lines: strength. More makes lines above soft_low whiter", limits=(0.1, 100.0))
    network: str = knob("", "Learned edges: the ONNX file of an edge detector, such as HED or TEED; one image in, one map out")
    tone: float = knob(0.0, "Soft light and shade (luminance) under the lines: strength. For models trained with it", limits=(0.0, 1.0))
    tone_blur: float = knob(5.0, "Soft light and shade: blur. More shows fewer details", limits=(0.0, 20.0), unit="px")
    tone_equalize: bool = knob(True, "Soft light and shade: even out the light, so that a dark and a bright room look alike")
    tone_color: bool = knob(False, "Soft light and shade: keep the colours of the camera. For models that were trained with it")
