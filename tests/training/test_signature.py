"""`training.signature`, and what `docs/artifact.md` demands of every signature."""

import json

import pytest

from training.datasets import fashion, flights, mnist, xor
from training.signature import Label, Signature

SIGNATURES = [module.SIGNATURE for module in (mnist, fashion, xor, flights)]
EVERY = pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.name)

FIELD_KEYS = {"name", "kind", "description", "fills", "default"}
KIND_KEYS = {
    "number": {"unit", "minimum", "maximum", "whole"},
    "category": {"vocabulary"},
    "time": set(),
    "date": {"minimum", "maximum"},
    "image": {"height", "width"},
}
RESULT_KEYS = {"name", "kind", "description", "output"}
RESULT_KIND_KEYS = {
    "label": {"labels"},
    "values": set(),
    "number": {"index", "unit"},
    "threshold": {"index", "threshold"},
}


@EVERY
def test_exactly_the_keys_of_the_page(signature: Signature) -> None:
    """Every key that the page shows is there, and no other."""
    content = json.loads(json.dumps(signature.as_dict()))
    assert content.keys() == {"format", "name", "task", "inputs", "outputs", "fields", "result"}
    assert content["format"] == 1
    assert all(tensor.keys() == {"name", "dtype", "shape", "description"} for tensor in content["inputs"])
    for output in content["outputs"]:
        assert output.keys() == {"name", "dtype", "shape", "description", "rtol", "atol"}
    for field in content["fields"]:
        assert field.keys() == FIELD_KEYS | KIND_KEYS[field["kind"]]
        assert all(place.keys() == {"input", "index"} for place in field["fills"])
    for answer in content["result"]:
        assert answer.keys() == RESULT_KEYS | RESULT_KIND_KEYS[answer["kind"]]


@EVERY
def test_every_element_is_filled_by_one_field(signature: Signature) -> None:
    """The fields cover the inputs without gap or overlap."""
    filled = [(place.input, place.index) for field in signature.fields for place in field.fills]
    assert len(set(filled)) == len(filled)
    wanted = set()
    for tensor in signature.inputs:
        image = (tensor.name, None) in filled
        wanted |= {(tensor.name, None)} if image else {(tensor.name, index) for index in range(tensor.shape[0])}
    assert set(filled) == wanted


@EVERY
def test_answers_come_from_outputs(signature: Signature) -> None:
    """Every answer names an output, and a label list is as long as its output."""
    shapes = {output.name: output.shape for output in signature.outputs}
    assert signature.result
    for answer in signature.result:
        assert answer.output in shapes
        if isinstance(answer, Label):
            assert (len(set(answer.labels)),) == shapes[answer.output]


@EVERY
def test_columns_are_in_order(signature: Signature) -> None:
    """The columns of a flat input come by their index, from 0, without gap."""
    for tensor in signature.inputs:
        if len(tensor.shape) == 1:
            assert [index for index, _ in signature.columns(tensor.name)] == list(range(tensor.shape[0]))


def test_another_name_changes_nothing_else() -> None:
    """A model stored under another name keeps its interface."""
    renamed = mnist.SIGNATURE.named("digits")
    assert renamed.name == "digits"
    assert renamed.named("mnist") == mnist.SIGNATURE
