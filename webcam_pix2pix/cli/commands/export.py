"""Export a model to the formats of other programs. Each file is read back and compared with the model before it counts as done.

pth: pytorch-CycleGAN-and-pix2pix. safetensors: our own. pict: the browser demo of pix2pix-tensorflow and keijiro/Pix2Pix.
torchscript and onnx: programs that run elsewhere, at one size and in one norm mode.
"""

import argparse
from pathlib import Path

from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model

from ..errors import UsageError
from ..output import result, say

EXAMPLES = """examples:
  webcam-pix2pix export --model oil_color --output latest_net_G.pth
  webcam-pix2pix export --model facades --output facades.onnx --norm-mode batch --size 512"""

SUFFIXES = {".pth": "pth", ".safetensors": "safetensors", ".pict": "pict", ".pt": "torchscript", ".ts": "torchscript", ".onnx": "onnx"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME|PATH", help="a model by name or path (default: %(default)s)")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="its suffix tells the format: " + ", ".join(SUFFIXES))
    parser.add_argument("--format", choices=sorted(set(SUFFIXES.values())), help="instead of the suffix")
    parser.add_argument("--norm-mode", choices=("eval", "batch"), help="for torchscript and onnx (default: that of the model)")
    parser.add_argument("--size", metavar="WxH|N", help="for torchscript and onnx (default: that of the model)")
    parser.add_argument("--half", action="store_true", help="float16 weights, half the size (safetensors)")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    if args.output.is_dir():
        raise UsageError(f"--output {args.output}: this is a folder; give the name of a file")
    kind = args.format or SUFFIXES.get(args.output.suffix.lower())
    if kind is None:
        raise UsageError(f"--output {args.output}: cannot tell the format from this name; use one of {', '.join(SUFFIXES)}, or --format")
    if args.half and kind != "safetensors":
        raise UsageError(f"--half: works only with safetensors, not with {kind}")
    info = resolve_model(args.model)
    size = _size(args.size)
    if args.output.exists() and info.weights.exists() and args.output.samefile(info.weights):
        raise UsageError(f"--output {args.output}: this is the model itself; choose another name")
    from webcam_pix2pix.export import export
    args.output.parent.mkdir(parents=True, exist_ok=True)
    done = export(info, args.output, kind, args.norm_mode, size, args.half)
    size_mb = done.path.stat().st_size / 1e6
    say(f"{done.path}: {kind}, {size_mb:.1f} MB; largest difference from the model {done.difference:.2g} of -1..1")
    say(done.note)
    result({"file": done.path, "format": kind, "bytes": done.path.stat().st_size, "difference": done.difference, "note": done.note})
    return 0


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    numbers = text.lower().split("x")
    if not all(n.isascii() and n.isdigit() and 1 <= int(n[:6]) <= 8192 for n in numbers) or len(numbers) > 2:
        raise UsageError(f"--size {text}: expected WIDTHxHEIGHT or one number, each 1 to 8192")
    return int(numbers[-1]), int(numbers[0])
