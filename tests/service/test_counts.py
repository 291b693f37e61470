"""Counts of several processes add up, and survive being written down."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from service.counts import Counts

numbers = st.integers(0, 2**53)
sizes = st.dictionaries(st.integers(1, 4096), st.lists(numbers, min_size=4, max_size=4), max_size=4)
counts = st.builds(Counts, **{field.name: sizes if field.name == "sizes" else numbers for field in fields(Counts)})


@given(one=counts)
def test_counts_are_read_as_they_were_written(one: Counts) -> None:
    """Encoding and decoding changes no number, whole as they are."""
    assert Counts.decode(one.encode()) == one


@given(one=counts, other=counts)
def test_every_count_is_added(one: Counts, other: Counts) -> None:
    """A sum holds each number of both, by batch size too; of the last batches it tells the later."""
    total = Counts()
    total.add(one)
    total.add(other)
    for field in fields(Counts):
        mine, theirs, sum_of = (getattr(each, field.name) for each in (one, other, total))
        if field.name == "last_inference_ms":
            assert sum_of == max(mine, theirs)
        elif field.name == "sizes":
            assert sum_of.keys() == mine.keys() | theirs.keys()
            for rows, size in sum_of.items():
                assert size == [a + b for a, b in zip(mine.get(rows, [0] * 4), theirs.get(rows, [0] * 4), strict=True)]
        else:
            assert sum_of == mine + theirs


@given(one=counts, other=counts)
def test_adding_leaves_what_is_added_alone(one: Counts, other: Counts) -> None:
    """A sum that grows further changes none of its parts."""
    before = one.encode()
    total = Counts()
    total.add(one)
    total.add(other)
    assert one.encode() == before
