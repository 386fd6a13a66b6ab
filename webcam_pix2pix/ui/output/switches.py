"""The switches of the output window: blackout, test pattern, corners."""

from typing import Any


def connect_stage(window: Any) -> None:
    """Bring the actions of `window` (the MainWindow), its settings and its output window together."""
    stage, act = window.stage, window.actions_
    stage.problem.connect(window.messages.problem)
    stage.note.connect(window.messages.note)
    stage.corners_moved.connect(lambda text: window.live.set("Screen.corners", text))
    window.live.changed.connect(lambda: stage.follow(window.live.value.screen))
    stage.follow(window.live.value.screen)
    for name, does, said in (("blackout", stage.blackout, stage.black), ("test_pattern", stage.test_pattern, stage.patterned),
                             ("corners", stage.move_corners, stage.pinning)):
        act[name].triggered.connect(does)
        said.connect(lambda on, name=name: act.show_state(name, on))
    stage.shown_on.connect(lambda screen: [act[name].setEnabled(bool(screen)) for name in ("test_pattern", "corners")])
    for name in ("test_pattern", "corners"):
        act[name].setEnabled(False)
