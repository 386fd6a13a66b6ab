"""What kind of source a name means, told without opening it."""

from pathlib import Path

from msa.content import IMAGE_SUFFIXES

MIRRORED = ("camera", "test")  # people want to see themselves as in a mirror; everything else may have writing in it


def kind_of(device_id: str) -> str:
    """"camera", "test", "screen", "sketch", "stream", "film" or "images" (an image, or a folder of them)."""
    text = device_id.strip()
    path = Path(text).expanduser()
    suffix = path.suffix[1:]
    if text.partition(":")[0] in ("test", "screen"):  # test:2, screen:2
        return text.partition(":")[0]
    if text == "sketch":
        return "sketch"
    if "://" in text:
        return "stream"
    if text.startswith("/dev/"):
        return "camera"
    if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
        return "images"
    named_like_a_film = suffix.isalnum() and len(suffix) <= 5 and not suffix.isdecimal()  # not "USB2.0 HD UVC WebCam"
    return "film" if path.is_file() or "/" in text or "\\" in text or named_like_a_film else "camera"


def mirrored(device_id: str) -> bool:
    """Whether the images of this source are mirrored unless somebody says otherwise."""
    return kind_of(device_id) in MIRRORED
