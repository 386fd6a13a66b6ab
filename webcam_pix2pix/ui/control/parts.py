"""Parts: what plays on the desk or listens to it, beside the docks of the window. Each may have tick() and close()."""

from typing import Any

from .replaying import Replaying


class Parts:
    """The parts of a MainWindow.

    Attributes:
        replaying: performances, recorded and played.
    """

    def __init__(self, window: Any) -> None:
        self.replaying = Replaying(window.pipeline, window.live.desk, window.output)
        self._all = (self.replaying,)
        self.replaying.note.connect(window.messages.note)
        self.replaying.problem.connect(window.messages.problem)
        self.replaying.saved.connect(window.messages.note)
        self.replaying.recording.connect(lambda on: window.actions_.show_state("record_replay", on))
        window.actions_["record_replay"].triggered.connect(lambda *_: self.replaying.toggle())

    @property
    def lends_settings(self) -> bool:
        """Whether the settings are those of a performance, which are not to be remembered as the user's own."""
        return self.replaying.is_playing

    def tick(self) -> None:
        """Called some eight times a second."""
        for part in self._all:
            part.tick()

    def close(self) -> None:
        for part in self._all:
            part.close()
