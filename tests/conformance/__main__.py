"""The command line: ask a server everything, and say what came of it.

    python -m tests.conformance [--url http://HOST:PORT] [--grpc HOST:PORT] [--key KEY] [--report PAGE]

Without a URL it serves this tree's models itself, with everything on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.conformance import foreign, golden, report
from tests.conformance.cases.groups import GROUPS
from tests.conformance.outcome import Result
from tests.conformance.own_server import home, own_server
from tests.conformance.scenarios import scenario
from tests.conformance.scenarios.groups import GROUPS as SCENARIOS
from tests.conformance.target import Target


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__.partition("\n")[0])
    parser.add_argument("--url", help="base URL of the server; none: one of this tree is started")
    parser.add_argument("--grpc", default="", metavar="HOST:PORT", help="where its gRPC listens, if it does")
    parser.add_argument("--key", default="", help="key of its calls that load and unload; none: it is not changed")
    parser.add_argument("--shared", action="store_true", help="others use the server: leave its counters alone")
    parser.add_argument("--golden", action="store_true", help="only the golden cases, no foreign clients")
    parser.add_argument("--report", type=Path, metavar="PAGE", help="Markdown page that gets the report")
    return parser.parse_args()


def results(target: Target, *, golden_only: bool) -> Iterator[Result]:
    """Everything that is asked of a server, told while it goes."""
    for name, group in GROUPS.items():
        outcomes = [golden.run(case, target) for case in group]
        outcomes += [scenario.run(one, target) for one in SCENARIOS.get(name, [])]
        yield Result(f"golden cases: {name}", outcomes=outcomes)
    if not golden_only:
        yield from foreign.results(target)


def main() -> int:
    """Ask, and print; the exit code is 1 if anything failed."""
    given = options()
    with ExitStack() as stack:
        if given.url:
            try:
                target = stack.enter_context(Target(given.url, given.grpc, given.key, alone=not given.shared))
            except OSError as error:
                sys.exit(f"Expected a server at {given.url}. Received: {error}.")
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            target = stack.enter_context(own_server(folder, home()))
        found = []
        for result in results(target, golden_only=given.golden):
            print(
                f"{result.client}: {len(result.failed)} of {len(result.outcomes)} failed", file=sys.stderr, flush=True
            )
            found.append(result)
    print(report.terminal(found))
    if given.report:
        report.write(given.report, found)
    return int(any(result.failed for result in found))


if __name__ == "__main__":
    sys.exit(main())
