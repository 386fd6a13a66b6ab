"""Bend: what it costs in each precision, in turns with the same network as trained; and a sheet of what each level does to the test scene.

    python benchmarks/bench_bend.py [--model NAME] [--device cpu] [--seconds 20] [--sheet docs/bend.jpg]
"""

import argparse
from pathlib import Path

import common  # first: it sets how torch waits
import cv2
import numpy as np
import torch

from webcam_pix2pix.bend import LEVELS, Bend, bending
from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.predictor.bend.bender import Bender
from webcam_pix2pix.predictor.device.devices import choose_device, thread_count
from webcam_pix2pix.predictor.loading import load_network
from webcam_pix2pix.predictor.selection.fidelity import fidelity
from webcam_pix2pix.predictor.selection.selection import ORDER, ExecutionConfig, ExecutorFactory

TILE, LABEL = 144, 108
GAINS, AMOUNTS = (0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 0.25, 0.5, 0.75, 1.0)
EVERYTHING = Bend(**{f"level_{i}": 1.0 + 0.5 * (-1) ** i for i in range(1, LEVELS + 1)}, bottleneck=1.5, noise=0.25)
TIME_S = 30.0


def sheet(executor, image: np.ndarray, levels: int) -> np.ndarray:
    """One row for each level, the bottleneck and the noise; one column for each value."""
    rows = {f"level {i}": (f"level_{i}", GAINS) for i in range(1, levels + 1)}
    rows |= {"innermost": ("bottleneck", GAINS), "noise": ("noise", AMOUNTS)}
    return np.vstack([np.hstack([_label(label)] + [_tile(executor, image, name, value) for value in values])
                      for label, (name, values) in rows.items()])


def _tile(executor, image: np.ndarray, name: str, value: float) -> np.ndarray:
    bent, text = bending(Bend(**{name: value}), TIME_S), f"{value:g}"
    result = executor.infer(image) if bent is None else executor.bent(image, bent)
    tile = cv2.resize(result, (TILE, TILE), interpolation=cv2.INTER_AREA)
    cv2.putText(tile, text, (6, TILE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(tile, text, (6, TILE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return tile


def _label(text: str) -> np.ndarray:
    label = np.full((TILE, LABEL, 3), 24, np.uint8)
    cv2.putText(label, text, (8, TILE // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (220, 220, 220), 1, cv2.LINE_AA)
    return label


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--busy", action="store_true", help="count processor time: for a machine that others use too")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="each level at five gains, as one image")
    args = parser.parse_args()
    device = choose_device(args.device)
    torch.set_num_threads(thread_count())
    torch.set_flush_denormal(True)
    network, spec, info = load_network(resolve_model(args.model))
    size = info.input.shape[:2]
    factory = ExecutorFactory(network, info, size, device)
    images = factory.images[1::2]
    executors = {}
    for precision in reversed(ORDER[device.type]):
        try:
            executors[precision] = factory.executor(ExecutionConfig("torch", precision))
        except RuntimeError as error:
            print(f"{precision}: {str(error)[:100]}")
            continue
        executors[precision].bender = Bender(executors[precision].run, spec, (factory.shape[2], *size))
    bent = bending(EVERYTHING, TIME_S)
    exact = [executors["fp32"].bent(image, bent) for image in images]
    calls, remarks = {}, {}
    for precision, executor in executors.items():
        calls[precision] = lambda e=executor: e.infer(images[0])
        calls[f"{precision}, bent"] = lambda e=executor: e.bent(images[0], bent)
        remarks[f"{precision}, bent"] = str(fidelity([executor.bent(image, bent) for image in images], exact)) + " against fp32, bent"
    times = common.time_in_turns(calls, args.seconds, busy=args.busy)
    common.show(f"{info.name}, {size[1]}x{size[0]}", times, "fp32", remarks)
    speeds = {precision: times[precision] / times[f"{precision}, bent"] for precision in executors}
    print("  speed bent, as a share of that as trained: " + ", ".join(f"{p} {share:.2f}" for p, share in speeds.items()))
    if args.sheet:
        levels = spec.depth - 1 if spec.type == "unet" else min(LEVELS, spec.blocks)
        image = cv2.cvtColor(sheet(executors["fp32"], factory.images[0], levels), cv2.COLOR_RGB2BGR)
        if not cv2.imwrite(str(args.sheet), image, [cv2.IMWRITE_JPEG_QUALITY, 80]):
            raise SystemExit(f"{args.sheet}: cannot be written")
        print(f"{args.sheet}: {image.shape[1]}x{image.shape[0]}")
    common.last_line(benchmark="bend", model=info.name, ms=times, share=speeds, fidelity=remarks)


if __name__ == "__main__":
    main()
