"""Compare: what is to be seen at both sides of the line in the panel of the painting. The output shows the painting alone."""

from typing import Any

import numpy as np
from PySide6.QtGui import QActionGroup, QCursor
from PySide6.QtWidgets import QMenu

from webcam_pix2pix.control.presets import Bank, Preset
from webcam_pix2pix.control.presets.preset import PARTS
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Pipeline

from ..panels.frame_panels import Panels
from .wipe import Wipe

MODES = {"input": ("network input", "painting"), "camera": ("camera", "painting"), "preset": ("now", "")}


class Compare:
    """Off until toggle() or choose(). show_state("compare", on): tells the action whether it is on.

    Attributes:
        mode: one of MODES, "" while it is off. preset: the one to compare with, in mode "preset".
    """

    def __init__(self, window: Any, pipeline: Pipeline, panels: Panels, bank: Bank, show_state) -> None:
        self.mode = ""
        self.preset: Preset | None = None
        self._last = "input"
        self._pipeline, self._panels, self._bank, self._show_state = pipeline, panels, bank, show_state
        self.wipe = Wipe(panels.prediction.view)
        self.wipe.moved.connect(self._again)
        panels.composed = self.composed
        self.menu = QMenu(window)
        self.menu.aboutToShow.connect(self._fill)
        panels.prediction.bar.add_button("square-half", "compare with the input or with a preset", self._popup, first=True)

    def toggle(self, on: bool) -> None:
        """Compare as the last time, or not at all."""
        self.choose(self._last if on else "", self.preset)

    def choose(self, mode: str, preset: Preset | None = None) -> None:
        """mode: one of MODES, or "" for off. preset: for mode "preset"."""
        if mode == "preset" and preset is None:
            mode = "input"
        self.mode, self.preset = mode, preset
        self._last = mode or self._last
        left, right = MODES.get(mode, ("", ""))
        values = preset.values if mode == "preset" and preset else None
        self._pipeline.comparison.values = None if values is None else {n: v for n, v in values.items() if n.startswith(PARTS["settings"])}
        self.wipe.show_names(left, preset.name if values is not None and preset else right)
        self._show_state("compare", bool(mode))
        self._again()

    def composed(self, frame: Frame) -> np.ndarray | None:
        """What the panel shows of `frame`."""
        left, right = {"input": (frame.processed, frame.predicted), "camera": (frame.captured, frame.predicted),
                       "preset": (frame.predicted, frame.compared)}.get(self.mode, (None, None))
        if left is None or right is None:
            return frame.predicted
        self.wipe.place()
        return self.wipe.composed(left, right)

    def _again(self) -> None:
        frame = self._panels.frame
        if frame is not None:
            self._panels.prediction.show_image(self.composed(frame))

    def _popup(self) -> None:
        self.menu.popup(QCursor.pos())

    def _fill(self) -> None:
        self.menu.clear()
        group = QActionGroup(self.menu)
        choices: list[tuple[str, str, Preset | None]] = [("Painting alone", "", None), ("Network input | painting", "input", None),
                                                         ("Camera | painting", "camera", None)]
        choices += [(f"Now | {preset.name}", "preset", preset) for preset in self._bank.presets if not preset.problem]
        for number, (text, mode, preset) in enumerate(choices):
            if number in (1, 3):
                self.menu.addSeparator()
            action = group.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(mode == self.mode and (preset and preset.identity) == (self.preset and self.preset.identity))
            action.triggered.connect(lambda _=False, mode=mode, preset=preset: self.choose(mode, preset))
            self.menu.addAction(action)
