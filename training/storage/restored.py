"""A training configuration, back from the manifest of an artifact."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from training.config import MEASURED, TrainingConfig
from training.errors import ManifestError
from training.presets import PRESETS

_CONFIG = TypeAdapter(TrainingConfig)


def restore(training: dict[str, Any]) -> TrainingConfig:
    """The configuration whose `as_dict` became `training`.

    What a preset once measured is not in a manifest, and empty here. A key that is not there has its default:
    the artifact is older than the key.

    Args:
        training: The value of that name in a manifest.

    Raises:
        ManifestError: If a key or a value is none that this version of the project would have written.
        TrainingError: If the configuration could not be trained.
    """
    empty = {key: type(getattr(PRESETS[0], key))() for key in MEASURED}
    try:
        config = _CONFIG.validate_python(empty | training)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _another_version(".".join(str(part) for part in first["loc"])) from error
    written = json.loads(json.dumps(config.as_dict()))
    for key, value in training.items():
        # Parsing is lenient and passes over what it does not know, at any depth; what it would write tells.
        if key not in written or written[key] != value:
            raise _another_version(key)
    return config


def _another_version(key: str) -> ManifestError:
    return ManifestError(
        f"Expected the training configuration of this version of the project. Received another at {key!r}; the "
        "manifest names the revision that wrote it."
    )
