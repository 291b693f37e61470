"""`training.commands.listing`."""

import pytest

from tests.training.commands.conftest import call
from training.__main__ import main
from training.commands import listing
from training.commands.listing import duration
from training.presets import PRESETS, presets_of


def test_every_preset_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With all that is known of it, in the order of the presets; the first of each name is marked."""
    assert call(listing, "list") == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) == len(PRESETS)
    ordered = [config for name in dict.fromkeys(c.name for c in PRESETS) for config in presets_of(name).values()]
    for line, config in zip(lines, ordered, strict=True):
        assert line.split()[0] == f"{config.name}/{config.preset}"
        assert all(part in line for part in (f"{config.parameters:,}", config.quality, config.description))
        assert duration(config.seconds) in line
        assert ("(default)" in line) == (config is next(iter(presets_of(config.name).values())))


def test_commands_are_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands at the end of a line can be typed, and trains that preset."""
    call(listing, "list")
    wanted = []
    monkeypatch.setattr("training.commands.train._train", lambda _, config, *__: wanted.append(config.preset) or 0)
    lines = capsys.readouterr().out.splitlines()[1:]
    for line in lines:
        main(line.partition("python -m training ")[2].split())
    assert wanted == [line.split()[0].partition("/")[2] for line in lines]


@pytest.mark.parametrize(("seconds", "words"), [(9, "9 s"), (60, "1 min 0 s"), (200, "3 min 20 s")])
def test_durations(seconds: int, words: str) -> None:
    """As a person says them."""
    assert duration(seconds) == words
