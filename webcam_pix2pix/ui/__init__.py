"""Qt widgets that gui.py assembles, in rooms by what a person sees.

Rooms: foundation (theme, storage), panels (images, docks), settings (tree, presets), models (browser), training (docks), sources (opening),
output (recording, full screen), control (hands and hardware), shell (actions, menus, status, messages).
May import: everything below it; only this package, gui.py and params.py import Qt.
"""
