"""`FIELDS.json`: the keys `fields` and `result` of a signature, as `docs/artifact.md` has them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Discriminator, ValidationError, create_model

from training.errors import ForeignModelError
from training.signature import Category, Date, Element, Field, Image, Label, Number, Result, Threshold, Time, Values

FIELD_KINDS: tuple[type[Field], ...] = (Number, Category, Time, Date, Image)
RESULT_KINDS: tuple[type[Result], ...] = (Label, Values, Element, Threshold)

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Said:
    """What a person says of the inputs and outputs of a model; nothing by default."""

    fields: tuple[Field, ...] = ()
    result: tuple[Result, ...] = ()


NOTHING = Said()


def read_fields_file(path: Path) -> Said:
    """Read the file; whether it fits a model is another question.

    Raises:
        ForeignModelError: If it is missing or is not what `docs/artifact.md` says.
    """
    try:
        content: Any = _FILE.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ForeignModelError(f"Expected a fields file. Received {path}: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ForeignModelError(f"{path.name}: {first['msg']} at {place or 'its top'}.") from error
    if not content.fields or not content.result:
        raise ForeignModelError(f"{path.name}: Expected at least one field and one result. Received none of one.")
    return Said(_made(FIELD_KINDS, content.fields), _made(RESULT_KINDS, content.result))


def _word(kind: type[Any]) -> str:
    """The value of the key `kind`."""
    return next(str(attribute.default) for attribute in fields(kind) if attribute.name == "kind")


def _parser(kind: type[Any]) -> type[BaseModel]:
    """A strict parser with the keys of a kind, all required: the dataclass says their types."""
    hints = get_type_hints(kind)
    keys: dict[str, Any] = {item.name: (hints[item.name], ...) for item in fields(kind) if item.init}
    keys["kind"] = (Literal[_word(kind)], ...)
    return create_model(kind.__name__, __config__=_STRICT, **keys)


def _any_of(kinds: Iterable[type[Any]]) -> Any:
    return Annotated[Union[tuple(_parser(kind) for kind in kinds)], Discriminator("kind")]  # noqa: UP007  # made at run time


def _made(kinds: Iterable[type[Any]], parsed: Iterable[Any]) -> tuple[Any, ...]:
    """The dataclass of each entry."""
    by_word = {_word(kind): kind for kind in kinds}
    return tuple(
        by_word[entry.kind](**{key: value for key, value in dict(entry).items() if key != "kind"}) for entry in parsed
    )


_KEYS: dict[str, Any] = {
    "fields": (tuple[_any_of(FIELD_KINDS), ...], ...),  # type: ignore[misc]  # a type made at run time
    "result": (tuple[_any_of(RESULT_KINDS), ...], ...),  # type: ignore[misc]
}
_FILE = create_model("FieldsFile", __config__=_STRICT, **_KEYS)
