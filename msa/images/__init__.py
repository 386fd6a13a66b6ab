"""Image files -> RGB images: one reader for the live source, the dataset tools and prediction, so that all see the same bytes."""

from .colour import GROUND, parse_ground
from .reader import MAX_PIXELS, Decoded, decode, decode_image, read_image

__all__ = ["GROUND", "MAX_PIXELS", "Decoded", "decode", "decode_image", "parse_ground", "read_image"]
