"""The command line: `python -m training COMMAND …`. Parse, call, print."""

import argparse
import os
import sys
from collections.abc import Sequence

from training.commands import export, label, listing, models, prune, report, reproduce, study, train
from training.errors import TrainingError

COMMANDS = (train, listing, models, report, label, prune, reproduce, export, study)

INTERRUPTED = 130
"""Exit status of a program that ended at Ctrl-C: 128 and the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; the process's own by default.

    Returns:
        0 if what was asked for is done, 1 if not, 130 at Ctrl-C; argparse exits with 2 itself.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What was not finished is not in the store.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Train Keras models, judge them, and keep them in the BentoML store."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    status = main()
    if status == INTERRUPTED:
        # TensorFlow's threads may still be at work, and crash an interpreter that takes itself apart around them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
