"""What Locust loads: the users, and the hooks that check, count and judge.

``python -m loadtests`` runs it headless. By hand, from the project's folder, with Locust's own page at port 8089:

    locust -f loadtests/locustfile.py --host http://127.0.0.1:3000 --web-host 127.0.0.1
"""

from __future__ import annotations

import argparse

from locust import events

from loadtests import options
from loadtests.hooks import Hooks
from loadtests.users import FashionUser, FlightsUser, MixedUser, MnistUser, XorUser

__all__ = ["FashionUser", "FlightsUser", "MixedUser", "MnistUser", "XorUser"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give Locust's command line our options."""
    options.add(parser)


hooks = Hooks()

for hook, listener in (
    (events.init_command_line_parser, add_options),
    (events.init, hooks.prepare),
    (events.test_start, hooks.start),
    (events.request, hooks.count),
    (events.report_to_master, hooks.send),
    (events.worker_report, hooks.receive),
    (events.test_stop, hooks.stop),
    (events.quitting, hooks.judge),
):
    hook.add_listener(listener)  # type: ignore[no-untyped-call]
