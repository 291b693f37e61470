"""`training.fitting.signals`."""

import os
import signal
import threading

import pytest

from training.fitting.signals import handled


def test_handled_inside_and_as_before_afterwards() -> None:
    """Inside, the handler answers the signal; afterwards the former one is back, even after an exception."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), handled(signal.SIGTERM, signal.default_int_handler):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_change_nothing() -> None:
    """Where Python allows no handlers, what is inside runs all the same."""
    seen: list[object] = []

    def run() -> None:
        with handled(signal.SIGTERM, signal.default_int_handler):
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
