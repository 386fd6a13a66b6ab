"""How fast do pairs come? `prepare` against the usual script (imread, resize, edges, hstack, imwrite, one process), in turns on the same
photographs; memory over the number of images; time to list a large folder.

    python benchmarks/bench_dataset.py [--images 1000] [--rounds 3] [--workers N]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
LISTED = 100_000


def make_photos(folder: Path, count: int) -> None:
    """720p photographs as JPEG: soft forms, hard edges, some grain. The same few images again and again."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    different = []
    for _ in range(20):
        image = cv2.resize(rng.integers(0, 256, (9, 16, 3), np.uint8), (1280, 720), interpolation=cv2.INTER_CUBIC)
        for _ in range(12):
            centre = tuple(int(x) for x in rng.integers(0, (1280, 720)))
            cv2.circle(image, centre, int(rng.integers(10, 200)), [int(x) for x in rng.integers(0, 256, 3)], -1)
        different.append(cv2.imencode(".jpg", cv2.add(image, rng.integers(0, 10, image.shape, np.uint8)))[1].tobytes())
    for i in range(count):
        (folder / f"{i:06d}.jpg").write_bytes(different[i % len(different)])


def script(photos: Path, out: Path) -> float:
    """The documented recipe as the scripts of others do it."""
    start = time.perf_counter()
    out.mkdir()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2))
    for path in sorted(photos.iterdir()):
        image = cv2.resize(cv2.imread(str(path)), (256, 256), interpolation=cv2.INTER_AREA)
        blurred = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (3, 3), 0.8)
        edges = cv2.bitwise_or(cv2.Canny(blurred, 40, 120, apertureSize=3), cv2.Canny(blurred, 80, 160, apertureSize=5))
        edges = cv2.cvtColor(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel), cv2.COLOR_GRAY2BGR)
        cv2.imwrite(str(out / f"{path.stem}.png"), np.hstack([edges, image]))
    return time.perf_counter() - start


def ours(photos: Path, out: Path, workers: int) -> float:
    """The command as a user calls it, start of the program included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, str(ROOT / "webcam-pix2pix.py"), "prepare", str(photos), str(out), "--workers", str(workers)],
                   check=True, capture_output=True)
    return time.perf_counter() - start


def peak_mb(count: int, folder: Path) -> float:
    """Peak memory of the command itself over `count` images, megabytes."""
    photos = folder / f"memory-{count}"
    make_photos(photos, count)
    code = ("import sys, resource; sys.path.insert(0, sys.argv[1]); from webcam_pix2pix.cli import main; "
            "main(['prepare', sys.argv[2], sys.argv[3], '--workers', '1']); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)")
    command = [sys.executable, "-c", code, str(ROOT), str(photos), str(folder / f"out-{count}")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def listing(folder: Path) -> float:
    from webcam_pix2pix.dataset.pairs.files import list_files

    many = folder / "many"
    many.mkdir()
    for i in range(LISTED):
        os.close(os.open(many / f"{i}.jpg", os.O_CREAT))
    start = time.perf_counter()
    assert len(list_files(many)) == LISTED
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder / "photos", args.images)
        times: dict[str, list[float]] = {"script": [], "ours": []}
        for round_ in range(args.rounds):
            times["script"].append(script(folder / "photos", folder / f"script-{round_}"))
            times["ours"].append(ours(folder / "photos", folder / f"ours-{round_}", args.workers))
            for kind in times:
                shutil.rmtree(folder / f"{kind}-{round_}")
        ratios = [s / o for s, o in zip(times["script"], times["ours"], strict=True)]
        result = {"images": args.images, "workers": args.workers, "script_s": round(statistics.median(times["script"]), 2),
                  "ours_s": round(statistics.median(times["ours"]), 2), "faster": round(statistics.median(ratios), 2),
                  "peak_mb_100": round(peak_mb(100, folder), 1), "peak_mb_2000": round(peak_mb(2000, folder), 1),
                  "list_100000_s": round(listing(folder), 2)}
    print(f"{args.images} photographs of 1280x720 -> pairs of 256x256, {args.workers} workers, median of {args.rounds} rounds")
    print(f"  one-process script   {result['script_s']:8.2f} s")
    print(f"  prepare              {result['ours_s']:8.2f} s   {result['faster']:.2f} times as fast")
    print(f"peak memory            {result['peak_mb_100']:8.1f} MB for 100 images, {result['peak_mb_2000']:.1f} MB for 2000")
    print(f"listing {LISTED} files  {result['list_100000_s']:8.2f} s")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
