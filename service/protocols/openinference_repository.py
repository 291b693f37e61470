"""Open Inference Protocol V2: the bodies of the repository's calls.

References:
    NVIDIA, *Triton model repository extension*,
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md (2020).
"""

from __future__ import annotations

from typing import Annotated, Any

import simdjson
from pydantic import Field, PositiveInt, ValidationError, model_validator

from service.configuration import Latest, Versions
from service.errors import LoadFailed, MalformedRequest
from service.json_faults import describe
from service.json_tensor import parse
from service.signature import Strict

MAX_VERSION = 2**63 - 1
Number = Annotated[PositiveInt, Field(le=MAX_VERSION)]


class _Latest(Strict):
    num_versions: Number = 1


class _All(Strict):
    pass


class _Specific(Strict):
    versions: list[Number] = Field(min_length=1)


class _Policy(Strict):
    latest: _Latest | None = None
    all: _All | None = None
    specific: _Specific | None = None

    @model_validator(mode="after")
    def _one(self) -> _Policy:
        if [self.latest, self.all, self.specific].count(None) != 2:
            raise ValueError("expected one of latest, all, specific")
        return self


class _Config(Strict):
    name: str = ""
    version_policy: _Policy | None = None


def parse_index(body: bytes) -> bool:
    """Whether a body of ``POST /v2/repository/index`` asks only for what is ready; an empty one does not.

    Raises:
        MalformedJson: It is no JSON.
        MalformedRequest: It is no object, or ``ready`` is neither true nor false.
    """
    only_ready = _object(body).get("ready", False)
    if not isinstance(only_ready, bool):
        raise MalformedRequest(f"Expected 'ready' as true or false. Received {describe(only_ready)}.")
    return only_ready


def parse_load(body: bytes, name: str) -> Versions | None:
    """Which versions a body of ``POST /v2/repository/models/NAME/load`` asks for; None if it says nothing of them.

    Of Triton's model configuration, ``name`` and ``version_policy`` have a meaning here; the rest is the artifact's.

    Raises:
        MalformedJson: It is no JSON.
        MalformedRequest: It is not of the call's form.
        LoadFailed: It asks for what cannot be done.
    """
    parameters = _parameters(body)
    given = parameters.pop("config", None)
    if parameters:
        files = any(key.startswith("file:") for key in parameters)
        why = "models are loaded from the store, not from files sent along" if files else "only 'config' is understood"
        raise LoadFailed(f"failed to load '{name}', {why}. Received the parameter '{min(parameters)[:64]}'.")
    if given is None:
        return None
    if not isinstance(given, str):
        raise LoadFailed(f"failed to load '{name}', expected 'config' as a string of JSON. Received {describe(given)}.")
    try:
        config = _Config.model_validate_json(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(["config", *(str(part)[:64] for part in first["loc"])])
        raise LoadFailed(f"failed to load '{name}', {first['msg'][:256]} at {place}") from None
    if config.name not in ("", name):
        raise LoadFailed(f"failed to load '{name}', the name in 'config' is '{config.name[:64]}'")
    return _versions(config.version_policy) if config.version_policy is not None else None


def _versions(policy: _Policy) -> Versions:
    if policy.specific is not None:
        return list(dict.fromkeys(policy.specific.versions))
    return Latest(latest=policy.latest.num_versions) if policy.latest is not None else "all"


def version_policy(versions: Versions) -> dict[str, Any]:
    """Triton's form of what versions are served, for a model's configuration page."""
    if isinstance(versions, list):
        return {"specific": {"versions": versions}}
    if versions == "all":
        return {"all": {}}
    return {"latest": {"num_versions": versions.latest if isinstance(versions, Latest) else 1}}


def parse_unload(body: bytes) -> None:
    """Check a body of ``POST /v2/repository/models/NAME/unload``; no model depends on another, so it changes nothing.

    Raises:
        MalformedJson: It is no JSON.
        MalformedRequest: It is not of the call's form.
    """
    parameters = _parameters(body)
    dependents = parameters.pop("unload_dependents", False)
    if parameters:
        raise MalformedRequest(f"Expected no parameter but 'unload_dependents'. Received '{min(parameters)[:64]}'.")
    if not isinstance(dependents, bool):
        raise MalformedRequest(f"Expected 'unload_dependents' as true or false. Received {describe(dependents)}.")


def _parameters(body: bytes) -> dict[str, Any]:
    fields = _object(body)
    parameters = fields.pop("parameters", {})
    if fields:
        raise MalformedRequest(f"Expected no key but 'parameters'. Received '{min(fields)[:64]}'.")
    if not isinstance(parameters, dict):
        raise MalformedRequest(f"Expected 'parameters' as an object. Received {describe(parameters)}.")
    return parameters


def _object(body: bytes) -> dict[str, Any]:
    """The body as a plain object; an empty body is an empty one."""
    if not body.strip():
        return {}
    root = parse(body).root
    if not isinstance(root, simdjson.Object):
        raise MalformedRequest(f"Expected the body as a JSON object. Received {describe(root)}.")
    return dict(root.as_dict())
