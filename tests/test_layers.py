"""Imports point down only: the rows of the diagram in the README, top to bottom."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ROWS = [  # a module may import rows below it and modules of its own row
    {"webcam-pix2pix", "webcam_pix2pix.__main__", "webcam_pix2pix.cli"},
    {"gui", "webcam_pix2pix.ui", "params"},
    {"webcam_pix2pix.control"},
    {"webcam_pix2pix.pipeline", "webcam_pix2pix.training", "webcam_pix2pix.make_model", "webcam_pix2pix.rendering"},
    {"webcam_pix2pix.evaluation", "webcam_pix2pix.export"},
    {"webcam_pix2pix.predictor", "webcam_pix2pix.dataset", "webcam_pix2pix.sinks", "webcam_pix2pix.settings", "webcam_pix2pix.quality"},
    {"webcam_pix2pix.checkpoints"},
    {"webcam_pix2pix.model"},
    {"webcam_pix2pix.frame", "webcam_pix2pix.preprocessing", "webcam_pix2pix.networks", "webcam_pix2pix.specs", "webcam_pix2pix.sizes",
     "webcam_pix2pix.bend", "webcam_pix2pix.recipe", "webcam_pix2pix.inputmatch", "webcam_pix2pix.channels", "webcam_pix2pix.outgoing",
     "webcam_pix2pix.projection", "webcam_pix2pix.grade",
     "webcam_pix2pix.identify"},
    {"msa", "webcam_pix2pix"},
]
QT = {"PySide6", "pyqtgraph", "qtawesome", "qtpy"}
TORCH = {"torch", "torchvision", "torchmetrics", "openvino", "nncf"}
MAY_QT = ROWS[1]
MAY_TORCH = {"webcam_pix2pix.networks", "webcam_pix2pix.checkpoints", "webcam_pix2pix.predictor", "webcam_pix2pix.dataset",
             "webcam_pix2pix.training", "webcam_pix2pix.evaluation", "webcam_pix2pix.export"}


@cache
def modules() -> dict[str, Path]:
    packages = [*ROOT.glob("msa/**/*.py"), *ROOT.glob("webcam_pix2pix/**/*.py")]
    files = [ROOT / "webcam-pix2pix.py", ROOT / "gui.py", ROOT / "params.py", *packages]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def place(name: str) -> str | None:
    """The entry of ROWS that a module belongs to; None for a module from outside."""
    parts = name.split(".")
    for length in range(min(len(parts), 2), 0, -1):
        head = ".".join(parts[:length])
        if any(head in row for row in ROWS) and (length == len(parts) or head != "webcam_pix2pix"):
            return head
    return None


@cache
def imports(name: str, path: Path, top_only: bool) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            known = modules()
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names}
    return found


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_point_down_only(name):
    here = place(name)
    assert here is not None, f"{name} has no row in the diagram"
    row = next(i for i, entries in enumerate(ROWS) if here in entries)
    for imported in imports(name, modules()[name], top_only=False):
        there = place(imported)
        if there is not None:
            target = next(i for i, entries in enumerate(ROWS) if there in entries)
            assert target >= row, f"{name} imports {imported}, which stands above it"


@pytest.mark.parametrize("name", sorted(modules()))
def test_qt_and_torch_stay_where_they_belong(name):
    tops = {i.partition(".")[0] for i in imports(name, modules()[name], top_only=False)}
    at_import = {i.partition(".")[0] for i in imports(name, modules()[name], top_only=True)}
    if place(name) not in MAY_QT and not name.startswith("webcam_pix2pix.cli"):
        assert not tops & QT
    if place(name) not in MAY_TORCH:
        assert not at_import & TORCH, "torch makes the window wait: import it inside the function that needs it"
    if name.startswith("msa"):
        assert not tops & TORCH


def test_the_window_opens_without_torch():
    """It takes seconds to import, and is imported beside the window that is there already."""
    code = "import gui, sys; sys.exit(' '.join(name for name in ('torch', 'torchvision', 'av') if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
