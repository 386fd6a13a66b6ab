"""Opening: sources, models, presets and snapshots, from menus, dialogs, drops."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from msa.capturer import kind_of
from msa.utils import natural_key
from webcam_pix2pix.model import user_models_folder
from webcam_pix2pix.pipeline import Pipeline

from ..presets.menu import PresetMenu
from ..settings.live_settings import LiveSettings
from . import dialogs, drops

FILMS = set(dialogs.VIDEO.split())


class Opening:
    """Everything that can be opened in the window `parent`; `remember` is told of each source once it has given an image."""

    def __init__(self, parent: QWidget, pipeline: Pipeline, live: LiveSettings, presets: PresetMenu,
                 problem: Callable[[str], None]) -> None:
        self.remember: Callable[[str], None] = lambda device_id: None
        self.bring_in: Callable[[str], None] = lambda path: None  # a whole bank of presets
        self._waiting = ""  # for a first image of this source
        self._parent, self._pipeline, self._live, self._presets, self._problem = parent, pipeline, live, presets, problem

    def source(self, device_id: str) -> None:
        """Camera, file, folder, stream, screen or test; the one in use is opened anew."""
        self._waiting = device_id
        if device_id == self._live.value.capture_init.device_id:
            self.reopen()
        else:
            self._live.set("Capture.Init.device_id", device_id)

    def tick(self) -> None:
        """Called a few times a second."""
        capturer = self._pipeline.capturer
        if self._waiting and capturer.device_id == self._waiting and capturer.source is not None and not capturer.lost:
            self.remember(self._waiting)
            self._waiting = ""

    def skip(self, by: int) -> None:
        """From a film to the next (1) or previous (-1) one in its folder; after the last comes the first."""
        here = self._live.value.capture_init.device_id
        path = Path(here).expanduser().absolute()
        if kind_of(here) != "film" or not path.is_file():
            return
        films = sorted((p for p in path.parent.iterdir() if p == path or f"*{p.suffix.lower()}" in FILMS), key=natural_key)
        if len(films) > 1:
            self.source(str(films[(films.index(path) + by) % len(films)]))

    def reopen(self) -> None:
        """Close the source and open it again."""
        self._pipeline.capturer.reinitialise(self._live.value.capture_init)

    def model(self, name: str) -> None:
        """Name or path; it is built beside the running one. The one in use is built anew."""
        if name == self._live.value.model.model_name:
            self._pipeline.reload_model()
        else:
            self._live.set("Model.model_name", name)

    def then(self, path: str) -> None:
        """A colour grade, which follows the model."""
        self._live.set("Model.then", path)

    def path(self, path: str) -> None:
        """A file or folder from outside, whatever it is."""
        try:
            kind = drops.kind(path)
        except OSError as error:
            return self._problem(f"{path}: {error.strerror or error}")
        {"source": self.source, "preset": self._presets.load, "snapshot": self._presets.load, "model": self.model,
         "grade": self.then, "bank": lambda path: self.bring_in(path)}[kind](path)

    def ask_source(self) -> None:
        """A video or an image."""
        def play(path: str) -> None:
            self.source(path)
            if f"*{Path(path).suffix.lower()}" in FILMS:
                self._presets.mention(path)

        self._asked(play, dialogs.source(self._parent))

    def ask_folder(self) -> None:
        """A folder of images."""
        self._asked(self.source, dialogs.image_folder(self._parent))

    def ask_address(self) -> None:
        """A stream."""
        self._asked(self.source, dialogs.address(self._parent))

    def ask_model(self) -> None:
        """A checkpoint or a descriptor."""
        self._asked(self.model, dialogs.model(self._parent, user_models_folder()))

    @staticmethod
    def _asked(then: Callable[[str], None], answer: str | None) -> None:
        if answer:
            then(answer)
