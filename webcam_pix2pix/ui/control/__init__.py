"""Playing by hand and hardware, as the window shows it: its actions on the desk.

May import: control, settings, ui.foundation, ui.settings, ui.shell.
To add an action: a Spec in ui/shell/actions.py; it is on the desk too."""
