"""Learned edges: any edge detector as an ONNX file, with one image in and one map out.

Layout and size are read from the file. Which range of values it wants, and which one its map has, is found by trying: the right ones
give the map that follows the edges of a drawn image best.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from msa.onnxfile import BYTES, FLOAT, HALF, Port, read

from .parameters import EdgeDetection
from .runtimes import Run, runtimes

MULTIPLE = 32  # what images of open size are padded to
LEAST = 0.02  # likeness of a map to the edges of the drawn image
KEPT = 3  # files that stay open
TRY_SIZE = (256, 256)  # of the drawn image, where the size is open
KINDS = {FLOAT: np.float32, HALF: np.float16, BYTES: np.uint8}
_IMAGENET = np.array((0.485, 0.456, 0.406), np.float32), np.array((0.229, 0.224, 0.225), np.float32)
RANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # RGB float32 0..255 -> what a network may want
    "0 to 1": lambda x: x / 255,
    "-1 to 1": lambda x: x / 127.5 - 1,
    "0 to 255": lambda x: x,
    "as ImageNet": lambda x: (x / 255 - _IMAGENET[0]) / _IMAGENET[1],
    "BGR less its mean": lambda x: x[..., ::-1] - np.array((104.00699, 116.66877, 122.67892), np.float32),  # HED
}
MAPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # what a network may give -> 0..1, lines white
    "0 to 1": lambda y: y,
    "0 to 255": lambda y: y / 255,
    "logits": lambda y: 1 / (1 + np.exp(-np.clip(y, -40, 40))),
}


class DetectorError(ValueError):
    """The file of EdgeDetection.network cannot be used; one line says why."""


class Detector:
    """An edge detector. Attributes: told, how its file was read, for people."""

    def __init__(self, path: Path) -> None:
        """Raises DetectorError."""
        port = _input(path)
        self._lock = threading.Lock()
        self._kind, self._channels, self._last, self._size = _read(port, path)
        self._run, self._range, self._map, self._inverted, self.description = self._found_out(path, port.name)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 -> HxW uint8, white where there is an edge."""
        edges = MAPS[self._map](self._raw(self._run, image, self._range))
        edges = 1 - edges if self._inverted else edges
        return np.rint(255 * np.clip(edges, 0, 1)).astype(np.uint8)

    def _raw(self, run: Run, image: np.ndarray, values: str) -> np.ndarray:
        """The map that `run` gives for `image`, of its size, in the values of the network. Raises ValueError when it gives none."""
        height, width = image.shape[:2]
        if self._size:
            seen = cv2.resize(image, self._size[::-1], interpolation=cv2.INTER_AREA if self._size[0] < height else cv2.INTER_LINEAR)
        else:
            seen = cv2.copyMakeBorder(image, 0, -height % MULTIPLE, 0, -width % MULTIPLE, cv2.BORDER_REPLICATE)
        x = seen.astype(np.float32)
        x = x if self._kind == np.uint8 else RANGES[values](x)
        if self._channels == 1:
            x = x.mean(axis=2, keepdims=True)
        x = np.ascontiguousarray((x if self._last else x.transpose(2, 0, 1))[None]).astype(self._kind)
        with self._lock:
            found = run(x)
        maps = [np.squeeze(y) for y in found]
        maps = [y.astype(np.float32) for y in maps if y.ndim == 2 and min(y.shape) >= 8]
        if not maps or not np.isfinite(maps[-1]).all():
            raise ValueError(f"gives {', '.join('x'.join(map(str, np.shape(y))) for y in found)}, expected one map of the image's shape")
        edges = cv2.resize(maps[-1], seen.shape[1::-1], interpolation=cv2.INTER_LINEAR)  # of several the last: they grow finer or are fused
        return cv2.resize(edges, (width, height), interpolation=cv2.INTER_LINEAR) if self._size else edges[:height, :width]

    def _found_out(self, path: Path, name: str) -> tuple[Run, str, str, bool, str]:
        """What runs the file, its range, the kind of its map, whether lines are dark in it, and all that in words."""
        image, problem = drawn(self._size or TRY_SIZE), "nothing runs it"
        wanted = strength(image)
        for runtime, opened in runtimes(path, name):
            try:
                run = opened()
                tried = {values: self._raw(run, image, values) for values in (["0 to 255"] if self._kind == np.uint8 else RANGES)}
            except Exception as error:  # each runtime has errors of its own
                problem = f"{runtime}: {str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}"
                continue
            scores = {values: _likeness(MAPS[_kind_of(raw)](raw), wanted) for values, raw in tried.items()}
            best = max(scores, key=lambda values: abs(scores[values]))
            if abs(scores[best]) < LEAST:
                raise DetectorError(f"{path}: what it gives does not follow the edges of an image, expected an edge detector")
            how, inverted = _kind_of(tried[best]), scores[best] < 0
            size = f"{self._size[1]}x{self._size[0]}" if self._size else "any size"
            return run, best, how, inverted, f"{runtime}, {size}, takes {best}, gives {how}{', dark lines' if inverted else ''}"
        raise DetectorError(f"{path}: cannot be run ({problem})")


def _input(path: Path) -> Port:
    try:
        file = read(path)
    except FileNotFoundError:
        raise DetectorError(f"{path}: no such file, expected the ONNX file of an edge detector") from None
    except (OSError, ValueError) as error:
        raise DetectorError(f"{path}: cannot be read as an ONNX file ({error})") from None
    if len(file.inputs) != 1 or not file.outputs:
        raise DetectorError(f"{path}: takes {len(file.inputs)} inputs, expected one image")
    return file.inputs[0]


def _read(port: Port, path: Path) -> tuple[type, int, bool, tuple[int, int] | None]:
    """Element type, channels, whether they come last, and (height, width) or None where open."""
    if port.kind not in KINDS:
        raise DetectorError(f"{path}: input {port.name} holds no float32, float16 or uint8")
    shape = port.shape
    last = len(shape) == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3)
    channels = shape[3 if last else 1] if len(shape) == 4 else 0
    if channels not in (1, 3) and not (len(shape) == 4 and channels == 0):
        raise DetectorError(f"{path}: input {port.name} is {'x'.join(map(str, shape))}, expected 1x3xHxW or 1xHxWx3")
    height, width = shape[1:3] if last else shape[2:4]
    return KINDS[port.kind], channels or 3, last, (height, width) if height and width else None


def _kind_of(raw: np.ndarray) -> str:
    low, high = float(raw.min()), float(raw.max())
    return "logits" if low < -0.01 else "0 to 1" if high <= 1.01 else "0 to 255" if high <= 256 else "logits"


def _likeness(edges: np.ndarray, wanted: np.ndarray) -> float:
    """Correlation of a map (0..1) with the wanted one, -1..1; less where lines hardly differ from the rest, 0 when they do not."""
    a, b = edges - edges.mean(), wanted - wanted.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    contrast = float(np.ptp(np.quantile(edges, (0.02, 0.98))))
    return min(1.0, 2 * contrast) * float((a * b).sum()) / scale if contrast > 1e-3 and scale > 0 else 0.0


def drawn(size: tuple[int, int]) -> np.ndarray:
    """An image of shapes in many colours, softly lit, with a little noise: RGB uint8 of `size` (height, width)."""
    rng, (height, width) = np.random.default_rng(0), size
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.linspace(70, 170, width)[None, :, None]
    for _ in range(9):
        x, y, radius = int(rng.integers(0, width)), int(rng.integers(0, height)), int(rng.integers(min(size) // 16 + 1, min(size) // 5 + 2))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        if rng.random() < 0.5:
            cv2.circle(image, (x, y), radius, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(image, (x - radius, y - radius), (x + radius, y + radius // 2), colour, -1)
    return np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)


def strength(image: np.ndarray) -> np.ndarray:
    """How fast the brightness changes, blurred as learned edges are: float32."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 1.5)
    x, y = cv2.spatialGradient(grey)
    return cv2.magnitude(x.astype(np.float32), y.astype(np.float32))


def check_detector(edges: EdgeDetection) -> None:
    """Look at the file of learned edges without running it. Raises DetectorError when it cannot be one."""
    if edges.method == "network":
        path = _file(edges.network)
        _read(_input(path), path)


def detector(text: str) -> Detector:
    """The detector in the file at `text`, opened once, and again when the file changes. Raises DetectorError."""
    path = _file(text)
    key, stamp = _key(text), _stamp(path)
    with _opening:
        if key not in _known or _known[key][0] != stamp:
            while len(_known) >= KEPT:
                _known.pop(next(iter(_known)))
            try:
                _known[key] = stamp, Detector(path)
            except DetectorError as error:
                _known[key] = stamp, error
        known = _known[key][1]
    if isinstance(known, DetectorError):
        raise DetectorError(str(known))
    return known


def is_open(text: str) -> bool:
    """Whether detector() answers at once, with a detector or with its error."""
    known = _known.get(_key(text))
    return not text or (known is not None and known[0] == _stamp(_file(text)))


def _key(text: str) -> tuple[int, str]:
    return os.getpid(), text  # a forked process has none of the threads of the runtime


def _stamp(path: Path) -> tuple[int, int] | None:
    """Changes with the file; None without one."""
    try:
        return path.stat().st_mtime_ns, path.stat().st_size
    except OSError:
        return None


def _file(text: str) -> Path:
    if not text:
        raise DetectorError("EdgeDetection.network: no file given, expected the ONNX file of an edge detector")
    return Path(text).expanduser()


_known: dict[tuple[int, str], tuple[tuple[int, int] | None, Detector | DetectorError]] = {}
_opening = threading.Lock()
