"""`training.report.markdown`."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from training.report.markdown import bullets, code, number, picture, table

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip()))
def test_no_name_breaks_out_of_its_cell(text: str) -> None:
    """Whatever characters a name has, it stays one code cell of one row, and nothing in it becomes a tag."""
    page = MARKDOWN.render(table(("a", "b"), [(code(text), "x")]))
    assert page.count("<tr>") == 2
    assert page.count("<td>") == 2
    assert set(re.findall(r"</?(\w+)", page)) == {"table", "thead", "tbody", "tr", "th", "td", "code"}


def test_numbers_are_aligned_to_the_right() -> None:
    """A column of numbers, spans or nothing is, one of words is not."""
    text = table(
        ("n", "span", "word", "id", "empty"), [(1.5, "1 to 2.5", "1 if so", "0abc", None), (None, "-3", "", "", "")]
    )
    assert text.splitlines()[1] == "| --: | --: | --- | --- | --- |"


def test_an_empty_table_has_its_head() -> None:
    """Without rows there is a head all the same."""
    assert table(("a", "b"), []).splitlines() == ["| a | b |", "| --- | --- |"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(65104, "65,104"), (1.0, "1"), (0.98649, "0.9865"), (11.8, "11.80"), (-3.50712, "-3.507"), (0, "0")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Whole numbers in full, others with four digits."""
    assert number(value) == text


def test_lists_and_pictures() -> None:
    """They are what Markdown takes for them."""
    assert "<li>one</li>" in MARKDOWN.render(bullets(["one", "two"]))
    assert '<img src="a.png" alt="A" />' in MARKDOWN.render(picture("a.png", "A"))
