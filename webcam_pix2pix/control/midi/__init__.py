"""Control by MIDI: knobs, faders and pads of a controller play settings and actions. Optional: mido and python-rtmidi.

events.py reads messages, mapping.py what a knob or a pad plays and how, router.py brings one to the other, ports.py opens devices.
May import: settings, control.modulation, msa.
To add a kind of knob: one mode in mapping.py.
"""

from .mapping import Mapping, Mappings
from .ports import MidiInput, why_no_midi
from .router import MidiRouter

__all__ = ["Mapping", "Mappings", "MidiInput", "MidiRouter", "why_no_midi"]
