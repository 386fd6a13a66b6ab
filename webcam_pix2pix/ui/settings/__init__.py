"""The settings in the window: the parameter tree and its editors, presets, undo, the recipe badge.

May import: control, model, params, recipe, settings, sinks, ui.foundation, ui.sources, msa.
To add a setting: one knob() in the dataclass that uses it; row, --set and presets follow. To add an editor: fields.py."""
