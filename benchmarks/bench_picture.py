"""The images of one or several models on the same films, in numbers and side by side.

    python benchmarks/bench_picture.py [FILM...] [--model NAME]... [--paintings FOLDER] [--sheet SHEET.jpg]

Without a film it takes the test scene. Each model sees a film through its own recipe, in fp32. The numbers, each a mean over the films:
  flicker       mean |change of the painting from frame to frame| / mean |change of the camera image|; without smoothing, and with the
                share of the past that is on by default
  edges kept    share of the camera image's Canny edges that the painting has too, at most 1 pixel away
  colourful     M3 of Hasler and Suesstrunk 2003
  contrast      standard deviation of the luminance
  KID           to the images in FOLDER and its subfolders, their middle square; features of EfficientNet-Lite0 (optional packages) or
                of --backbone. 0: of the same kind
"""

import argparse
from dataclasses import replace
from pathlib import Path

import common
import cv2
import numpy as np

from msa.capturer import Captured
from msa.capturer.init import Init
from msa.capturer.opening import open_source
from msa.images import read_image
from msa.listing import list_images
from webcam_pix2pix.evaluation.backbone import load_backbone
from webcam_pix2pix.evaluation.image_metrics import colourfulness, contrast, edges_kept, embedded, flicker, kernel_distance
from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.pipeline import Chain
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.preprocessing import resized
from webcam_pix2pix.settings import Prediction, Settings


def frames_of(film: str, count: int) -> list[np.ndarray]:
    """The first `count` frames of a film."""
    source = open_source(film, Init(), live=False)
    try:
        frames = []
        while len(frames) < count and (image := source.read()) is not None:
            frames.append(image.copy())
    finally:
        source.close()
    if len(frames) < 2:
        raise SystemExit(f"{film}: {len(frames)} images in it, expected at least two")
    return frames


def predicted(model: str, films: list[list[np.ndarray]]) -> tuple[list[list[np.ndarray]], list[list[np.ndarray]]]:
    """What the network has before it, and its paintings, for each film; nothing is smoothed."""
    chain = Chain()
    chain.use(PyTorchPredictor(resolve_model(model), device="cpu", precision="fp32"))
    info = chain.predictor.info
    settings = Settings(prediction=Prediction(post_time_lerp=0.0)).with_recipe(info.recipe)
    settings = replace(settings, processing=replace(settings.processing, flip_h=False))
    seen, done = [], []
    for film in films:
        chain.restart()
        steps = [chain.step(Captured(i, 0.0, image), settings) for i, image in enumerate(film)]
        seen.append([step.captured for step in steps])
        done.append([step.predicted for step in steps])
    chain.predictor.close()
    return seen, done


def smoothed(film: list[np.ndarray], past: float) -> list[np.ndarray]:
    state, shown = film[0].astype(np.float32), []
    for image in film:
        state = past * state + (1 - past) * image
        shown.append(np.rint(state).astype(np.uint8))
    return shown


def numbers(seen: list[list[np.ndarray]], done: list[list[np.ndarray]], every: int, backbone, paintings: np.ndarray | None) -> dict:
    past = Prediction().post_time_lerp
    pairs = [pair for before, after in zip(seen, done, strict=True) for pair in list(zip(before, after, strict=True))[::every]]
    found = {"flicker": np.nanmean([flicker(*films) for films in zip(seen, done, strict=True)]),
             "smoothed": np.nanmean([flicker(before, smoothed(after, past)) for before, after in zip(seen, done, strict=True)]),
             "edges kept": np.nanmean([edges_kept(*pair) for pair in pairs]),
             "colourful": np.mean([colourfulness(after) for _, after in pairs]),
             "contrast": np.mean([contrast(after) for _, after in pairs])}
    if paintings is not None:
        found["KID"] = kernel_distance(embedded([after for _, after in pairs], backbone), paintings)
    return {name: float(value) for name, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", default=["test"])
    parser.add_argument("--model", action="append", help="name or file; give it several times to compare (default: the default model)")
    parser.add_argument("--paintings", type=Path, metavar="FOLDER", help="what the images should look like")
    parser.add_argument("--backbone", default="", metavar="FILE", help="weights file of torchvision for KID")
    parser.add_argument("--frames", type=int, default=60, help="images of each film")
    parser.add_argument("--every", type=int, default=5, help="only flicker needs every image; the rest is measured at each N-th")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="camera and models side by side, one row per film")
    args = parser.parse_args()
    backbone, paintings, rows = None, None, {}
    if args.paintings:
        backbone = load_backbone(args.backbone)
        images = [resized(read_image(path), (256, 256)) for path in list_images(args.paintings, recursive=True)]
        paintings = embedded(images, backbone)
        rows["the paintings themselves"] = {"colourful": float(np.mean([colourfulness(x) for x in images])),
                                            "contrast": float(np.mean([contrast(x) for x in images])),
                                            "KID": kernel_distance(paintings[::2], paintings[1::2])}
    films = [frames_of(film, args.frames) for film in args.films]
    columns: list[list[np.ndarray]] = []
    for model in args.model or [DEFAULT_MODEL]:
        seen, done = predicted(model, films)
        rows[Path(model).stem] = numbers(seen, done, args.every, backbone, paintings)
        columns = columns or [[film[len(film) // 2] for film in seen]]
        columns.append([film[len(film) // 2] for film in done])
    names = ["flicker", "smoothed", "edges kept", "colourful", "contrast", *(["KID"] if args.paintings else [])]
    width = max(map(len, rows))
    print(f"{'':<{width}}" + "".join(f"{name:>12}" for name in names))
    for label, row in rows.items():
        print(f"{label:<{width}}" + "".join(f"{row[name]:12.3f}" if name in row else f"{'':>12}" for name in names))
    if args.sheet:
        sheet = np.vstack([np.hstack([resized(image, (256, 256)) for image in row]) for row in zip(*columns, strict=True)])
        if not cv2.imwrite(str(args.sheet), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise SystemExit(f"{args.sheet}: cannot be written")
        print(f"{args.sheet}: camera, {', '.join(args.model or [DEFAULT_MODEL])}")
    common.last_line(benchmark="picture", films=args.films, **{"models": rows})


if __name__ == "__main__":
    main()
