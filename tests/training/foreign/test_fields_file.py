"""`training.foreign.fields_file`."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from training.datasets import fashion, flights, mnist, xor
from training.errors import ForeignModelError
from training.foreign.fields_file import FIELD_KINDS, RESULT_KINDS, read_fields_file
from training.signature import Signature

DOCS = Path(__file__).parents[3] / "docs" / "bring-your-model.md"
SIGNATURES = [module.SIGNATURE for module in (mnist, fashion, xor, flights)]


def _file(folder: Path, content: Any) -> Path:
    path = folder / "fields.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def _content(signature: Signature) -> dict[str, Any]:
    """The two keys, as they are in a `signature.json`."""
    whole = json.loads(json.dumps(signature.as_dict()))
    return {"fields": whole["fields"], "result": whole["result"]}


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.name)
def test_fields_of_a_signature_are_read_as_they_are(tmp_path: Path, signature: Signature) -> None:
    """What training writes for its own models, between them every kind, is what the file may hold."""
    said = read_fields_file(_file(tmp_path, _content(signature)))
    assert (said.fields, said.result) == (signature.fields, signature.result)
    kinds = {type(entry) for one in SIGNATURES for entry in (*one.fields, *one.result)}
    assert kinds == {*FIELD_KINDS, *RESULT_KINDS}


def _changed(change: Any) -> dict[str, Any]:
    content = copy.deepcopy(_content(xor.SIGNATURE))
    change(content)
    return content


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "its top"),
        ("[]", "its top"),
        ({"fields": []}, "result"),
        (_changed(lambda file: file.update(more=1)), "more"),
        (_changed(lambda file: file["fields"][1].pop("unit")), r"fields\.1\.number\.unit"),
        (_changed(lambda file: file["fields"][1].update(more=1)), r"fields\.1\.number\.more"),
        (_changed(lambda file: file["fields"][0].update(minimum="0")), r"fields\.0\.number\.minimum"),
        (_changed(lambda file: file["fields"][0].update(kind="text")), r"fields\.0"),
        (_changed(lambda file: file["fields"][0]["fills"][0].update(index="0")), r"fields\.0\.number\.fills\.0\.index"),
        (_changed(lambda file: file["fields"][0]["fills"][0].update(more=1)), r"fields\.0\.number\.fills\.0\.more"),
        (_changed(lambda file: file["result"][0].pop("threshold")), r"result\.0\.threshold\.threshold"),
    ],
)
def test_other_content_is_refused_with_its_place(tmp_path: Path, content: Any, place: str) -> None:
    """No JSON, another type, a key too many or too few: one line says where."""
    with pytest.raises(ForeignModelError, match=rf"^fields\.json: .* at {place}\.$"):
        read_fields_file(_file(tmp_path, content))


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    """The block in the docs is a fields file."""
    (block,) = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    said = read_fields_file(_file(tmp_path, block))
    assert [entry.name for entry in (*said.fields, *said.result)] == ["scan", "season"]


def test_both_keys_hold_something(tmp_path: Path) -> None:
    """Fields without answers, or answers without fields, are half an interface."""
    for key in ("fields", "result"):
        with pytest.raises(ForeignModelError, match="at least one field and one result"):
            read_fields_file(_file(tmp_path, _content(xor.SIGNATURE) | {key: []}))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(ForeignModelError, match=r"Expected a fields file\. Received .*nowhere\.json: No such file"):
        read_fields_file(tmp_path / "nowhere.json")
