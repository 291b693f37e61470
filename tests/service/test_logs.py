"""Each event is one line of JSON."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotFound
from service.logs import OnlyDefects, configure

pytestmark = pytest.mark.usefixtures("kept_logging")


def configured(level: str) -> io.StringIO:
    """Where the service's log goes, configured for a level."""
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        configure(level)
    return stream


@pytest.fixture
def stream() -> io.StringIO:
    """The log, from the level info."""
    return configured("info")


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Every line, parsed; the stream is empty afterwards."""
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def test_an_event_is_one_object(stream: io.StringIO) -> None:
    """Time, level, logger, message and what was added are keys of one object."""
    logging.getLogger("service.front").warning("engine %s", "slow", extra={"model": "toy", "rows": 3})
    (event,) = lines(stream)
    assert event.pop("time")
    assert event == {"level": "WARNING", "logger": "service.front", "message": "engine slow", "model": "toy", "rows": 3}


@pytest.mark.parametrize(
    "text",
    ["a\r\nb", "\x1b[2Jx", '{"level":"INFO"}\n', "\u2028\u2029\x85", "\ud800", "\0", "x" * 10**6],
    ids=["line ends", "escape", "JSON", "other line ends", "half a character", "nothing", "long"],
)
def test_no_text_can_forge_a_line(stream: io.StringIO, text: str) -> None:
    """Line ends, escape codes and broken text in messages and values stay inside one line of ASCII."""
    service = logging.getLogger("service")
    record = service.makeRecord("service", logging.ERROR, "", 0, "said %s", (text,), None, extra={"detail": text})
    service.handlers[0].handle(record)  # past pytest, which cannot report half a character from another process
    written = stream.getvalue()
    assert written.isascii()
    assert not set(written[:-1]) & set(map(chr, range(32)))
    (event,) = lines(stream)
    assert event["detail"] == text
    assert event["message"] == "said " + text


@given(text=st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """Whatever is logged can be read back from the line."""
    stream = configured("info")
    logging.getLogger("service").info("event", extra={"detail": text})
    (event,) = lines(stream)
    assert event["detail"] == text


def test_a_traceback_stays_in_its_line(stream: io.StringIO) -> None:
    """An exception is logged with its traceback, in one line."""
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("service").exception("failed")
    (event,) = lines(stream)
    assert "ValueError: two\nlines" in event["exc_info"]


def test_the_level_holds(stream: io.StringIO) -> None:
    """Events below the level that is set are not written, and configuring again does not double the others."""
    second = configured("warning")
    logging.getLogger("service.batching").info("quiet")
    logging.getLogger("service.batching").warning("loud")
    assert [event["message"] for event in lines(second)] == ["loud"]
    assert stream.getvalue() == ""


def test_faults_of_requests_are_no_events() -> None:
    """What BentoML logs about a fault of a request is left out; defects and plain messages are not."""
    keep = OnlyDefects()

    def record(error: Exception | None) -> logging.LogRecord:
        info = (type(error), error, None) if error else None
        return logging.LogRecord("bentoml", logging.ERROR, "", 0, "failed", (), info)

    assert not keep.filter(record(NotFound("no such model")))
    assert keep.filter(record(ValueError("a defect")))
    assert keep.filter(record(None))


def test_bentoml_loggers_are_filtered() -> None:
    """After configuration the filter stands at BentoML's loggers, those below it too."""
    below = logging.getLogger("bentoml._internal.tests")
    configure("info")
    assert any(isinstance(one, OnlyDefects) for one in logging.getLogger("bentoml").filters)
    assert any(isinstance(one, OnlyDefects) for one in below.filters)
