"""Removes old versions of a name from the store, and says why the others stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.errors import StoreError
from training.storage.bentos import bentos_by_model
from training.storage.inventory import Item, inventory
from training.storage.labels import read_labels
from training.storage.store import Store


@dataclass(frozen=True)
class Verdict:
    """What becomes of one folder.

    Attributes:
        item: The folder.
        reasons: Why it stays, a few words each; empty if it goes.
    """

    item: Item
    reasons: Sequence[str]


def judge(store: Store, name: str, keep: int) -> list[Verdict]:
    """What `prune` would do now, the smallest number first.

    Args:
        store: Holds models, labels and bentos.
        name: Name of the models.
        keep: How many of the newest whole artifacts stay in any case, at least 1.

    Raises:
        StoreError: If nothing of that name is stored, or a label or a bento cannot be read, so that nobody knows what
            they need.
    """
    if keep < 1:
        raise StoreError(f"Expected to keep at least 1 version. Received {keep}.")
    items = inventory(store, name, read_labels(store), bentos_by_model(store))
    newest = [item for item in items if item.fault is None][-keep:]
    return [Verdict(item, _reasons(item, newest, keep)) for item in items]


def prune(store: Store, name: str, keep: int) -> list[Verdict]:
    """Remove every version that nothing speaks for; arguments, answer and errors are those of `judge`."""
    verdicts = judge(store, name, keep)  # before the store is touched: what is refused leaves it as it was

    def choose() -> list[int]:
        verdicts[:] = judge(store, name, keep)
        return [int(verdict.item.tag.rpartition(":")[2]) for verdict in verdicts if not verdict.reasons]

    store.remove(name, choose)
    return verdicts


def _reasons(item: Item, newest: Sequence[Item], keep: int) -> list[str]:
    if item.fault:
        # Neither counted nor removed: it may be somebody's, and the newest must be such as can be served.
        return [item.fault]
    return [
        *([f"among the newest {keep}"] if item in newest else []),
        *(f"label {label}" for label in item.labels),
        *(f"bento {bento}" for bento in item.bentos),
    ]
