"""Rules of this repository that a script can hold."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import codes
from service.metrics import SPECS
from service.settings import Settings, variable
from tests.servers import ROOT

PRODUCTION = ("service", "training", "loadtests")
MAX_FILE_LINES = 250
MAX_BODY_LINES = 40
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".jinja", ""}
FORBIDDEN = re.compile(
    r"pythonhosted|pypi\.org/simple|registry\.npmjs|deb\.debian\.org|/work/|/root/|/home/(?!bentoml)"
)


def python_files(*folders: str) -> list[Path]:
    """All Python files below the folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def documents() -> list[Path]:
    """The Markdown pages for people."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def table(page: str, header: str) -> list[list[str]]:
    """The rows of the Markdown table that begins with a header, cells stripped of spaces and backticks."""
    lines = (ROOT / page).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(header)) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("folder", PRODUCTION)
def test_tests_mirror_the_sources(folder: str) -> None:
    """Every module has a test module of its name in the same place."""
    missing = []
    for path in python_files(folder):
        if path.stem == "__init__":
            continue
        name = "main" if path.stem == "__main__" else path.stem
        mirror = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{name}.py"
        if not mirror.exists():
            missing.append(str(mirror.relative_to(ROOT)))
    assert missing == []


def bodies(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Name and length in lines, without docstring, of every function body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node) is not None and len(node.body) > 1
            first = node.body[1] if documented else node.body[0]
            yield node.name, (node.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("folder", [*PRODUCTION, "tests"])
def test_files_and_functions_are_short(folder: str) -> None:
    """No file is over 250 lines, no function body over 40."""
    long = []
    for path in python_files(folder):
        text = path.read_text()
        if text.count("\n") > MAX_FILE_LINES:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        long += [
            f"{path.relative_to(ROOT)}: {name} has {lines} lines"
            for name, lines in bodies(ast.parse(text))
            if lines > MAX_BODY_LINES
        ]
    assert long == []


def test_no_registry_and_no_machine_is_named() -> None:
    """No file names a package registry's host or a folder of somebody's machine."""
    folders = [ROOT / name for name in (*PRODUCTION, "tests", "docs", "packaging", "requirements", ".ci", "data")]
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    this = Path(__file__)
    named = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix in TEXT and path != this and FORBIDDEN.search(path.read_text(errors="ignore"))
    ]
    assert named == []


@pytest.mark.parametrize("name", ["all.txt", "service.txt", "gpu.txt", "uv.txt"])
def test_locks_are_pinned_and_hashed(name: str) -> None:
    """Every requirement is pinned to one version and has a hash, and no address is in the file."""
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,-]+\])?==", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def test_locks_agree() -> None:
    """A package has the same version in every lock that holds it for the same systems."""
    everything = (ROOT / "requirements/all.txt").read_text()
    for line in (ROOT / "requirements/service.txt").read_text().splitlines():
        if match := re.match(r"([a-z0-9._-]+==[^ ]+)", line):
            assert match[1] in everything


def test_settings_are_documented() -> None:
    """The table of settings is the settings: names, defaults, sentences."""
    expected = [
        [variable(name), "unset" if field.default in (None, "") else str(field.default), str(field.description)]
        for name, field in Settings.model_fields.items()
    ]
    assert table("docs/operations.md", "| variable | default |") == expected


def test_metrics_are_documented() -> None:
    """The table of metrics is the registry: names, kinds, labels, sentences."""
    expected = [[s.name, s.kind, ", ".join(s.labels) or "none", s.sentence] for s in SPECS]
    assert table("docs/operations.md", "| metric | kind |") == expected


def test_errors_are_documented() -> None:
    """The table of errors names every code word with its status, and no other."""
    rows = table("docs/api.md", "| status | code |")
    assert {code: int(status) for status, code, _ in rows} == codes()


def test_architecture_draws_the_linted_layers() -> None:
    """The list of layers in the architecture page is the one that the import linter holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    linted = next(contract["layers"] for contract in contracts if "inside the service" in contract["name"])
    expected = [{name.strip().removeprefix("service.") for name in layer.split("|")} for layer in linted]
    text = (ROOT / "docs/architecture.md").read_text().split("may be used by all.\n")[1].split("\n## ")[0]
    assert [set(re.split(r",\s*", line.strip())) for line in text.strip().splitlines()] == expected


def test_links_in_the_docs_lead_somewhere() -> None:
    """Every relative link of every page points to a file that exists."""
    broken = [
        f"{page.name}: {target}"
        for page in documents()
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_documented_make_targets_exist() -> None:
    """Every `make TARGET` that a page mentions is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    mentioned = {
        name for page in documents() for name in re.findall(r"(?:^|`)\s*make ([a-z]+)", page.read_text(), re.M)
    }
    assert mentioned
    assert mentioned <= targets


def test_ci_runs_the_readme_s_test_command() -> None:
    """CI calls what the README tells people to call."""
    assert "make test" in (ROOT / ".ci/run").read_text()
    assert "make test" in (ROOT / "README.md").read_text()
