"""Thumbnails of presets that were never stored from a painting: made once from the drawn test scene, beside the show, and kept on disk."""

import json
import logging
import time
import zlib
from pathlib import Path

from msa.capturer import Captured
from msa.capturer.sources.testscene import draw
from msa.files import write_atomic
from webcam_pix2pix.control.presets import Preset
from webcam_pix2pix.control.presets.preset import file_name, thumbnail_of
from webcam_pix2pix.pipeline import Chain
from webcam_pix2pix.settings import Settings

from ..foundation.background import Background

log = logging.getLogger(__name__)
MOMENT = 40  # image of the test scene that is used: eyes open, the hand up


class Thumbnails:
    """What the network would see of the test scene with the settings of a preset. `of` asks for it, `tick` takes what is made."""

    def __init__(self, folder: Path) -> None:
        """folder: where they are kept; made when the first one is."""
        self._folder = folder
        self._made: dict[str, bytes] = {}  # by identity of the preset; empty while it is being made, or where it cannot be
        self._background = Background("preset thumbnails")

    def of(self, preset: Preset) -> bytes:
        """JPEG; empty while there is none."""
        if preset.problem or not preset.values:
            return b""
        if preset.identity not in self._made:
            self._made[preset.identity] = b""
            self._background.submit(lambda: self._read_or_make(preset), lambda data: self._made.update({preset.identity: data}))
        return self._made[preset.identity]

    def tick(self) -> None:
        """A few times a second."""
        self._background.poll()

    def close(self) -> None:
        """Wait for the one that is being made."""
        self._background.close()

    def _read_or_make(self, preset: Preset) -> bytes:
        values = zlib.crc32(json.dumps(dict(preset.values), sort_keys=True).encode())
        path = self._folder / f"{Path(file_name(preset.name, ())).stem}-{values:08x}.jpg"
        try:
            return path.read_bytes()
        except OSError:
            data = thumbnail_of(seen_by_network(preset))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomic(path, data)
        except OSError as error:  # it is made again next time
            log.warning("%s: the thumbnail is not kept (%s)", path, error)
        return data


def seen_by_network(preset: Preset):
    """The test scene as the network would see it with the settings of `preset`: HxWx3 RGB uint8."""
    captured = Captured(0, time.perf_counter(), draw(MOMENT))
    return Chain().prepare(captured, Settings().with_values(preset.values)).processed
