"""One reader for each kind of checkpoint, and the file formats below them.

A reader gives a Checkpoint: the spec of the generator and its weights, still in the file. Nothing in a file can run code.
May import: identify, model, recipe, specs, msa. torch only where a weight is loaded.
To add a format: one module with read(path), one line in READERS (checkpoints/__init__.py), its first bytes in content.py."""
