"""Options that ``python -m loadtests`` and Locust's own command line share."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from loadtests.errors import BadExamples
from loadtests.thresholds import Thresholds

DEFAULTS = Thresholds()
MOST_USERS = 1000
MOST_DURATION_S = 3600
"""Bounds of every load, whatever a shape or a command line asks for."""
OBJECTIVE_P99_MS = 50.0
WINDOW_S = 10
MOST_WINDOW_S = 600


def add(parser: argparse.ArgumentParser) -> None:
    """Declare them, with their defaults."""
    parser.add_argument(
        "--examples",
        default=None,
        help="folder of NAME/VERSION/ with examples (default: the models of $BENTOML_HOME; none for --remote)",
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed sends the same requests (default: 0)")
    parser.add_argument("--remote", action="store_true", help="allow a server that is not on this machine")
    parser.add_argument(
        "--objective-p99-ms",
        type=positive,
        default=OBJECTIVE_P99_MS,
        help="for the shape capacity: longest time for 99 of 100 requests (default: %(default)s)",
    )
    parser.add_argument(
        "--window-s",
        type=whole(1, MOST_WINDOW_S),
        default=WINDOW_S,
        help="for the shape capacity: least seconds for which a step is measured (default: %(default)s)",
    )
    for name, kind, text in (
        ("max_failures", whole(0), "most failed or wrong answers"),
        ("max_p95_ms", positive, "longest time for 95 of 100 requests"),
        ("max_p99_ms", positive, "longest time for 99 of 100 requests"),
    ):
        default = getattr(DEFAULTS, name)
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=kind, default=default, help=f"{text} (default: {default})")


def forwarded(arguments: argparse.Namespace) -> list[str]:
    """The same options as words of a command line."""
    words = [
        f"--seed={arguments.seed}",
        f"--objective-p99-ms={arguments.objective_p99_ms}",
        f"--window-s={arguments.window_s}",
        f"--max-failures={arguments.max_failures}",
        f"--max-p95-ms={arguments.max_p95_ms}",
        f"--max-p99-ms={arguments.max_p99_ms}",
    ]
    if arguments.examples is not None:
        words.append(f"--examples={arguments.examples}")
    return [*words, "--remote"] if arguments.remote else words


def thresholds(arguments: argparse.Namespace) -> Thresholds:
    """The limits that were asked for."""
    return Thresholds(arguments.max_failures, arguments.max_p95_ms, arguments.max_p99_ms)


def examples_folder(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where examples lie; None where answers are to be checked without.

    A server elsewhere may hold another model under the same name and version, so the store of this machine is
    taken for it only if it is named.

    Raises:
        BadExamples: The folder that was named is none.
    """
    if arguments.examples is not None:
        folder = Path(arguments.examples)
        if not folder.is_dir():
            raise BadExamples(f"Expected a folder of NAME/VERSION/ with examples. Received {folder}.")
        return folder
    home = environment.get("BENTOML_HOME") or Path.home() / "bentoml"
    return None if arguments.remote else Path(home) / "models"


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers within bounds, for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low or (high is not None and value > high):
            upper = "" if high is None else f" and at most {high}"
            raise argparse.ArgumentTypeError(f"Expected a whole number of at least {low}{upper}. Received {text}.")
        return value

    return read


def positive(text: str) -> float:
    """Read a number above zero, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"Expected a number above 0. Received {text}.")
    return value
