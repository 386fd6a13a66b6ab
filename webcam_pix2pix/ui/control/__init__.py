"""Playing by hand and hardware, as the window shows it: its actions on the desk, modulation, OSC, performances, the phone remote.

May import: control, pipeline, params, settings, ui.foundation, ui.output, ui.settings, ui.shell, msa.
To add an action: a Spec in ui/shell/actions.py; it is on the desk too."""
