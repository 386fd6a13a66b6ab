"""Protobuf messages, field by field, without their descriptions."""

from collections.abc import Iterator


def fields(message: bytes | memoryview) -> Iterator[tuple[int, int | bytes | memoryview]]:
    """(number, value) of each field of a protobuf message: int for numbers, a slice of `message` for what has a length.

    Raises ValueError when a field runs past the end.
    """
    position, end = 0, len(message)
    while position < end:
        tag, position = varint(message, position)
        kind = tag & 7
        if kind == 0:
            value, position = varint(message, position)
            yield tag >> 3, value
            continue
        if kind == 2:
            length, position = varint(message, position)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of unknown kind {kind}")
        if position + length > end:
            raise ValueError(f"a field of {length} bytes runs past the end")
        content = message[position:position + length]
        yield tag >> 3, content if kind == 2 else int.from_bytes(content, "little")
        position += length


def varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """(number, place behind it) of a number of variable length. Raises ValueError for one without end."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        octet = data[position]
        position += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value, position
    raise ValueError("a number without end")
