"""Leaving: quitting while something is at work is asked about first, in the operator's window and never on the output."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

POLL_MS = 100


class Leaving:
    """parts: whatever may be at work; those that have at_work() name it in a few words, such as "a recording", or give "", and those that
    have on_quitting() say what becomes of it. Those that have finish() are asked to end it; until none is `saving` any more the window
    stays, so that everybody sees what is waited for.

    close: closes the window.
    """

    def __init__(self, window: QWidget, parts: Callable[[], Iterable[object]], close: Callable[[], object]) -> None:
        self._window, self._parts, self._close = window, parts, close
        self.question: QMessageBox | None = None
        self._timer = QTimer(window, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    def at_work(self) -> list[str]:
        """What runs now."""
        return [text for part in self._parts() if hasattr(part, "at_work") and (text := part.at_work())]

    @property
    def saving(self) -> bool:
        """Whether a file is not yet whole."""
        return any(getattr(part, "saving", False) for part in self._parts())

    def leave(self) -> bool:
        """Close the window, or ask first, or wait for what is being saved; whether it is closed at once."""
        ready = self.ready()
        if ready:
            self._close()
        return ready

    def ready(self) -> bool:
        """Whether the window may close at once. If not it asks, or closes it when what is being saved is whole; asked again, it waits no
        more."""
        running = self.at_work()
        if running:
            if self.question is None:
                self.question = self._ask(running)
            self.question.raise_()
            self.question.activateWindow()
        elif self.saving and not self._timer.isActive():
            self._finish()
        else:
            self._timer.stop()
            return True
        return False

    def _ask(self, running: list[str]) -> QMessageBox:
        box = QMessageBox(QMessageBox.Icon.Question, "Quit?", f"{' and '.join(running).capitalize()} is running. Quit anyway?",
                          parent=self._window)
        more = (part.on_quitting() for part in self._parts() if hasattr(part, "on_quitting"))
        box.setInformativeText(" ".join(filter(None, ("What has been made so far is saved.", *more))))
        quit_ = box.addButton("Quit", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(lambda *_: self._answered(box.clickedButton() is quit_))
        box.open()
        return box

    def _answered(self, quit_: bool) -> None:
        box, self.question = self.question, None
        if box is not None:
            box.deleteLater()
        if quit_:
            self._finish()

    def _finish(self) -> None:
        for part in self._parts():
            if hasattr(part, "finish"):
                part.finish()
        self._timer.start()
        self._poll()

    def _poll(self) -> None:
        if not self.saving:
            self._timer.stop()
            self._close()
