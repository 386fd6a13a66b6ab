"""Qt widgets that gui.py assembles, in rooms by what a person sees.

Rooms: foundation (theme, storage), panels (images, docks), settings (tree), presets (bank, morph), models (browser), training (docks),
sources (opening), sketch (to draw), compare, output (recording, full screen), control (hands and hardware), shell (actions, menus, status).
May import: everything below it; only this package, gui.py and params.py import Qt.
"""
