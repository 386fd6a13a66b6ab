"""The whole loop on a film, headless: ours, and in turns with it a loop of the original application's design.

That one: one thread, the picture as float32 from the first step, the network in fp32, in training mode, run twice per picture.

    python benchmarks/bench_live.py [--film FILE] [--model NAME] [--frames 120] [--rounds 3]
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import common  # first: it sets how torch waits
import cv2
import numpy as np
import torch
from bench_preprocessing import original

from msa.capturer import Capturer
from msa.capturer.init import Init
from msa.capturer.testscene import draw
from webcam_pix2pix import networks
from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.predictor.machine import describe
from webcam_pix2pix.predictor.predictor import load_network
from webcam_pix2pix.preprocessing import resized
from webcam_pix2pix.settings import Settings

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
        painted = (network(x)[0].permute(1, 2, 0).numpy() + 1) / 2
        shown = painted if shown is None else shown + (painted - shown) * (1 - LERP)
        done += 1
    seconds = time.perf_counter() - start
    capture.release()
    assert np.isfinite(shown).all()
    return frames / seconds


def ours(path: Path, predictor: PyTorchPredictor, frames: int) -> tuple[float, dict[str, float]]:
    """Frames per second of the engine, every frame of the film in order, and milliseconds per stage."""
    settings = Settings().with_recipe(predictor.info.recipe)
    settings = replace(settings, capture_init=Init(device_id=str(path)))
    done, stages = 0, {}
    start = time.perf_counter()
    while done < frames:
        pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
        pipeline.predictor = predictor
        try:
            while done < frames and (captured := pipeline.capturer.take(5.0)) is not None:
                for stage, ms in pipeline.step(captured, settings).timings:
                    stages[stage] = stages.get(stage, 0.0) + ms / frames
                done += 1
        finally:
            pipeline.predictor = None  # it is used again
            pipeline.close()
    return frames / (time.perf_counter() - start), stages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    info = resolve_model(args.model)
    predictor = PyTorchPredictor(info)
    network = networks.set_norm_mode(load_network(info)[0], "paper")
    with tempfile.TemporaryDirectory() as folder:
        path = args.film or film(Path(folder), args.frames)
        slow, fast, stages = [], [], {}
        for _ in range(args.rounds):
            slow.append(naive(path, network, info.recipe.edges, max(5, args.frames // 6)))
            fps, stages = ours(path, predictor, args.frames)
            fast.append(fps)
    times = {"original design": 1000 / float(np.median(slow)), f"ours, {predictor.label}": 1000 / float(np.median(fast))}
    common.show(f"{info.name}, {', '.join(describe().values())}", times, "original design")
    print(f"\n  {np.median(fast):.1f} frames per second; " + ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in stages.items()))
    print(f"  {predictor.note}")
    common.last_line(benchmark="live", model=info.name, machine=describe(), fps=float(np.median(fast)), naive_fps=float(np.median(slow)),
              ratio=float(np.median(np.array(fast) / np.array(slow))), milliseconds=stages, label=predictor.label)


if __name__ == "__main__":
    main()
