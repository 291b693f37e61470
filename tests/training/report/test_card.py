"""`training.report.card`."""

import re
from dataclasses import replace

import pytest

from tests.training.report.conftest import LAYERS, Written
from training.presets import NAMES
from training.report.card import bare_card, card
from training.report.run import Run


@pytest.mark.parametrize("name", NAMES)
def test_names_what_a_reader_looks_for(runs: dict[str, Run], name: str) -> None:
    """Use, limits, data, every field, the numbers, the layers, the remarks and the way to reproduce it."""
    run = runs[name]
    text = card(replace(run, signature=run.signature.named("other")), ())
    assert text.startswith("# other\n")
    for wanted in (run.config.preset, run.dataset.about, run.dataset.intended_use, run.dataset.limits, "* A remark."):
        assert wanted in text
    for field in run.signature.fields:
        assert f"| `{field.name}` |" in text
    assert "7,850 parameters" in text
    assert "`python -m training reproduce other:VERSION`" in text
    assert "| git revision | abc |" in text


@pytest.mark.parametrize("name", NAMES)
def test_shows_every_picture_beside_it(reports: dict[str, Written], name: str) -> None:
    """Each picture that was drawn is shown once, and no other."""
    report = reports[name].folder / "report"
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (report / "card.md").read_text())
    assert sorted(shown) == sorted(path.name for path in report.glob("*.png"))


def test_says_when_the_gate_was_not_met(runs: dict[str, Run]) -> None:
    """Only a model that missed its gate is marked so, at the top, with the reason."""
    missed = card(replace(runs["xor"], failures=["Expected more. Received less."]), ())
    assert missed.splitlines()[2].startswith("> **Below its gate")
    assert "Expected more. Received less." in missed.splitlines()[2]
    assert "Below its gate" not in card(runs["xor"], ())


def test_says_whether_rows_were_kept_aside(runs: dict[str, Run]) -> None:
    """The card of a run without validation rows says that nothing was chosen by the rows watched."""
    for name, kept in (("fashion", False), ("mnist", True)):
        text = card(runs[name], ())
        assert ("rows are kept aside for validation: nothing was chosen" in text) is not kept
        assert (f"{len(runs[name].dataset.validation):,} are kept aside for validation" in text) is kept


def test_empty_sections_are_left_out(runs: dict[str, Run]) -> None:
    """No heading stands without text."""
    text = card(replace(runs["mnist"], remarks=[]), ())
    assert "## Remarks" not in text
    assert not re.search(r"^## .*\n+(## |\Z)", text, re.MULTILINE)


def test_a_model_trained_elsewhere(runs: dict[str, Run]) -> None:
    """Its card tells interface, layers and origin, claims no quality, and says that nothing is known of it."""
    text = bare_card(runs["mnist"].signature.named("brought"), LAYERS, "It was read from digits.keras.")
    assert text.startswith("# brought\n")
    for wanted in (
        "It was read from digits.keras.",
        "| `image` |",
        "| `digit` |",
        "7,850 parameters",
        "Nothing is known",
    ):
        assert wanted in text
    assert "accuracy" not in text
