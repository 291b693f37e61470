"""``python -m loadtests.benchmark``: measure this server and others side by side, and write ``docs/benchmarks.md``.

Exit code 0: measured, whether or not the bars were met. 1: our server failed, or an answer was wrong. 130: interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loadtests.__main__ import INTERRUPTED, interrupt
from loadtests.benchmark import page, plots, wrk
from loadtests.benchmark.contender import Contender
from loadtests.benchmark.contenders import CONTENDERS
from loadtests.benchmark.plan import FULL, QUICK, Plan
from loadtests.benchmark.results import Results, load
from loadtests.benchmark.session import session
from loadtests.benchmark.tables import tables
from loadtests.errors import LoadTestError
from loadtests.options import whole

ROOT = Path(__file__).parents[2]
PAGE, IMAGES = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "images"


def parse(words: Sequence[str] | None, contenders: Mapping[str, Contender]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.benchmark", description="Measure servers side by side.")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=list(contenders), help=f"of {', '.join(contenders)} (default: all)"
    )
    parser.add_argument("--quick", action="store_true", help="fewer cases, rounds and seconds")
    parser.add_argument("--rounds", type=whole(1, 100), help="turns of each server in each case")
    parser.add_argument("--seconds", type=whole(1, 60), help="length of a measurement")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="for all that is made (default: .bench)")
    parser.add_argument(
        "--write",
        action=argparse.BooleanOptionalAction,
        help="write docs/benchmarks.md (default: unless --quick or --only)",
    )
    parser.add_argument("--render", action="store_true", help="measure nothing: tables and page from the last results")
    return parser.parse_args(words)


def plan(arguments: argparse.Namespace) -> Plan:
    """What was asked for."""
    chosen = QUICK if arguments.quick else FULL
    given = {key: getattr(arguments, key) for key in ("rounds", "seconds") if getattr(arguments, key) is not None}
    return replace(chosen, **given)


def note(line: str) -> None:
    """Print a line with the time of day."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def measure(arguments: argparse.Namespace, contenders: Mapping[str, Contender]) -> Results:
    """Measure, and keep what was measured whatever happens."""
    wrk.find()
    chosen = plan(arguments)
    names = arguments.only or [name for name in contenders if name not in chosen.left_out]
    taking_part = {name: contender for name, contender in contenders.items() if name in names}
    running = session(taking_part, chosen, arguments.folder, note, quick=arguments.quick)
    try:
        running.run()
    finally:
        running.results.save(arguments.folder / "results.json")
    return running.results


def show(results: Results) -> None:
    """Print all tables, the bars last."""
    for table in reversed(tables(results)):
        print(f"\n{table.title}\n\n{table}")
    print(f"\n{page.verdict(results)}")


def main(words: Sequence[str] | None = None, contenders: Mapping[str, Contender] = CONTENDERS) -> int:
    """Parse, measure, print, write; the exit code."""
    arguments = parse(words, contenders)
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        results = load(arguments.folder / "results.json") if arguments.render else measure(arguments, contenders)
        show(results)
        if arguments.write if arguments.write is not None else not (results.plan["quick"] or arguments.only):
            page.write(PAGE, results, plots.draw(results, IMAGES))
            print(f"Written: {PAGE}")
    except (LoadTestError, OSError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("benchmark: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 1 if any(entry.wrong for entry in results.contenders.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
