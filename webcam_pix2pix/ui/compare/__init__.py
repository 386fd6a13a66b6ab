"""Comparing: a line to drag between two images of the same frame, the bypass while a key is held, the image after each step of the chain.

May import: control, frame, preprocessing, pipeline, ui.foundation, ui.panels, ui.shell, msa.
To compare something else: MODES in compare.py."""
