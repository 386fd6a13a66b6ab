"""HEIC, as phones store photographs: read where pillow-heif is installed, else refused with what to do."""

import functools
import importlib


def prepared(name: str) -> None:
    """Raises OSError naming the file when HEIC cannot be read here."""
    if not _registered():
        raise OSError(f"{name}: a HEIC photograph; to open it, python -m pip install pillow-heif, or convert it to JPEG first "
                      "(on the phone: Settings, Camera, Formats, Most Compatible)")


@functools.cache
def _registered() -> bool:
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except ImportError:
        return False
    return True
