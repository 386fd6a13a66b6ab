"""Image files -> RGB images and back: one reader for the live source, the dataset tools and prediction, so that all see the same bytes."""

from .colour import GROUND, parse_ground
from .encoding import encode_image, encode_jpeg, shrunk
from .reader import MAX_PIXELS, Decoded, decode, decode_image, read_image

__all__ = ["GROUND", "MAX_PIXELS", "Decoded", "decode", "decode_image", "encode_image", "encode_jpeg", "parse_ground", "read_image",
           "shrunk"]
