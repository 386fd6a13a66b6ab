"""What is trained: the options under their usual names, presets, and the networks that they describe.

May import: specs, msa.
To add a training option: one knob() in Options; command line, window and run folder derive from it."""
