"""prepare: images, folders and films -> a folder of pairs that every pix2pix program reads, with its recipe and manifest."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from msa.images import GROUND
from webcam_pix2pix.preprocessing import check_detector
from webcam_pix2pix.recipe import Recipe

from .footage.download import is_url
from .footage.selection import Selection
from .jobs.job import JobFolder
from .jobs.work import Entry, Progress, default_workers, run
from .manifest import PAIRS, read_manifest, versions, write_manifest
from .pairs.choice import Choice, public, slug, source_of
from .pairs.inputs import Found, find
from .pairs.makers import PairMaker
from .pairs.measures import input_statistics
from .pairs.split import PHASES, assign

SPLIT = (0.9, 0.05, 0.05)  # of train, val and test where nothing else is said


@dataclass(frozen=True)
class PrepareJob:
    """Everything the pairs depend on."""

    inputs: tuple[str, ...]
    recipe: Recipe = field(default_factory=Recipe)
    kind: str = "auto"  # photos, pairs, ab (see inputs.find)
    match: str = "auto"  # name, suffix, order (see pairing.match)
    size: tuple[int, int] | None = (256, 256)  # height, width of one half; (n, 0): shorter side n at most; None: as they are
    fit: str = "crop"  # how an image meets the size: makers.FITS
    side: str = "input-left"  # where the input goes
    input_is: str = "left"  # where it is in pairs that are given
    stores: str = "pairs"  # or photos: inputs are made in training
    image_format: str = "png"
    split: tuple[float, float, float] | None = None  # None: as the source has it, else SPLIT
    split_by: str | None = None  # split.RULES; None: scene for films, random for images
    seed: int = 0
    selection: Selection = field(default_factory=lambda: Selection(fps=2.0))  # of the frames of films
    min_change: float = 0.0  # grey levels; 0 keeps all
    sharp: float = 0.0  # share of the median sharpness; 0 keeps all
    ground: tuple[int, int, int] = GROUND  # behind transparent images
    seen: tuple[int, int] | None = None  # height, width that the network will see, where photographs are stored larger

    def describe(self) -> dict[str, Any]:
        """For the manifest, and to know the job again."""
        pose = {"flip_h": self.recipe.processing.flip_h, "flip_v": self.recipe.processing.flip_v}
        as_they_are = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("recipe", "selection")}
        if self.ground == GROUND:  # as in the jobs before there was a choice
            del as_they_are["ground"]
        if self.input_is == "left":
            del as_they_are["input_is"]
        if self.seen is None:
            del as_they_are["seen"]
        return as_they_are | {"selection": asdict(self.selection), "recipe": replace(self.recipe, statistics={}).to_json(), "pose": pose}

    def maker(self, given: bool) -> PairMaker:
        return PairMaker(None if given else self.recipe, self.size, self.fit, self.side, self.input_is, self.stores, self.image_format,
                         self.seed, self.min_change, self.seen)


@dataclass(frozen=True)
class Report:
    """The result of a job."""

    folder: Path
    pairs: dict[str, int]  # by phase
    skipped: list[Entry]  # what could not be used: "source", and the reason as "skipped"
    left_out: list[Entry]  # on request: blurred, or hardly different; likewise
    unmatched: list[str]  # files without a partner
    note: str = ""  # what people should know

    @property
    def total(self) -> int:
        return sum(self.pairs.values())


def prepare(job: PrepareJob, out: Path, workers: int | None = None, progress: Progress | None = None,
            stop: Callable[[], bool] | None = None, loading: Progress | None = None,
            say: Callable[[str], None] | None = None) -> Report:
    """Make the dataset `out`, or go on with the same job where it was stopped or killed: the result is the same.

    progress: images done, in all. loading: bytes of a download done, in all. say: is told before the work what the inputs are taken for.
    A report of no pairs at all means that nothing was usable; then there is no dataset either.
    Raises ValueError or OSError with one line for what cannot be done, work.Stopped when `stop` says so.
    """
    check_detector(job.recipe.edges)
    finished = read_manifest(out) or {}
    place = JobFolder(out, job.describe(), finished.get("job"))
    if place.done:
        return Report(out, finished["split"]["counts"], finished["skipped"], finished["left_out"], finished["unmatched"],
                      "all of it is there already: nothing to do")
    try:
        found = find(job.inputs, job.kind, job.match, job.selection, place.work, out, loading, job.ground)
        if not found.tasks and not found.skipped:
            raise ValueError(f"{', '.join(job.inputs)}: no image and no film in it")
    except (ValueError, OSError):
        if not any(is_url(text) for text in job.inputs):  # a download goes on next time
            place.discard()
        raise
    if say is not None:
        for line in found.said:
            say(line)
    journal = run(found.tasks, job.maker(found.given), place.work, workers or default_workers(), progress, stop)
    try:
        report = _finish(job, found, Choice(found.tasks, journal, job.min_change, job.sharp), place)
    finally:
        journal.close()
    if report.total:
        place.finish()
    else:
        place.discard()
    return report


def _finish(job: PrepareJob, found: Found, choice: Choice, place: JobFolder) -> Report:
    """From what the processes made to the dataset: split, name, move, describe. Doing it twice does no harm."""
    skipped = [*found.skipped, *choice.skipped]
    phases, rule, note = _phases(job, choice)
    counts = {phase: phases.count(phase) for phase in PHASES}
    if phases:
        for phase in PHASES:
            (place.folder / phase).mkdir(exist_ok=True)
        trained = (entry for (_, entry), phase in zip(choice, phases, strict=True) if phase == "train")
        header = {"format": PAIRS, "version": 1, "versions": versions(), "stores": job.stores, "side": job.side,
                  "direction": "AtoB" if job.side == "input-left" else "BtoA", "size": job.size,
                  "recipe": None if found.given else replace(job.recipe, statistics=input_statistics(trained)).to_json(),
                  "split": {"rule": rule, "seed": job.seed, "counts": counts}, "job": job.describe()}
        write_manifest(place.folder, header, {
            "pairs": _moved(choice, phases, place), "cuts": [{"film": film, "times": times} for film, times in choice.cuts.items()],
            "skipped": map(public, skipped),
            "left_out": choice.left_out, "unmatched": found.unmatched})
    return Report(place.folder, counts, skipped, choice.left_out, found.unmatched, note)


def _moved(choice: Choice, phases: list[str], place: JobFolder) -> Iterator[Entry]:
    """Give each pair its name and place; yields its row of the manifest."""
    for number, ((_, entry), phase) in enumerate(zip(choice, phases, strict=True)):
        staged = place.work / "pictures" / entry["staged"]
        name = f"{phase}/{number:06d}_{slug(entry['source'])}{staged.suffix}"
        if staged.exists():
            staged.replace(place.folder / name)
        yield {"file": name} | public(entry)


def _phases(job: PrepareJob, choice: Choice) -> tuple[list[str], str, str]:
    """The phase of each pair, the rule by which, and what to say about it."""
    given = [entry.get("given_split", "") for _, entry in choice]
    if job.split is None and job.split_by is None and given and all(given):
        return given, "as given", ""
    fractions = job.split or SPLIT
    rule = job.split_by or ("scene" if any("film" in entry for _, entry in choice) else "random")
    groups = [_group(rule, task, entry) for task, entry in choice]
    found, wanted = len(set(groups)), sum(share > 0 for share in fractions)
    if rule in ("scene", "source") and found < wanted <= len(groups):
        note = f"{found} {rule}{'s' if found != 1 else ''} cannot be divided into {wanted} parts: split in order instead"
        return assign(range(len(groups)), fractions, job.seed, in_order=True), "order", note
    return assign(groups, fractions, job.seed, in_order=rule == "order"), rule, ""


def _group(rule: str, task: int, entry: Entry) -> tuple:
    """What stays together: a scene, a source, or at least the crops of one image."""
    if rule == "scene" and "film" in entry:
        return entry["film"], entry.get("scene")
    return (source_of(entry),) if rule == "source" else (task, entry.get("time"))
