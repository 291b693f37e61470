"""`python -m training export FILE.keras --name NAME`: store a model that was trained elsewhere."""

import argparse
import time
from pathlib import Path
from typing import get_args

from training.commands.command import Commands, open_store
from training.config import Precision
from training.errors import ForeignModelError, StoreError
from training.foreign.archive import check_archive
from training.foreign.fields_file import NOTHING, read_fields_file
from training.presets import NAMES
from training.quiet import ask_for_quiet, muted_stderr
from training.signature import Bounded, Tensor
from training.storage.store import check_name


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("export", help="store a Keras model trained elsewhere, as the service takes it")
    add_argument = parser.add_argument
    add_argument("file", type=Path, metavar="FILE.keras", help="what model.save(…) wrote")
    add_argument("--name", required=True, help="name in the store")
    add_argument("--fields", type=Path, metavar="FIELDS.json", help="fields and answers, as docs/artifact.md has them")
    add_argument("--examples", type=Path, metavar="FILE.npz", help="input rows by input name; drawn if not given")
    add_argument("--task", choices=("classification", "regression"), help="read from the last activation if not given")
    add_argument("--seed", type=int, default=0, help="seed of the rows that are drawn (default 0)")
    add_argument("--precision", choices=get_args(Precision), default="fp32", help="int8: quantize model.onnx")
    add_argument("--calibration", type=Path, metavar="FILE.npz", help="rows that int8 takes its scales from")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export, and say what the service will take and give."""
    started_s = time.monotonic()
    # what needs no framework first, so that mistakes are told at once
    check_name(options.name)
    if options.name in NAMES:
        raise StoreError(
            f"Expected a name of its own: all versions of {', '.join(NAMES)} share their tensors. "
            f"Received {options.name!r}."
        )
    if options.seed < 0:
        raise ForeignModelError(f"Expected a seed of at least 0. Received {options.seed}.")
    _check_precision(options)
    check_archive(options.file)
    said = read_fields_file(options.fields) if options.fields else NOTHING
    ask_for_quiet()
    with muted_stderr():
        from training.foreign.bring import bring
    brought = bring(
        options.file,
        options.name,
        open_store(),
        said=said,
        examples_file=options.examples,
        calibration_file=options.calibration,
        task=options.task,
        seed=options.seed,
    )
    for note in brought.notes:
        print(note)
    inputs, outputs = (
        ", ".join(map(_shown, tensors)) for tensors in (brought.signature.inputs, brought.signature.outputs)
    )
    print(f"{brought.tag} is stored: {inputs} to {outputs} ({time.monotonic() - started_s:.0f} s)")
    return 0


def _check_precision(options: argparse.Namespace) -> None:
    """Refuse to choose scales by rows that nobody gave, or to measure their loss on drawn ones.

    Raises:
        ForeignModelError: If int8 is asked for without both files, or a file is given for nothing.
    """
    given = [f"--{name}" for name in ("calibration", "examples") if getattr(options, name)]
    if options.precision == "int8" and len(given) < 2:
        raise ForeignModelError(
            "Expected --calibration FILE.npz, real rows that int8 takes its scales from, and --examples FILE.npz, "
            f"other real rows on which its loss is measured. Received {given[0] if given else 'neither'}."
        )
    if options.precision == "fp32" and options.calibration:
        raise ForeignModelError("Expected --calibration with --precision int8 only. Received it with fp32.")


def _shown(tensor: Tensor) -> str:
    bounds = f" from {tensor.minimum:g} to {tensor.maximum:g}" if isinstance(tensor, Bounded) else ""
    return f"{tensor.name} {tensor.dtype} {list(tensor.shape)}{bounds}"
