"""`python -m training prune NAME --keep N`: removes old versions."""

import argparse

from training.commands.command import Commands, open_store


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("prune", help="remove old versions that neither a label nor a bento names")
    parser.add_argument("name", metavar="NAME", help="name in the store")
    parser.add_argument("--keep", type=int, required=True, metavar="N", help="how many of the newest stay, at least 1")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Remove, and print a line for every version."""
    from rich.filesize import decimal

    from training.storage.prune import judge, prune

    removed = "Would remove" if options.dry_run else "Removed"
    for verdict in (judge if options.dry_run else prune)(open_store(), options.name, options.keep):
        if verdict.reasons:
            print(f"Kept {verdict.item.tag}: {', '.join(verdict.reasons)}")
        else:
            print(f"{removed} {verdict.item.tag}: {decimal(verdict.item.size_bytes)}")
    return 0
