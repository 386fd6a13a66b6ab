"""Parts: what plays on the desk or listens to it, beside the docks of the window. Each may have tick() and close()."""

from typing import Any

from webcam_pix2pix.control.controllers import Controllers

from ..shell.actions import SEPARATOR, SPECS
from .midi_learning import MidiLearning
from .modulating import Modulating
from .osc_sheet import show_osc
from .perform import Perform
from .phone import Phone
from .replaying import Replaying


class Parts:
    """The parts of a MainWindow.

    Attributes:
        replaying: performances, recorded and played.
        phone: the phone remote. perform: the show mode.
        controllers: what plays from outside. modulating, midi: LFOs and MIDI, as the window shows them.
    """

    def __init__(self, window: Any) -> None:
        self._window = window
        self.replaying = Replaying(window.pipeline, window.live.desk, window.output)
        self.controllers = Controllers(window.live.desk, lambda text: window.live.later(lambda: window.messages.problem(text)))
        self.modulating = Modulating(window.live, window.tree, window.store.folder, self.controllers.listen, window.messages.problem)
        self.phone = Phone(window)
        self.perform = Perform(window)
        self._all = (self.replaying, self.controllers, self.phone, self.perform)
        self.midi = MidiLearning(window, self.controllers, window.store.folder, window.live.later, window.messages.note,
                                 window.messages.problem)
        window.tree.menu_extras.append(self.midi.entries)
        named = {id(window.actions_[spec.name]): spec.name for spec in SPECS if spec.name != SEPARATOR}
        for place in (*window.actions_.menus.values(), window.bar):
            self.midi.offer_actions(place, lambda action: named.get(id(action)))
        window.actions_["midi"].triggered.connect(lambda *_: self.midi.open())
        for name in ("tap", "strike", "still"):
            window.actions_[name].triggered.connect(lambda *_, name=name: window.live.desk.trigger(name))
        window.actions_["osc_page"].triggered.connect(lambda *_: show_osc(window, self.controllers))
        window.actions_["panic"].triggered.connect(lambda *_: self.perform.panic())
        for part in (self.replaying, self.phone, self.perform):
            part.note.connect(window.messages.note)
            part.problem.connect(window.messages.problem)
        self.replaying.saved.connect(window.messages.note)
        self.replaying.recording.connect(self._performing)
        window.actions_["phone"].triggered.connect(lambda *_: self.phone.ask())
        window.actions_["record_replay"].triggered.connect(lambda *_: self.replaying.toggle())

    def _performing(self, on: bool) -> None:
        self._window.actions_.show_running("record_replay", on, "Stop recording the performance" if on else "Record performance")
        if on:
            self._window.messages.note("Recording the performance: the camera images and every change. The same entry of Live ends it.")

    @property
    def lends_settings(self) -> bool:
        """Whether the settings are those of a performance, which are not to be remembered as the user's own."""
        return self.replaying.is_playing

    def tick(self) -> None:
        """Called some eight times a second."""
        for part in (self.replaying, self.phone, self.perform):
            part.tick()
        elapsed = self.replaying.elapsed()
        self._window.status.lamp.show_text(f"performance {elapsed}" if elapsed else "", "A performance is being recorded: Live ends it")

    def close(self) -> None:
        for part in self._all:
            part.close()
