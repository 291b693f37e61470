"""Labels: words that point to versions, in one file of the store.

    $BENTOML_HOME/labels.json     {"mnist": {"stable": 2}}
    $BENTOML_HOME/labels.lock     held while the file is changed

A label protects its version from `prune`. `docs/artifact.md` says what the file may hold.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from training.errors import StoreError
from training.storage import disk
from training.storage.store import Store

Labels = dict[str, dict[str, int]]
"""By name: every label, with the number of the version that it points to."""

_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_FILE = TypeAdapter(dict[str, dict[str, Annotated[int, Field(strict=True, ge=1)]]])


def read_labels(store: Store) -> Labels:
    """All labels of the store; empty if there are none.

    Raises:
        StoreError: If the file cannot be read, or holds something else.
    """
    path = store.home / "labels.json"
    try:
        return _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"Could not read the labels: {error.strerror} at {path}.") from error
    except ValidationError as error:
        raise StoreError(f'Expected {{"NAME": {{"LABEL": VERSION}}}} in {path}. Received something else.') from error


def set_label(store: Store, tag: str, label: str) -> int | None:
    """Let a label point to a stored version.

    Args:
        store: Holds both.
        tag: The version, such as `mnist:2`.
        label: Moved, if it points to another version of that name.

    Returns:
        The number that the label pointed to before.

    Raises:
        StoreError: If the word is no label, there is no such version, or the file cannot be changed.
    """
    if not _LABEL.fullmatch(label) or label == "latest":
        raise StoreError(
            "Expected a label of lower-case letters, digits, '_' and '-', starting with a letter, 63 at most, and not "
            f"'latest', which is always the highest number. Received {label!r}."
        )
    name, _ = store.find(tag)
    with disk.sentence(f"label {tag}"), store.locked(name), _changing(store) as labels:
        _, version = store.find(tag)  # again: until the lock was held, it could be removed
        before = labels.setdefault(name, {}).get(label)
        labels[name][label] = version
    return before


def remove_label(store: Store, tag: str, label: str) -> None:
    """Take a label off the version that it points to; the version itself may be gone.

    Raises:
        StoreError: If it does not point there, or the file cannot be changed.
    """
    name = tag.partition(":")[0]
    with disk.sentence(f"take a label off {tag}"), _changing(store) as labels:
        pointed = {word: f"{name}:{number}" for word, number in labels.get(name, {}).items()}
        if pointed.get(label) != tag:
            raise StoreError(f"Expected a label of {tag}. Received {label!r}; labels of {name}: {pointed or 'none'}.")
        del labels[name][label]


@contextmanager
def _changing(store: Store) -> Iterator[Labels]:
    """The labels, under their lock; written in one step if nothing goes wrong."""
    with disk.locked(store.home / "labels.lock"):
        labels = read_labels(store)
        yield labels
        kept = {name: pointed for name, pointed in labels.items() if pointed}
        disk.replace_text(store.home / "labels.json", json.dumps(kept, indent=2, sort_keys=True) + "\n", store.home)
