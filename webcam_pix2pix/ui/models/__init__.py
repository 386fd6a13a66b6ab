"""The model browser: which models there are, and how one model looks.

May import: checkpoints, model, recipe, training, ui.foundation, ui.panels, ui.shell, ui.sources, msa.
To show one more fact of a model: Entry in catalog.py, drawn in card.py."""
