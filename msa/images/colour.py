"""What the numbers of an image mean: colour profiles become sRGB, what is transparent shows the ground behind it."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms, ImageColor

GROUND = (255, 255, 255)  # behind transparent images: white, as every viewer shows them
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "LAB": "LAB"}
ALIKE = 2  # levels: a profile that changes no colour by more is sRGB under another name


def parse_ground(text: str) -> tuple[int, int, int]:
    """"white", "#ff8800" and the like as RGB. Raises ValueError."""
    try:
        red, green, blue = ImageColor.getrgb(text.strip())[:3]
    except ValueError:
        raise ValueError(f"{text!r} is no colour, expected a name such as white, black or grey, or #rrggbb") from None
    return int(red), int(green), int(blue)


def space(profile: bytes) -> str:
    """The mode of Pillow whose values a profile explains, such as "CMYK"; "" for one that cannot be used."""
    return SPACES.get(profile[16:20].decode("ascii", "replace").strip(), "") if len(profile) > 128 else ""


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """`image` in sRGB: mode RGB for one that is RGB, L, CMYK or LAB. As it is when its profile says nothing that can be used, as
    viewers do."""
    found = transform(profile, image.mode)
    if found is None:
        return image
    return ImageCms.applyTransform(image, found) or image


@lru_cache(maxsize=16)
def transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From a profile to sRGB, relative colorimetric; None when there is nothing to do, or nothing that can be done."""
    if not mode or space(profile) != mode:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB",
                                        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC)
        if mode == "RGB":
            steps = np.arange(0, 256, 17).astype(np.uint8)
            cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, steps.size, 3)
            changed = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), found))
            if np.abs(changed.astype(int) - cube).max() <= ALIKE:
                return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return found


def on_ground(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """An image of mode RGBA as it looks on a ground of one colour: mode RGB."""
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, (*ground, 255)), image).convert("RGB")
