"""CRC-32C (Castagnoli) in numpy, fast enough for 200 MB of weights.

The checksum is linear over bits, so many lanes run side by side: the words of the data are laid out in rows, each lane takes one column,
and the columns are folded together at the end. Steps over zeros are 32x32 bit matrices; the one over a whole row is kept as two tables.
"""

import functools

import numpy as np

POLYNOMIAL = 0x82F63B78  # reflected
MAX_LANES = 1 << 14  # words per row: 64 kB, so that tables and row stay in the cache


def crc32c(data: bytes | memoryview | np.ndarray) -> int:
    """The checksum of `data`, any number of bytes."""
    octets = np.frombuffer(data, np.uint8)
    if len(octets) < 8:
        return _byte_by_byte(octets.tobytes())
    body = len(octets) // 4 * 4
    words = octets[:body].view("<u4") if octets.flags.aligned else np.frombuffer(octets[:body].tobytes(), "<u4")
    lanes = min(MAX_LANES, 1 << (len(words).bit_length() - 1))
    first = len(words) % lanes  # a shorter first row: zeros before the data change nothing
    row = np.zeros(lanes, np.uint32)
    row[lanes - first:] = words[:first]
    rows = words[first:].reshape(-1, lanes)
    start = row[lanes - first:] if first else None
    if start is None:
        row, rows = rows[0].copy(), rows[1:]
        row[0] ^= 0xFFFFFFFF  # the initial value, as bits of the data
    else:
        start[0] ^= 0xFFFFFFFF
    low, high = _tables(lanes)
    for more in rows:
        row = low[row & 0xFFFF] ^ high[row >> 16] ^ more
    while len(row) > 1:
        half = len(row) // 2
        row = _applied(_zeros(half), row[:half]) ^ row[half:]
    state = int(_applied(_zeros(1), row)[0])
    return _byte_by_byte(octets[body:].tobytes(), state) if body < len(octets) else state ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The form in which TensorFlow and LevelDB store a checksum."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _byte_by_byte(data: bytes, state: int = 0xFFFFFFFF) -> int:
    for octet in data:
        state ^= octet
        for _ in range(8):
            state = state >> 1 ^ (POLYNOMIAL if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@functools.cache
def _zeros(words: int) -> np.ndarray:
    """The step over `words` (a power of two) words of zeros: 32 columns, what becomes of each bit of the state."""
    if words > 1:
        half = _zeros(words // 2)
        return _applied(half, half)
    columns = []
    for bit in range(32):
        state = 1 << bit
        for _ in range(32):
            state = state >> 1 ^ (POLYNOMIAL if state & 1 else 0)
        columns.append(state)
    return np.array(columns, np.uint32)


def _applied(columns: np.ndarray, states: np.ndarray) -> np.ndarray:
    result = np.zeros_like(states)
    for bit, column in enumerate(columns):
        result ^= np.where(states >> bit & 1, column, np.uint32(0))
    return result


@functools.cache
def _tables(words: int) -> tuple[np.ndarray, np.ndarray]:
    """_applied(_zeros(words), state) as one look-up for each half of the state."""
    columns, halves = _zeros(words), np.arange(1 << 16, dtype=np.uint32)
    return _applied(columns, halves), _applied(columns, halves << 16)
