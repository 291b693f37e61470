"""`python -m training mnist|fashion|xor|flights|all`: train and store the next version."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

from training.commands.command import DATA_DIR, Commands, open_store
from training.config import Precision, TrainingConfig
from training.errors import MachineError, StoreError, TrainingError
from training.machine import Machine
from training.presets import NAMES, find_preset, presets_of, stored_name
from training.quiet import ask_for_quiet, muted_stderr
from training.storage.store import Store


def add(commands: Commands) -> None:
    """Declare a command per model, and `all`."""
    for name in NAMES:
        parser = _declare(commands, name, f"train {name}")
        words = "".join(f"\n  {config.preset:22} {config.description}" for config in presets_of(name).values())
        parser.epilog = f"presets, the first is the default:{words}"
        parser.add_argument("--preset", help="architecture; stored under MODEL-PRESET if it is not the default")
        parser.add_argument("--as", dest="stored_as", metavar="NAME", help="name in the store")
    _declare(commands, "all", "train the default preset of every model")


def _declare(commands: Commands, name: str, sentence: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=sentence, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(run=run, model=name, preset=None, stored_as=None)
    add_argument = parser.add_argument
    add_argument("--seed", type=int, default=0, help="seed of weights, shuffling and dropout (default 0)")
    add_argument("--epochs", type=int, help="epochs instead of the preset's")
    add_argument("--missing", action="store_true", help="train only what has no version in the store")
    add_argument("--allow-below-gate", action="store_true", help="store even a model that misses its gate")
    add_argument("--patience", type=int, metavar="EPOCHS", help="stop after so many without a smaller validation loss")
    add_argument("--resume", action="store_true", help="go on where a run of the same configuration was interrupted")
    add_argument("--device", metavar="NAME", help="cpu, gpu, or a certain one such as gpu:1")
    add_argument(
        "--distribute",
        choices=["none", "mirrored", "workers"],
        default="none",
        help="mirrored: over all GPUs of this machine; workers: over the machines in TF_CONFIG",
    )
    add_argument("--tensorboard", type=Path, metavar="DIR", help="write TensorBoard logs to DIR/NAME")
    add_argument("--mixed-precision", action="store_true", help="compute in 16 bits where that is enough")
    add_argument(
        "--precision",
        choices=get_args(Precision),
        default="fp32",
        help="int8: quantize model.onnx; stored under …-int8 unless --as is given",
    )
    add_argument("--data", type=Path, default=DATA_DIR, metavar="DIR", help="folder of the data files")
    return parser


def run(options: argparse.Namespace) -> int:
    """Train what was asked for; 0 if all of it is stored."""
    store = open_store()
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
        from training.run import run as train
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"{name}: training {config.preset}, {config.epochs} epochs, seed {config.seed}", soft_wrap=True)
    try:
        machine = _machine(name, store, options)
        outcome = train(config, name, store, options.data, machine, console, allow_below_gate=options.allow_below_gate)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if any((store.home / "interrupted" / name).glob("*.npz")):
            print(f"{name}: --resume goes on after the last epoch that was done.", file=sys.stderr)
        raise
    if outcome is None:
        console.print(f"{name}: trained; the first worker stores it", soft_wrap=True)
        return 0
    shown = ", ".join(f"{bound.metric} {outcome.metrics[bound.metric]:.4f}" for bound in config.gate)
    console.print(f"{outcome.tag} is stored: {shown} ({outcome.seconds:.0f} s)", soft_wrap=True)
    if config.precision != "fp32":
        exact = {bound.metric: f"fp32_{bound.metric.removeprefix('test_')}" for bound in config.gate}
        shown = ", ".join(f"{metric} {outcome.metrics[key]:.4f}" for metric, key in exact.items())
        console.print(f"The same weights in fp32: {shown}", soft_wrap=True)
    if outcome.difference:
        console.print(f"Against the version stored before: {outcome.difference}", soft_wrap=True)
    return 0


def _machine(name: str, store: Store, options: argparse.Namespace) -> Machine:
    logs = options.tensorboard and options.tensorboard / name
    if logs:
        try:
            logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MachineError(f"Expected a folder for logs. Received {logs}: {error.strerror}.") from error
    return Machine(
        device=options.device,
        distribute=options.distribute,
        tensorboard=logs,
        state=store.home / "interrupted" / name,
        resume=options.resume,
    )


def _check_interface(config: TrainingConfig, stored_as: str | None) -> None:
    """Refuse to store a model as a version of one that has other tensors.

    Raises:
        StoreError: If the name is that of a model trained here, with another interface.
    """
    if stored_as not in NAMES:
        return
    default = find_preset(stored_as, None)
    if (config.name, config.inputs, config.outputs) != (default.name, default.inputs, default.outputs):
        raise StoreError(
            f"Expected a name of its own for {config.name}/{config.preset}: all versions of {stored_as} share their "
            f"tensors. Received {stored_as!r}."
        )


def _wanted(options: argparse.Namespace) -> dict[str, TrainingConfig]:
    """Configurations by the name that the store will give them."""
    names = NAMES if options.model == "all" else (options.model,)
    wanted = {}
    for name in names:
        preset = find_preset(name, options.preset)
        config = replace(
            preset,
            seed=options.seed,
            epochs=preset.epochs if options.epochs is None else options.epochs,
            patience=preset.patience if options.patience is None else options.patience,
            mixed_precision=options.mixed_precision,
            precision=options.precision,
        )
        wanted[options.stored_as or stored_name(config)] = config
        _check_interface(config, options.stored_as)
    return wanted
