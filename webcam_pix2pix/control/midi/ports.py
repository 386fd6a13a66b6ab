"""MidiInput: opens a MIDI device by name, opens it again when it was unplugged, and brings its messages to a router."""

import importlib.util
import logging
import threading
from collections.abc import Callable
from typing import Any

from msa.heartbeats import Heartbeat

from .router import MidiRouter

log = logging.getLogger(__name__)

SCAN_S = 1.0  # between two lists of the devices
STILL_S = 5.0
INSTALL = 'MIDI needs the packages mido and python-rtmidi: python -m pip install ".[midi]"'


def why_no_midi() -> str:
    """Why MIDI cannot be used, in one line; empty where the packages are there."""
    return "" if importlib.util.find_spec("mido") and importlib.util.find_spec("rtmidi") else INSTALL


def devices(backend: Any = None) -> list[str]:
    """Names of the MIDI inputs. backend: a mido backend; None: the usual one. Raises OSError with one line."""
    try:
        return [str(name) for name in (backend or _mido()).get_input_names()]
    except OSError:
        raise
    except Exception as error:  # of the system, such as an ALSA that is not there
        raise OSError(f"MIDI: no devices can be listed ({error})") from None


class MidiInput:
    """A device by name, or by a part of its name; "" is the first one. It may come later, go, and come again.

    report: takes one line for people. backend: a mido backend; None: the usual one.

    Attributes:
        port: name of the device that is open; empty while there is none.
    """

    def __init__(self, router: MidiRouter, device: str, report: Callable[[str], object], backend: Any = None) -> None:
        """Raises OSError with one line when MIDI cannot be used."""
        if backend is None and (reason := why_no_midi()):
            raise OSError(reason)
        self.port = ""
        self._router, self._device, self._report, self._backend = router, device, report, backend or _mido()
        self._input: Any = None
        self._output: Any = None
        self._missed = False
        devices(self._backend)
        self._scan()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
        self._heart = Heartbeat("MIDI", STILL_S, "a device that was unplugged is not opened again; the show goes on", self._thread)
        self._thread.start()

    def close(self) -> None:
        """Close the device; joins."""
        self._stop.set()
        self._thread.join(SCAN_S + 2)
        self._shut()

    def _run(self) -> None:
        while not self._stop.wait(SCAN_S):
            try:
                with self._heart:
                    self._scan()
            except OSError as error:
                log.debug("%s", error)

    def _scan(self) -> None:
        """Open the device where it is there, notice where it is gone."""
        names = devices(self._backend)
        if self.port and self.port not in names:
            self._report(f"MIDI: {self.port} is gone; it is opened again when it is back")
            self._missed = True
            self._shut()
        if self.port:
            return
        name = next((name for name in names if self._device.lower() in name.lower() and "through" not in name.lower()), None) or next(
            (name for name in names if self._device and self._device.lower() in name.lower()), None)
        if name is None:
            if not self._missed:
                self._missed = True
                there = ", ".join(names) if names else "none is there"
                self._report(f"MIDI: {self._device or 'a device'} is not there yet; devices: {there}")
            return
        try:
            self._input = self._backend.open_input(name, callback=lambda message: self._router.take(bytes(message.bytes())))
            outputs = [str(one) for one in self._backend.get_output_names()]
            same = next((one for one in outputs if one.rsplit(" ", 1)[0] == name.rsplit(" ", 1)[0]), None)
            self._output = self._backend.open_output(same) if same else None
        except Exception as error:
            self._report(f"MIDI: {name} cannot be opened ({error})")
            return self._shut()
        self.port, self._missed = name, False
        self._router.send = self._send if self._output is not None else None
        log.info("MIDI: %s", name)

    def _send(self, data: bytes) -> None:
        import mido
        output = self._output
        if output is not None:
            output.send(mido.Message.from_bytes(data))

    def _shut(self) -> None:
        self._router.send = None
        for part in (self._input, self._output):
            if part is not None:
                try:
                    part.close()
                except Exception as error:  # of a device that is gone
                    log.debug("midi: %s", error)
        self.port, self._input, self._output = "", None, None


def _mido() -> Any:
    import mido
    return mido
