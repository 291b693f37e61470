"""The configuration file: which versions of a model serve, what labels mean, who is tried out on whom.

A TOML file, one table a model, read by everybody who may change what is served while it is served:

    [models.mnist]
    versions = "latest"                          # or "all", { latest = 2 }, or a list such as [1, 3]
    labels = { stable = 1 }
    canary = { version = 2, percent = 5 }        # of the requests that name neither version nor label
    shadow = { version = 3, percent = 100 }      # asked as well, never answered from
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator

from service.errors import ConfigurationError

MAX_BYTES = 1024 * 1024
LABEL = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"
"""A label is no number, or it could not be told from a version."""


class Part(BaseModel):
    """Frozen; unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Latest(Part):
    """The highest ``latest`` versions."""

    latest: PositiveInt = 1


class Canary(Part):
    """A version that answers a part of the requests that name neither version nor label."""

    version: PositiveInt
    percent: float = Field(ge=0, le=100)


class Shadow(Canary):
    """A version that is asked what the serving one is asked; its answers are compared and never returned.

    Numbers agree within ``rtol`` times the serving version's number plus ``atol``; 0 and 0 take the tolerances of the
    model's outputs. Classes agree when they are the same class.
    """

    percent: float = Field(100.0, ge=0, le=100)
    rtol: float = Field(0.0, ge=0)
    atol: float = Field(0.0, ge=0)


Versions = Literal["latest", "all"] | Latest | list[PositiveInt]


class ModelConfiguration(Part):
    """What an operator wants of one model."""

    versions: Versions = "latest"
    labels: dict[Annotated[str, Field(pattern=LABEL)], PositiveInt] = {}
    canary: Canary | None = None
    shadow: Shadow | None = None

    @property
    def accepted(self) -> frozenset[int]:
        """Versions that are named to serve, by the list or a label: another interface of theirs is accepted."""
        listed = self.versions if isinstance(self.versions, list) else []
        return frozenset([*listed, *self.labels.values()])

    @property
    def named(self) -> frozenset[int]:
        """Versions that are named one by one, to serve or to be tried: they are loaded."""
        return self.accepted.union(one.version for one in (self.canary, self.shadow) if one is not None)

    @field_validator("versions")
    @classmethod
    def _distinct(cls, value: Versions) -> Versions:
        if isinstance(value, list) and len(set(value)) != len(value):
            raise ValueError("expected each version once")
        return value


class Configuration(Part):
    """A whole file."""

    models: dict[str, ModelConfiguration] = {}

    def of(self, name: str) -> ModelConfiguration:
        """What the file says of a model; the defaults if nothing."""
        return self.models.get(name, ModelConfiguration())


def read_configuration(path: Path) -> Configuration:
    """Read and check a file.

    Raises:
        ConfigurationError: Says what is wrong, and where in the file.
    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise ConfigurationError(f"Expected a configuration file of at most {MAX_BYTES} bytes. Received more.")
        return Configuration.model_validate(tomllib.loads(data.decode()))
    except OSError as error:
        raise ConfigurationError(f"The configuration file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError("Expected a configuration file in UTF-8. Received other bytes.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"The configuration file is no TOML: {error}.") from None
    except ValidationError as error:
        raise ConfigurationError(_explained(error.errors(include_url=False))) from None


def _explained(complaints: list[Any]) -> str:
    # of a choice between forms, each form complains: the deepest one is the form that was meant
    first = max(complaints, key=lambda one: len(one["loc"]))
    loc = first["loc"]
    if loc[2:3] == ("versions",):  # what follows names the form
        loc = loc[:3] + loc[4:]
    place = ".".join(str(part) for part in loc)
    return f"The configuration file is refused: {first['msg']} at {place or 'its top'}."
