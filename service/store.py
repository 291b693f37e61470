"""Finds artifacts: in a BentoML store's folder. Reads names only; what is in them is verified at load."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

VERSION = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True, order=True)
class Stored:
    """An artifact as the store names it."""

    name: str
    version: int
    folder: Path

    @property
    def tag(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"


def home(model_store: Path | None) -> Path:
    """The BentoML home that is served from: the setting, else BentoML's own rule."""
    return (model_store or Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")).expanduser()


def find(models: Path, names: frozenset[str] = frozenset()) -> dict[str, list[Stored]]:
    """Every artifact under a store's ``models`` folder, by name, the highest version first.

    Args:
        models: The folder that holds ``NAME/VERSION/``.
        names: Names to look for; empty for all.

    A version that is no whole number was written by another program than ours and is passed over.
    """
    found: dict[str, list[Stored]] = defaultdict(list)
    for folder in sorted(models.glob("*/*")):
        name = folder.parent.name
        if folder.is_dir() and VERSION.fullmatch(folder.name) and (not names or name in names):
            found[name].append(Stored(name, int(folder.name), folder))
    return {name: sorted(versions, reverse=True) for name, versions in found.items()}
