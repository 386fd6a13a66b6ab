"""Run images, folders or arrays through a model.

Of a folder, everything below it is painted, into the same subfolders. Names and formats are kept. Images may have any size: they are
mirrored around their borders to what the network can take (or resized), and brought back. A model that carries a recipe gets its
images preprocessed as in training; --raw skips that. Arrays (.npy) are NxHxWxC float32 in -1..1, in and out.

Exit code 0: everything was painted; 3: done, but some files could not be read; 1: nothing could.
"""

import argparse
import io
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import cv2
import numpy as np
from tqdm import tqdm

from msa.files import format_error, write_atomic
from msa.images import encode_image, parse_ground, read_image
from msa.listing import left_out_line, list_images
from webcam_pix2pix import sizes
from webcam_pix2pix.channels import check_channels, from_network, lightness
from webcam_pix2pix.checkpoints import load, ports
from webcam_pix2pix.model import DEFAULT_MODEL, ModelInfo, resolve_model
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.specs import NORM_MODES

from ..errors import PARTIAL, UsageError
from ..output import no_progress, result, say

if TYPE_CHECKING:
    from webcam_pix2pix.predictor import PyTorchPredictor
    from webcam_pix2pix.predictor.following import Followers

EXAMPLES = """examples:
  webcam-pix2pix predict --input photo.jpg --output painting.jpg
  webcam-pix2pix predict --model checkpoints/facades --input labels/ --output buildings/
  webcam-pix2pix predict --model facades.pict --input in.npy --output out.npy --raw --norm-mode batch"""

MAX_SIDE = 16384  # pixels
WRITTEN = {".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}  # kinds of images that can be written everywhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME|PATH", help="a model by name or path (default: %(default)s)")
    parser.add_argument("--input", required=True, type=Path, metavar="FILE|FOLDER|ARRAY.npy", help="image, folder of images, or array")
    parser.add_argument("--output", required=True, type=Path, metavar="PATH", help="file, or folder (made if need be)")
    parser.add_argument("--norm-mode", choices=NORM_MODES, help="statistics of training, of each image, or those with dropout "
                        "(default: as the program that trained it ran live)")
    parser.add_argument("--raw", action="store_true", help="no preprocessing: the images already look as the network expects")
    parser.add_argument("--ground", default="white", metavar="COLOUR", help="what transparent images show: a name such as white or "
                        "black, or #rrggbb (default: %(default)s)")
    parser.add_argument("--fit", choices=sizes.FITS, default="pad", help="how an image is brought to a size that the network takes "
                                                                         "(default: %(default)s)")
    parser.add_argument("--size", metavar="WxH|N", help="scale to this size, or this shorter side, first; the result is scaled back")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: %(default)s)")
    parser.add_argument("--precision", default="fp32", choices=("auto", "fp32", "bf16", "fp16", "int8"),
                        help="fp32 gives the numbers of the original programs (default: %(default)s)")
    parser.add_argument("--then", default="", metavar="NAME|PATH,...", help="what follows the model: a model such as an upscaler, a colour "
                        "grade (.cube); none: nothing (default: what the model says)")
    parser.add_argument("--seed", type=int, help="of the dropout of --norm-mode paper")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    size = parse_size(args.size)
    try:
        ground = parse_ground(args.ground)
    except ValueError as error:
        raise UsageError(f"--ground: {error}") from None
    jobs = outputs(args.input, args.output)
    info = resolve_model(args.model)
    any_size = args.precision == "fp32"  # the other precisions are prepared for one size

    def predictor(size: tuple[int, int]) -> "PyTorchPredictor":
        from webcam_pix2pix.predictor import PyTorchPredictor  # and torch with it: a file that is refused is refused at once
        return PyTorchPredictor(info, device=args.device, precision=args.precision, norm_mode=args.norm_mode,
                                size=None if any_size else size)

    transform = Transform(predictor, info, any_size, args.raw, args.fit, size, _followers(args, info))
    if args.seed is not None:
        import torch
        torch.manual_seed(args.seed)
    try:
        folder = args.input.is_dir()
        return _run(jobs, transform, args.output if folder else jobs[0][1], folder, ground)
    finally:
        transform.close()


def _followers(args: argparse.Namespace, info: ModelInfo) -> "Followers | None":
    names = [] if args.then == "none" else [name.strip() for name in args.then.split(",") if name.strip()] or list(info.then)
    if not names:
        return None
    from webcam_pix2pix.predictor import PyTorchPredictor
    from webcam_pix2pix.predictor.following import Followers
    return Followers(names, lambda info, size: PyTorchPredictor(info, device=args.device, precision=args.precision, size=size, images=True))


def parse_size(text: str | None) -> tuple[int, int] | int | None:
    """"640x480" -> (height, width); "512" -> the shorter side. Raises UsageError."""
    if text is None:
        return None
    numbers = text.lower().split("x")
    if not all(n.isascii() and n.isdigit() and 1 <= int(n[:6]) <= MAX_SIDE for n in numbers) or len(numbers) > 2:
        raise UsageError(f"--size {text}: expected WIDTHxHEIGHT or one number, each 1 to {MAX_SIDE}")
    return int(numbers[0]) if len(numbers) == 1 else (int(numbers[1]), int(numbers[0]))


def outputs(source: Path, target: Path) -> list[tuple[Path, Path]]:
    """(input file, output file) for each file. Raises UsageError or OSError before any work is done."""
    if source.is_dir():
        inside = target.resolve() if target.resolve() != source.resolve() else None  # results of an earlier run are no input
        left_out: Counter[str] = Counter()
        files = [file for file in [*list_images(source, recursive=True, left_out=left_out), *sorted(source.rglob("*.npy"))]
                 if inside is None or not file.resolve().is_relative_to(inside)]
        left_out.pop(".npy", None)
        if line := left_out_line(source, left_out):
            say(line)
        if not files:
            raise FileNotFoundError(f"{source}: no images in this folder or below it")
        if target.is_file():
            raise UsageError(f"--output {target}: this is a file; give a folder for the images of {source}")
        jobs = _named_apart([(file, (target / file.relative_to(source)).with_name(_written(file.name))) for file in files])
    elif source.is_file():
        if target.suffix and not target.is_dir() and target.suffix.lower() not in WRITTEN | {".npy"}:
            raise UsageError(f"--output {target}: cannot write {target.suffix}, expected {', '.join(sorted(WRITTEN))} or .npy")
        jobs = [(source, target if target.suffix and not target.is_dir() else target / _written(source.name))]
    else:
        raise FileNotFoundError(f"{source}: no such file or folder")
    for file, made in jobs:
        if made.resolve() == file.resolve():
            raise UsageError(f"--output {target}: this would overwrite the input {file}; choose another name")
        if (file.suffix.lower() == ".npy") != (made.suffix.lower() == ".npy"):
            raise UsageError(f"--output {made}: arrays need an array as output (.npy), images need an image")
    jobs[0][1].parent.mkdir(parents=True, exist_ok=True)
    return jobs


def _written(name: str) -> str:
    """The name of the painting of a file: the same, but .png where that kind is only read (.jfif, .avif, .heic, none at all)."""
    path = PurePath(name)
    return name if path.suffix.lower() in WRITTEN | {".npy"} else f"{path.stem}.png"


def _named_apart(jobs: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """No two paintings of one name: of a.jfif and a.png, the first becomes a.jfif.png."""
    count = Counter(target for _, target in jobs)
    return [(file, target if count[target] == 1 or file.name == target.name else target.with_name(f"{file.name}.png"))
            for file, target in jobs]


class Transform:
    """One image or array at a time, of any size, through a model."""

    def __init__(self, predictor: "Callable[[tuple[int, int]], PyTorchPredictor]", info: ModelInfo, any_size: bool, raw: bool, fit: str,
                 size: tuple[int, int] | int | None, followers: "Followers | None" = None) -> None:
        checkpoint = load(info)
        self._followers = followers
        source, target = ports(info, checkpoint)
        self._recipe = None if raw else checkpoint.recipe
        self._channels, self._given, self._scale = source.shape[2], target.shape[2], checkpoint.spec.scale
        self._fixed = source.shape[:2] if checkpoint.spec.fixed else None
        self._range, self._multiple = (source.range, target.range), checkpoint.spec.multiple
        self._fit, self._size = fit, size
        self._build, self._any_size, self._predictor = predictor, any_size, predictor(source.shape[:2])

    def close(self) -> None:
        """Let go of the networks."""
        self._predictor.close()
        if self._followers is not None:
            self._followers.close()

    def image(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 -> HxWx3 RGB or HxWx1 grey uint8 of the same size, or larger as the model makes it.

        Raises ValueError for a model that makes no images.
        """
        check_channels(self._channels, self._given)
        result = self.array(image.astype(np.float32)[None] / 127.5 - 1)[0]
        predicted = np.clip(np.rint((result + 1) * 127.5), 0, 255).astype(np.uint8)
        if self._followers is not None:
            return self._followers(from_network(predicted, lightness(image)))
        return predicted if self._given == 1 else from_network(predicted, lightness(image))

    def array(self, batch: np.ndarray) -> np.ndarray:
        """NxHxWxC float32 -1..1 -> NxHxWxC float32 -1..1 of the same height and width, or larger as the model makes it."""
        return np.stack([self._one(image) for image in batch])

    def _one(self, image: np.ndarray) -> np.ndarray:
        original = image.shape[:2]
        image = sizes.scaled(image, self._wanted(original))
        if self._fixed:
            image, undo = sizes.scaled(image, self._fixed), lambda result: result
        else:
            image, undo = sizes.fitted(image, self._multiple, self._fit, self._scale)
        if self._recipe is not None:
            pixels = np.clip(np.rint((image + 1) * 127.5), 0, 255).astype(np.uint8)
            if pixels.shape[2] == 1:
                pixels = np.repeat(pixels, 3, axis=2)
            image = preprocess(pixels, self._recipe.processing, self._recipe.edges).astype(np.float32) / 127.5 - 1
        image = _with_channels(image, self._channels, self._given)
        low, high = self._range[0]
        if (low, high) != (-1.0, 1.0):
            image = (image + 1) * ((high - low) / 2) + low
        if not self._any_size and image.shape[:2] != self._predictor.input_size:
            self._predictor.close()
            self._predictor = self._build(image.shape[:2])
        result = self._predictor.raw(np.ascontiguousarray(image, np.float32)[None])[0]
        low, high = self._range[1]
        if (low, high) != (-1.0, 1.0):
            result = (result - low) * (2 / (high - low)) - 1
        return sizes.scaled(undo(result), sizes.times(original, self._scale))

    def _wanted(self, size: tuple[int, int]) -> tuple[int, int]:
        if isinstance(self._size, int):
            scale = self._size / min(size)
            return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        return self._size or size


def _run(jobs: list[tuple[Path, Path]], transform: Transform, where: Path, folder: bool, ground: tuple[int, int, int]) -> int:
    failed = 0
    lines = []
    for source, target in tqdm(jobs, unit="image", disable=no_progress() if folder else True):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix.lower() == ".npy":
                data = encoded_array(transform.array(read_array(source)))
            else:
                data = encoded_image(transform.image(read_image(source, ground)), target)
            write_atomic(target, data)
        except (OSError, ValueError) as error:
            if not folder:
                raise
            failed += 1
            lines.append(format_error(error))
            tqdm.write(f"webcam-pix2pix predict: {format_error(error)}", file=sys.stderr)
    done = len(jobs) - failed
    say(f"{done} of {len(jobs)} done: {where}")
    result({"output": where, "done": done, "could_not_be_used": lines})
    return 0 if not failed else PARTIAL if done else 1


def _with_channels(image: np.ndarray, channels: int, given: int) -> np.ndarray:
    """HxWxC with the channels the network takes: grey from colour by luminance (by lightness for one that gives colours), colour from grey
    by repetition, RGBA from RGB with full alpha."""
    if image.shape[2] == channels:
        return image
    if channels == 4 and image.shape[2] == 3:
        return np.dstack([image, np.ones(image.shape[:2], image.dtype)])
    if (channels, given) == (1, 2) and image.shape[2] == 3:
        return lightness(np.clip(np.rint((image + 1) * 127.5), 0, 255).astype(np.uint8)).astype(np.float32) / 127.5 - 1
    if channels == 1 and image.shape[2] == 3:
        return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)[..., None]
    if image.shape[2] == 1:
        return np.repeat(image, channels, axis=2)
    raise ValueError(f"{image.shape[2]} channels, the model takes {channels}")


def read_array(path: Path) -> np.ndarray:
    """NxHxWxC float32. Raises ValueError with one line naming the file and what is wrong with it."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # mapped: a header that claims too much takes no memory
    except (ValueError, EOFError, SyntaxError, TypeError, OverflowError) as error:
        raise ValueError(f"{path}: not a readable .npy array ({str(error).splitlines()[0][:100] if str(error) else 'cut short'})") from None
    if array.ndim != 4 or array.dtype not in (np.float32, np.float64, np.float16) or 0 in array.shape or max(array.shape[1:3]) > MAX_SIDE:
        raise ValueError(f"{path}: {array.dtype} of shape {list(array.shape)}, expected float32 NxHxWxC in -1..1")
    if not np.isfinite(array).all():
        raise ValueError(f"{path}: it has values that are not finite (NaN or infinite)")
    return np.asarray(array, np.float32)


def encoded_array(array: np.ndarray) -> bytes:
    """The bytes of a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def encoded_image(image: np.ndarray, target: Path) -> bytes:
    """The bytes of an image file in the format that `target` names. HxWx3 RGB or HxWx1 uint8. Raises OSError with one line."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 95] if target.suffix.lower() in (".jpg", ".jpeg") else []
    try:
        return encode_image(image, target.suffix, options)
    except ValueError as error:
        raise OSError(f"{target}: {error}") from None
