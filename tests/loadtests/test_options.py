"""Options that both command lines share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from loadtests import options
from loadtests.errors import BadExamples
from loadtests.run import SHAPES
from loadtests.thresholds import Thresholds
from tests.test_repository import table


def parsed(*words: str) -> argparse.Namespace:
    """A command line of these options alone."""
    parser = argparse.ArgumentParser()
    options.add(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    "words",
    [
        (),
        (
            "--seed=-3",
            "--remote",
            "--examples=a b",
            "--max-failures=7",
            "--max-p95-ms=0.001",
            "--max-p99-ms=1e4",
            "--objective-p99-ms=7.5",
            "--window-s=3",
        ),
    ],
)
def test_forwarding_loses_nothing(words: tuple[str, ...]) -> None:
    """Locust is given exactly the options that a person gave."""
    assert parsed(*options.forwarded(parsed(*words))) == parsed(*words)


def test_thresholds_are_the_options() -> None:
    """Each limit comes from its own option; without options the defaults hold."""
    assert options.thresholds(parsed()) == Thresholds()
    chosen = parsed("--max-failures=1", "--max-p95-ms=2", "--max-p99-ms=3")
    assert options.thresholds(chosen) == Thresholds(1, 2.0, 3.0)


@pytest.mark.parametrize("word", ["--max-failures=-1", "--max-p95-ms=0", "--max-p99-ms=nan", "--max-p95-ms=soon"])
def test_limits_without_sense_are_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit that nothing or everything meets is refused with the rule."""
    with pytest.raises(SystemExit):
        parsed(word)
    assert "Expected" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "1001", "1.5", "many", "--3"])
def test_whole_numbers_have_bounds(text: str) -> None:
    """Users and seconds are whole numbers within bounds."""
    with pytest.raises(argparse.ArgumentTypeError, match="at least 1 and at most 1000"):
        options.whole(1, 1000)(text)


def test_examples_are_the_stores_by_default() -> None:
    """On this machine the store at hand holds the answers; for another one it must be named."""
    assert options.examples_folder(parsed(), {"BENTOML_HOME": "/store"}) == Path("/store/models")
    assert options.examples_folder(parsed("--remote"), {"BENTOML_HOME": "/store"}) is None


def test_examples_that_are_named_must_be_there(tmp_path: Path) -> None:
    """A folder that was named and is none is an error, not a weaker check."""
    assert options.examples_folder(parsed("--remote", f"--examples={tmp_path}")) == tmp_path
    with pytest.raises(BadExamples, match="nowhere"):
        options.examples_folder(parsed(f"--examples={tmp_path / 'nowhere'}"))


@pytest.mark.parametrize("header", ["| option | default | limit", "| option | default | meaning"])
def test_documented_defaults_are_the_defaults(header: str) -> None:
    """Every default that the page names is the one that is taken."""
    rows = table("docs/loadtests.md", header)
    assert rows
    for flag, default, _ in rows:
        assert str(getattr(parsed(), flag.removeprefix("--").replace("-", "_"))) == default


def test_documented_shapes_are_the_shapes() -> None:
    """The page has a line for every shape that can be chosen, and for no other."""
    assert sorted(row[0] for row in table("docs/loadtests.md", "| shape | users")) == sorted(SHAPES)
