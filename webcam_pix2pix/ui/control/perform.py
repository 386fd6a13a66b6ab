"""Perform: the show mode. The output stands on its screen from the start and stays there; a clip covers for a source that is gone."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QScreen

from msa.capturer import Capturer
from msa.capturer.init import Init
from webcam_pix2pix.settings import PRESET_GROUPS, read_preset

from ..shell.actions import SPECS
from .awake import keep_awake

SAFE = "safe.json"  # the preset that the panic key recalls, where there is one
CLIP_MS = 33  # from image to image of the clip, at most
GONE_S = 3.0  # without a new painting, while the source is lost: then the clip is shown


class Perform(QObject):
    """The show mode of a MainWindow; off until begin().

    Signals:
        note(str), problem(str): the result.
    """

    note = Signal(str)
    problem = Signal(str)

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self._window, self._stage = window, window.stage
        self._display = ""  # name of the screen; "": any
        self._on = False
        self._release: Callable[[], object] | None = None
        self._clip: Path | None = None
        self._player: Capturer | None = None  # plays the clip
        self._timer = QTimer(self, interval=CLIP_MS)
        self._timer.timeout.connect(self._show_clip)
        self._kept: list[QAction] = []  # actions that the output does not take in a show
        self._shown, self._came = None, time.monotonic()

    @property
    def on(self) -> bool:
        """Whether the output is to stay on its screen."""
        return self._on

    def begin(self, display: str = "", clip: Path | None = None) -> None:
        """Open the output, and let it stand. display: number (from 1) or name of a screen, "": the one it opens on otherwise.
        clip: a film for when the source is gone. Raises ValueError or OSError with one line.
        """
        if clip is not None and not clip.is_file():
            raise FileNotFoundError(f"--clip {clip}: no such file")
        screen = screen_of(display) if display else self._stage.target()
        self._display, self._clip, self._on = screen.name(), clip, True
        self._stage.kiosk = True
        self._stage.kiosk_left.connect(self.leave)
        dialogs = {spec.name for spec in SPECS if spec.text.endswith("…") or spec.menu == "Help"}
        self._kept = [self._window.actions_[name] for name in dialogs]
        for action in self._kept:  # nothing opens over the output
            self._stage.removeAction(action)
        self._release = keep_awake()
        if self._release is None:
            self.note.emit("The screen saver cannot be held off here: switch it off in the settings of the system.")

    def leave(self) -> None:
        """Close the output and end the show mode."""
        self._on = self._stage.kiosk = False
        self._stage.addActions(self._kept)
        self._stage.close()
        self._let_go()

    def panic(self) -> None:
        """Back to a safe look at once: the preset "safe" where there is one, else as the model was trained."""
        desk = self._window.live.desk
        path = self._window.store.presets / SAFE
        values = {name: value for name, value in desk.reference().items() if name.startswith(PRESET_GROUPS)}
        values |= {"Capture.freeze": False, "Capture.enabled": True, "Prediction.enabled": True}
        try:
            values |= read_preset(path) if path.is_file() else {}
        except (ValueError, OSError) as error:
            self.problem.emit(str(error))
        desk.apply(values, "panic")
        desk.trigger("still")

    def tick(self) -> None:
        """Called a few times a second."""
        if not self._on:
            return
        if self._window.isVisible():
            self._window.start()  # where the output covers the window, that is never painted
        screens = {screen.name(): screen for screen in QGuiApplication.screens()}
        if not self._stage.isVisible() and self._display in screens:  # the show begins, or its screen is back
            self._stage.open_on(screens[self._display])
        self._cover()

    def close(self) -> None:
        """End it for good."""
        self._on = False
        self._let_go()

    def _cover(self) -> None:
        frame = self._window.frame
        if frame is not self._shown:
            self._shown, self._came = frame, time.monotonic()
        capturer = self._window.pipeline.capturer
        gone = bool(capturer.error) and time.monotonic() - self._came > GONE_S
        if gone and self._player is None and self._clip is not None:
            self._player = Capturer(Init(device_id=str(self._clip)))
            self._timer.start()
        elif not gone and self._player is not None:
            self._uncover()

    def _show_clip(self) -> None:
        captured = self._player.take() if self._player else None
        if captured is not None:
            self._stage.show_image(captured.image)

    def _uncover(self) -> None:
        self._timer.stop()
        if self._player is not None:
            self._player.close()
            self._player = None

    def _let_go(self) -> None:
        self._uncover()
        if self._release is not None:
            self._release()
            self._release = None


def screen_of(display: str) -> QScreen:
    """The screen of that number (from 1) or name. Raises ValueError with one line that lists those there are."""
    screens = QGuiApplication.screens()
    by_name = {screen.name(): screen for screen in screens}
    if display in by_name:
        return by_name[display]
    if display.isdecimal() and 1 <= int(display[:6]) <= len(screens):
        return screens[int(display) - 1]
    there = ", ".join(f"{i} ({screen.name()})" for i, screen in enumerate(screens, 1))
    raise ValueError(f"--display: {display!r:.40} is not there, expected {there}")
