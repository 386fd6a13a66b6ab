"""The model browser: which models there are, and how one model looks.

May import: ui.foundation, ui.panels, model, checkpoints.
To show one more fact of a model: Entry in catalog.py, drawn in card.py."""
