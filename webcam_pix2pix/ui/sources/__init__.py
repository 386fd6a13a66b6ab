"""What can be opened: the source menu, dialogs, files dropped on the window.

May import: ui.foundation, ui.settings, msa.capturer.
To open one more kind of file: kind() in drops.py, path() in opening.py."""
