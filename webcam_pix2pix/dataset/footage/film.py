"""Film: the frames of a video by their exact time stamps, also where the frame rate varies, and where its scenes change."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import cv2
import numpy as np

from msa.capturer.decoding.decoder import Decoder

from .index import Entry, Index, Moment, Order, Packet, made_stamps, stamps_are_right

CUT = 27.0  # mean change of hue, saturation and value (0..255) from one frame to the next that makes a new scene
SHORTEST_SCENE_S = 0.5  # a flash is no scene
RETREAT_S = 10  # further back, where the jump went too far
SAMPLE = 24  # frames: enough to see whether each has a packet of its own


class Film(Decoder):
    """A video file whose frames are asked for by stamp."""

    def __init__(self, path: str) -> None:
        from av.video.reformatter import VideoReformatter

        super().__init__(path)
        self._path = path
        self._shrink = VideoReformatter()  # kept: setting one up costs more than using it

    def index(self) -> Index:
        """Read through the file without decoding it; if its stamps are wrong, with decoding. Raises ValueError when it is empty."""
        packets = [Packet(p.pts, p.dts, p.is_keyframe) for p in self._container.demux(self._stream) if p.size and not p.is_discard]
        if not packets:
            raise ValueError(f"{self._path}: no readable image in it")
        start = self._container.start_time
        context = self._stream.codec_context
        self._restart()
        if not stamps_are_right(packets, self._seconds, self.format, context.name, context.has_b_frames) or self._in_fields(packets):
            return self._numbered_index()
        stamps = np.unique(np.array([packet.pts for packet in packets], np.int64))
        keys = np.unique(np.array([packet.pts for packet in packets if packet.is_key] or stamps[:1], np.int64))
        return Index(stamps, keys, self._seconds, start / 1e6 if start is not None else 0.0, self._coded_size())

    def frames(self, moments: Sequence[Moment], until: int | None = None, order: Order | None = None) -> Iterator[tuple[int, object, bool]]:
        """Decode the frames at `moments` and go on to the one at `until`. order: Index.order of the same frames.

        Yields (stamp, frame, False) for each, with frame None for one that cannot be decoded, and (stamp, None, True) for each
        cut on the way: the first frame of a new scene.
        """
        waiting = deque(moments)
        last = max(until if until is not None else moments[-1].stamp, moments[-1].stamp)
        before = None
        for stamp, frame in self._by_stamp(waiting) if order is None else self._by_number(order):
            now = self._thumbnail(frame)
            if before is not None and _change(before, now) >= CUT:
                yield stamp, None, True
            before = now
            while waiting and waiting[0].stamp < stamp:
                yield waiting.popleft().stamp, None, False
            if waiting and waiting[0].stamp == stamp:
                waiting.popleft()
                yield stamp, frame, False
            if stamp >= last:
                break
        for moment in waiting:
            yield moment.stamp, None, False

    def _by_stamp(self, waiting: deque[Moment]) -> Iterator[tuple[int, Any]]:
        """Frames with their own stamps, from the first that is needed on; with the jumps of those that still wait."""
        sought, jumps = self._seek(waiting[0].seek), True
        while True:
            frame = self.next()
            if sought is not None and (frame is None or (frame.pts is not None and frame.pts > waiting[0].stamp)):
                # some containers jump too far: from further back, or from the start and without any more jumps
                if jumps:
                    sought = self._seek(max(0, sought - round(RETREAT_S / self._seconds)))
                else:
                    sought = None
                    self._restart()
                jumps = False
                continue
            if frame is None:
                return
            if frame.pts is None:
                continue
            sought = None
            yield frame.pts, frame
            if jumps and waiting and waiting[0].seek is not None and waiting[0].seek > frame.pts:
                sought = self._seek(waiting[0].seek)

    def _by_number(self, order: Order) -> Iterator[tuple[int, Any]]:
        """Frames with the stamps of `order`, from its entry on."""
        self._restart()
        self._frames = self._decoded(self._numbered(order.entry.packet))
        stamps = iter(order.stamps)
        begun = False
        while (frame := self.next()) is not None:
            begun = begun or frame.pts == order.entry.number
            stamp = next(stamps, None) if begun else None
            if stamp is not None:
                yield stamp, frame
            elif begun:
                return

    def _numbered(self, first: int = 0) -> Iterator[Any]:
        """The packets from number `first` on (they count from 0), with their number as stamp: a frame then tells where it is from."""
        number = 0
        for packet in self._container.demux(self._stream):
            if packet.size:
                packet.pts = packet.dts = number
                number += 1
                if number <= first:
                    continue
            yield packet

    def _numbered_index(self) -> Index:
        packets: list[Packet] = []

        def noted() -> Iterator[Any]:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    packets.append(Packet(packet.pts, packet.dts, packet.is_keyframe))
                    packet.pts = packet.dts = len(packets) - 1
                yield packet

        self._frames = (frame for packet in noted() for frame in self._of(packet))
        shown = [(frame.pts, frame.key_frame) for frame in iter(self.next, None) if frame.pts is not None]
        if not shown:
            raise ValueError(f"{self._path}: no readable image in it")
        stamps, joins = made_stamps([number for number, _ in shown], packets, self._seconds, self.fps, self.format)
        starts = [number for number, packet in enumerate(packets) if packet.is_key] or [0]
        entries = [Entry(place, starts[max(0, bisect_right(starts, number) - 1)], number)
                   for place, (number, is_key) in enumerate(shown) if is_key or place == 0]
        self._restart()
        keys = stamps[[entry.place for entry in entries]]
        return Index(stamps, keys, self._seconds, float(stamps[0]) * self._seconds, self._coded_size(), tuple(entries), tuple(joins))

    def _in_fields(self, packets: Sequence[Packet]) -> bool:
        """Whether packets hold half frames, as some camcorders write them: there are more packets than frames then."""
        if self._stream.codec_context.name != "h264" or self.format != "mpegts":
            return False
        shown = [frame.pts for frame in islice(iter(self.next, None), SAMPLE) if frame.pts is not None]
        self._restart()
        return bool(shown) and sum(packet.pts is not None and shown[0] <= packet.pts <= max(shown) for packet in packets) > 1.5 * len(shown)

    def _coded_size(self) -> tuple[int, int]:
        return self._stream.codec_context.width, self._stream.codec_context.height

    @property
    def _seconds(self) -> float:
        return float(self._stream.time_base or 1)

    def _thumbnail(self, frame) -> np.ndarray:
        small = self._shrink.reformat(frame, width=64, height=36, format="rgb24", interpolation="AREA").to_ndarray()
        return cv2.cvtColor(small, cv2.COLOR_RGB2HSV)

    def _seek(self, stamp: int | None) -> int | None:
        """Jump to the key frame at `stamp`; returns it, None where there was no jump."""
        if stamp is None:
            return None
        try:
            self._container.seek(stamp, stream=self._stream)
        except self._error:
            self._restart()
            return None
        self._frames = self._decoded()
        return stamp

    def _restart(self) -> None:
        self.close()
        Decoder.__init__(self, self._path)


def scene_starts(cuts: Iterable[float]) -> list[float]:
    """When the second scene and those after it begin, in seconds: `cuts` without those that follow too closely."""
    starts: list[float] = []
    for cut in sorted(set(cuts)):
        if cut - (starts[-1] if starts else 0.0) >= SHORTEST_SCENE_S:
            starts.append(cut)
    return starts


def scene_at(starts: Sequence[float], time: float) -> int:
    """The number, from 0, of the scene that is on at `time` (seconds)."""
    return bisect_right(starts, time + 1e-6)


def _change(before: np.ndarray, now: np.ndarray) -> float:
    return float(np.mean(cv2.absdiff(before, now)))
