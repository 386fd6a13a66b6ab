"""RgbConverter: frames of one stream as RGB arrays."""

from itertools import pairwise
from typing import Any

import numpy as np

UNPROCESSED = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "nv12")  # what cameras and films mostly are
MATRICES = {1: "bt709", 4: "fcc", 5: "bt470", 6: "smpte170m", 7: "smpte240m"}  # AVCOL_SPC_... -> FFmpeg's filter scale
RANGES = {1: "tv", 2: "pc"}  # AVCOL_RANGE_...
UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED
BT709_FROM = 720  # lines; smaller images that do not name their colour matrix are BT.601


class RgbConverter:
    """Plain frames go through a filter graph, which uses its memory again; others through a reformatter that is kept.

    Fresh memory for every image costs as much as the conversion itself. Both ways give the same bytes.
    """

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._reformatter = VideoReformatter()
        self._graph: Any = None
        self._kind: tuple[Any, ...] = ()

    def array(self, frame: Any, width: int) -> np.ndarray:
        """An av.VideoFrame as HxWx3 RGB uint8, `width` pixels wide."""
        space = 1 if frame.colorspace == UNSPECIFIED and frame.height >= BT709_FROM else frame.colorspace
        if frame.format.name not in UNPROCESSED or width != frame.width or space not in (*MATRICES, UNSPECIFIED):
            matrix = space if space != frame.colorspace else None
            return self._reformatter.reformat(frame, format="rgb24", width=width, height=frame.height, src_colorspace=matrix,
                                              threads=1).to_ndarray()
        kind = frame.width, frame.height, frame.format.name, space, frame.color_range
        if kind != self._kind:
            self._graph, self._kind = _graph(frame, space), kind
        self._graph.push(frame)
        return self._graph.pull().to_ndarray()


def _graph(frame: Any, space: int) -> Any:
    from av.filter import Graph

    graph = Graph()
    matrix, full = MATRICES.get(space, "bt601"), frame.format.name.startswith("yuvj")
    colours = {"in_color_matrix": matrix, "in_range": "pc" if full else RANGES.get(frame.color_range, "tv")}
    steps = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base),
             graph.add("scale", flags="bilinear", **colours), graph.add("format", pix_fmts="rgb24"), graph.add("buffersink")]
    for step, following in pairwise(steps):
        step.link_to(following)
    graph.configure()
    return graph
