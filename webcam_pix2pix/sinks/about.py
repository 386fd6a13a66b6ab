"""What snapshots and recordings say of themselves: settings, model, recipe and version, as JSON in their metadata."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msa.files import parse_json
from webcam_pix2pix import __version__
from webcam_pix2pix.recipe import Recipe

KEY = "webcam-pix2pix"  # of a PNG's iTXt chunk; in a film the JSON is its comment
FILMS = (".mp4", ".mov", ".mkv")


@dataclass(frozen=True)
class About:
    """How an image came about."""

    settings: Mapping[str, Any] = field(default_factory=dict)  # dotted name -> value
    model: str = ""  # its name
    recipe: Recipe | None = None  # what the model was trained with
    modulation: Mapping[str, Any] | None = None  # what moved the settings

    def text(self) -> str:
        """As JSON."""
        data = {"program": KEY, "version": __version__, "model": self.model,
                "recipe": self.recipe.to_json() if self.recipe else None, "settings": dict(self.settings)}
        if self.modulation:
            data["modulation"] = dict(self.modulation)
        return json.dumps(data, ensure_ascii=False)


def read_about(path: str | os.PathLike) -> dict[str, Any]:
    """What a snapshot (.png) or a recording says of itself: {"settings": {dotted name: value}, "model": name, "recipe": as descriptors
    hold it or None, "version": of the program}.

    The values are not checked; Settings.with_values() does that. Raises ValueError or OSError naming `path`.
    """
    film = Path(path).suffix.lower() in FILMS
    what = "recording" if film else "snapshot"
    text = _of_film(path) if film else _of_image(path)
    if text is None:
        raise ValueError(f"{path}: {'a film' if film else 'an image'} without settings in it, expected a {what} of this program")
    try:
        data = parse_json(text)
    except json.JSONDecodeError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
        raise ValueError(f"{path}: the settings in this {what} cannot be read")
    recipe = data.get("recipe")
    return {"settings": data["settings"], "model": str(data.get("model", "")), "recipe": recipe if isinstance(recipe, dict) else None,
            "version": str(data.get("version", ""))}


def _of_image(path: str | os.PathLike) -> str | None:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return getattr(image, "text", {}).get(KEY)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such snapshot") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: not a snapshot, expected a PNG ({error})") from None


def _of_film(path: str | os.PathLike) -> str | None:
    import av

    try:
        with av.open(os.fspath(path), metadata_errors="replace") as film:
            tags = {name.lower(): value for name, value in film.metadata.items()}
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such recording") from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ValueError(f"{path}: not a film ({getattr(error, 'strerror', None) or error})") from None
    comment = tags.get("comment", "")
    return comment if comment.startswith("{") and f'"{KEY}"' in comment[:80] else None
