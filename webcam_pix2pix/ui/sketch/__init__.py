"""The sketch pad: a dock to draw in, whose drawing is a source.

May import: preprocessing, recipe, pipeline, ui.foundation, ui.panels, ui.settings, ui.sources, msa.
To add a tool: TOOLS in canvas.py. To add a palette: PALETTES in msa/sketch/palettes.py."""
