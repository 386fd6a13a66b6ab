"""Presets in the window: the dock of thumbnails, the menu with the keys, morph and crossfader.

May import: params, control, settings, sinks, pipeline, ui.foundation, ui.panels, ui.settings, ui.sources, msa.
To do one more thing to a preset: the context menu in bank_dock.py."""
