"""The frame of the window: actions and menus, toolbar, status line, messages, help, and what follows the engine.

May import: all other rooms of ui.
To add an action: one Spec in actions.py; menu, toolbar, shortcut sheet derive from it. Connect it in wiring.py."""
