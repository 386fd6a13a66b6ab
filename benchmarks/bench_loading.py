"""How fast do pairs reach the trainer? One worker's time for an augmented pair, in turns with the usual transforms of torchvision on Pillow
images (open, resize, affine, crop, flip, four colour changes, ToTensor, Normalize) and the same preprocessing chain.

    python benchmarks/bench_loading.py DATASET [--pairs 60] [--rounds 5]

DATASET as `prepare` makes it: pairs, or photographs with a recipe (`--store photos`). Time of the processor, so that a busy machine matters
less; the last line is JSON.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
from common import last_line
from PIL import Image
from torchvision import transforms
from torchvision.transforms import functional as F

from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.pairs.jitter import jittered
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe

BICUBIC, BILINEAR = transforms.InterpolationMode.BICUBIC, transforms.InterpolationMode.BILINEAR
TO_TENSOR = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])


def usual(dataset: PairDataset, index: int, rng: np.random.Generator):
    """One pair as scripts make it."""
    image = Image.open(dataset.paths[index]).convert("RGB")
    half = image.width if dataset.photos_only else image.width // 2
    images = [image] if dataset.photos_only else [image.crop((0, 0, half, image.height)), image.crop((half, 0, 2 * half, image.height))]
    load, crop = dataset.load_size, dataset.crop_size
    top, left, turn, zoom, mirror = rng.random(5)
    box = int(top * (load[0] - crop[0] + 1)), int(left * (load[1] - crop[1] + 1)), *crop
    for i, x in enumerate(images):
        x = F.pad(F.resize(x, list(load), BICUBIC), [load[1] // 4, load[0] // 4], padding_mode="reflect")
        x = F.affine(x, 7.5 * (2 * turn - 1), [0, 0], 1 + 0.075 * (2 * zoom - 1), [0.0, 0.0], BILINEAR)
        x = F.crop(x, box[0] + load[0] // 4, box[1] + load[1] // 4, *crop)
        images[i] = F.hflip(x) if mirror < 0.5 else x
    seen = images[0]
    for change, strength in ((F.adjust_brightness, 0.15), (F.adjust_contrast, 0.15), (F.adjust_saturation, 0.15)):
        seen = change(seen, 1 + strength * (2 * rng.random() - 1))
    seen = F.adjust_hue(seen, 0.025 * (2 * rng.random() - 1))
    if dataset.photos_only:
        recipe = jittered(dataset.recipe or Recipe(), rng)
        seen = Image.fromarray(preprocess(np.asarray(seen), recipe.processing, recipe.edges))
    return TO_TENSOR(seen), TO_TENSOR(images[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    options = {"load_size": 286, "crop_size": 256, "color_jitter": 0.5, "geometry_jitter": 0.5}
    kept, read = PairDataset(args.dataset, cache=1 << 32, **options), PairDataset(args.dataset, **options)
    count, rng = min(args.pairs, len(kept)), np.random.default_rng(0)
    loaders = {"usual transforms": lambda i: usual(read, i, rng), "ours, read each time": read.images, "ours, kept in memory": kept.images}
    times: dict[str, list[float]] = {name: [] for name in loaders}
    for round_ in range(args.rounds + 1):
        for dataset in (kept, read):
            dataset.set_epoch(round_)
        for name, load in loaders.items():
            start = time.process_time()
            for index in range(count):
                load(index)
            if round_:  # in the first, images come into memory
                times[name].append(1000 * (time.process_time() - start) / count)
    ms = {name: statistics.median(values) for name, values in times.items()}
    for name, value in ms.items():
        print(f"  {name:24s}{value:8.2f} ms {1000 / value:8.1f} pairs/s {ms['usual transforms'] / value:6.2f}x")
    last_line(bench="loading", dataset=args.dataset.name, pairs=count, ms=ms)


if __name__ == "__main__":
    main()
