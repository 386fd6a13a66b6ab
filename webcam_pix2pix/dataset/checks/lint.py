"""Lint: finds problems of a dataset before hours of training show them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from msa.images import decode_image
from msa.listing import list_images
from msa.words import counted
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe

from ..jobs.work import Progress, default_workers, spread
from ..manifest import read_manifest, recipe_of
from ..pairs.measures import measure
from ..pairs.split import PHASES
from .duplicates import clusters

CHUNK = 32  # files that a process takes at once
FEW = 100  # pairs: with fewer, a network learns these images by heart
BLURRED = 0.15  # of the median sharpness
EMPTY, FULL = 0.004, 0.45  # share of edge pixels
SAME_COLOUR = 12.0  # levels of L, a, b that near-duplicates may differ by
OUTLIER = 5.0  # robust standard deviations
BINARY = 0.9  # share of nearly black or white pixels in an input that consists of edges
BINS = 20  # of the histogram of edge density


@dataclass(frozen=True)
class Finding:
    """One kind of problem and the files that have it."""

    kind: str
    level: str  # error: training will fail or lie; warning: it will suffer; note: worth knowing
    text: str
    files: list[str] = field(default_factory=list)


@dataclass
class Lint:
    """What was found in a dataset."""

    folder: str
    pairs: dict[str, int]  # by phase
    findings: list[Finding]
    density: dict[str, Any] | None  # of the edges: median, quartiles, histogram; None where inputs are no edges
    comparison: dict[str, Any] | None = None  # with a camera or film

    def to_json(self) -> dict[str, Any]:
        return {"format": "webcam-pix2pix check", "version": 1} | asdict(self)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == "error"]


def lint(folder: Path, workers: int | None = None, progress: Progress | None = None) -> Lint:
    """Read every pair of `folder` (train/, val/, test/) and judge. Raises ValueError or OSError when there is no dataset."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such dataset folder")
    manifest = read_manifest(folder)
    files = [f"{phase}/{path.relative_to(folder / phase).as_posix()}" for phase in PHASES if (folder / phase).is_dir()
             for path in list_images(folder / phase, recursive=True)]
    if not files:
        raise ValueError(f"{folder}: no image in train/, val/ or test/, expected side-by-side pairs")
    chunks = [files[i:i + CHUNK] for i in range(0, len(files), CHUNK)]
    rows: list[dict[str, Any]] = []
    for measured in spread(partial(_measured, folder, manifest or {}), chunks, workers or default_workers()):
        rows += measured
        if progress is not None:
            progress(len(rows), len(files))
    return judge(folder, rows, manifest)


def summary(folder: Path) -> Lint:
    """The same from the measures that `prepare` has noted, without reading a pair. Raises ValueError without a manifest."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise ValueError(f"{folder}: no manifest.json")
    return judge(folder, manifest["pairs"], manifest | {"pairs": []})


def judge(folder: Path, rows: Sequence[dict[str, Any]], manifest: dict[str, Any] | None) -> Lint:
    """Findings from the measures of each pair (see measures.measure), and what the manifest says."""
    bad = [row for row in rows if "damaged" in row]
    good = [row for row in rows if "damaged" not in row]
    recipe = recipe_of(manifest)
    edges = _is_edges(recipe, good)
    findings = [*_damage(bad), *_unpaired(manifest), *_sizes(good, manifest), *_remarked(good), *_against(manifest, rows),
                *_duplicates(good),
                *_blurred(good), *(_densities(good) if edges else []), *_outliers(good), *_amount(rows)]
    pairs = Counter(row["file"].partition("/")[0] for row in rows)
    return Lint(str(folder), {phase: pairs[phase] for phase in PHASES}, findings, _histogram(good) if edges and good else None)


def _measured(folder: Path, manifest: dict[str, Any], files: list[str]) -> list[dict[str, Any]]:
    return [_measure(folder, manifest, file) for file in files]


def _measure(folder: Path, manifest: dict[str, Any], file: str) -> dict[str, Any]:
    try:
        data = (folder / file).read_bytes()
        image = decode_image(data, file)
        if image.shape[1] < 2:
            raise ValueError(f"{file}: one pixel wide, not a pair")
    except (OSError, ValueError) as error:
        return {"file": file, "damaged": str(error)}
    row = {"file": file, "size": [image.shape[1], image.shape[0]], "sha256": hashlib.sha256(data).hexdigest()}
    if manifest.get("stores") == "photos":
        recipe = recipe_of(manifest) or Recipe()
        return row | measure(image, preprocess(image, recipe.processing, recipe.edges))
    half = image.shape[1] // 2
    given, target = image[:, :half], image[:, half:]
    if manifest.get("side") == "input-right":
        given, target = target, given
    extreme = np.count_nonzero((given < 32) | (given > 223)) / given.size
    return row | measure(np.ascontiguousarray(target), np.ascontiguousarray(given)) | {"extreme": round(extreme, 4)}


def _is_edges(recipe: Recipe | None, rows: Sequence[dict[str, Any]]) -> bool:
    if recipe is not None:
        return recipe.processing.canny or recipe.processing.adaptive_thresh or recipe.edges.method != "none"
    return bool(rows) and float(np.median([row.get("extreme", 0.0) for row in rows])) > BINARY


def _damage(bad: list[dict[str, Any]]) -> list[Finding]:
    return _some("damaged", "error", f"cannot be read, such as {bad[0]['damaged']}" if bad else "", [row["file"] for row in bad])


def _unpaired(manifest: dict[str, Any] | None) -> list[Finding]:
    return _some("unpaired", "warning", "files without a partner, which are not in the dataset", (manifest or {}).get("unmatched", []))


def _sizes(rows: Sequence[dict[str, Any]], manifest: dict[str, Any] | None) -> list[Finding]:
    sizes = Counter(tuple(row["size"]) for row in rows if "size" in row)
    if not sizes or ((manifest or {}).get("size") or (1,))[-1] == 0:  # they keep their shapes
        return []
    width, height = usual = sizes.most_common(1)[0][0]
    findings = _some("sizes", "warning", f"not {width}x{height} as most are", [row["file"] for row in rows if tuple(row["size"]) != usual])
    if manifest is None and width != 2 * height:
        findings.append(Finding("shape", "warning", f"most are {width}x{height}: two squares side by side would be {2 * height}x{height}"))
    return findings


def _remarked(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """What the reader of the source files had to say of them."""
    texts = sorted({row["remark"] for row in rows if "remark" in row})
    by_text = {text: [row["file"] for row in rows if row.get("remark") == text] for text in texts}
    return [finding for text, files in by_text.items() for finding in _some("remark", "warning", text, files)]


def _against(manifest: dict[str, Any] | None, rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """The files as they are against the manifest."""
    pairs = (manifest or {}).get("pairs")
    if not pairs or not any("sha256" in row for row in rows):
        return []
    noted = {row["file"]: row["sha256"] for row in pairs}
    there = {row["file"]: row.get("sha256") for row in rows}
    changed = [file for file, sha256 in there.items() if file in noted and sha256 is not None and sha256 != noted[file]]
    return [*_some("changed", "warning", "not as prepare made them", changed),
            *_some("missing", "warning", "in the manifest, but gone", sorted(noted.keys() - there.keys())),
            *_some("added", "note", "not in the manifest", sorted(there.keys() - noted.keys()))]


def _duplicates(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    groups = [[rows[i] for i in group] for group in clusters([row["hash"] for row in rows])]
    groups = [group for group in groups if np.ptp([row["colour"][:3] for row in group], axis=0).max() < SAME_COLOUR]
    leaks = [group for group in groups if len({row["file"].partition("/")[0] for row in group}) > 1]
    duplicates_found = [row["file"] for group in groups for row in group]
    many = len(duplicates_found) - len(groups) > 0.1 * len(rows)
    return [*_some("leak", "warning", "nearly the same on different sides of train, val and test, so results on them say nothing",
                   [row["file"] for group in leaks for row in group]),
            *_some("near-duplicates", "warning" if many else "note",
                   f"nearly the same as others, in {counted(len(groups), 'group')} (prepare --min-change 2 leaves such out)",
                   duplicates_found)]


def _blurred(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    floor = BLURRED * float(np.median([row["sharpness"] for row in rows])) if rows else 0.0
    soft = [row["file"] for row in sorted(rows, key=lambda row: row["sharpness"]) if row["sharpness"] < floor]
    return _some("blurred", "note", "much less sharp than most (prepare --sharp 0.3 leaves such images out)", soft)


def _some(kind: str, level: str, text: str, files: list[str]) -> list[Finding]:
    return [Finding(kind, level, f"{text}: {len(files)}", files)] if files else []


def _densities(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    return [*_some("empty-edges", "warning", "almost no edges in the input; lower thresholds, or a higher pre_gamma for dark images",
                   [row["file"] for row in rows if row["density"] < EMPTY]),
            *_some("full-edges", "warning", "input crowded with edges; higher thresholds or more blur",
                   [row["file"] for row in rows if row["density"] > FULL])]


def _outliers(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """Images whose colours and contrast are far from what is usual here."""
    if len(rows) < 20:
        return []
    features = np.array([row["colour"] for row in rows], float)
    centre = np.median(features, axis=0)
    spread_ = np.maximum(1.4826 * np.median(np.abs(features - centre), axis=0), 2.0)
    distance = np.abs((features - centre) / spread_).max(axis=1)
    far = [rows[i]["file"] for i in np.argsort(-distance) if distance[i] > OUTLIER]
    return _some("outliers", "note", "unlike the others in colour or contrast", far)


def _amount(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    trained = sum(row["file"].startswith("train/") for row in rows)
    if trained == 0:
        return [Finding("empty", "error", "nothing in train/")]
    if trained < FEW:
        return [Finding("few", "note", f"only {counted(trained, 'pair')} to train on: the network will learn these by heart; "
                        "a few hundred of similar things in similar light are better")]
    return []


def _histogram(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    values = np.array([row["density"] for row in rows])
    counts, edges = np.histogram(values, bins=BINS, range=(0.0, max(0.1, float(values.max()))))
    low, median, high = (round(float(q), 5) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    return {"median": median, "quartiles": [low, high], "counts": counts.tolist(), "edges": [round(float(e), 5) for e in edges]}
