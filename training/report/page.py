"""A model card as one HTML page that needs nothing else: pictures inside, no script, no address to fetch from.

A card may come with a model that somebody else made. So HTML in it stays text, and a picture is shown only if it is
a PNG in the same folder.
"""

import base64
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


def render_page(report: Path, tag: str, created: str) -> str:
    """The page of one artifact.

    Args:
        report: The folder of the artifact that holds `card.md` and its pictures.
        tag: `NAME:VERSION`.
        created: When it was stored.

    Returns:
        A whole HTML document.

    Raises:
        OSError: If the card or one of its pictures cannot be read.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((report / "card.md").read_text(encoding="utf-8"))
    sections = _anchor(tokens)
    _frame_tables(tokens)
    _inline_pictures(tokens, report)
    body = markdown.renderer.render(tokens, markdown.options, {})
    page = _TEMPLATES.get_template("page.html.jinja")
    return page.render(tag=tag, created=created, sections=sections, body=body)


def _anchor(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Give every section an anchor; returns them with their titles."""
    sections: list[tuple[str, str]] = []
    for token, text in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", anchor := f"section-{len(sections) + 1}")
            sections.append((anchor, text.content))
    return sections


def _frame_tables(tokens: list[Token]) -> None:
    """Let a table that is wider than the page be moved sideways within it."""
    for place in reversed(range(len(tokens))):
        if tokens[place].type in ("table_open", "table_close"):
            opens = tokens[place].type == "table_open"
            frame = Token("frame_open", "div", 1, {"class": "wide"}) if opens else Token("frame_close", "div", -1)
            tokens.insert(place if opens else place + 1, frame)


def _inline_pictures(tokens: Sequence[Token], report: Path) -> None:
    """Put the content of every picture in the place of its name; what is no PNG of the folder leaves its text."""
    known = {path.name: path for path in report.glob("*.png")}
    for token in tokens:
        for child in token.children or ():
            if child.type != "image":
                continue
            if path := known.get(str(child.attrs["src"])):
                content = base64.b64encode(path.read_bytes()).decode("ascii")
                child.attrSet("src", f"data:image/png;base64,{content}")
            else:
                child.type, child.tag = "text", ""
