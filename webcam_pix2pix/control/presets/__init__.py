"""Presets: a bank of looks, recalled at once or in a morph, and the crossfader between two of them.

preset.py is one preset and its file, bank.py the bank and its undo, exchange.py a whole bank as one file, glide.py what lies between two
looks, player.py what plays them on the desk. May import: settings, pipeline, recipe, control.
To let a preset hold more: PARTS in preset.py. To add a curve: CURVES in glide.py."""

from .bank import Bank
from .glide import CURVES, Glide
from .player import Player
from .preset import PARTS, Preset, presets_folder

__all__ = ["CURVES", "PARTS", "Bank", "Glide", "Player", "Preset", "presets_folder"]
