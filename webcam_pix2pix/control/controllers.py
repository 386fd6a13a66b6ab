"""Controllers: what was asked for on the command line to play on a desk, opened and closed together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .desk import Desk
from .midi import Mappings, MidiInput, MidiRouter
from .modulation import Modulator
from .modulation.audio import AudioFollower
from .modulation.modulator import BANDS
from .osc import OscServer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """osc: [HOST:]PORT or empty. midi: name of a device or a part of it, "" the first one; None: no MIDI. midi_map: a file of mappings.

    modulators: LFOs from the start.
    """

    osc: str = ""
    midi: str | None = None
    midi_map: Path | None = None
    modulators: tuple[Modulator, ...] = ()


class Controllers:
    """All that plays on `desk` from outside. report: takes one line for people, from any thread.

    Attributes:
        osc, audio, midi: None while they are off.
        router: what MIDI plays, with and without a device.
    """

    def __init__(self, desk: Desk, report: Callable[[str], object]) -> None:
        self.desk, self._report = desk, report
        self.osc: OscServer | None = None
        self.audio: AudioFollower | None = None
        self.midi: MidiInput | None = None
        self.router = MidiRouter(desk, report)

    def open(self, wanted: Wanted) -> None:
        """Raises ValueError or OSError with one line; what was opened stays until close()."""
        for modulator in wanted.modulators:
            self.desk.modulation = self.desk.modulation.with_modulator(modulator)
        if any(one.shape in BANDS for one in wanted.modulators):
            self.listen()
        if wanted.osc:
            self.osc = OscServer(self.desk, wanted.osc, self._report)
            log.info("OSC: listening on %s:%d, OSCQuery at %s", self.osc.host, self.osc.port, self.osc.url)

        if wanted.midi_map is not None:
            self.router.mappings = Mappings.read(wanted.midi_map)
        if wanted.midi is not None:
            self.open_midi(wanted.midi)

    def open_midi(self, device: str) -> None:
        """Listen to a MIDI device, in place of the one before. Raises OSError with one line."""
        before, self.midi = self.midi, None
        if before is not None:
            before.close()
        self.midi = MidiInput(self.router, device, self._report)

    def listen(self) -> None:
        """Follow the sound, where something moves by it. Raises OSError with one line."""
        if self.audio is None and any(one.shape in BANDS for one in self.desk.modulation.modulators):
            self.audio = AudioFollower(lambda levels: setattr(self.desk, "sound", levels))

    def close(self) -> None:
        """Close everything; one that fails does not keep the others from closing."""
        parts = self.osc, self.audio, self.midi
        self.osc = self.audio = self.midi = None
        for part in parts:
            try:
                if part is not None:
                    part.close()
            except Exception:
                log.exception("closing %s", part)
