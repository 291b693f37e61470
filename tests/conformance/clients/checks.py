"""What a client is asked to do, and the lines of JSON that say what came of it."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import inspect
import json
import math
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from tests.conformance.target import Target

Check = Callable[..., Any]
MODELS: dict[Check, str] = {}
"""The model that a check needs, where it is not ``xor``."""


class Skipped(Exception):
    """A check that makes no sense on this server; the message says why."""


async def settled(value: Any) -> Any:
    """A value, or what an awaitable comes to: asynchronous clients have the methods of the others."""
    return await value if inspect.isawaitable(value) else value


async def raised(kind: type[Exception], call: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """The exception of a kind that a call ends with."""
    try:
        await settled(call(*given, **more))
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, and nothing was raised")


def arguments() -> argparse.Namespace:
    """What every script is told: the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--grpc", default="")
    parser.add_argument("--key", default="")
    parser.add_argument("clients", nargs="*")
    return parser.parse_args()


def version_of(package: str) -> str:
    """The installed version of a package."""
    return importlib.metadata.version(package)


def _tell(**line: str) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def announce(client: str, version: str, unavailable: str = "") -> None:
    """Say who asks from here on; or why it cannot."""
    _tell(client=client, version=version, unavailable=unavailable)


def about(model: str) -> Callable[[Check], Check]:
    """Mark a check that needs another model than ``xor``."""

    def marked(check: Check) -> Check:
        MODELS[check] = model
        return check

    return marked


async def run(checks: Sequence[Check], target: Target, *given: Any) -> None:
    """Run checks one after another; each is called with ``given``, and named by its docstring."""
    for check in checks:
        fault, skipped = "", target.lacks(MODELS.get(check, "xor"))
        try:
            if not skipped:
                await settled(check(*given))
        except Skipped as reason:
            skipped = str(reason)
        except Exception as error:  # a client may raise anything
            place = traceback.extract_tb(error.__traceback__)
            line = next(
                (f"{frame.name}: {frame.line}" for frame in reversed(place) if "conformance" in frame.filename), ""
            )
            fault = f"{type(error).__name__}: {str(error)[:500]} ({line})"
        name = (check.__doc__ or check.__name__).strip().rstrip(".")
        _tell(case=name, fault=fault, skipped=skipped)


def start(main: Callable[[argparse.Namespace, Target], Any]) -> None:
    """Run a script's main function on the server of the command line."""
    given = arguments()
    with Target(given.url, given.grpc, given.key) as target:
        asyncio.run(main(given, target))


def same(received: Any, expected: Any) -> None:
    """Hold a flat list of numbers to another."""
    one, other = list(received), list(expected)
    assert len(one) == len(other), f"expected {len(other)} numbers, received {len(one)}"
    apart = [(a, b) for a, b in zip(one, other, strict=True) if not math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-5)]
    assert not apart, f"expected and received differ: {apart[:3]}"


def contains(text: Any, part: str) -> None:
    """Hold a text to one of its parts."""
    assert part in str(text), f"expected {part!r} in {str(text)[:300]!r}"
