"""Snapshots: the picture of this moment as a PNG that knows how it was made, so that the look can be restored."""

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from webcam_pix2pix import __version__
from webcam_pix2pix.frame import Frame

from .picture import picture

log = logging.getLogger(__name__)

KEY = "webcam-pix2pix"  # of the iTXt chunk


class Snapshots:
    """A sink that saves the next frame after each request(), on a thread of its own.

    Attributes:
        saved: files written so far, in order.
        error: one line when the last one could not be written, else None.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        """folder: made when the first snapshot is saved."""
        self.folder = Path(folder)
        self.saved: list[Path] = []
        self.error: str | None = None
        self._requests: queue.SimpleQueue[tuple[Mapping[str, Any], str]] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[tuple | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)
        self._thread.start()

    def request(self, settings: Mapping[str, Any], model: str = "") -> None:
        """Save the next frame. settings: values by dotted name, as Settings.flat() gives them; model: its name."""
        self._requests.put((dict(settings), model))

    def put(self, frame: Frame) -> None:
        """Hand over a frame; does not wait."""
        try:
            settings, model = self._requests.get_nowait()
        except queue.Empty:
            return
        self._work.put((picture(frame), settings, model))

    def close(self) -> None:
        """Finish what was handed over."""
        self._work.put(None)
        self._thread.join(10.0)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                path = _unused(self.folder / time.strftime("snapshot %Y-%m-%d %H.%M.%S.png"))
                _write(path, *work)
                self.saved.append(path)
                self.error = None
            except Exception as error:
                self.error = f"snapshot: {error}"
                log.error("%s", self.error, exc_info=None if isinstance(error, OSError) else error)


def write_snapshot(path: str | os.PathLike, frame: Frame, settings: Mapping[str, Any], model: str = "") -> None:
    """Save the picture of `frame` as a PNG with `settings` (values by dotted name) and the name of the model in it.

    Raises ValueError or OSError naming `path`.
    """
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"{path}: a snapshot is a .png file")
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {Path(path).parent}")
    _write(Path(path), picture(frame), settings, model)


def read_snapshot(path: str | os.PathLike) -> dict[str, Any]:
    """What a snapshot says of itself: {"settings": {dotted name: value}, "model": name, "version": of the program}.

    The values are not checked; Settings.with_values() does that. Raises ValueError or OSError naming `path`.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            text = getattr(image, "text", {}).get(KEY)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such snapshot") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: not a snapshot, expected a PNG ({error})") from None
    if text is None:
        raise ValueError(f"{path}: an image without settings in it, expected a snapshot of this program")
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
        raise ValueError(f"{path}: the settings in this snapshot cannot be read")
    return {"settings": data["settings"], "model": str(data.get("model", "")), "version": str(data.get("version", ""))}


def _write(path: Path, image: np.ndarray, settings: Mapping[str, Any], model: str) -> None:
    from PIL import Image, PngImagePlugin

    about = PngImagePlugin.PngInfo()
    about.add_itxt(KEY, json.dumps({"version": __version__, "model": model, "settings": dict(settings)}, ensure_ascii=False))
    partial = path.with_name(path.name + ".part")
    try:
        Image.fromarray(image).save(partial, "PNG", pnginfo=about)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OSError(f"{path}: {error.strerror or error}") from None


def _unused(path: Path) -> Path:
    """`path`, or with a number at its end if there is one already."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem} {number}")
    return candidate
