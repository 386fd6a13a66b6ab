"""Playing by hand and hardware, as the window shows it: its actions on the desk, modulation, the page about OSC, and performances.

May import: control, pipeline, settings, ui.foundation, ui.output, ui.settings, ui.shell, msa.
To add an action: a Spec in ui/shell/actions.py; it is on the desk too."""
