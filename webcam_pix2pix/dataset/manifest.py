"""manifest.json: what a dataset was made of and how. It lies in the dataset's folder and is never needed to read the pairs."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from msa.files import parse_json
from webcam_pix2pix import __version__
from webcam_pix2pix.recipe import Recipe

NAME = "manifest.json"
FORMATS = ("webcam-pix2pix dataset", "webcam-pix2pix frames")
PAIRS, FRAMES = FORMATS


def versions() -> dict[str, str]:
    """What the bytes of a dataset depend on."""
    return {"webcam-pix2pix": __version__, "opencv": cv2.__version__, "numpy": np.__version__, "python": platform.python_version()}


def read_manifest(folder: str | os.PathLike, kind: str = PAIRS) -> dict[str, Any] | None:
    """The manifest of `folder`, None when there is none of this kind. Raises ValueError with one line when it is damaged."""
    path = Path(folder) / NAME
    try:
        data = parse_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: not JSON ({error})") from None
    if not isinstance(data, dict) or data.get("format") not in FORMATS:
        return None  # some other program's manifest.json
    if data.get("version") != 1:
        raise ValueError(f"{path}: version: {data.get('version')!r} is not known, expected 1")
    return data if data["format"] == kind else None


def recipe_of(manifest: Mapping[str, Any] | None, where: str = NAME) -> Recipe | None:
    """The recipe a dataset was made with; None for pairs that were given. Raises ValueError."""
    stored = (manifest or {}).get("recipe")
    return None if stored is None else Recipe.from_json(stored, f"{where}: recipe")


def write_manifest(folder: str | os.PathLike, header: Mapping[str, Any], rows: Mapping[str, Iterable[Any]]) -> None:
    """Write the manifest whole or not at all: `header` as it is, then each list of `rows` with one line per entry.

    Lists are streamed, so that their length costs no memory.
    """
    path = Path(folder) / NAME
    partial = path.with_name(NAME + ".part")
    with partial.open("w", encoding="utf-8") as file:
        file.write("{\n")
        file.write(",\n".join(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in header.items()))
        for name, entries in rows.items():
            file.write(f",\n {json.dumps(name)}: [")
            separator = "\n  "
            for entry in entries:
                file.write(separator + json.dumps(entry, ensure_ascii=False))
                separator = ",\n  "
            file.write("\n ]" if separator[0] == "," else "]")
        file.write("\n}\n")
    partial.replace(path)
