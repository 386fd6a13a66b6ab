"""Packets: whether bytes are OSC 1.0 to the last byte, before a library reads them; damaged ones are often half of a message."""

import struct

SIZES = {"i": 4, "f": 4, "r": 4, "m": 4, "c": 4, "h": 8, "d": 8, "t": 8, "T": 0, "F": 0, "N": 0, "I": 0}  # bytes of an argument by its tag
DEEPEST = 4  # bundles within bundles
BUNDLE = b"#bundle\0"


def is_osc(packet: bytes, depth: int = 0) -> bool:
    """Whether it is one message or bundle, whole and with nothing after it."""
    if len(packet) % 4 or not packet:
        return False
    return _is_bundle(packet, depth) if packet.startswith(BUNDLE) else _is_message(packet)


def _is_bundle(packet: bytes, depth: int) -> bool:
    at = 16  # after the time tag
    if len(packet) < at or depth >= DEEPEST:
        return False
    while at < len(packet):
        size = struct.unpack_from(">I", packet, at)[0]  # four bytes are there: all lengths are multiples of four
        at += 4
        if size > len(packet) - at or not is_osc(packet[at:at + size], depth + 1):
            return False
        at += size
    return True


def _is_message(packet: bytes) -> bool:
    at = _after_text(packet, 0)
    address = packet[:at].rstrip(b"\0")
    if not address.startswith(b"/") or not all(32 < byte < 127 for byte in address):
        return False
    end = _after_text(packet, at)
    tags = packet[at:end].rstrip(b"\0")
    if not tags.startswith(b","):
        return False
    for tag in tags[1:].decode("latin-1"):
        if tag in "sS":
            following = _after_text(packet, end)
            if not following:
                return False
            end = following
        elif tag == "b" and end + 4 <= len(packet):
            end += 4 + (struct.unpack_from(">I", packet, end)[0] + 3) // 4 * 4
        elif tag in SIZES:
            end += SIZES[tag]
        else:
            return False
    return end == len(packet)


def _after_text(packet: bytes, at: int) -> int:
    """Where a text that begins at `at` ends, its padding of zeros included; 0 where it does not end."""
    end = packet.find(b"\0", at)
    if end < 0:
        return 0
    padded = (end // 4 + 1) * 4
    return padded if not any(packet[end:padded]) else 0
