"""The whole loop on a film: `live --headless`, and in turns with it a loop of the original application's design.

That one: one thread, the image as float32 from the first step, the network in fp32, in training mode, run twice per image.

    python benchmarks/bench_live.py [--film FILE] [--model NAME] [--frames 300] [--rounds 3]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common  # first: it sets how torch waits
import cv2
import numpy as np
import torch
from bench_preprocessing import original

from msa.capturer.sources.testscene import draw
from webcam_pix2pix import networks
from webcam_pix2pix.cli.headless import run_headless
from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.predictor.device.machine import describe
from webcam_pix2pix.predictor.loading import load_network
from webcam_pix2pix.preprocessing import resized

LERP = 0.5  # post_time_lerp


def film(folder: Path, frames: int) -> Path:
    """The test scene as a 720p film."""
    path = folder / "scene.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 30, (1280, 720))
    for i in range(frames):
        writer.write(cv2.cvtColor(resized(draw(i), (720, 1280)), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@torch.inference_mode()
def naive(path: Path, network: torch.nn.Module, edges, frames: int) -> float:
    """Frames per second of the original design."""
    capture, shown, done = cv2.VideoCapture(str(path)), None, 0
    start = time.perf_counter()
    while done < frames:
        there, frame = capture.read()
        if not there:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            continue
        image = original(frame, edges)
        x = torch.from_numpy(image).permute(2, 0, 1)[None] * 2 - 1
        network(x)
        predicted = (network(x)[0].permute(1, 2, 0).numpy() + 1) / 2
        shown = predicted if shown is None else shown + (predicted - shown) * (1 - LERP)
        done += 1
    seconds = time.perf_counter() - start
    capture.release()
    assert np.isfinite(shown).all()
    return frames / seconds


def in_own_process(path: Path, model: str, frames: int) -> float:
    """naive() in a process whose threads wait for each other as torch has it: spinning."""
    command = [sys.executable, __file__, "--original", "--film", str(path), "--model", model, "--frames", str(frames)]
    done = subprocess.run(command, env=os.environ | {"OMP_WAIT_POLICY": "ACTIVE"}, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--original", action="store_true", help="only the loop of the original design: prints its frames per second")
    args = parser.parse_args()
    info = resolve_model(args.model)
    if args.original:
        network = networks.set_norm_mode(load_network(info)[0], "paper")
        print(naive(args.film, network, info.recipe.edges, args.frames))
        return
    slow, fast = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = args.film or film(Path(folder), args.frames)
        for _ in range(args.rounds):
            slow.append(in_own_process(path, args.model, max(5, args.frames // 3)))
            report = run_headless({"Capture.Init.device_id": str(path), "Model.model_name": args.model}, args.frames)
            fast.append(report.fps)
    ratios = np.array(fast) / np.array(slow)
    times = {"original design": 1000 / float(np.median(slow)), f"ours, {report.device}": 1000 / float(np.median(fast))}
    common.show(f"{info.name}, {', '.join(describe().values())}", times, "original design")
    print(f"\n  {np.median(fast):.1f} frames per second; " + ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in report.milliseconds.items()))
    print(f"  times as fast, round by round: {', '.join(f'{ratio:.1f}' for ratio in ratios)}")
    common.last_line(benchmark="live", model=info.name, machine=describe(), fps=float(np.median(fast)), naive_fps=float(np.median(slow)),
                     ratio=float(np.median(ratios)), ratios=ratios.tolist(), milliseconds=dict(report.milliseconds), label=report.device)


if __name__ == "__main__":
    main()
