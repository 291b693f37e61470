"""`training.report.page`."""

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.training.report.conftest import Written
from training.presets import NAMES
from training.report.page import render_page

ROOT = Path(__file__).parents[3]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VOID = {"meta", "img", "br", "hr"}


class Reader(HTMLParser):
    """Collects the tags of a page, and what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of that name."""
        return [attributes for name, attributes in self.tags if name == tag]


def _page(folder: Path, card: str) -> str:
    (folder / "card.md").write_text(card, encoding="utf-8")
    return render_page(folder, "mnist:3", "2026-01-31T12:00:00Z")


@pytest.mark.parametrize("name", NAMES)
def test_needs_nothing_else(reports: dict[str, Written], name: str) -> None:
    """Every picture is inside, bit by bit; nothing is fetched, nothing runs, every tag is closed."""
    report = reports[name].folder / "report"
    reader = Reader(render_page(report, f"{name}:1", "today"))
    assert reader.open == []
    inside = {base64.b64decode(str(image["src"]).removeprefix("data:image/png;base64,")) for image in reader.all("img")}
    assert inside == {path.read_bytes() for path in report.glob("*.png")}
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in reader.tags}
    assert "url(" not in render_page(report, f"{name}:1", "today")


def test_says_whose_card_it_is(tmp_path: Path) -> None:
    """Tag and date stand at the top, the tag in the title."""
    page = _page(tmp_path, "# mnist\n")
    assert "<title>mnist:3: model card</title>" in page
    assert "<strong>mnist:3</strong>, stored 2026-01-31T12:00:00Z" in page


def test_sections_can_be_reached(tmp_path: Path) -> None:
    """The list of sections leads to each of them, titles as they are."""
    page = _page(tmp_path, "# a\n\n## Data & <b>\n\nx\n\n## Same\n\n## Same\n")
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', page)
    assert [title for _, title in links] == ["Data &amp; &lt;b&gt;", "Same", "Same"]
    for anchor, title in links:
        assert f'<h2 id="{anchor}">{title}</h2>' in page
    assert len({anchor for anchor, _ in links}) == 3


def test_html_in_a_card_is_text(tmp_path: Path) -> None:
    """A card that somebody else wrote brings no tags, attributes or addresses of scripts into the page."""
    page = _page(tmp_path, "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1))\n")
    reader = Reader(page)
    assert not reader.all("script") + reader.all("img")
    assert not any(str(link["href"]).startswith("javascript") for link in reader.all("a"))
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("source", ["https://example.org/a.png", "../secret.png", "/etc/a.png", "missing.png", "a.svg"])
def test_only_pictures_of_the_folder(tmp_path: Path, source: str) -> None:
    """Any other picture leaves its text, and no address."""
    report = tmp_path / "report"
    report.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    (report / "a.svg").write_text("<svg/>")
    (report / "real.png").write_bytes(PNG)
    page = _page(report, f"# a\n\n![words]({source}) ![real](real.png)\n")
    (image,) = Reader(page).all("img")
    assert image == {"src": f"data:image/png;base64,{base64.b64encode(PNG).decode()}", "alt": "real"}
    assert "words" in page
    assert source not in page


def test_wide_tables_can_be_moved(tmp_path: Path) -> None:
    """Every table stands in a frame of its own."""
    table = "\n| a |\n| --- |\n| 1 |\n"
    page = _page(tmp_path, f"# a\n{table}\ntext\n{table}")
    assert page.count('<div class="wide"><table>') + page.count('<div class="wide">\n<table>') == 2
    assert Reader(page).open == []


def test_waits_for_no_framework() -> None:
    """A page is written without TensorFlow."""
    code = "import sys, training.report.page; sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0
