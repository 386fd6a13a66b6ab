"""The image panels: one image view, its dock, the three panels of one frame, and the layout of all docks.

May import: frame, inputmatch, model, pipeline, recipe, settings, ui.foundation, ui.settings, msa.
To add a dock: one line in DOCKS in gui.py; the widget itself goes into the room of its topic."""
