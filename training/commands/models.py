"""`python -m training models [NAME]`: what is in the store."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from training.commands.command import Commands, open_store
from training.errors import StoreError

if TYPE_CHECKING:
    from training.storage.inventory import Item

_HEAD = ("model", "created", "quality", "size", "labels", "preset", "notes")


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("models", help="list the stored models with date, quality, size and labels")
    parser.add_argument("name", nargs="?", metavar="NAME", help="only the versions of this name")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of a table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what is stored; a bento that cannot be read is told, and the models are listed all the same."""
    from training.storage.bentos import bentos_by_model
    from training.storage.inventory import inventory
    from training.storage.labels import read_labels

    store = open_store()
    labels = read_labels(store)
    try:
        bentos = bentos_by_model(store)
    except StoreError as error:
        print(error, file=sys.stderr)
        bentos = {}
    names = [options.name] if options.name else store.names()
    items = [item for name in names for item in inventory(store, name, labels, bentos)]
    if options.json:
        print(json.dumps([_as_json(item) for item in items], indent=2, ensure_ascii=False))
    elif items:
        _show(items)
    else:
        print(f"No model is stored in {store.home}.")
    return 0


def _show(items: "list[Item]") -> None:
    from rich.console import Console

    from training.commands.table import show

    show(Console(highlight=False), _HEAD, [_row(item) for item in items], right=("size",), beneath=2)


def _row(item: "Item") -> tuple[str, ...]:
    from rich.filesize import decimal

    notes = [item.fault or "", " ".join(["Below its gate.", *item.missed]) if item.missed else ""]
    return (
        item.tag,
        item.manifest.created.replace("T", " ")[:16] if item.manifest else "",
        ", ".join(f"{metric} {value:.6g}" for metric, value in item.quality.items()),
        decimal(item.size_bytes),
        ", ".join([*(["latest"] if item.latest else []), *item.labels]),
        _preset(item),
        " ".join([*filter(None, notes), *(f"In bento {bento}." for bento in item.bentos)]),
    )


def _preset(item: "Item") -> str:
    if item.manifest is None:
        return ""
    training = item.manifest.training
    return "trained elsewhere" if training is None else f"{training.get('name')}/{training.get('preset')}"


def _as_json(item: "Item") -> dict[str, Any]:
    known = item.manifest
    return {
        "tag": item.tag,
        "created": known and known.created,
        "preset": known and known.training and known.training.get("preset"),
        "quality": item.quality,
        "below_gate": list(item.missed),
        "size_bytes": item.size_bytes,
        "latest": item.latest,
        "labels": list(item.labels),
        "bentos": list(item.bentos),
        "fault": item.fault,
    }
