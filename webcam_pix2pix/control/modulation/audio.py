"""AudioFollower: how loud the microphone or line input is, as a whole and in bands, for modulation. Optional: sounddevice."""

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

RATE = 44100  # Hz
BLOCK = 1024  # samples, 23 ms
EDGES = {"bass": (20, 250), "mid": (250, 2000), "treble": (2000, 16000)}  # Hz
FALL = 0.85  # of a level, from block to block
QUIET_DB, LOUD_DB = -50.0, -6.0  # these are 0 and 1
INSTALL = 'Sound needs the package sounddevice: python -m pip install ".[audio]"'


def why_no_sound() -> str:
    """Why sound cannot be followed, in one line; empty where it can, as far as is known before a device is opened."""
    return "" if importlib.util.find_spec("sounddevice") else INSTALL


class Levels:
    """Levels of successive blocks: they rise at once and fall slowly."""

    def __init__(self, rate: int = RATE) -> None:
        self._rate = rate
        self._now = dict.fromkeys(("level", *EDGES), 0.0)

    def hear(self, block: np.ndarray) -> Mapping[str, float]:
        """block: N samples float, -1..1. The levels now, 0..1 by name of the band."""
        samples = np.nan_to_num(np.asarray(block, np.float64).ravel())
        if samples.size < 2:
            return dict(self._now)
        power = np.abs(np.fft.rfft(samples * np.hanning(samples.size))) ** 2
        power *= 2 / (samples.size * np.sum(np.hanning(samples.size) ** 2))  # as the mean square of the samples (Parseval)
        hertz = np.fft.rfftfreq(samples.size, 1 / self._rate)
        loud = {"level": float(np.mean(samples ** 2))} | {
            band: float(power[(hertz >= low) & (hertz < high)].sum()) for band, (low, high) in EDGES.items()}
        for band, value in loud.items():
            db = 10 * np.log10(max(value, 1e-12))
            share = float(min(max((db - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0), 1.0))
            self._now[band] = max(share, FALL * self._now[band])
        return dict(self._now)


class AudioFollower:
    """Listens on the thread of the sound library. tell: takes the levels of each block, and must not wait."""

    def __init__(self, tell: Callable[[Mapping[str, float]], object], device: str | None = None) -> None:
        """device: name or part of one; None: the usual input. Raises OSError with one line."""
        if reason := why_no_sound():
            raise OSError(reason)
        try:
            import sounddevice  # it wants PortAudio, which may be missing
            levels = Levels()

            def hear(block: np.ndarray, frames: int, times: Any, status: Any) -> None:
                tell(levels.hear(block[:, 0]))

            self._stream = sounddevice.InputStream(RATE, BLOCK, device, 1, "float32", callback=hear)
            self._stream.start()
        except Exception as error:  # PortAudioError and others
            raise OSError(f"sound: {device or 'the usual input'} cannot be opened ({error})") from None

    def close(self) -> None:
        """Stop listening."""
        self._stream.close()
