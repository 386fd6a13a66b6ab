"""What the commands raise for mistakes in their arguments, and the exit code of a job that was done in part."""

PARTIAL = 3  # done, but some of what was given could not be used


class UsageError(ValueError):
    """The command cannot start as called: one line naming the argument, its value and what was expected. Exit code 2."""
