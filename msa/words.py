"""Words for numbers of things, right in number."""


def counted(number: int, thing: str, things: str = "") -> str:
    """"1 pair", "2 pairs"; `things` where the plural does not just end in s."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"
