"""The house can be lived in: a row for each module, rooms that are not crowded, docstrings, one word for each thing, documents that
are true."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from itertools import pairwise
from pathlib import Path

import pytest
from test_layers import ROOT, modules, place

FILES_A_FOLDER = 14
LINES_A_FILE = 300
TERMS = 48

SOURCES = sorted(path for name, path in modules().items())
TESTS = sorted((ROOT / "tests").glob("*.py"))
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/security.md",
                                      "docs/troubleshooting.md")]

# Words that the glossary has replaced: as a part of a name in code, and (second set) in docstrings and comments.
RETIRED = {"way", "ways", "workshop", "form", "forms", "packed", "plain", "bytewise", "agreement", "survey", "picture", "pictures", "paint",
           "painted", "told", "shelf", "watch", "watcher", "look", "feed", "feeds", "standby"}
RETIRED_PAIRS = {("in", "words"), ("go", "on"), ("goes", "on")}
RETIRED_IN_PROSE = re.compile(r"\b(workshop|bytewise|in_words|go_on|standby|agreement|survey)\b|\b(Way|Form|Plain|Packed)s?\b(?=\()", re.I)
FOREIGN = {  # names that Qt, the standard library or a file format gave, and English words in their usual sense
    "paintEvent", "paint", "QPaintEvent", "prepareForPaint", "QPlainTextEdit", "WA_OpaquePaintEvent", "PicturesLocation", "QFormLayout",
    "form",  # of an archive, in a test's parameters
    "bench_picture",  # a command that people type
    "looks_like_a_file", "_looks_like_a_file", "packed_weight",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parts(name: str) -> list[str]:
    words = []
    for part in name.split("_"):
        words += re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", part)
    return [word.lower() for word in words]


def names_in(path: Path) -> set[str]:
    """Every name in the code of a file, those inside of f-strings too."""
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.NAME:
            found.add(token.string)
        elif token.type == tokenize.STRING and re.match(r"(?i)(rf|fr|f)[\"']", token.string):
            for expression in re.findall(r"\{([^{}\"']*)\}", token.string):
                found |= set(re.findall(r"[A-Za-z_]\w*", expression))
    return found


def prose_in(path: Path) -> list[tuple[int, str]]:
    """(line, text) of comments and docstrings."""
    source = path.read_text(encoding="utf-8")
    found = [(t.start[0], t.string) for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
            found.append((getattr(node, "lineno", 1), text))
    return found


# ---- rooms

def test_every_module_has_a_row_in_the_layer_table():
    assert not [name for name in modules() if place(name) is None]


def test_no_folder_has_more_files_than_one_can_take_in():
    folders = {path.parent for path in SOURCES if path.parent != ROOT}
    crowded = {relative(folder): count for folder in folders if (count := len(list(folder.glob("*.py")))) > FILES_A_FOLDER}
    assert not crowded, f"more than {FILES_A_FOLDER} files: {crowded}"


def test_no_file_is_longer_than_one_job_needs():
    long = {relative(path): count for path in SOURCES if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES_A_FILE}
    assert not long, f"more than {LINES_A_FILE} lines: {long}"


def test_no_module_imports_in_a_circle():
    """Imports at the top of modules; those inside of functions are how a circle would be broken."""
    from test_layers import imports
    known = modules()
    graph = {name: imports(name, path, top_only=True) & known.keys() - {name} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name):], name))
        if name not in done:
            for used in graph[name]:
                if known[used].name != "__init__.py":  # a package hands on names of its modules
                    visit(used, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_a_package_imports_what_its_docstring_says():
    """Lines "May import: a, b, c." name packages, and rooms of the same package such as ui.panels."""
    from test_layers import imports
    known = modules()
    for file in sorted(ROOT.glob("webcam_pix2pix/**/__init__.py")):
        package = ".".join(file.parent.relative_to(ROOT).parts)
        stated = re.search(r"May import: (.*?)\.(?:\s|$)", ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "", re.S)
        if stated is None or stated[1].startswith(("everything", "all other")):
            continue
        allowed = set(re.split(r",\s*", stated[1])) | {package.split(".")[1]}
        for name, path in known.items():
            if name == package or name.startswith(f"{package}."):
                used = {i for i in imports(name, path, top_only=False) if i in known and not i.startswith((package, "msa"))}
                rooms = {_room(i, package) for i in used} - {"webcam_pix2pix"}
                assert rooms <= allowed, f"{name} imports {sorted(rooms - allowed)}: {relative(file)} says otherwise"


def _room(module: str, package: str) -> str:
    """A module as a docstring of `package` names it: its package, or within the same package its room."""
    parts = module.removeprefix("webcam_pix2pix.").split(".")
    same = parts[0] == package.split(".")[1] and len(parts) > 1 and (ROOT / "webcam_pix2pix" / parts[0] / parts[1]).is_dir()
    return ".".join(parts[:2]) if same else parts[0]


# ---- words

def public(tree: ast.Module):
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_every_module_and_every_public_thing_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    assert not [node.name for node in public(tree) if not ast.get_docstring(node)]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=relative)
def test_no_retired_word_is_part_of_a_name(path):
    def retired(name: str) -> bool:
        words = parts(name)
        return name not in FOREIGN and bool(set(words) & RETIRED or set(pairwise(words)) & RETIRED_PAIRS)

    if path.name != Path(__file__).name:
        found = sorted(name for name in names_in(path) if retired(name) and not name.startswith("test_"))
        assert not found, f"say it with a word of docs/glossary.md: {found}"
        assert path.stem in FOREIGN or not set(parts(path.stem.removeprefix("test_"))) & RETIRED, "the name of the file"


def test_no_retired_word_is_in_docstrings_comments_and_documents():
    found = [f"{relative(path)}:{line}: {match[0]}" for path in [*SOURCES, *TESTS] if path.name != Path(__file__).name
             for line, text in prose_in(path) if (match := RETIRED_IN_PROSE.search(text))]
    found += [f"{relative(path)}: {match[0]}" for path in DOCUMENTS if (match := RETIRED_IN_PROSE.search(path.read_text(encoding="utf-8")))]
    assert not found


def glossary() -> list[tuple[str, str, str]]:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] not in ("term", "---") and len(row) == 3]


def test_the_glossary_is_short_and_each_term_is_where_it_says():
    terms = glossary()
    assert 20 <= len(terms) <= TERMS
    for term, meaning, where in terms:
        assert term and meaning
        for path in re.findall(r"`([\w./*-]+)`", where):
            assert any((base / path).exists() for base in (ROOT, ROOT / "webcam_pix2pix")) or \
                (ROOT / f"{path}.py").exists(), f"{term}: there is no {path}"


# ---- documents

@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_documents_name_files_that_exist(path):
    text = path.read_text(encoding="utf-8")
    bases = (ROOT, ROOT / "webcam_pix2pix", ROOT / "webcam_pix2pix/training", ROOT / "tests", path.parent)
    for name in re.findall(r"`((?:[\w-]+/)+[\w-]+\.(?:py|md|toml)|(?:[a-z_]+/){1,3})`", text):
        assert any((base / name).exists() for base in bases), f"{path.name}: there is no {name}"
    for name in re.findall(r"\]\(([\w./-]+?)(?:#[\w-]+)?\)", text):
        assert (path.parent / name).exists(), f"{path.name}: there is no {name}"


def test_the_architecture_names_functions_that_exist():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    everything = {name for path in SOURCES for name in names_in(path)}
    for name in re.findall(r"`(?:[\w.]+\.)?([a-z_]\w+)\(", text):
        assert name in everything, f"there is no {name}()"


def test_the_security_table_names_tests_that_exist():
    for file, test in re.findall(r"`(test_\w+\.py)::(\w+)`", (ROOT / "docs/security.md").read_text(encoding="utf-8")):
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_make_help_lists_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split()
    assert not [t for t in targets if not re.search(rf"^{t}:.*## \w", text, re.M)]


def test_the_nearest_tests_of_a_change():
    sys.path.insert(0, str(ROOT / "tests"))
    import nearest
    near = [path.name for path in nearest.nearest({ROOT / "webcam_pix2pix/quality.py"})]
    assert "test_quality.py" in near[:4] and "test_dataset_split.py" not in near
    done = subprocess.run([sys.executable, str(ROOT / "tests/nearest.py")], capture_output=True, text=True, check=True)
    assert "test_layers.py" in done.stdout
