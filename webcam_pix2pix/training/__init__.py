"""Training: the loop, the trainer, losses, validation. Rooms: setup (options, networks), runs (folder, state, page),
objectives (teachers, style), steps (recorded, optimised).

Importing the package does not import torch; its modules do. May import: everything below it; no Qt.
To add a training option: one knob() in setup/options.py.
"""
