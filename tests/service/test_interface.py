"""A model's interface: what a dialect may know of it."""

from __future__ import annotations

import pytest

from service.errors import TooLarge
from tests.toy_signatures import every_kind, interface, wide_deep


def test_tensors_are_found_by_name_in_the_signatures_order() -> None:
    """Names and order are those of the Keras model."""
    model = wide_deep()
    assert list(model.inputs) == ["wide", "deep"]
    assert list(model.outputs) == ["main", "aux"]
    assert model.output_names == ("main", "aux")
    assert all(name == tensor.name for name, tensor in (model.inputs | model.outputs).items())


def test_name_and_version_are_what_urls_carry() -> None:
    """An interface knows the model and the version that it describes."""
    assert (interface(version=7).name, interface(version=7).version) == ("xor", 7)


def test_only_a_model_with_fields_takes_records() -> None:
    """The record form and the bounds come from the fields, and a model without fields has neither."""
    assert interface().records is None
    assert interface().bounds == {}
    assert every_kind().records is not None
    assert set(every_kind().bounds) == {"x"}


@pytest.mark.parametrize("rows", [0, 1, 7, 8])
def test_rows_up_to_the_limit_pass(rows: int) -> None:
    """The limit itself is allowed."""
    interface(max_rows=8).check_rows(rows)


@pytest.mark.parametrize("rows", [9, 10_000])
def test_rows_over_the_limit_are_refused(rows: int) -> None:
    """One row more is `too_large`, and the message has both numbers."""
    with pytest.raises(TooLarge) as caught:
        interface(max_rows=8).check_rows(rows)
    assert (caught.value.code, caught.value.status) == ("too_large", 413)
    assert caught.value.sentence == f"Expected at most 8 rows. Received {rows}."
