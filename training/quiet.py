"""Keeps TensorFlow's start-up chatter off the screen of the person who trains."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


def ask_for_quiet() -> None:
    """Set what TensorFlow reads from the environment when it is imported; what the person set wins."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextmanager
def muted_stderr() -> Iterator[None]:
    """Send what C++ writes to the standard error nowhere; for the import of TensorFlow only.

    Some of its messages are written before its log level is read. An exception of Python is not lost: its
    traceback is printed after this ends.
    """
    kept = os.dup(_STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)
