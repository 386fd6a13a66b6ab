"""What can be opened: the source menu, dialogs, files dropped on the window.

May import: model, pipeline, control, sinks, ui.foundation, ui.panels, ui.presets, ui.settings, ui.shell, msa.
To open one more kind of file: kind() in drops.py, path() in opening.py."""
