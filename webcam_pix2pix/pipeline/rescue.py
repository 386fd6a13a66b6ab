"""Rescue: what runs when the network fails while it is on air. Safer settings first, then the image without the network."""

from dataclasses import replace

from webcam_pix2pix.settings import Model

IN_A_ROW = 3  # failures before something else is tried: one bad frame is no reason


class Rescue:
    """Counts failures in a row and says which settings of the network to use instead of those that were asked for.

    Attributes:
        failures: in all, since the start.
        step: 0: as asked for; 1: fp32, run by torch; 2: fp32 on the CPU; 3: the network is not run.
    """

    STEPS = ("", "fp32 runs instead", "fp32 on the CPU runs instead", "the painting shows what the network would see; choose another model")

    def __init__(self) -> None:
        self.failures = self.step = 0
        self._row = 0
        self._asked: Model | None = None

    @property
    def bypassed(self) -> bool:
        """Whether nothing is left but to leave the network out."""
        return self.step == len(self.STEPS) - 1

    def follow(self, asked: Model) -> Model:
        """The settings to run with, where `asked` is what the user wants; a new wish starts afresh."""
        if asked != self._asked:
            self._asked, self.step, self._row = asked, 0, 0
        if self.step == 0:
            return asked
        safer = replace(asked, precision="fp32", backend="torch", compile=False)
        return safer if self.step == 1 else replace(safer, device="cpu")

    def succeeded(self) -> None:
        """A frame came out well."""
        self._row = 0

    def failed(self) -> str:
        """A frame failed. One line for people when something else is tried from now on, else ""."""
        self.failures += 1
        self._row += 1
        if self._row < IN_A_ROW or self.bypassed or self._asked is None:
            return ""
        before = self.follow(self._asked)
        self._row = 0
        while True:  # a step that changes nothing is passed over
            self.step += 1
            if self.bypassed or self.follow(self._asked) != before:
                return self.STEPS[self.step]
