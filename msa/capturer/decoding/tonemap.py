"""ToneMapper: films with high dynamic range or a wide gamut, brought to sRGB."""

import functools
import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger(__name__)

PQ, HLG = 16, 18  # AVColorTransferCharacteristic
BT2020, DCI_P3, DISPLAY_P3 = 9, 11, 12  # AVColorPrimaries
TO_SRGB = {  # linear light of those primaries -> linear light of sRGB, white D65
    BT2020: ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730)),
    DISPLAY_P3: ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274)),
}
TO_SRGB[DCI_P3] = TO_SRGB[DISPLAY_P3]
WHITE_NITS = 203.0  # what counts as white: ITU-R BT.2408
HLG_NITS, HLG_GAMMA = 1000.0, 1.2  # of the screen that HLG is made for
KNEE = 0.75  # of white, in linear light: darker parts stay as they are, brighter ones are pressed into what is left
PEAK = 1000.0 / WHITE_NITS  # the brightest light that can still be told from brighter ones
POINTS = 49  # of the colour cube, along each side
RGB = "gbrp16le"


def is_wide(frame: Any) -> bool:
    """Whether the colours of an av.VideoFrame mean something else than those of a screen."""
    return frame.color_trc in (PQ, HLG) or frame.color_primaries in TO_SRGB


class ToneMapper:
    """Frames of one stream whose colours are PQ, HLG, BT.2020 or P3, as frames in sRGB: by a colour cube in FFmpeg's filter lut3d."""

    def __init__(self, name: str) -> None:
        """name: of the film, for the log."""
        self._name = name
        self._graph: Any = None
        self._kind: tuple[Any, ...] = ()
        self._works = True

    def sdr(self, frame: Any) -> Any:
        """`frame` in sRGB (planar RGB); as it is, with one line in the log, where this FFmpeg cannot do it."""
        import av

        kind = frame.width, frame.height, frame.format.name, frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range
        if self._works and self._kind != kind:
            try:
                self._graph = _graph(frame)
                self._kind = kind
            except (av.error.FFmpegError, ValueError, OSError) as error:
                self._works = False
                log.warning("%s: an HDR or wide-gamut film, its colours look washed out; this FFmpeg cannot convert them (%s)",
                            self._name, error)
        if not self._works:
            return frame
        self._graph.push(frame)
        return self._graph.pull()


def _graph(frame: Any) -> Any:
    from av.filter import Graph

    graph = Graph()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sdr.cube")
        path.write_text(_cube(frame.color_trc, frame.color_primaries), encoding="ascii")
        source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
        steps = [graph.add("scale", in_color_matrix="auto", flags="accurate_rnd+full_chroma_int"),
                 graph.add("format", pix_fmts=RGB), graph.add("lut3d", file=str(path), interp="tetrahedral"), graph.add("buffersink")]
        for step in steps:
            source.link_to(step)
            source = step
        graph.configure()
    return graph


@functools.lru_cache(4)
def _cube(transfer: int, primaries: int) -> str:
    """The text of a .cube file: sRGB for every POINTS-th value of the coded red, green and blue."""
    coded = np.linspace(0, 1, POINTS)
    blue, green, red = np.meshgrid(coded, coded, coded, indexing="ij")  # red changes fastest
    colours = to_srgb(np.stack([red, green, blue], -1).reshape(-1, 3), transfer, primaries)
    return f"LUT_3D_SIZE {POINTS}\n" + "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in colours.tolist()) + "\n"


def to_srgb(coded: np.ndarray, transfer: int, primaries: int) -> np.ndarray:
    """Coded colours (Nx3, 0..1) as sRGB (Nx3, 0..1): light, then primaries, then the knee, then the curve of sRGB."""
    if transfer == PQ:
        power = np.maximum(coded, 0.0) ** (1 / 78.84375)
        light = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125) * 10000 / WHITE_NITS
    elif transfer == HLG:
        scene = np.where(coded <= 0.5, coded ** 2 / 3, (np.exp((coded - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
        light = scene * luminance[:, None] ** (HLG_GAMMA - 1) * HLG_NITS / WHITE_NITS
    else:
        light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    if primaries in TO_SRGB:
        light = light @ np.array(TO_SRGB[primaries]).T
    light = np.maximum(light, 0.0)
    if transfer in (PQ, HLG):
        light = _pressed(light)
    light = np.minimum(light, 1.0)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _pressed(light: np.ndarray) -> np.ndarray:
    """Light above the knee bent smoothly so that PEAK becomes white; the hue stays, since all three channels shrink alike."""
    brightest = light.max(-1, keepdims=True)
    over = np.clip((np.minimum(brightest, PEAK) - KNEE) / (PEAK - KNEE), 0, 1)
    slope = (PEAK - KNEE) / (1 - KNEE)
    bent = KNEE + (1 - KNEE) * slope * over / (1 + (slope - 1) * over)  # slope 1 at the knee, 1 at the peak
    return np.where(brightest > KNEE, light * bent / np.maximum(brightest, 1e-9), light)
