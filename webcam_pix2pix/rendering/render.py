"""A film in, a film out: every picture painted, in order, at the film's own pace."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from msa.utils import ahead, in_order
from webcam_pix2pix.dataset.film import Film, Index
from webcam_pix2pix.dataset.selection import Selection, nearest, select
from webcam_pix2pix.pipeline import Predictor, resolved, smoothed
from webcam_pix2pix.preprocessing import Memory, fit, preprocess, resized
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import VideoWriter
from webcam_pix2pix.sinks.sound import has_sound, with_sound
from webcam_pix2pix.sinks.video_writer import check_target

from .methods import Shape, Tiled, Whole, cutter

AHEAD = 2  # pictures read and prepared while others are painted
AGREES = 0.02  # a film's own word on its rate may be off by so much
FASTEST = 120.0  # pictures per second


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
    if asked.out.resolve() == asked.film.resolve():
        raise ValueError(f"{asked.out}: would overwrite the film itself")
    writer: VideoWriter | None = None
    with closing(Film(str(asked.film))) as film:
        index = film.index()
        fps = _rate(index.times, film.fps)
        picks, counts = _schedule(index, fps, asked)
        images = _images(film, index, picks, counts)
        first = next(images, None)
        if first is None:
            raise ValueError(f"{asked.film}: no picture in it that can be read")
        shape = first[0].shape[:2]
        cut = cutter(asked.shape, shape, model, multiple)
        size = _result_size(asked.size, shape)
        sound = asked.sound and has_sound(asked.film)
        silent = asked.out.with_name(f"{asked.out.stem}.silent.mp4") if sound else asked.out
        predictor = build(cut.tile)
        try:
            writer = VideoWriter(silent, fps)
            written = _written(chain([first], images), cut, predictor, settings, writer, size, asked.compare)
            with closing(written), closing(ahead(written, 1)) as progress:  # on a thread: Ctrl-C must not cut a picture in two
                for done in progress:
                    told(done, int(counts.sum()))
        except KeyboardInterrupt:
            if writer is not None and writer.count:
                _finish(writer, asked, index, picks)
            raise
        except BaseException:
            if writer is not None:
                writer.discard()
            raise
        finally:
            predictor.close()
        told_of_sound = _finish(writer, asked, index, picks)
    return Report(writer.count, size, fps, told_of_sound)


def _rate(times: np.ndarray, declared: float) -> float:
    """Pictures per second of the result: what the film says of itself if its times agree, else that of most of its pictures."""
    gaps = np.diff(times)
    if not len(gaps) or abs(declared * float(gaps.mean()) - 1) < AGREES:
        return declared
    return min(FASTEST, round(1 / max(1 / FASTEST, float(np.median(gaps))), 3))


def _schedule(index: Index, fps: float, asked: Rendering) -> tuple[np.ndarray, np.ndarray]:
    """The frames to show, and how often each is: the result has one rate, the film may have many."""
    inside = select(index.times, Selection(start=asked.start, end=asked.end))
    if not len(inside):
        raise ValueError(f"{asked.film}: it has no picture between the start and the end asked for, it lasts {index.times[-1]:.1f} s")
    times = index.times[inside]
    ticks = times[0] + np.arange(round(float(times[-1] - times[0]) * fps) + 1)[:asked.frames] / fps
    picks, counts = np.unique(nearest(times, ticks), return_counts=True)
    return inside[picks], counts


def _images(film: Film, index: Index, picks: np.ndarray, counts: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """(HxWx3, how often); the place of one that cannot be decoded is taken by the one after it, at the end by the one before."""
    owed, last, places = 0, None, iter(counts.tolist())
    for _, frame, is_cut in film.frames(index.moments(picks)):
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
        scale = asked[0] / min(film)
        height, width = round(scale * film[0]), round(scale * film[1])
    else:
        height, width = asked
    return height + height % 2, width + width % 2


def _finish(writer: VideoWriter, asked: Rendering, index: Index, picks: np.ndarray) -> str:
    """Close the film and lay its sound under it; what became of that, for people. A sound that cannot be kept costs no picture."""
    writer.close()
    if writer.path == asked.out:
        return "none in the film" if asked.sound else "left out"
    start = float(index.times[picks[0]]) + index.start
    try:
        with_sound(writer.path, asked.film, asked.out, start, writer.count / writer.fps)
        told = "kept"
    except OSError as error:
        with_sound(writer.path, None, asked.out)
        told = f"left out ({error})"
    writer.path.unlink()
    return told
