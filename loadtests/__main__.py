"""``python -m loadtests``: put a load on a server, and say whether it held.

Exit code 0: every threshold held. 1: one was broken, or the load could not be run. 130: interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from loadtests import options
from loadtests.errors import LoadTestError
from loadtests.run import HERE, SHAPES, command, run
from loadtests.server import HOST, Server
from loadtests.target import Target

INTERRUPTED = 128 + signal.SIGINT
MOST_PROCESSES = 256
MASTER_PORT = 5557
"""Locust's own."""


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests", description="Put a load on a server and judge it.")
    parser.add_argument("--url", help="server to load (default: one of its own on a free port)")
    parser.add_argument("--shape", choices=SHAPES, default="smoke", help="load shape (default: %(default)s)")
    parser.add_argument(
        "--users", type=options.whole(1, options.MOST_USERS), help="most users at a time (default: the shape's)"
    )
    parser.add_argument(
        "--duration-s",
        type=options.whole(1, options.MOST_DURATION_S),
        help="seconds of the whole (default: the shape's)",
    )
    parser.add_argument(
        "--reports", type=Path, default=HERE / "reports", help="folder for reports and logs (default: %(default)s)"
    )
    add_processes(parser)
    options.add(parser)
    arguments = parser.parse_args(words)
    if arguments.url is None and (arguments.worker is not None or arguments.expect_workers is not None):
        parser.error("Expected --url, the server's address as this machine sees it. Received none.")
    return arguments


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Options for a load by several processes, here or on several machines."""
    parser.add_argument(
        "--processes",
        type=options.whole(0, MOST_PROCESSES),
        default=1,
        help="Locust processes that play the users; 0 for one on each core (default: %(default)s)",
    )
    role = parser.add_mutually_exclusive_group()
    role.add_argument(
        "--expect-workers",
        type=options.whole(1, MOST_PROCESSES),
        metavar="N",
        help="lead N processes that are started with --worker, and play no users here",
    )
    role.add_argument("--worker", metavar="HOST", help="play users for the run that is led from HOST")
    parser.add_argument("--bind-host", default=HOST, help="where --expect-workers listens (default: %(default)s)")
    parser.add_argument(
        "--master-port",
        type=options.whole(1, 65535),
        default=MASTER_PORT,
        help="port of --expect-workers and --worker (default: %(default)s)",
    )


@contextmanager
def target(arguments: argparse.Namespace) -> Iterator[Target]:
    """The server that was named, or one of our own for the length of the block."""
    if arguments.url is not None:
        yield Target.checked(arguments.url, remote=arguments.remote)
        return
    server = Server(arguments.reports / "server.log")
    with server:
        print(f"Started a server at {server.target.url}", flush=True)
        yield server.target
    print(f"Server stopped, port {server.port} is free", flush=True)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """A signal to end is an interruption like Ctrl-C, so that it cleans up as well."""
    # once is enough: a second one must not cut the cleaning short
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(words: Sequence[str] | None = None) -> int:
    """Parse, load, print; the exit code."""
    arguments = parse(words)
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        options.examples_folder(arguments)
        with target(arguments) as loaded:
            code = run(command(loaded, arguments, arguments.reports), everyone=arguments.worker is not None)
    except LoadTestError as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("loadtests: interrupted", file=sys.stderr)
        return INTERRUPTED
    if arguments.worker is None:
        print(f"Reports are in {arguments.reports}")
    return code


if __name__ == "__main__":
    sys.exit(main())
