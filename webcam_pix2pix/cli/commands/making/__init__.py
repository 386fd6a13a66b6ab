"""Commands that make a model from footage in one go: dataset, run, model.

May import: everything below the commands.
To add one: a module here, with its line in ROOMS (cli/__init__.py)."""
