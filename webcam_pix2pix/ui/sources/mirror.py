"""Mirror: left and right of the image follow the kind of source; what the user chooses is remembered for that kind."""

from msa.capturer import kind_of, mirrored
from webcam_pix2pix.control.presets.player import BY

from ..settings.live_settings import LiveSettings

FLIP = "Capture.Processing.flip_h"


def mirror_of(device_id: str, chosen: dict[str, bool]) -> bool:
    """Whether `device_id` is mirrored, as chosen for its kind or, lacking that, as usual. chosen: kind of source -> mirrored."""
    return chosen.get(kind_of(device_id), mirrored(device_id))


class Mirror:
    """Sets flip_h when a source of another kind is chosen, and notes in `chosen` (kind -> mirrored) what the user makes of it."""

    def __init__(self, live: LiveSettings, chosen: dict[str, bool]) -> None:
        self._live, self._chosen = live, chosen
        self._device_id, self._flip = live.value.capture_init.device_id, live.value.processing.flip_h
        live.changed.connect(self._follow)

    def _follow(self) -> None:
        device_id, flip = self._live.value.capture_init.device_id, self._live.value.processing.flip_h
        before, self._device_id = self._device_id, device_id
        changed, self._flip = flip != self._flip, flip
        if device_id != before and self._live.desk.changed_by("Capture.Init.device_id") == BY:
            return  # the preset says it
        if device_id != before and kind_of(device_id) != kind_of(before):
            self._flip = mirror_of(device_id, self._chosen)
            if self._flip != flip:
                self._live.correct({FLIP: self._flip})
        elif changed:
            self._chosen[kind_of(device_id)] = flip
