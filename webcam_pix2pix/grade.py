"""Colour grades: 3D LUTs as .cube files (Adobe, DaVinci Resolve), applied to images by one look into a table."""

from pathlib import Path

import numpy as np

LARGEST = 129  # entries along one side
MOST_BYTES = 100_000_000


class Grade:
    """HxWx3 RGB uint8 -> HxWx3 RGB uint8, a fresh array. Trilinear between the entries of the file, worked out once for every colour."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or ValueError with one line naming the file."""
        self.name = path.stem
        self._table = _every_colour(read_cube(path))

    def __call__(self, image: np.ndarray) -> np.ndarray:
        parts = image.astype(np.uint32)
        number = (parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]
        return np.ascontiguousarray(np.take(self._table, number).view(np.uint8).reshape(*image.shape[:2], 4)[..., :3])

    def close(self) -> None:
        """Let go of the table."""
        del self._table


def read_cube(path: Path) -> np.ndarray:
    """NxNxNx3 float32, 0..1, by red, green and blue. Raises OSError or ValueError with one line naming the file and what is wrong."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path}: {path.stat().st_size} bytes, more than a .cube file of {LARGEST} entries a side can have")
    side, low, high, rows = 0, [0.0] * 3, [1.0] * 3, []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words or words[0] == "TITLE":
            continue
        if words[0] == "LUT_1D_SIZE":
            raise ValueError(f"{path}: a 1D LUT, expected LUT_3D_SIZE")
        if words[0] in ("LUT_3D_SIZE", "DOMAIN_MIN", "DOMAIN_MAX", "LUT_3D_INPUT_RANGE") or words[0][0].isalpha():
            values = _numbers(words[1:], path, number) if words[0] in ("LUT_3D_SIZE", "DOMAIN_MIN", "DOMAIN_MAX",
                                                                       "LUT_3D_INPUT_RANGE") else []
            if words[0] == "LUT_3D_SIZE" and len(values) == 1 and 2 <= values[0] <= LARGEST and values[0] == int(values[0]):
                side = int(values[0])
            elif words[0] == "LUT_3D_SIZE":
                raise ValueError(f"{path}: line {number}: LUT_3D_SIZE {' '.join(words[1:]):.40}, expected a number from 2 to {LARGEST}")
            elif words[0] in ("DOMAIN_MIN", "DOMAIN_MAX") and len(values) == 3:
                low, high = (values, high) if words[0] == "DOMAIN_MIN" else (low, values)
            elif words[0] == "LUT_3D_INPUT_RANGE" and len(values) == 2:
                low, high = [values[0]] * 3, [values[1]] * 3
            continue
        values = _numbers(words, path, number)
        if len(values) != 3:
            raise ValueError(f"{path}: line {number}: {line.strip()!r:.60}, expected three numbers")
        rows.append(values)
        if side and len(rows) > side ** 3:
            break
    if not side:
        raise ValueError(f"{path}: no LUT_3D_SIZE, expected a colour grade (.cube)")
    if len(rows) != side ** 3:
        raise ValueError(f"{path}: {'more than ' if len(rows) > side ** 3 else ''}{len(rows) - (len(rows) > side ** 3)} colours, "
                         f"expected {side ** 3}")
    if low != [0.0] * 3 or high != [1.0] * 3:
        raise ValueError(f"{path}: goes from {low} to {high}, expected a grade of colours from 0 to 1")
    table = np.array(rows, np.float32).reshape(side, side, side, 3)  # red changes fastest
    return np.ascontiguousarray(table.transpose(2, 1, 0, 3))


def _numbers(words: list[str], path: Path, line: int) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = [float("nan")]
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: line {line}: {' '.join(words)!r:.60} are no numbers, expected a colour grade (.cube)")
    return values


def _every_colour(cube: np.ndarray) -> np.ndarray:
    """The grade of all 2**24 colours, red in the highest byte: uint32 whose first three bytes in memory are red, green and blue."""
    side = len(cube)
    place = np.arange(256, dtype=np.float32) / 255 * (side - 1)
    first = np.minimum(place.astype(np.int64), side - 2)
    share = place - first
    table = np.empty((256, 256, 256, 4), np.uint8)
    table[..., 3] = 255
    for red in range(256):
        plane = cube[first[red]] + share[red] * (cube[first[red] + 1] - cube[first[red]])
        rows = plane[first] + share[:, None, None] * (plane[first + 1] - plane[first])
        values = rows[:, first] + share[:, None] * (rows[:, first + 1] - rows[:, first])
        table[red, ..., :3] = np.rint(np.clip(values, 0, 1) * 255)
    return table.reshape(-1, 4).view(np.uint32)[:, 0]
