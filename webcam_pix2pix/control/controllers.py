"""Controllers: what was asked for on the command line to play on a desk, opened and closed together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from .desk import Desk
from .modulation import Modulator
from .modulation.audio import AudioFollower
from .modulation.modulator import BANDS
from .osc import OscServer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """osc: [HOST:]PORT or empty. modulators: LFOs from the start."""

    osc: str = ""
    modulators: tuple[Modulator, ...] = ()


class Controllers:
    """All that plays on `desk` from outside. report: takes one line for people, from any thread.

    Attributes:
        osc, audio: None while they are off.
    """

    def __init__(self, desk: Desk, report: Callable[[str], object]) -> None:
        self.desk, self._report = desk, report
        self.osc: OscServer | None = None
        self.audio: AudioFollower | None = None

    def open(self, wanted: Wanted) -> None:
        """Raises ValueError or OSError with one line; what was opened stays until close()."""
        for modulator in wanted.modulators:
            self.desk.modulation = self.desk.modulation.with_modulator(modulator)
        if any(one.shape in BANDS for one in wanted.modulators):
            self.listen()
        if wanted.osc:
            self.osc = OscServer(self.desk, wanted.osc, self._report)
            log.info("OSC: listening on %s:%d, OSCQuery at %s", self.osc.host, self.osc.port, self.osc.url)

    def listen(self) -> None:
        """Follow the sound, where something moves by it. Raises OSError with one line."""
        if self.audio is None and any(one.shape in BANDS for one in self.desk.modulation.modulators):
            self.audio = AudioFollower(lambda levels: setattr(self.desk, "sound", levels))

    def close(self) -> None:
        """Close everything; one that fails does not keep the others from closing."""
        parts, self.osc, self.audio = (self.osc, self.audio), None, None
        for part in parts:
            try:
                if part is not None:
                    part.close()
            except Exception:
                log.exception("closing %s", part)
