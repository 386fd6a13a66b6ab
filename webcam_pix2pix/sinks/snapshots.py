"""Snapshots: the image of this moment as a PNG that knows how it was made, so that the look can be restored."""

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import write_atomic
from webcam_pix2pix import __version__
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import outgoing, output_of

from .output_image import output_image

KEY = "webcam-pix2pix"  # of the iTXt chunk


def write_snapshot(path: str | os.PathLike, frame: Frame, settings: Mapping[str, Any], model: str = "",
                   modulation: Mapping[str, Any] | None = None) -> None:
    """Save the image of `frame` as a PNG with `settings` (values by dotted name) and the name of the model in it, at the
    size and shape that its `Output` settings say. modulation: what moved the settings; it is stored apart from them.

    Raises ValueError or OSError naming `path`.
    """
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"{path}: a snapshot is a .png file")
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {Path(path).parent}")
    _write(Path(path), outgoing(output_image(frame), output_of(settings)), settings, model, modulation)


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


def _write(path: Path, image: np.ndarray, settings: Mapping[str, Any], model: str,
           modulation: Mapping[str, Any] | None) -> None:
    from PIL import Image, PngImagePlugin

    about = PngImagePlugin.PngInfo()
    moved = {"modulation": dict(modulation)} if modulation else {}
    about.add_itxt(KEY, json.dumps({"version": __version__, "model": model, "settings": dict(settings)} | moved, ensure_ascii=False))
    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG", pnginfo=about)
    write_atomic(path, data.getvalue())
