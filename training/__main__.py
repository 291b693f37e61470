"""The command line: `python -m training mnist|fashion|xor|flights|all`. Parse, call, print."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.config import TrainingConfig
from training.errors import TrainingError
from training.presets import NAMES, PRESETS, find_preset, stored_name
from training.quiet import ask_for_quiet, muted_stderr
from training.store import Store

DATA_DIR = Path(__file__).resolve().parents[1] / "data"

INTERRUPTED = 130
"""Exit status of a program that ended at Ctrl-C: 128 and the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; the process's own by default.

    Returns:
        0 if every model asked for is stored, 1 if not, 130 at Ctrl-C; argparse exits with 2 itself.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.model == "all" and (options.preset or options.stored_as):
        parser.error("Expected one model with --preset or --as. Received 'all'.")
    try:
        return _train_all(options)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What was not finished is not in the store.", file=sys.stderr)
        return INTERRUPTED


def _train_all(options: argparse.Namespace) -> int:
    store = Store(store_home())
    wanted = _wanted(options)
    if options.missing:
        present = [name for name in wanted if store.versions(name)]
        wanted = {name: config for name, config in wanted.items() if name not in present}
        if present:
            print(f"Already in the store: {', '.join(f'{name}:{store.versions(name)[-1]}' for name in present)}.")
    return max([_train(name, config, store, options) for name, config in wanted.items()], default=0)


def _train(name: str, config: TrainingConfig, store: Store, options: argparse.Namespace) -> int:
    """Train one model; a refusal is one line, and the others are trained all the same."""
    ask_for_quiet()
    with muted_stderr():
        from training.run import run
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"{name}: training {config.preset}, {config.epochs} epochs, seed {config.seed}", soft_wrap=True)
    try:
        outcome = run(config, name, store, options.data, console, allow_below_gate=options.allow_below_gate)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    shown = ", ".join(f"{bound.metric} {outcome.metrics[bound.metric]:.4f}" for bound in config.gate)
    console.print(f"{outcome.tag} is stored: {shown} ({outcome.seconds:.0f} s)", soft_wrap=True)
    return 0


def _wanted(options: argparse.Namespace) -> dict[str, TrainingConfig]:
    """Configurations by the name that the store will give them."""
    names = NAMES if options.model == "all" else (options.model,)
    wanted = {}
    for name in names:
        config = find_preset(name, options.preset)
        wanted[options.stored_as or stored_name(config)] = replace(
            config, seed=options.seed, epochs=config.epochs if options.epochs is None else options.epochs
        )
    return wanted


def store_home() -> Path:
    """BentoML's home: `BENTOML_HOME`, or BentoML's own default."""
    return Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml").expanduser()


def _parser() -> argparse.ArgumentParser:
    presets = "\n".join(f"  {config.name:8} {config.preset:22} {config.description}" for config in PRESETS)
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train a model and store it as the next version in the BentoML store.",
        epilog=f"presets, the first of each model is its default:\n{presets}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", choices=[*NAMES, "all"], help="what to train")
    add("--preset", help="architecture; stored under MODEL-PRESET if it is not the default")
    add("--as", dest="stored_as", metavar="NAME", help="name in the store")
    add("--seed", type=int, default=0, help="seed of weights, shuffling and dropout (default 0)")
    add("--epochs", type=int, help="epochs instead of the preset's")
    add("--missing", action="store_true", help="train only what has no version in the store")
    add("--allow-below-gate", action="store_true", help="store even a model that misses its gate; its card says so")
    add("--data", type=Path, default=DATA_DIR, metavar="DIR", help="folder of the data files")
    return parser


if __name__ == "__main__":
    status = main()
    if status == INTERRUPTED:
        # TensorFlow's threads may still be at work, and crash an interpreter that takes itself apart around them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
