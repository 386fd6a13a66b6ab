"""A film in, a film out: every picture painted, in order, at the film's own pace."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from msa.files import in_words
from msa.utils import ahead, in_order, undisturbed
from webcam_pix2pix.dataset.film import Film
from webcam_pix2pix.dataset.index import Index
from webcam_pix2pix.dataset.selection import Selection, select
from webcam_pix2pix.pipeline import Predictor, resolved, smoothed
from webcam_pix2pix.preprocessing import Memory, fit, preprocess, resized
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import VideoWriter
from webcam_pix2pix.sinks.sound import has_sound, with_sound
from webcam_pix2pix.sinks.video_writer import check_target, partial_name
from webcam_pix2pix.sizes import with_short_side

from .methods import Shape, Tiled, Whole, cutter

AHEAD = 2  # pictures read and prepared while others are painted
AGREES = 0.005  # share by which a rate may be off
ROUNDED_S = 0.0005  # half a millisecond, to which many programs round
RATES = (25.0, 24.0, 24000 / 1001, 30.0, 30000 / 1001, 50.0, 60.0, 60000 / 1001, 12.0, 15.0)  # usual ones: stamps are rounded
SLOWEST, FASTEST = 1.0, 120.0  # pictures per second
EARLY = 0.4  # of the time of one picture: so much too early it may come, or the jitter of a camera would double and drop pictures
LONGEST = 5_000_000  # pictures
HELD_S = 0.5  # so much longer than its pictures a film must be to hold its last one: sound is padded


@dataclass(frozen=True)
class Rendering:
    """What to make of a film.

    size: (height, width) of the result, a height with width 0: the shorter side, None: as the film. compare: film, network input and
        painting side by side. start, end: seconds of the film. frames: at most so many pictures.
    """

    film: Path
    out: Path
    shape: Shape = field(default_factory=Shape)
    size: tuple[int, int] | None = None
    compare: bool = False
    start: float | None = None
    end: float | None = None
    frames: int | None = None
    sound: bool = True


@dataclass(frozen=True)
class Report:
    """What came of it."""

    pictures: int
    size: tuple[int, int]  # height, width
    fps: float
    sound: str  # for people: kept, or why not


@dataclass(frozen=True)
class _Work:
    """A picture on its way."""

    image: np.ndarray  # of the film, HxWx3
    conditioned: np.ndarray  # of the canvas
    pieces: list[np.ndarray]
    count: int  # so often it is shown
    painted: np.ndarray | None = None  # of the canvas


def render(asked: Rendering, settings: Settings, model: tuple[int, int], multiple: int, build: Callable[[tuple[int, int]], Predictor],
           told: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Paint the film. model: (height, width) at which the model runs; multiple: of its sides. build: the predictor at another size.

    told: pictures done, and all of them. What is interrupted leaves a whole film of what was painted until then, and KeyboardInterrupt
    goes on. Raises OSError or ValueError with one line; then no file is left.
    """
    check_target(asked.out)
    if asked.out.exists() and asked.out.samefile(asked.film):
        raise ValueError(f"{asked.out}: would overwrite the film itself")
    with closing(Film(str(asked.film))) as film:
        index = film.index()
        fps = _rate(index, film.fps)
        picks, counts = _schedule(index, fps, None if index.entries else film.duration, asked)
        images = _images(film, index, picks, counts)
        first = next(images, None)
        if first is None:
            raise ValueError(f"{asked.film}: no picture in it that can be read")
        shape = first[0].shape[:2]
        cut = cutter(asked.shape, shape, model, multiple)
        size = _result_size(asked.size, shape)
        predictor = build(cut.tile)
        target = partial_name(asked.out).with_suffix(".mp4") if asked.sound and has_sound(asked.film) else asked.out
        writer = VideoWriter(target, fps)
        try:
            written = _written(chain([first], images), cut, predictor, settings, writer, size, asked.compare)
            with closing(written), closing(ahead(written, 1)) as progress:  # on a thread: Ctrl-C must not cut a picture in two
                for done in progress:
                    told(done, int(counts.sum()))
            kept = undisturbed(lambda: _finish(writer, asked, index, picks))
        except KeyboardInterrupt:
            undisturbed(lambda: _finish(writer, asked, index, picks))
            raise
        finally:
            writer.discard()  # what is not finished
            predictor.close()
    return Report(writer.count, size, fps, kept)


def _rate(index: Index, declared: float) -> float:
    """Pictures per second of the result: what the film says of itself if most of its pictures agree, else theirs."""
    gaps = np.diff(index.times)
    if not len(gaps):
        return declared
    n = max(1, min(30, len(gaps) // 10))  # over several pictures, so that the rounding of stamps weighs less
    gap = float(np.median(index.times[n:] - index.times[:-n])) / n  # not the mean: between two scenes a telephone may pause
    for rate in (declared, *RATES):
        if abs(gap - 1 / rate) <= max(AGREES / rate, max(0.6 * index.seconds, ROUNDED_S) / n):
            return rate
    return max(SLOWEST, min(FASTEST, round(1 / max(1 / FASTEST, gap), 3)))


def _schedule(index: Index, fps: float, duration: float | None, asked: Rendering) -> tuple[np.ndarray, np.ndarray]:
    """The frames to show, and how often each is: the result has one rate, the film may have many, and may hold its last picture."""
    inside = select(index.times, Selection(start=asked.start, end=asked.end))
    if not len(inside):
        raise ValueError(f"{asked.film}: it has no picture between the start and the end asked for, it lasts {index.times[-1]:.1f} s")
    times = index.times[inside]
    end = float(times[-1]) + 1 / fps
    if inside[-1] == len(index.times) - 1 and (duration or 0.0) - end > HELD_S:
        end = min(duration or 0.0, asked.end or LONGEST)
    count = min(max(1, round((end - float(times[0])) * fps)), asked.frames or LONGEST + 1)
    if count > LONGEST:
        raise ValueError(f"{asked.film}: lasts {end:.0f} s by its time stamps, which makes no sense; --frames or --end limit it")
    ticks = times[0] + (np.arange(count) + EARLY) / fps
    picks, counts = np.unique(np.searchsorted(times, ticks, "right") - 1, return_counts=True)
    return inside[picks], counts


def _images(film: Film, index: Index, picks: np.ndarray, counts: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """(HxWx3, how often); the place of one that cannot be decoded is taken by the one after it, at the end by the one before."""
    owed, last, places = 0, None, iter(counts.tolist())
    moments = index.moments(picks)
    for _, frame, is_cut in film.frames(moments, order=index.order(moments)):
        if is_cut:
            continue
        owed += next(places)
        if frame is not None:
            last = film.image(frame)
            yield last, owed
            owed = 0
    if owed and last is not None:
        yield last, owed


def _written(images: Iterator[tuple[np.ndarray, int]], cut: Whole | Tiled, predictor: Predictor, settings: Settings,
             writer: VideoWriter, size: tuple[int, int], compare: bool) -> Generator[int, None, None]:
    """Paints and writes; yields the number of pictures written so far."""
    state: np.ndarray | None = None

    def paint(work: _Work) -> _Work:
        if not settings.prediction.enabled:
            return replace(work, painted=cut.join(work.pieces))
        return replace(work, painted=cut.join([predictor(piece) for piece in work.pieces]))

    with closing(_prepared(images, cut, predictor, settings)) as prepared, closing(ahead(prepared, AHEAD)) as ready, \
            closing(in_order(paint, ready, predictor.at_once)) as done:
        for work in done:
            assert work.painted is not None
            painted, state = smoothed(work.painted, state, settings.prediction.post_time_lerp)
            picture = resized(painted, size)
            if compare:
                picture = np.hstack([resized(work.image, size), resized(work.conditioned, size), picture])
            for _ in range(work.count):
                writer.write(picture)
                yield writer.count


def _prepared(images: Iterator[tuple[np.ndarray, int]], cut: Whole | Tiled, predictor: Predictor,
              settings: Settings) -> Generator[_Work, None, None]:
    edges = resolved(settings.edges, predictor.info.recipe)
    processing = replace(settings.processing, fit="stretch")  # the canvas has the shape of the film
    memory, state = Memory(), None
    for image, count in images:
        seen = fit(image, cut.canvas, processing, memory)
        conditioned, state = smoothed(preprocess(seen, processing, edges, memory), state, settings.prediction.pre_time_lerp)
        yield _Work(image, conditioned, cut.cut(conditioned), count)


def _result_size(asked: tuple[int, int] | None, film: tuple[int, int]) -> tuple[int, int]:
    """(height, width), even, as films must be."""
    if asked is None:
        height, width = film
    elif asked[1] == 0:
        height, width = with_short_side(film, asked[0])
    else:
        height, width = asked
    return height + height % 2, width + width % 2


def _finish(writer: VideoWriter, asked: Rendering, index: Index, picks: np.ndarray) -> str:
    """Close the film and lay its sound under it; what became of that, for people. A sound that cannot be kept costs no picture."""
    writer.close()
    if writer.path == asked.out:
        return "none in the film" if asked.sound else "left out"
    if not writer.path.exists():  # done already, when an interrupt came; or nothing was painted
        return ""
    try:
        with_sound(writer.path, asked.film, asked.out, float(index.times[picks[0]]) + index.start, writer.count / writer.fps, index.joins)
        told = "kept"
    except OSError as error:
        told = f"left out ({in_words(error)})"
        try:
            with_sound(writer.path, None, asked.out)
        except OSError as second:
            raise OSError(f"{asked.out}: cannot be written ({in_words(second)}), the film is in {writer.path}") from None
    writer.path.unlink(missing_ok=True)
    return told
