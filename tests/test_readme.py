"""The tree of files in the README is the one on disk."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tree() -> dict[str, str]:
    """Path -> what the README says of it; folders end in a slash."""
    block = re.search(r"^```\n(webcam-pix2pix\.py +#.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert block, "README.md: no tree"
    found: dict[str, str] = {}
    folders: list[str] = []
    for line in block[1].splitlines():
        name, _, about = line.partition("#")
        depth = (len(name) - len(name.lstrip())) // 2
        folders[depth:] = [name.strip()]
        found["".join(folders)] = about.strip()
    return found


def test_every_path_of_the_tree_exists_and_is_reported_in_a_short_line():
    for path, about in tree().items():
        assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file(), path
        assert 0 < len(about) <= 75, path


def test_every_module_is_in_the_tree():
    files = [*ROOT.glob("*.py"), *(file for folder in ("msa", "webcam_pix2pix", "benchmarks") for file in (ROOT / folder).rglob("*.py"))]
    assert {file.relative_to(ROOT).as_posix() for file in files} <= tree().keys()
