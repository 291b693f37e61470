"""Every error of the load tests, as one tree.

    LoadTestError
    ├── WrongAnswer         an answer is not the one that was expected: a failure of one request
    ├── BadTarget           the address may not or cannot be loaded
    ├── BadExamples         the folder of examples does not hold what its contract says
    ├── ServerGone          a server did not start, did not answer, or did not go away
    ├── WorkerGone          a Locust process did not come, or is not like the others
    └── BenchmarkError      a server of the benchmark cannot be installed, started, asked or ended

``WrongAnswer`` is counted and the load goes on; every other one ends the run.
"""

from __future__ import annotations


class LoadTestError(Exception):
    """The message states what was expected and what came instead."""


class WrongAnswer(LoadTestError):
    """An answer is not the one that was expected."""

    @classmethod
    def at(cls, expected: object, received: object) -> WrongAnswer:
        """The usual message, cut where a server sends a book."""
        return cls(f"Expected {expected}. Received {str(received)[:200]}.")


class RequestRefused(WrongAnswer):
    """A server does not take a request that others take."""


class BadTarget(LoadTestError):
    """The address may not or cannot be loaded."""


class BadExamples(LoadTestError):
    """The folder of examples does not hold what its contract says."""


class ServerGone(LoadTestError):
    """A server did not start, did not answer, or did not go away."""


class WorkerGone(LoadTestError):
    """A Locust process did not come, or is not like the others."""


class BenchmarkError(LoadTestError):
    """A server of the benchmark cannot be installed, started, asked or ended."""
