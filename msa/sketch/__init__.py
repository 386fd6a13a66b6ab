"""A drawing as an array: strokes, rectangles, fills, undo, and the colours of well-known label maps. No window, no thread.

To add a palette: PALETTES in palettes.py. To add a tool: a method of Drawing (drawing.py)."""

from .drawing import Drawing
from .palettes import PALETTES, Palette

__all__ = ["PALETTES", "Drawing", "Palette"]
