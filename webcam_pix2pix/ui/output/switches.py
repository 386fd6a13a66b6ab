"""The switches of the output window: blackout, test pattern, corners; and what a recording says when it begins."""

from typing import Any

from webcam_pix2pix.outgoing import outgoing

SMALL = 480  # px of height; below, one is hinted how to get more


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


def connect_recording(window: Any) -> None:
    """Let the menu say what the recording does, and the first small one how to make larger ones."""
    hinted: list[str] = []

    def show(on: bool) -> None:
        window.actions_.show_running("record", on, "Stop recording" if on else "Record")
        image = window.frame.predicted if window.frame else None
        if not on or image is None or hinted:
            return
        height, width = outgoing(image, window.live.value.output).shape[:2]
        if height < SMALL:
            hinted.append("size")
            window.messages.note(f"Recording at {width}×{height} pixels. Output, Size in “parameters” makes recordings larger.")

    def tip(what: str) -> None:
        window.actions_.show_tip("record", f"Record the painting as a film: {what}. Larger or smaller: Output, Size in “parameters”")

    window.output.recording.connect(show)
    window.output.planned.connect(tip)
    window.live.ticked.connect(lambda: window.output.plan(window.frame, window.live.value.output))
