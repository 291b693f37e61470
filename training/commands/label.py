"""`python -m training label NAME:VERSION LABEL`: words that point to versions."""

import argparse

from training.commands.command import Commands, open_store


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("label", help="let a word point to a version, which protects it from prune")
    parser.add_argument("tag", metavar="NAME:VERSION", help="a stored model")
    parser.add_argument("label", metavar="LABEL", help="such as stable; moved if it points to another version")
    parser.add_argument("--remove", action="store_true", help="take the label off that version")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Set or remove the label, and say so."""
    from training.storage.labels import remove_label, set_label

    if options.remove:
        remove_label(open_store(), options.tag, options.label)
        print(f"{options.tag} is no longer {options.label}.")
        return 0
    before = set_label(open_store(), options.tag, options.label)
    print(f"{options.tag} is {options.label}{f', which was version {before}' if before else ''}.")
    return 0
