"""`python -m training reproduce NAME:VERSION`: trains again from a manifest and compares."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.command import DATA_DIR, Commands, open_store
from training.quiet import ask_for_quiet, muted_stderr

if TYPE_CHECKING:
    from rich.console import Console

    from training.reproduce import Comparison


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("reproduce", help="train a stored model again from its manifest, and compare")
    parser.add_argument("tag", metavar="NAME:VERSION", help="a stored model that was trained here")
    parser.add_argument("--data", type=Path, default=DATA_DIR, metavar="DIR", help="folder of the data files")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, compare, print; 0 if weights and metrics are the same."""
    from rich.console import Console

    store = open_store()
    store.find(options.tag)  # before a framework is waited for
    ask_for_quiet()
    with muted_stderr():
        from training.reproduce import reproduce
    console = Console(highlight=False)
    comparison = reproduce(store, options.tag, options.data, console)
    return _tell(console, options.tag, comparison)


def _tell(console: "Console", tag: str, comparison: "Comparison") -> int:
    from training.commands.table import show

    metrics = [
        (name, _number(before), _number(now), _apart(before, now)) for name, before, now in comparison.other_metrics
    ]
    weights = "identical" if comparison.same_weights else "different"
    print(f"{tag} trained again: {weights} weights, {'different' if metrics else 'identical'} metrics.")
    if comparison.same_weights and not metrics:
        return 0
    circumstances = [(name, before or "none", now or "none") for name, before, now in comparison.circumstances]
    if circumstances:
        show(console, ("circumstance", "stored", "now"), circumstances)
    else:
        print("Packages, data, revision and machine are the same. Changes that were not committed are not told apart.")
    if metrics:
        show(console, ("metric", "stored", "now", "apart"), metrics, right=("stored", "now", "apart"))
    return 1


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _apart(before: float | None, now: float | None) -> str:
    return "" if before is None or now is None else f"{now - before:+.3g}"
