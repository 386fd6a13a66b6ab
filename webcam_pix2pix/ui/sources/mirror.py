"""Mirror: left and right of the image follow the kind of source; what the user chooses is remembered for that kind."""

from collections.abc import Callable

from msa.capturer import kind_of, mirrored
from webcam_pix2pix.control.presets.player import BY

from ..settings.live_settings import LiveSettings

FLIP = "Capture.Processing.flip_h"


def mirror_of(device_id: str, chosen: dict[str, bool]) -> bool:
    """Whether `device_id` is mirrored, as chosen for its kind or, lacking that, as usual. chosen: kind of source -> mirrored."""
    return chosen.get(kind_of(device_id), mirrored(device_id))


class Mirror:
    """Sets flip_h once a source of another kind is in use, and notes in `chosen` (kind -> mirrored) what the user makes of it.

    running: gives the device_id of the source in use; while another one is being opened, that is not yet the one asked for.
    """

    def __init__(self, live: LiveSettings, chosen: dict[str, bool], running: Callable[[], str]) -> None:
        self._live, self._chosen, self._running = live, chosen, running
        self._asked, self._flip = live.value.capture_init.device_id, live.value.processing.flip_h
        self._used = self._asked
        self._by_preset = False  # the preset that named the source says how it is mirrored
        live.changed.connect(self._follow)

    def tick(self) -> None:
        """Called often: whether another source has come."""
        before, self._used = self._used, self._running()
        if self._used != before and kind_of(self._used) != kind_of(before) and not self._by_preset:
            self._flip = mirror_of(self._used, self._chosen)
            self._live.correct({FLIP: self._flip})

    def _follow(self) -> None:
        asked, flip = self._live.value.capture_init.device_id, self._live.value.processing.flip_h
        before, self._asked = self._asked, asked
        changed, self._flip = flip != self._flip, flip
        if asked != before:
            self._by_preset = self._live.desk.changed_by("Capture.Init.device_id") == BY
        elif changed:
            self._chosen[kind_of(self._used)] = flip
