"""Time plays: LFOs, envelopes and sound move numbers around their base values.

shapes.py are the curves, tempo.py beats, modulator.py one modulator and all of them as a value.
The engine applies them for each frame as a function of (settings, time): they never reach the desk's settings, undo or presets.
May import: settings, recipe.
To add a shape: a function in shapes.py and its name in SHAPES.
"""

from .modulator import Modulation, Modulator
from .tempo import Tempo

__all__ = ["Modulation", "Modulator", "Tempo"]
