"""Mirror: left and right of the picture follow the kind of source; what the user chooses is remembered for that kind."""

from msa.capturer import kind_of, mirrored

from .live_settings import LiveSettings

FLIP = "Capture.Processing.flip_h"


def mirror_of(device_id: str, chosen: dict[str, bool]) -> bool:
    """Whether `device_id` is mirrored, as chosen for its kind or, lacking that, as usual. chosen: kind of source -> mirrored."""
    return chosen.get(kind_of(device_id), mirrored(device_id))


class Mirror:
    """Sets flip_h when a source of another kind is chosen, and notes in `chosen` (kind -> mirrored) what the user makes of it."""

    def __init__(self, live: LiveSettings, chosen: dict[str, bool]) -> None:
        self._live, self._chosen = live, chosen
        self._kind, self._flip = self._now()
        live.changed.connect(self._follow)

    def _now(self) -> tuple[str, bool]:
        return kind_of(self._live.value.capture_init.device_id), self._live.value.processing.flip_h

    def _follow(self) -> None:
        kind, flip = self._now()
        before = self._kind
        self._kind, self._flip, changed = kind, flip, flip != self._flip
        if kind != before:
            self._flip = mirror_of(self._live.value.capture_init.device_id, self._chosen)
            if self._flip != flip:
                self._live.correct({FLIP: self._flip})
        elif changed:
            self._chosen[kind] = flip
