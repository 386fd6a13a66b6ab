"""Processes killed with SIGKILL at random moments: afterwards each file is the old one or the new one, and work goes on where it was."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np

ROOT = Path(__file__).parents[2]
ENTRY = str(ROOT / "webcam-pix2pix.py")
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}

SAVES_PRESETS = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from webcam_pix2pix.settings import Settings, write_preset
from webcam_pix2pix.ui.foundation.store import Remembered, Store
print("ready", flush=True)
number = 0
while True:
    number += 1
    write_preset(Path({folder!r}) / "preset.json", Settings().flat() | {{"EdgeDetection.canny_t1_fine": number % 250}})
    Store({folder!r}).write(Remembered(theme="light" if number % 2 else "dark", recent_sources=[str(number)] * 50))
"""


def presets(seed: int, folder: Path, kills: int = 5) -> str:
    """A program that saves presets and settings all the time."""
    from webcam_pix2pix.settings import read_preset
    from webcam_pix2pix.ui.foundation.store import Store
    random = Random(seed)
    for _ in range(kills):
        command = [sys.executable, "-c", SAVES_PRESETS.format(root=str(ROOT), folder=str(folder))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
            process.stdout.readline()
            time.sleep(random.random() * 0.3)
            process.kill()
        if (folder / "preset.json").exists():
            assert len(read_preset(folder / "preset.json")) > 20
        store = Store(folder)
        if (folder / "settings.json").exists():
            assert len(store.read().recent_sources) == 50 and not store.trouble
    return f"{kills} kills"


def recording(seed: int, folder: Path, kills: int = 2) -> str:
    """A recording without a window: what was shown up to a second before the end can be played."""
    import av
    random, seconds = Random(seed), []
    for number in range(kills):
        out = folder / f"{number}.mp4"
        command = [sys.executable, ENTRY, "live", "--headless", "--source", "test", "--set", "Prediction.enabled=false",
                   "--set", "Main.sleep_s=0.03", "--record", str(out)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
            until = time.monotonic() + 60
            while not any(path.stat().st_size for path in folder.glob(f"{number}*.mp4")):
                assert time.monotonic() < until and process.poll() is None, "the recording did not begin"
                time.sleep(0.05)
            ran = 1.5 + random.random() * 2
            time.sleep(ran)
            process.kill()
        left = [path for path in folder.glob(f"{number}*.mp4") if path.stat().st_size]
        assert len(left) == 1, left
        with av.open(str(left[0])) as film:
            count = sum(1 for _ in film.decode(video=0))
        assert count > 5, f"{left[0].name}: {count} images after {ran:.1f} s"
        seconds.append(count)
    return f"{kills} kills, {min(seconds)} to {max(seconds)} images could be played"


def dataset(seed: int, folder: Path, kills: int = 2) -> str:
    """prepare, killed and started again: the same dataset as without."""
    sys.path.insert(0, str(ROOT / "tests"))
    from footage import photo, save, tree
    random = Random(seed)
    for number in range(30):
        save(folder / "photos" / f"{number}.png", photo(number, (300, 200)))
    options = ["--workers", "2", "--min-change", "0"]
    command = [sys.executable, ENTRY, "prepare", str(folder / "photos")]
    done = subprocess.run([*command, str(folder / "whole"), *options], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    killed = 0
    for _ in range(kills):
        out = folder / "killed"
        shutil.rmtree(out, ignore_errors=True)
        for _ in range(2):
            with subprocess.Popen([*command, str(out), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
                                  start_new_session=True) as process:
                until = time.monotonic() + 30
                while process.poll() is None and not out.exists() and time.monotonic() < until:
                    time.sleep(0.01)
                time.sleep(random.random() * 0.4)
                killed += process.poll() is None
                process.kill()
        again = subprocess.run([*command, str(out), *options], capture_output=True, text=True, env=ENVIRONMENT)
        assert again.returncode == 0, again.stderr
        assert tree(out) == tree(folder / "whole"), "the dataset is another one"
    return f"{killed} kills in {kills} datasets"


def training(seed: int, folder: Path, kills: int = 2) -> str:
    """train, killed and started again: the same weights to the bit."""
    import torch
    random, numbers = Random(seed), np.random.default_rng(seed)
    sys.path.insert(0, str(ROOT / "tests"))
    from footage import save
    for part, count in (("train", 6), ("val", 2)):
        for number in range(count):
            save(folder / "pairs" / part / f"{number}.png", numbers.integers(0, 255, (64, 128, 3), np.uint8))

    def command(runs: str) -> list[str]:
        return [sys.executable, ENTRY, "train", str(folder / "pairs"), "--name", "toy", "--runs", str(folder / runs), "--models",
                str(folder / f"models-{runs}"), "--n_epochs", "8", "--n_epochs_decay", "4", "--ngf", "4", "--ndf", "4", "--netG",
                "unet_64", "--load_size", "64", "--crop_size", "64", "--save_latest_freq", "4", "--seed", "1", "--num_threads",
                "0", "--netD", "pixel"]

    def weights(runs: str) -> dict:
        (path,) = (folder / runs).glob("*/latest_net_G.pth")
        return torch.load(path, weights_only=True)

    done = subprocess.run(command("whole"), capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    killed = 0
    for number in range(kills):
        runs = f"killed{number}"
        for _ in range(2):
            with subprocess.Popen(command(runs), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as process:
                until = time.monotonic() + 60
                while process.poll() is None and not list((folder / runs).glob("*/stats.jsonl")) and time.monotonic() < until:
                    time.sleep(0.01)
                time.sleep(random.random() * 1.5)
                killed += process.poll() is None
                process.kill()
        again = subprocess.run(command(runs), capture_output=True, text=True, env=ENVIRONMENT)
        assert again.returncode == 0, again.stderr
        one, other = weights(runs), weights("whole")
        assert all(torch.equal(one[key], other[key]) for key in other), "the weights are others"
        assert not list((folder / runs).rglob("*.part")), "a half file is left"
        for path in (folder / runs).rglob("*.json"):
            json.loads(path.read_text(encoding="utf-8"))
    return f"{killed} kills in {kills} runs"
