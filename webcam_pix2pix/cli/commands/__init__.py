"""One module for each command, imported only when it is called: EXAMPLES, add_arguments(parser), run(args) -> exit code.

May import: everything below the command line; never another command's private names.
To add a command: one module here and one line in COMMANDS (cli/__init__.py)."""
