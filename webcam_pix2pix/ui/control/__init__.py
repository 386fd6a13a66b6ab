"""Playing by hand and hardware, as the window shows it: actions and keys, modulation, OSC, MIDI, performances, the phone remote.

May import: control, pipeline, params, settings, ui.foundation, ui.output, ui.settings, ui.shell, msa.
To add an action: a Spec in ui/shell/actions.py; it is on the desk too."""
