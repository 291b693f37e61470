"""`training.quiet`. That TensorFlow starts silently is asserted where a real process trains: `test_main`."""

import os

import pytest

from training.quiet import ask_for_quiet, muted_stderr


def test_mutes_the_file_descriptor_and_gives_it_back(capfd: pytest.CaptureFixture[str]) -> None:
    """What C++ writes to descriptor 2 is gone inside and heard again afterwards, even after an exception."""
    with muted_stderr():
        os.write(2, b"chatter")
    with pytest.raises(ValueError, match="x"), muted_stderr():
        raise ValueError("x")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_what_the_person_set_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log level that is set already stays."""
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    ask_for_quiet()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
