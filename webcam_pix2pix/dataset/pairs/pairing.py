"""Which file of one folder belongs to which of another."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath

from msa.utils import natural_key

RULES = ("name", "suffix", "order")


def match(a: Sequence[PurePath], b: Sequence[PurePath], rule: str = "auto") -> tuple[list[tuple[PurePath, PurePath]], list[PurePath]]:
    """Pairs of `a` and `b` (paths within their folders), and everything that found no partner.

    name: same name, whatever the extension. suffix: the same but for _A and _B at the end. order: first with first, in natural order.
    auto: name, or suffix where that matches more. Raises ValueError when nothing matches, or for order with unequal numbers.
    """
    a, b = sorted(a, key=_order), sorted(b, key=_order)
    if rule == "order":
        if len(a) != len(b):
            raise ValueError(f"{len(a)} files in A and {len(b)} in B: to match them in order, both need the same number of files")
        return list(zip(a, b, strict=True)), []
    keys = {"name": _stem, "suffix": _bare_stem}
    tried = [_by(key, a, b) for name, key in keys.items() if rule in (name, "auto")]
    pairs = max(tried, key=len)
    if not pairs:
        example = f"such as {a[0]} and {b[0]}" if a and b else f"{len(a)} files in A, {len(b)} in B"
        raise ValueError(f"no file of A has a partner in B by {' or '.join(k for k in keys if rule in (k, 'auto'))} ({example})")
    used_a, used_b = {x for x, _ in pairs}, {y for _, y in pairs}
    return pairs, [x for x in a if x not in used_a] + [y for y in b if y not in used_b]


def spelled(name: str) -> str:
    """A name in the one spelling that is compared: macOS writes é as two letters, e and an accent, other systems as one."""
    return unicodedata.normalize("NFC", name)


def halves(paths: Sequence[PurePath]) -> tuple[list[PurePath], list[PurePath]]:
    """The files of one folder that end in _A, and those that end in _B."""
    return [p for p in paths if p.stem.endswith("_A")], [p for p in paths if p.stem.endswith("_B")]


def _by(key, a: Sequence[PurePath], b: Sequence[PurePath]) -> list[tuple[PurePath, PurePath]]:
    partners: dict[str, PurePath] = {}
    for path in b:
        partners.setdefault(key(path), path)
    pairs = []
    for path in a:
        partner = partners.pop(key(path), None)
        if partner is not None:
            pairs.append((path, partner))
    return pairs


def _order(path: PurePath) -> list:
    return natural_key(Path(spelled(path.as_posix())))


def _stem(path: PurePath) -> str:
    return spelled(path.with_suffix("").as_posix())


def _bare_stem(path: PurePath) -> str:
    stem = _stem(path)
    return stem[:-2] if stem[-2:] in ("_A", "_B") else stem
