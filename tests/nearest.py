"""Which tests concern a change: prints test files, the nearest to the changed files first. `make check` runs them.

    python tests/nearest.py [--against REVISION]

Near is: the test itself was changed; it imports a changed module; it imports one that imports a changed module. The tests of the
house itself come always.
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALWAYS = ("test_layers.py", "test_readme.py", "test_house.py", "test_cli.py")
PROGRAM = ("msa", "webcam_pix2pix", "gui", "params")


def changed(against: str) -> set[Path]:
    """Files that differ from the revision `against`, untracked ones among them."""
    found: set[str] = set()
    for command in (["git", "diff", "--name-only", against], ["git", "ls-files", "--others", "--exclude-standard"]):
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        found |= set(result.stdout.split("\n")) if result.returncode == 0 else set()
    return {ROOT / name for name in found if name}


def modules() -> dict[str, Path]:
    """Module name -> file, for the program and for the tests' own helper modules."""
    files = [*ROOT.glob("*.py"), *ROOT.glob("tests/*.py"), *(f for top in ("msa", "webcam_pix2pix") for f in (ROOT / top).rglob("*.py"))]
    names = {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__").removeprefix("tests."): f for f in files}
    return names


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the program that a file imports, also inside functions."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found & known.keys()


def nearest(paths: set[Path]) -> list[Path]:
    """Test files by their distance from `paths`, at most two imports away."""
    known = modules()
    uses = {name: imports(name, path, known) for name, path in known.items()}
    distance = {name: 0 for name, path in known.items() if path in paths}
    for step in (1, 2):
        for name, used in uses.items():
            if name not in distance and any(distance.get(u) == step - 1 for u in used):
                distance[name] = step
    tests = [(d, known[name]) for name, d in distance.items() if known[name].name.startswith("test_")]
    return [path for _, path in sorted(tests)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", default="HEAD", help="the revision to compare with (default: HEAD; for a branch: main)")
    paths = changed(parser.parse_args().against)
    near = [path for path in nearest(paths) if path.name not in ALWAYS]
    always = [ROOT / "tests" / name for name in ALWAYS if (ROOT / "tests" / name).is_file()]
    sys.stdout.write(" ".join(str(path.relative_to(ROOT)) for path in [*always, *near]) + "\n")


if __name__ == "__main__":
    main()
