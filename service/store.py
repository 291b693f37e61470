"""Finds artifacts and labels: in a BentoML store's folder. Reads names only; what is in them is verified at load."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from service.errors import ConfigurationError

VERSION = re.compile(r"[1-9][0-9]{0,17}")


Labels = Mapping[str, Mapping[str, int]]
LABELS = TypeAdapter(dict[str, dict[str, Annotated[int, Field(strict=True, ge=1)]]])


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

    @property
    def state(self) -> tuple[int, int]:
        """Changes when the artifact does: time and size of its manifest; zeros while it has none."""
        try:
            found = (self.folder / "manifest.json").stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size


class Source(Protocol):
    """Where models come from."""

    def find(self) -> Mapping[str, Sequence[Stored]]:
        """Every version by name, the highest first.

        Raises:
            OSError: The source cannot be read now.
        """
        ...

    def labels(self) -> Labels:
        """Where labels point, by model name.

        Raises:
            ConfigurationError: What says so cannot be read.
        """
        ...


class Pinned:
    """Versions that never change, such as those in a bento.

    Args:
        stored: Versions by name, the highest first.
    """

    def __init__(self, stored: Mapping[str, Sequence[Stored]]) -> None:
        self._stored = stored

    def find(self) -> Mapping[str, Sequence[Stored]]:
        """See ``Source.find``."""
        return self._stored

    def labels(self) -> Labels:
        """None."""
        return {}


class Home:
    """A BentoML home, which is looked at again and again.

    Args:
        home: The folder that holds ``models/`` and ``labels.json``.
        names: Names to look for; empty for all.
    """

    def __init__(self, home: Path, names: frozenset[str] = frozenset()) -> None:
        self._home = home
        self._names = names

    def find(self) -> Mapping[str, Sequence[Stored]]:
        """See ``Source.find``."""
        models = self._home / "models"
        models.stat()  # a store that is gone for a moment is not an empty one
        return find(models, self._names)

    def labels(self) -> Labels:
        """See ``Source.labels``."""
        try:
            return LABELS.validate_json((self._home / "labels.json").read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ConfigurationError(f"labels.json cannot be read: {error.strerror}.") from None
        except ValidationError:
            raise ConfigurationError('Expected {"NAME": {"LABEL": VERSION}} in labels.json.') from None


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
