"""MatchGauge: how near the image that the network sees is to what it was trained on; one click brings it nearer."""

import time
from collections import deque
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.inputmatch import WORDS, Reading, features, matching, readings
from webcam_pix2pix.pipeline.chain import resolved
from webcam_pix2pix.recipe import Recipe

from ..foundation import theme
from ..settings.live_settings import LiveSettings

EVERY_S = 0.5  # between two looks at the image
PAST = 0.6  # share of the past in what is shown, so that it does not flicker
FAR = 0.5  # from here on it says so
KEPT = 3  # images that a click works on
FITS = "good match"
LONGEST = ("too colourful", FITS)  # what it says


class MatchGauge(QToolButton):
    """A word for the image, amber when it is far from the training. Not there while the model's recipe has no statistics.

    Signals:
        offered(bool): whether there is anything to show.
        note(str): what a click did.
    """

    offered = Signal(bool)
    note = Signal(str)

    def __init__(self, live: LiveSettings) -> None:
        super().__init__(objectName="badge", focusPolicy=Qt.FocusPolicy.TabFocus, accessibleName="match with the training")
        self._live = live
        self._seen: deque[np.ndarray] = deque(maxlen=KEPT)
        self._looked = 0.0
        self._found: dict[str, float] = {}
        self._recipe: Recipe | None = None
        self._shown: tuple | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clicked.connect(self.match)

    def observe(self, frame: Frame | None, now: Callable[[], float] = time.monotonic) -> None:
        """Measure the image of `frame`, at most every EVERY_S, and show how near it is."""
        recipe = self._live.recipe
        if recipe is not self._recipe:
            self._recipe, self._found = recipe, {}
            self._seen.clear()
        if frame is None or frame.predicted is None or recipe is None or not recipe.statistics:  # no model yet: another chain
            return self.offered.emit(False)
        if now() - self._looked < EVERY_S:
            return
        self._looked = now()
        self._seen.append(frame.captured)
        assert frame.processed is not None  # as there is a painting
        found = features(frame.processed)
        self._found = {name: PAST * self._found.get(name, value) + (1 - PAST) * value for name, value in found.items()}
        self.show_readings(readings(self._found, recipe.statistics))
        self.offered.emit(True)

    def show_readings(self, found: list[Reading]) -> None:
        """The word for the worst of them, all of them in the tooltip."""
        worst = max(found, key=lambda reading: abs(reading.off))
        far = abs(worst.off) >= FAR
        text = f"too {WORDS[worst.name][worst.off > 0]}" if far else FITS
        tip = "What the network sees now, compared with its training:<br>" + "<br>".join(map(str, found))
        tip += "<br><br>Click to change exposure and thresholds until it fits. Ctrl+Z undoes it." if far else ""
        if (text, tip, theme.current().name) == self._shown:
            return
        self._shown = text, tip, theme.current().name
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"match with the training: {text}")
        self.setIcon(theme.icon("gauge", theme.current().amber if far else theme.current().dim))
        self.setIconSize(theme.icon_size())
        self.setStyleSheet(f"color: {theme.current().amber if far else theme.current().dim};")

    def match(self) -> None:
        """Move exposure and thresholds until the image fits, as one step of undo."""
        recipe, value = self._live.recipe, self._live.value
        if recipe is None or not recipe.statistics or not self._seen:
            return
        off = [reading for reading in readings(self._found, recipe.statistics) if abs(reading.off) >= FAR] if self._found else []
        if self._found and not off:
            return self.note.emit("The image that the network sees is near to those of its training: nothing to change.")
        now = Recipe(value.processing, resolved(value.edges, recipe))
        values = matching(list(self._seen), now, recipe.statistics)
        if values:
            self._live.apply(values, "match with the training")
            self._found = {}
            changes = ", ".join(f"{name.rpartition('.')[2]} {value:g}" for name, value in values.items())
            self.note.emit(f"Nearer to the training: {changes}. Ctrl+Z takes it back.")
        else:
            what = " and ".join(f"too {WORDS[reading.name][reading.off > 0]}" for reading in off)
            self.note.emit(f"The image is {what or 'unlike the training'}; exposure and thresholds cannot change that. Change the light "
                           "or the camera.")
