"""Window actions: what the window can do, on the desk. They may be triggered from any thread and run in the window's."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction

from webcam_pix2pix.control import Action, register_common

from ..settings.live_settings import LiveSettings
from ..shell.actions import SEPARATOR, SPECS, Actions


def register(live: LiveSettings, actions: Actions, more: Mapping[str, QAction]) -> dict[str, QAction]:
    """Put every action of the window on the desk, and give all of them. more: name -> QAction of those that have no Spec."""
    register_common(live.desk)
    named = {spec.name: actions[spec.name] for spec in SPECS if spec.name != SEPARATOR}
    named |= more
    for name, action in named.items():
        if name not in live.desk.actions:  # freeze, bypass and recipe need no window
            kind, state = ("toggle", action.isChecked) if action.isCheckable() else ("trigger", None)
            text = action.text().rstrip("…").replace("&", "")
            live.desk.register(Action(name, text, _queued(live, action), kind, state))
    return named


def _queued(live: LiveSettings, action: QAction) -> Callable[[Any], None]:
    def run(argument: Any) -> None:
        if action.isEnabled() and (argument is None or action.isChecked() is not argument):
            action.trigger()

    # not within the tick: while a dialog that an action opens is answered, the window's timer would stand still
    return lambda argument: live.later(lambda: QTimer.singleShot(0, lambda: run(argument)))
