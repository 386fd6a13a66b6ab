"""The actions that need no window: switches of the show, the recipe, undo."""

from .actions import Action
from .desk import Desk
from .values import value_of


def register_common(desk: Desk) -> None:
    """Add freeze, bypass, recipe, undo and redo to `desk`. A window puts its own in their place."""
    for name, text, setting, on in (("freeze", "Freeze", "Capture.freeze", True), ("bypass", "Bypass", "Prediction.enabled", False)):
        def switch(wanted: bool, setting: str = setting, on: bool = on, name: str = name) -> None:
            desk.apply({setting: on == wanted}, name)

        def state(setting: str = setting, on: bool = on) -> bool:
            return value_of(desk.settings, setting) is on

        desk.register(Action(name, text, switch, "toggle", state))
    desk.register(Action("recipe", "Back to the recipe", lambda _: desk.to_recipe()))
    desk.register(Action("undo", "Undo", lambda _: desk.undo()))
    desk.register(Action("redo", "Redo", lambda _: desk.redo()))
