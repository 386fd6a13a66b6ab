"""Deinterlacer: whole images from frames that were taken as two half images (fields), one after the other."""

import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

log = logging.getLogger(__name__)

FILTERS = ("yadif", "bwdif")  # of FFmpeg; bwdif keeps some combs where a shape is as wide as its way from field to field


class Deinterlacer:
    """Frames of one stream, in order, one out for each one in. Progressive frames pass unchanged.

    The filter starts with the first interlaced frame. It looks one frame ahead, so what comes out is one frame late from then on.
    """

    def __init__(self, name: str) -> None:
        """name: of the film, for the log."""
        self._name = name
        self._graph: Any = None
        self._format: tuple[int, int, str] = (0, 0, "")
        self._inside: deque[tuple[Any, Any]] = deque()  # (pts, time base) of the frames in the filter, which changes both
        self._count = 0
        self._works = True

    def put(self, frame: Any) -> Iterable[Any]:
        """The frames (av.VideoFrame) that are ready once `frame` is given."""
        if self._graph is None and not (frame.interlaced_frame and self._works):
            return (frame,)
        done: list[Any] = []
        if self._graph is not None and self._format != _format(frame):  # the size has changed on the way
            done += self.rest()
        if self._graph is None:
            self._start(frame)
            if self._graph is None:
                return (*done, frame)
        self._inside.append((frame.pts, frame.time_base))
        self._count += 1
        frame.pts = self._count  # the film's own stamps may be missing or wrong
        self._graph.push(frame)
        return done + self._ready()

    def rest(self) -> list[Any]:
        """The frames that are still in the filter; it is empty then and starts anew with the next interlaced frame."""
        if self._graph is None:
            return []
        self._graph.push(None)
        done = self._ready()
        self._graph = None
        self._inside.clear()
        return done

    def _ready(self) -> list[Any]:
        import av

        done = []
        while self._inside:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            frame.pts, time_base = self._inside.popleft()
            if time_base is not None:
                frame.time_base = time_base
            done.append(frame)
        return done

    def _start(self, frame: Any) -> None:
        import av
        from av.filter import Graph, filters_available

        name = next((name for name in FILTERS if name in filters_available), None)
        if name is None:
            self._works = False
            log.warning("%s: is interlaced and shows combs; this FFmpeg has no filter against them (%s)", self._name, ", ".join(FILTERS))
            return
        graph = Graph()
        try:
            source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
            field = graph.add(name, mode="send_frame", deint="interlaced")
            sink = graph.add("buffersink")
            source.link_to(field)
            field.link_to(sink)
            graph.configure()
        except (av.error.FFmpegError, ValueError) as error:
            self._works = False
            log.warning("%s: is interlaced and shows combs; the filter against them does not take it (%s)", self._name, error)
            return
        self._graph, self._format = graph, _format(frame)


def _format(frame: Any) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
