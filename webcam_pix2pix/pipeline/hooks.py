"""Hooks: called with each captured image and its settings before the chain; they follow, or change the settings for that image."""

import threading
from collections.abc import Callable

from msa.capturer import Captured
from webcam_pix2pix.settings import Settings

Hook = Callable[[Captured, Settings], Settings]


class Hooks:
    """Hooks in the order in which they were added. One that fails is removed; failed(text, error) is told.

    A hook is called on the engine thread and must not wait. It gives the settings on, changed or not.
    """

    def __init__(self, failed: Callable[[str, Exception], None]) -> None:
        self._hooks: tuple[Hook, ...] = ()
        self._failed = failed
        self._lock = threading.Lock()

    def add(self, hook: Hook) -> None:
        with self._lock:
            self._hooks = (*self._hooks, hook)

    def remove(self, hook: Hook) -> None:
        with self._lock:
            self._hooks = tuple(h for h in self._hooks if h is not hook)

    def __call__(self, captured: Captured, settings: Settings) -> Settings:
        """The settings for one image."""
        for hook in self._hooks:
            try:
                settings = hook(captured, settings)
            except Exception as error:
                self.remove(hook)
                self._failed(f"{type(hook).__name__} stopped", error)
        return settings
