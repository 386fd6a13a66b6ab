"""The sound of one film under the images of another."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from msa.files import replace_file

PLAYABLE = {".mov": {"aac", "mp3", "ac3", "eac3", "alac"}, ".mp4": {"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"}}
RATES = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}  # of AAC, samples per second
GAP_S = 0.05  # a shorter one is not heard
BACK_S, JUMP_S = 0.1, 30.0  # a step of the clock by more, back or ahead, means that it has started again

Timed = tuple[float, int, Any]  # seconds, order of streams, packet


def has_sound(film: Path) -> bool:
    """Whether there is sound in a film that can be read."""
    import av

    try:
        with av.open(film.absolute().as_posix()) as container:
            return bool(container.streams.audio)
    except (av.error.FFmpegError, OSError):
        return False


def with_sound(images: Sequence[Path], film: Path | None, out: Path, partial: Path, start: float = 0.0, seconds: float = 0.0,
               joins: Sequence[float] = ()) -> None:
    """Write `out`: the images of some files, one after the other, and so many seconds of the sound of another, from second `start` of
    its clock on.

    images: MP4 files as VideoWriter writes them, of one size and rate. partial: where `out` is written until it is whole.
    joins: seconds to add to the clock of the sound, one for each place where it starts again (dataset.index.Index.joins). Nothing is coded
    anew unless `out` cannot hold the sound as it is; then it becomes AAC. film: None for the images alone.
    Raises OSError naming `film` when its sound cannot be read or written; then nothing is left behind.
    """
    import av

    movable = {"movflags": "+faststart"} if out.suffix.lower() != ".mkv" else {}
    try:
        for anew in (False, True):  # some sound cannot be kept as it is for reasons that only the muxer knows
            try:
                with av.open(images[0].absolute().as_posix()) as seen, \
                        av.open((film or images[0]).absolute().as_posix()) as heard, \
                        av.open(partial.as_posix(), "w", options=movable) as target:
                    shown = _stamped(images, target.add_stream_from_template(seen.streams.video[0]))
                    sound = _sound(heard, target, out.suffix.lower(), _Clock(start, joins), seconds, anew) if film else iter(())
                    for _, _, packet in heapq.merge(shown, sound, key=lambda item: item[:2]):
                        target.mux(packet)
                break
            except Exception:
                if anew:
                    raise
        replace_file(partial, out)
    except Exception as error:
        what = f"{film}: its sound" if film else f"{out}:"
        raise OSError(f"{what} cannot be kept ({getattr(error, 'strerror', None) or error})") from None
    finally:
        partial.unlink(missing_ok=True)


def _stamped(images: Sequence[Path], stream: Any) -> Iterator[Timed]:
    """The packets of all files, one after the other. How far ahead of showing they are decoded is the same everywhere."""
    import av

    ahead = max(_ahead(path) for path in images)
    number = shift = 0
    for path in images:
        with av.open(path.absolute().as_posix()) as container:
            video = container.streams.video[0]
            assert video.average_rate and video.time_base  # as VideoWriter writes them
            step = round(1 / video.average_rate / video.time_base)
            for packet in container.demux(video):
                if packet.pts is not None:
                    packet.stream, packet.pts = stream, packet.pts + shift
                    packet.dts = (number - ahead) * step
                    number += 1
                    yield (number - 1 - ahead) * step * float(video.time_base), 0, packet
            shift = number * step


def _ahead(path: Path) -> int:
    """So many images before it is shown the first one is decoded."""
    import av

    with av.open(path.absolute().as_posix()) as container:
        video = container.streams.video[0]
        first = next(container.demux(video))
        if first.pts is None or first.dts is None or video.time_base is None or video.average_rate is None:
            return 0
        return round((first.pts - first.dts) * video.time_base * video.average_rate)


def _sound(heard: Any, target: Any, suffix: str, clock: "_Clock", seconds: float, anew: bool) -> Iterator[Timed]:
    audio = heard.streams.audio[0]
    if audio.codec_context is None:
        raise OSError("of a kind that is not known")
    if not anew and audio.codec_context.codec.canonical_name in PLAYABLE.get(suffix, target.supported_codecs):
        return _copied(heard, audio, target.add_stream_from_template(audio), clock, seconds)
    return _coded(heard, audio, target.add_stream("aac", rate=audio.rate if audio.rate in RATES else 48000), clock, seconds)


class _Clock:
    """Seconds from the first image on, of moments given by a film's own clock in order."""

    def __init__(self, start: float, joins: Sequence[float]) -> None:
        self._start, self._joins = start, deque(joins)
        self._before, self._added = start, 0.0

    def __call__(self, moment: float) -> float:
        if self._joins and not -BACK_S <= moment - self._before <= JUMP_S:
            self._added = self._joins.popleft()
        self._before = moment
        return moment + self._added - self._start


def _copied(heard: Any, audio: Any, stream: Any, clock: "_Clock", seconds: float) -> Iterator[Timed]:
    for packet in heard.demux(audio):
        if packet.pts is None:
            continue
        time = clock(float(packet.pts * audio.time_base))
        if time >= seconds:
            return
        if time >= 0:
            packet.pts = packet.dts = round(time / audio.time_base)  # of sound the same
            packet.stream = stream
            yield time, 1, packet


def _coded(heard: Any, audio: Any, stream: Any, clock: "_Clock", seconds: float) -> Iterator[Timed]:
    import av

    resampler = av.AudioResampler("fltp", audio.layout, stream.rate)

    def frames() -> Iterator[Any]:
        samples = 0
        for frame in heard.decode(audio):
            time = clock(frame.time) if frame.time is not None else samples / stream.rate
            if time >= seconds:
                break
            if time < 0:
                continue
            missing = round(time * stream.rate) - samples  # it began later, or a part was lost
            if missing > GAP_S * stream.rate:
                yield from _placed(_silence(missing, audio.layout.name, stream.rate), samples)
                samples += missing
            for part in resampler.resample(frame):
                yield from _placed([part], samples)
                samples += part.samples
        yield None

    for frame in frames():
        for packet in stream.encode(frame):
            yield float(packet.pts * packet.time_base), 1, packet


def _placed(parts: Iterable[Any], samples: int) -> Iterator[Any]:
    """The frames one after the other, the first one `samples` from the start of the images."""
    for part in parts:
        part.pts, part.time_base = samples, Fraction(1, part.sample_rate)
        samples += part.samples
        yield part


def _silence(samples: int, layout: str, rate: int) -> Iterator[Any]:
    import av

    while samples > 0:
        part = av.AudioFrame("fltp", layout, min(samples, rate))
        part.sample_rate = rate
        for plane in part.planes:
            plane.update(bytes(plane.buffer_size))
        samples -= part.samples
        yield part
