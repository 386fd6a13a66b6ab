"""The sound of one film under the pictures of another."""

import heapq
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from msa.files import put_in_place

PLAYABLE = {".mov": {"aac", "mp3", "ac3", "eac3", "alac"}, ".mp4": {"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"}}

Timed = tuple[float, int, Any]  # seconds, order of streams, packet


def has_sound(film: Path) -> bool:
    """Whether there is sound in a film that can be read."""
    import av

    try:
        with av.open(film.as_posix()) as container:
            return bool(container.streams.audio)
    except (av.error.FFmpegError, OSError):
        return False


def with_sound(pictures: Path, film: Path, out: Path, start: float, seconds: float) -> None:
    """Write `out`: the pictures of one file and, from second `start` of its clock on, so many seconds of the sound of another.

    Nothing is coded anew unless `out` cannot hold the sound as it is; then it becomes AAC.
    Raises OSError naming `film` when its sound cannot be read or written; then nothing is left behind.
    """
    import av

    partial = out.with_name(f"{out.stem}.part{out.suffix}")
    movable = {"movflags": "+faststart"} if out.suffix.lower() != ".mkv" else {}
    try:
        with av.open(pictures.as_posix()) as seen, av.open(film.as_posix()) as heard, \
                av.open(partial.as_posix(), "w", options=movable) as target:
            shown = _stamped(seen, target.add_stream_from_template(seen.streams.video[0]))
            sound = _sound(heard, target, out.suffix.lower(), start, seconds)
            for _, _, packet in heapq.merge(shown, sound, key=lambda item: item[:2]):
                target.mux(packet)
        put_in_place(partial, out)
    except Exception as error:
        raise OSError(f"{film}: its sound cannot be kept ({getattr(error, 'strerror', None) or error})") from None
    finally:
        partial.unlink(missing_ok=True)


def _stamped(container: Any, stream: Any) -> Iterator[Timed]:
    for packet in container.demux(video=0):
        if packet.dts is not None:
            packet.stream, time = stream, float(packet.dts * packet.time_base)
            yield time, 0, packet


def _sound(heard: Any, target: Any, suffix: str, start: float, seconds: float) -> Iterator[Timed]:
    audio = heard.streams.audio[0]
    if audio.codec_context is None:
        raise OSError("of a kind that is not known")
    if audio.codec_context.codec.canonical_name in PLAYABLE.get(suffix, target.supported_codecs):
        return _copied(heard, audio, target.add_stream_from_template(audio), start, seconds)
    return _coded(heard, audio, target.add_stream("aac", rate=audio.rate), start, seconds)


def _copied(heard: Any, audio: Any, stream: Any, start: float, seconds: float) -> Iterator[Timed]:
    shift = round(start / audio.time_base)
    for packet in heard.demux(audio):
        if packet.pts is None:
            continue
        time = float(packet.pts * audio.time_base) - start
        if time >= seconds:
            return
        if time >= 0:
            packet.pts -= shift
            packet.dts = packet.pts  # of sound the same
            packet.stream = stream
            yield time, 1, packet


def _coded(heard: Any, audio: Any, stream: Any, start: float, seconds: float) -> Iterator[Timed]:
    import av

    resampler = av.AudioResampler("fltp", audio.layout, stream.rate)

    def frames() -> Iterator[Any]:
        samples: int | None = None
        for frame in heard.decode(audio):
            time = start if frame.time is None else frame.time
            if time - start >= seconds:
                break
            if time >= start:
                samples = round((time - start) * stream.rate) if samples is None else samples  # it may begin after the pictures
                for part in resampler.resample(frame):
                    part.pts, part.time_base = samples, Fraction(1, stream.rate)  # counted from the start of the pictures
                    samples += part.samples
                    yield part
        yield None

    for frame in frames():
        for packet in stream.encode(frame):
            yield float(packet.pts * packet.time_base), 1, packet
