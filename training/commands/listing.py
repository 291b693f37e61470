"""`python -m training list`: every preset, what it is and what it reaches."""

import argparse

from training.commands.command import Commands
from training.config import TrainingConfig
from training.presets import NAMES, find_preset, presets_of

_HEAD = ("preset", "parameters", "measured", "time", "what it is", "command")


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("list", help="list all presets with parameters, measured quality and training time")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the table."""
    from rich.console import Console

    from training.commands.table import show

    rows = [_row(config) for name in NAMES for config in presets_of(name).values()]
    show(Console(highlight=False), _HEAD, rows, right=("parameters", "time"), beneath=2)
    return 0


def _row(config: TrainingConfig) -> tuple[str, ...]:
    default = config == find_preset(config.name, None)
    return (
        f"{config.name}/{config.preset}{' (default)' if default else ''}",
        f"{config.parameters:,}",
        config.quality,
        duration(config.seconds),
        config.description,
        f"python -m training {config.name}" + ("" if default else f" --preset {config.preset}"),
    )


def duration(seconds: int) -> str:
    """Seconds as a person says them, such as `3 min 20 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
