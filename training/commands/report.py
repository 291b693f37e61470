"""`python -m training report NAME[:VERSION]`: the model card, in the terminal or as one HTML page."""

import argparse
from pathlib import Path

from training.commands.command import Commands, open_store
from training.storage.disk import sentence


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("report", help="show the card of a stored model, or write it as one HTML page")
    parser.add_argument("tag", metavar="NAME[:VERSION]", help="a stored model; without a version, its latest")
    parser.add_argument(
        "--html",
        nargs="?",
        const="",
        metavar="FILE",
        help="write one self-contained page (default file: NAME-VERSION.html) instead of printing the card",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the card, or write the page and say where."""
    store = open_store()
    versions = store.versions(options.tag)
    name, version = store.find(f"{options.tag}:{versions[-1]}" if versions else options.tag)
    folder = store.folder(name, version)
    with sentence(f"report on {name}:{version}"):
        if options.html is None:
            _show((folder / "report" / "card.md").read_text(encoding="utf-8"))
        else:
            path = Path(options.html or f"{name}-{version}.html")
            _write_page(path, folder, f"{name}:{version}")
            print(f"The report of {name}:{version} is in {path}.")
    return 0


def _show(card: str) -> None:
    """Print it: laid out at a terminal, as it is into a pipe."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    if console.is_terminal:
        console.print(Markdown(card))
    else:
        print(card, end="")


def _write_page(path: Path, folder: Path, tag: str) -> None:
    from training.report.page import render_page
    from training.storage.manifest import read_manifest

    created = read_manifest(folder).created
    path.write_text(render_page(folder / "report", tag, created), encoding="utf-8")
