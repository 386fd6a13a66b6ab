"""Palettes: the colours that a model was trained to read, by name.

Sources: facades as in the demo of pix2pix-tensorflow, which took them from the CMP facade database as pix2pix published it; cityscapes as
in labels.py of cityscapesScripts.
"""

from dataclasses import dataclass

Color = tuple[int, int, int]  # RGB, 0..255


@dataclass(frozen=True)
class Palette:
    """Colours by what they mean. hard: edges are one colour or the other, as in a label map; else they are smooth."""

    name: str
    colors: tuple[tuple[str, Color], ...]  # the first is the pen that one begins with
    ground: Color  # of the empty paper
    hard: bool


def _palette(name: str, ground: str, hard: bool, **colors: str) -> Palette:
    found = {label.replace("_", " "): _rgb(text) for label, text in colors.items()}
    return Palette(name, tuple(found.items()), _rgb(ground), hard)


def _rgb(text: str) -> Color:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


PALETTES = (
    _palette("black on white", "ffffff", False, black="000000", dark_grey="555555", grey="808080", light_grey="bbbbbb", white="ffffff",
             red="d03030", orange="e08a20", yellow="f0d840", green="409848", blue="3060c0", violet="8040a0", brown="805030", skin="e8b898"),
    _palette("white on black", "000000", False, white="ffffff", light_grey="bbbbbb", grey="808080", dark_grey="555555", black="000000",
             red="d03030", orange="e08a20", yellow="f0d840", green="409848", blue="3060c0", violet="8040a0", brown="805030", skin="e8b898"),
    _palette("facades", "0006d9", True, wall="0d3dfb", window="0075ff", window_sill="68f898", window_head="1dffdd", door="a50000",
             entrance="00c9ff", shutter="eeed28", balcony="b8ff38", trim="ff9204", cornice="ff4401", column="f60001",
             background="0006d9"),
    _palette("cityscapes", "000000", True, road="804080", sidewalk="f423e8", building="464646", wall="66669c", fence="be9999",
             pole="999999", traffic_light="faaa1e", traffic_sign="dcdc00", vegetation="6b8e23", terrain="98fb98", sky="4682b4",
             person="dc143c", rider="ff0000", car="00008e", truck="000046", bus="003c64", train="005064", motorcycle="0000e6",
             bicycle="770b20", unlabelled="000000"),
)
