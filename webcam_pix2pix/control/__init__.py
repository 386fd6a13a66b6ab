"""The desk: where settings and actions change while the program runs, from any thread, and what plays on it.

desk.py is the desk, history.py its undo, actions.py what can be triggered, common.py the actions that need no
window, values.py the settings by name, effective.py which of them do something, parameters.py their types and ranges,
labels.py what people call them. controllers.py opens what was asked for. Rooms: modulation (LFOs, tempo), osc, midi, replay (a
performance in a file), remote (a page for phones).
May import: bend, settings, recipe, pipeline, preprocessing, frame.
To add a way to play: a module here that calls desk.set(), desk.apply() and desk.trigger() with `by` its name; it never waits.
"""

from .actions import Action, Change
from .common import register_common
from .desk import Desk

__all__ = ["Action", "Change", "Desk", "register_common"]
