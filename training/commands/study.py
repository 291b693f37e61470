"""`python -m training study xor`: from which epoch on XOR is right, over many seeds."""

import argparse
from pathlib import Path

from training.commands.command import DATA_DIR, Commands
from training.errors import TrainingError
from training.quiet import ask_for_quiet, muted_stderr
from training.storage.disk import sentence

_OUT = Path("runs") / "xor-study"


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("study", help="train the nets of a question many times over, and answer it")
    parser.set_defaults(run=run)
    add_argument = parser.add_argument
    add_argument("question", choices=["xor"], help="epochs that XOR takes: a tutorial's nets, and the presets")
    add_argument("--seeds", type=int, default=100, help="seeds of every net, 0, 1, 2, … (default 100)")
    add_argument("--out", type=Path, default=_OUT, metavar="DIR", help=f"folder to write to (default {_OUT})")


def run(options: argparse.Namespace) -> int:
    """Train, print the tables, and write them with the picture and the data; 0 once all is written.

    Raises:
        TrainingError: If there is no seed, or no folder to write to.
    """
    if options.seeds < 1:
        raise TrainingError(f"Expected at least 1 seed. Received {options.seeds}.")
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"Expected a folder to write to. Received {out}: {error.strerror}.") from error
    ask_for_quiet()
    with muted_stderr():
        from training.study.xor import study
    from rich.console import Console

    from training.commands.table import show
    from training.datasets.xor import load
    from training.study.picture import draw_study
    from training.study.tables import markdown, study_tables, write_csv

    console = Console(highlight=False)
    found = study(load(DATA_DIR), options.seeds, console)
    tables = study_tables(found)
    for table in tables:
        console.print(f"\n{table.title}", style="bold")
        show(console, table.head, table.rows, right=table.head[1:])
    with sentence(f"write the study to {out}"):
        (out / "xor-study.md").write_text(markdown(tables), encoding="utf-8")
        write_csv(out / "xor-study.csv", found)
        draw_study(out / "xor-study.png", found)
    console.print(f"\nTables, data and picture are in {out}.", soft_wrap=True)
    return 0
