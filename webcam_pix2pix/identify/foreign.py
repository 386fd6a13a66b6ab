"""Files of weights that other programs understand and this one does not: what they are, and what to do. Told by content."""

import re
from pathlib import Path

from msa.protobuf import varint

HEAD = 4096  # bytes that are looked at
CHECKPOINT = "use the checkpoint it was made from (the files model-N.index, .data-... and .meta)"


def foreign(path: Path) -> str:
    """What a file is, and what to do instead, in one line; "" for one that may be read. Raises OSError when it cannot be opened."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head[4:8] == b"TFL3":
        return f"a TensorFlow Lite model, whose weights are reduced for phones; {CHECKPOINT}"
    if head[:4] == b"GGUF":
        return "a GGUF file, expected a pix2pix generator"
    if head[:2] == b"\x08\x01" and head[2:3] == b"\x12" and path.suffix == ".pb":
        return "the graph of a TensorFlow SavedModel; open the folder it lies in, with variables/ beside it"
    if head[:1] == b"\x0a" and _is_graph(head):
        return f"a frozen TensorFlow graph; {CHECKPOINT}"
    if path.suffix == ".t7":
        return "a Lua Torch file; load it with torch7 (or pip install torchfile) and save its weights as a state dict of PyTorch"
    return ""


def _is_graph(head: bytes) -> bool:
    """Whether a file begins with a node of a TensorFlow graph: a name, and what it does, such as Placeholder or Const. MindSpore's
    checkpoints begin with a name too, but a tensor follows."""
    try:
        _, place = varint(head, 1)  # the length of the node
        length, start = varint(head, place + 1)
        kind = start + length
        size, first = varint(head, kind + 1)
    except ValueError:
        return False
    name, does = head[start:kind], head[first:first + size]
    return head[place:place + 1] == b"\x0a" and head[kind:kind + 1] == b"\x12" and bool(re.fullmatch(rb"[\w./>:^-]+", name)) \
        and bool(re.fullmatch(rb"[A-Z][A-Za-z0-9]*", does))
