"""What the commands raise for mistakes in their arguments."""


class UsageError(ValueError):
    """The command cannot start as called: one line naming the argument, its value and what was expected. Exit code 2."""
