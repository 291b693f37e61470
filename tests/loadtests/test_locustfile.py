"""What Locust finds in the file that it is given."""

from __future__ import annotations

import argparse

from locust import events
from locust.util.load_locustfile import is_shape_class, is_user_class

from loadtests import locustfile


def test_locust_finds_the_users_and_no_shape() -> None:
    """Every user that can run is offered; shapes come from files of their own, or all runs would have the same."""
    found = [name for name, value in vars(locustfile).items() if is_user_class(value)]
    assert sorted(found) == sorted(locustfile.__all__)
    assert not any(is_shape_class(value) for value in vars(locustfile).values())


def test_every_event_has_its_hook() -> None:
    """Each hook listens, and Locust's command line has our options."""
    for event, listener in (
        (events.init, locustfile.hooks.prepare),
        (events.test_start, locustfile.hooks.start),
        (events.request, locustfile.hooks.count),
        (events.report_to_master, locustfile.hooks.send),
        (events.worker_report, locustfile.hooks.receive),
        (events.test_stop, locustfile.hooks.stop),
        (events.quitting, locustfile.hooks.judge),
    ):
        assert listener in event._handlers
    parser = argparse.ArgumentParser()
    locustfile.add_options(parser)
    assert parser.parse_args(["--seed=7"]).seed == 7
