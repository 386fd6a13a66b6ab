"""Films and photographs for the tests, made on the spot: every frame of a film carries its number in its image."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

BITS = 10
SIZE = (160, 96)  # width, height


def numbered(number: int, base: int = 60, size: tuple[int, int] = SIZE) -> np.ndarray:
    """An image that reads back as `number`: ten black or white blocks in the middle, over a grey of `base` that tells the scene."""
    width, height = size
    image = np.full((height, width, 3), base, np.uint8)
    image[:, :, 0] = np.linspace(base // 2, base, width, dtype=np.uint8)
    block = width // (BITS + 2)
    for bit in range(BITS):
        left = (bit + 1) * block
        image[height // 3:2 * height // 3, left:left + block] = 255 if number >> bit & 1 else 0
    return image


def number_of(image: np.ndarray) -> int:
    """The number in an image made by `numbered`, at whatever size."""
    image = cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA)
    block = SIZE[0] // (BITS + 2)
    centres = [int((bit + 1.5) * block) for bit in range(BITS)]
    return sum((image[SIZE[1] // 2 - 4:SIZE[1] // 2 + 4, x - 2:x + 3].mean() > 127) << bit for bit, x in enumerate(centres))


def write_film(path: Path, times_ms: Sequence[int], codec: str = "libx264", gop: int = 12, scenes: Sequence[int] = (),
               size: tuple[int, int] = SIZE, container: str | None = None) -> Path:
    """A film whose frames are shown at `times_ms`; another scene begins at each frame number in `scenes`.

    container: FFmpeg's name of the format; None: by the suffix.
    """
    with av.open(str(path), "w", format=container) as container:
        stream = container.add_stream(codec, rate=1000)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = gop
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "bf": "2", "crf": "20"}
        for number, time in enumerate(times_ms):
            scene = sum(number >= start for start in scenes)
            frame = av.VideoFrame.from_ndarray(numbered(number, (60, 200)[scene % 2], size), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_steady(path: Path, numbers: Sequence[int], fps: int = 25, container: str | None = None, codec: str = "libx264",
                 options: dict[str, str] | None = None) -> Path:
    """A film at a constant rate, with B-frames if the codec has any; its images are `numbers`."""
    with av.open(str(path), "w", format=container) as target:
        stream = target.add_stream(codec, rate=fps, options={"bf": "2", "crf": "20"} if options is None else options)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 12
        for place, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = place, Fraction(1, fps)
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return path


def steady(count: int, fps: float) -> list[int]:
    """Times in milliseconds of `count` frames at a constant rate."""
    return [round(1000 * i / fps) for i in range(count)]


def photo(seed: int, size: tuple[int, int] = (120, 90)) -> np.ndarray:
    """Soft colours with a few hard shapes: something that has edges, and sharp ones."""
    rng = np.random.default_rng(seed)
    image = cv2.resize(rng.integers(0, 256, (5, 5, 3), np.uint8), size, interpolation=cv2.INTER_CUBIC)
    for _ in range(4):
        centre = tuple(int(x) for x in rng.integers(0, size, 2))
        cv2.circle(image, centre, int(rng.integers(8, 30)), [int(x) for x in rng.integers(0, 256, 3)], -1)
    return image


def save(path: Path, image: np.ndarray) -> Path:
    """Write an RGB image; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image[:, :, ::-1])
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` and what is in it."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
