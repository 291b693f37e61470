"""Batches are copied into aligned memory, which is used again only when nobody reads it any more."""

from __future__ import annotations

import numpy as np

from service.engines.staging import ALIGNMENT_BYTES, Staging
from tests.service.engines.test_pinning import Fake


def batch(rows: int, first: int = 0) -> dict[str, np.ndarray]:
    """Two inputs of odd sizes and different datatypes."""
    wide = (np.arange(rows * 3) + first).astype(np.float32).reshape(rows, 3)
    return {"wide": wide, "flags": (np.arange(rows) + first).astype(np.uint8)}


def test_copies_are_aligned_and_equal() -> None:
    """Whatever the layout of the inputs, the copies hold the same numbers, contiguous and aligned."""
    staging = Staging()
    for inputs in (batch(1), batch(5), {name: array[::-1] for name, array in batch(6).items()}):
        with staging.copies(inputs) as copies:
            assert list(copies) == list(inputs)
            for name, copy in copies.items():
                assert (copy.dtype, copy.tolist()) == (inputs[name].dtype, inputs[name].tolist())
                assert copy.flags.c_contiguous
                assert copy.ctypes.data % ALIGNMENT_BYTES == 0
            del copy


def test_memory_is_used_again_and_locked_once() -> None:
    """Batches of one size ride in one buffer; another size has its own; with the staging all are unlocked."""
    fake = Fake()
    staging = Staging(fake.runtime)
    places = set()
    for first in range(5):
        with staging.copies(batch(4, first)) as copies:
            places.add(copies["wide"].ctypes.data)
    with staging.copies(batch(8)):
        pass
    assert len(places) == 1
    assert fake.calls == ["register"] * 2
    del staging, copies
    assert sorted(fake.calls) == ["register"] * 2 + ["unregister"] * 2


def test_batches_at_the_same_time_have_memory_of_their_own() -> None:
    """A batch under way keeps its buffer; when both are done, there are two to use again."""
    fake = Fake()
    staging = Staging(fake.runtime)
    for _ in range(3):
        with staging.copies(batch(4, 1)) as one, staging.copies(batch(4, 9)) as other:
            assert one["wide"].tolist() == batch(4, 1)["wide"].tolist()
            assert other["wide"].tolist() == batch(4, 9)["wide"].tolist()
    assert fake.calls == ["register"] * 2


def test_memory_that_somebody_still_reads_is_left_to_him() -> None:
    """A copy that outlives its block never changes; once it is let go, its buffer is used again."""
    fake = Fake()
    staging = Staging(fake.runtime)
    with staging.copies(batch(4, 1)) as copies:
        kept = copies["wide"]
    for first in range(2, 6):
        with staging.copies(batch(4, first)):
            pass
    assert kept.tolist() == batch(4, 1)["wide"].tolist()
    assert fake.calls == ["register"] * 2
    place = kept.ctypes.data
    del kept
    with staging.copies(batch(4)) as one, staging.copies(batch(4)) as other:
        assert place in (one["wide"].ctypes.data, other["wide"].ctypes.data)
    assert fake.calls == ["register"] * 2


def test_a_failed_batch_gives_its_memory_back() -> None:
    """An engine call that raises leaves a buffer that is used again."""
    fake = Fake()
    staging = Staging(fake.runtime)
    for _ in range(3):
        try:
            with staging.copies(batch(4)):
                raise ValueError
        except ValueError:
            pass
    assert fake.calls == ["register"]
