"""A video in, a video out: every frame through the model, in order, at the rate of the video."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import format_error
from msa.utils import ahead, in_order, uninterruptible
from webcam_pix2pix.dataset.footage.film import Film
from webcam_pix2pix.dataset.footage.index import Index
from webcam_pix2pix.dataset.footage.selection import Selection
from webcam_pix2pix.pipeline import Predictor, predict_bent, resolved, smoothed
from webcam_pix2pix.preprocessing import Memory, fit, preprocess, resized
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks.sound import has_sound, with_sound
from webcam_pix2pix.sinks.video_writer import check_target
from webcam_pix2pix.sizes import with_short_side

from .methods import Shape, Temporal, Tiled, Whole, cutter
from .pieces import Pieces
from .schedule import rate_of, schedule

AHEAD = 2  # images read and prepared while others are painted
IMAGE_SETTINGS = ("Capture", "EdgeDetection", "Prediction", "Bend", "Model")  # settings that change images


@dataclass(frozen=True)
class Rendering:
    """What to make of a film.

    size: (height, width) of the result, a height with width 0: the shorter side, None: as the film. compare: film, network input and
        painting side by side. start, end: seconds of the film. frames: at most so many images.
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
    """The result of a rendering."""

    images: int
    size: tuple[int, int]  # height, width
    fps: float
    sound: str  # for people: kept, or why not
    resumed: int = 0  # images that were there already, from a run that was stopped
    notes: tuple[str, ...] = ()  # for people


@dataclass(frozen=True)
class _Work:
    """An image on its way."""

    image: np.ndarray  # of the film, HxWx3
    conditioned: np.ndarray  # of the canvas
    pieces: list[np.ndarray]
    count: int  # so often it is shown
    picks: int  # frames of the schedule that are used up with it
    seconds: float  # of the result, at which it is shown
    predicted: np.ndarray | None = None  # of the canvas


def render(asked: Rendering, settings: Settings, model: tuple[int, int], multiple: int, build: Callable[[tuple[int, int]], Predictor],
           on_progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Paint the film. model: (height, width) at which the model runs; multiple: of its sides, 0 where
    that is its only size. build: the predictor at another size.

    on_progress: images done, and all of them. What is interrupted leaves a whole film of what was painted until then, and
    KeyboardInterrupt
    goes on. A run that was interrupted, killed or failed is gone on with by the next one that is asked for the same.
    Raises OSError or ValueError with one line.
    """
    check_target(asked.out)
    if asked.out.exists() and asked.out.samefile(asked.film):
        raise ValueError(f"{asked.out}: would overwrite the film itself")
    with closing(Film(str(asked.film))) as film:
        index = film.index()
        fps = rate_of(index, film.fps)
        duration = None if index.entries else film.duration
        picks, counts = schedule(index, fps, duration, Selection(start=asked.start, end=asked.end), asked.frames, str(asked.film))
        images = _images(film, index, picks, counts)
        first = next(images, None)
        if first is None:
            raise ValueError(f"{asked.film}: no readable image in it")
        shape = first[0].shape[:2]
        cut = cutter(asked.shape, shape, model, multiple)
        size = _result_size(asked.size, shape)
        predictor = build(cut.tile)
        try:
            pieces = Pieces(asked.out, _description(asked, settings, predictor), fps)
            done = pieces.done
            again = _remembers(settings, cut)  # then the past is needed, though not painted
            begin = 0 if again else done.picks
            images = _images(film, index, picks, counts, begin) if begin else chain([first], images)
            written = _written(images, cut, predictor, settings, pieces, size, asked.compare, done.items if again else 0)
            kept = _render_pieces(pieces, written, asked, index, picks, lambda count: on_progress(count, int(counts.sum())))
        finally:
            predictor.close()
    width = size[1] * (3 if asked.compare else 1)
    notes = ("an unfinished film of another job was there; begun anew",) if pieces.other else ()
    return Report(pieces.images, (size[0], width), fps, kept, done.images, notes)


def _render_pieces(pieces: Pieces, written: Generator[int, None, None], asked: Rendering, index: Index, picks: np.ndarray,
           on_progress: Callable[[int], None]) -> str:
    """Paint and write to the end; what became of the sound."""
    try:
        on_progress(pieces.images)
        with closing(written), closing(ahead(written, 1)) as progress:  # on a thread: Ctrl-C must not cut an image in two
            for count in progress:
                on_progress(count)
        kept = uninterruptible(lambda: _finish(pieces, asked, index, picks))
    except KeyboardInterrupt:
        if pieces.folder.exists():  # else it was finished when the interrupt came
            uninterruptible(lambda: (_finish(pieces, asked, index, picks), pieces.leave()))
        raise
    except (OSError, ValueError) as error:
        if count := pieces.leave():
            raise OSError(f"{format_error(error)}; {count} images are kept in {pieces.folder}; run the same command again to "
                          "continue") from None
        raise
    except BaseException:
        pieces.leave()
        raise
    pieces.remove()
    return kept


def _description(asked: Rendering, settings: Settings, predictor: Predictor) -> dict[str, Any]:
    """Everything the images depend on, as JSON values."""
    film, weights = asked.film.stat(), predictor.info.weights
    files = sorted(weights.rglob("*") if weights.is_dir() else weights.parent.glob(f"{weights.name}*"))
    relevant = {name: value for name, value in settings.flat().items() if name.partition(".")[0] in IMAGE_SETTINGS}
    return {"film": str(asked.film.absolute()), "bytes": film.st_size, "changed": film.st_mtime_ns, "look": relevant,
            "weights": [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()],
            **{name: value for name, value in asdict(asked).items() if name not in ("film", "out", "sound")}}


def _remembers(settings: Settings, cut: Whole | Tiled) -> bool:
    """Whether what the network sees depends on images before."""
    processing = settings.processing
    trails = processing.accum_w1 > 0 and processing.accum_w2 > 0
    return processing.frame_diff or trails or settings.prediction.pre_time_lerp > 0 or isinstance(cut, Temporal)


def _images(film: Film, index: Index, picks: np.ndarray, counts: np.ndarray, begin: int = 0) -> Iterator[tuple[np.ndarray, int, int]]:
    """(HxWx3, how often, how many of the picks are used up), from pick `begin` on.

    The place of one that cannot be decoded is taken by the one after it, at the end by the one before.
    """
    if begin >= len(picks):
        return
    owed, last, used, places = 0, None, begin, iter(counts[begin:].tolist())
    moments = index.moments(picks)[begin:]
    if begin:
        moments[0] = index.entry(moments[0].stamp)
    for _, frame, is_cut in film.frames(moments, order=index.order(moments)):
        if is_cut:
            continue
        owed += next(places)
        used += 1
        if frame is not None:
            last = film.image(frame)
            yield last, owed, used
            owed = 0
    if owed and last is not None:
        yield last, owed, used


def _written(images: Iterator[tuple[np.ndarray, int, int]], cut: Whole | Tiled, predictor: Predictor, settings: Settings,
             pieces: Pieces, size: tuple[int, int], compare: bool, known: int) -> Generator[int, None, None]:
    """Runs the model and writes; yields the number of frames written so far. known: of the images, so many are painted already."""
    state, items = pieces.done.state, pieces.done.items

    def predict(work: _Work) -> _Work:
        if not settings.prediction.enabled:
            return replace(work, predicted=cut.join(work.pieces))
        return replace(work, predicted=cut.join([predict_bent(predictor, piece, settings.bend, work.seconds) for piece in work.pieces]))

    shown = 0 if known else pieces.images
    with closing(_prepared(images, cut, predictor, settings, shown, pieces.fps)) as prepared, closing(ahead(prepared, AHEAD)) as ready, \
            closing(in_order(predict, islice(ready, known, None), predictor.at_once)) as done:
        for work in done:
            assert work.predicted is not None
            predicted, state = smoothed(work.predicted, state, settings.prediction.post_time_lerp)
            image = resized(predicted, size)
            if compare:
                image = np.hstack([resized(work.image, size), resized(work.conditioned, size), image])
            items += 1
            for left in range(work.count - 1, -1, -1):
                pieces.write(image)
                if not left:
                    pieces.item_done(items, work.picks, state)
                yield pieces.images


def _prepared(images: Iterator[tuple[np.ndarray, int, int]], cut: Whole | Tiled, predictor: Predictor, settings: Settings, shown: int,
              fps: float) -> Generator[_Work, None, None]:
    """shown: frames of the result before the first of these images."""
    edges = resolved(settings.edges, predictor.info.recipe)
    processing = replace(settings.processing, fit="stretch")  # the canvas has the shape of the film
    memory, state = Memory(), None
    for image, count, picks in images:
        seen = fit(image, cut.canvas, processing, memory)
        conditioned, state = smoothed(preprocess(seen, processing, edges, memory), state, settings.prediction.pre_time_lerp)
        yield _Work(image, conditioned, cut.cut(conditioned), count, picks, shown / fps)
        shown += count


def _result_size(asked: tuple[int, int] | None, film: tuple[int, int]) -> tuple[int, int]:
    """(height, width), even, as films must be."""
    if asked is None:
        height, width = film
    elif asked[1] == 0:
        height, width = with_short_side(film, asked[0])
    else:
        height, width = asked
    return height + height % 2, width + width % 2


def _finish(pieces: Pieces, asked: Rendering, index: Index, picks: np.ndarray) -> str:
    """Put the pieces together, with the sound; what became of that, for people. A sound that cannot be kept costs no image."""
    videos, partial = pieces.close(), pieces.folder / f"whole{asked.out.suffix.lower()}"
    if not videos:
        return ""
    outcome = "none in the film" if asked.sound else "left out"
    if asked.sound and has_sound(asked.film):
        try:
            start = float(index.times[picks[0]]) + index.start
            with_sound(videos, asked.film, asked.out, partial, start, pieces.images / pieces.fps, index.joins)
            return "kept"
        except OSError as error:
            outcome = f"left out ({format_error(error)})"
    with_sound(videos, None, asked.out, partial)
    return outcome
