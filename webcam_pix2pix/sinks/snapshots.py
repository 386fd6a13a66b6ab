"""Snapshots: the image of this moment as a PNG that knows how it was made, so that the look can be restored."""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msa.files import write_atomic
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import outgoing, output_of
from webcam_pix2pix.recipe import Recipe

from .about import KEY, About, read_about
from .output_image import output_image


def write_snapshot(path: str | os.PathLike, frame: Frame, settings: Mapping[str, Any], model: str = "",
                   modulation: Mapping[str, Any] | None = None, recipe: Recipe | None = None) -> None:
    """Save the image of `frame` as a PNG with `settings` (values by dotted name), the name of the model and its recipe in it, at the
    size and shape that its `Output` settings say. modulation: what moved the settings; it is stored apart from them.
    about.read_about() reads them.

    Raises ValueError or OSError naming `path`.
    """
    from PIL import Image, PngImagePlugin

    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"{path}: a snapshot is a .png file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    image = outgoing(output_image(frame), output_of(settings))
    text = PngImagePlugin.PngInfo()
    text.add_itxt(KEY, About(settings, model, recipe, modulation).text())
    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG", pnginfo=text)
    write_atomic(path, data.getvalue())


def read_snapshot(path: str | os.PathLike) -> dict[str, Any]:
    """What a snapshot says of itself, as read_about() gives it. Raises ValueError or OSError naming `path`."""
    return read_about(path)
