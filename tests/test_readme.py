"""The README is true: its tree is the one on disk, down to packages, and one page long."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = 52


def tree() -> dict[str, str]:
    """Path -> what the README says of it; folders end in a slash."""
    block = re.search(r"^```\n(webcam-pix2pix\.py +#.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert block, "README.md: no tree"
    assert len(block[1].splitlines()) <= LINES
    found: dict[str, str] = {}
    folders: list[str] = []
    for line in block[1].splitlines():
        name, _, about = line.partition("#")
        depth = (len(name) - len(name.lstrip())) // 2
        folders[depth:] = [name.strip()]
        found["".join(folders)] = about.strip()
    return found


def test_every_path_of_the_tree_exists_and_has_a_short_line():
    for path, about in tree().items():
        assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file(), path
        assert 0 < len(about) <= 120, path


def test_every_package_and_every_module_at_its_top_is_in_the_tree():
    listed = tree().keys()
    folders = [folder for top in ("msa", "webcam_pix2pix") for folder in (ROOT / top, *(ROOT / top).iterdir())]
    packages = [folder for folder in folders if (folder / "__init__.py").is_file()]
    assert {f"{folder.relative_to(ROOT).as_posix()}/" for folder in packages} <= listed
    modules = [*ROOT.glob("*.py"), *(f for f in (ROOT / "webcam_pix2pix").glob("*.py") if not f.name.startswith("__"))]
    assert {file.relative_to(ROOT).as_posix() for file in modules} <= listed


def test_rooms_are_named_beside_their_package():
    """A package with rooms lists them in its line, so that nobody has to open it to know."""
    for path, about in tree().items():
        if path.endswith("/") and path.startswith(("webcam_pix2pix/", "msa/")):
            rooms = [room.parent.name for room in (ROOT / path).glob("*/__init__.py")]
            for room in rooms:
                assert re.search(rf"\b{room}\b", about) or f"{path}{room}/" in tree(), f"{path}: its room {room} is not named"
