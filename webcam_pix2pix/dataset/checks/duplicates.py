"""Images that are nearly the same, found by their difference hashes without comparing each with each."""

from collections.abc import Sequence

BITS = 64
CLOSE = 3  # bits that near-duplicates may differ by
BANDS = CLOSE + 1  # hashes that differ in at most CLOSE bits agree in at least one of so many bands


def clusters(hashes: Sequence[str]) -> list[list[int]]:
    """Groups of at least two of `hashes` (16 hex digits) that are close to each other, as ascending indices."""
    members: dict[int, list[int]] = {}
    for index, text in enumerate(hashes):
        members.setdefault(int(text, 16), []).append(index)
    leader = {value: value for value in members}

    def find(value: int) -> int:
        while leader[value] != value:
            leader[value] = value = leader[leader[value]]
        return value

    width = BITS // BANDS
    for band in range(BANDS):
        buckets: dict[int, list[int]] = {}
        for value in members:
            buckets.setdefault(value >> band * width & (1 << width) - 1, []).append(value)
        for bucket in buckets.values():
            for place, value in enumerate(bucket):
                for other in bucket[place + 1:]:
                    if (value ^ other).bit_count() <= CLOSE:
                        leader[find(value)] = find(other)
    groups: dict[int, list[int]] = {}
    for value, indices in members.items():
        groups.setdefault(find(value), []).extend(indices)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)
