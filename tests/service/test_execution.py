"""One batch in the engine: joined, padded, run, checked, split, and halved when it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InferenceFailed
from service.execution import Executor, join
from tests.toy_engines import MARK, SIGNATURE, Bent, Doubling, NotFinite, Poisoned, answers, rows, same

BATCH_ROWS = 64
MOST_EXTRA_CALLS = 12
MOST_LOG_BYTES = 4096


@dataclass
class Part:
    """A slice of a request's rows."""

    inputs: dict[str, np.ndarray]
    start: int
    stop: int


def part(x: np.ndarray, start: int = 0, stop: int | None = None) -> Part:
    """The rows `start` to `stop` of a request."""
    return Part({"x": x}, start, len(x) if stop is None else stop)


def executor(engine: Any, sizes: range | list[int] = range(1, BATCH_ROWS + 1)) -> Executor:
    """An executor of the toy."""
    return Executor(engine, SIGNATURE, sizes)


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=10), seed=st.integers(0, 2**16))
def test_every_slice_gets_its_own_rows(lengths: list[int], seed: int) -> None:
    """Slices of any lengths get what they would get alone, bit for bit, in any order of the batch."""
    random = np.random.default_rng(seed)
    parts = [part(random.normal(size=(length + 2, 2)).astype(np.float32), 1, length + 1) for length in lengths]
    order = random.permutation(len(parts))
    subject = executor(Doubling(), [1, 2, 16, BATCH_ROWS])
    together, permuted = subject.execute(parts), subject.execute([parts[i] for i in order])
    for i, one in enumerate(parts):
        assert same(together[i], answers(one.inputs["x"][one.start : one.stop]))
        assert same(subject.execute([one])[0], together[i])
    for place, i in enumerate(order):
        assert same(permuted[place], together[i])


@pytest.mark.parametrize(("given_rows", "computed"), [(1, 4), (4, 4), (5, 8), (8, 8)])
def test_a_batch_is_padded_to_the_next_prepared_size(given_rows: int, computed: int) -> None:
    """The engine sees prepared sizes only, and nobody sees the padding."""
    engine = Doubling()
    x = rows(*range(given_rows))
    assert same(executor(engine, [4, 8]).execute([part(x)])[0], answers(x))
    assert [len(call) for call in engine.calls] == [computed]


def test_padding_repeats_a_sound_row() -> None:
    """Rows of padding are copies of the first row, so that they can fail nothing that the batch would not."""
    x = rows(7, 8, 9)
    joined = join([part(x, 1, 2), part(x, 2, 3)], 2, 5)["x"]
    assert joined[:, 0].tolist() == [8, 9, 8, 8, 8]
    assert joined.dtype == np.float32


def test_one_failing_row_fails_exactly_its_request(caplog: pytest.LogCaptureFixture) -> None:
    """At each of 64 places: one request fails, 63 are answered, with 12 more engine calls and a short log."""
    for place in range(BATCH_ROWS):
        caplog.clear()
        firsts = [float(i) for i in range(BATCH_ROWS)]
        firsts[place] = float(MARK)
        engine = Poisoned()
        outcomes = executor(engine).execute([part(rows(first)) for first in firsts])
        assert isinstance(outcomes[place], InferenceFailed)
        for i, outcome in enumerate(outcomes):
            assert i == place or same(outcome, answers(rows(firsts[i])))
        assert len(engine.calls) - 1 <= MOST_EXTRA_CALLS
        assert len(caplog.records) == 1
        assert len(caplog.text) + len(caplog.records[0].detail) < MOST_LOG_BYTES


@given(bad=st.sets(st.integers(0, BATCH_ROWS - 1)))
def test_any_set_of_failing_rows_fails_exactly_itself(bad: set[int]) -> None:
    """Whichever slices hold a failing row, they fail and no others do."""
    parts = [part(rows(float(MARK) if i in bad else i)) for i in range(BATCH_ROWS)]
    outcomes = executor(Poisoned()).execute(parts)
    assert {i for i, outcome in enumerate(outcomes) if isinstance(outcome, InferenceFailed)} == bad


BENDS: dict[str, Callable[[dict[str, np.ndarray]], Any]] = {
    "a row too few": lambda out: {name: array[:-1] for name, array in out.items()},
    "a row too many": lambda out: {name: np.concatenate([array, array[:1]]) for name, array in out.items()},
    "no rows": lambda out: {name: array[:0] for name, array in out.items()},
    "one output short": lambda out: out | {"total": out["total"][:-1]},
    "another dtype": lambda out: out | {"double": out["double"].astype(np.float64)},
    "whole numbers": lambda out: out | {"double": out["double"].astype(np.int32)},
    "another rank": lambda out: out | {"total": out["total"][:, 0]},
    "another width": lambda out: out | {"double": out["double"][:, :1]},
    "flat": lambda out: out | {"double": out["double"].reshape(-1)},
    "an output missing": lambda out: {"double": out["double"]},
    "no array": lambda out: out | {"double": out["double"].tolist()},
    "nothing": lambda out: None,
}


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS.keys())
def test_an_answer_of_the_wrong_form_is_a_failure(bend: Callable[..., Any]) -> None:
    """Rows, dtype, rank or names that are not the signature's fail the request, never its neighbours or the next."""
    subject = executor(Bent(bend))
    good, bad = rows(1, 2), rows(MARK)
    outcomes = subject.execute([part(good), part(bad), part(good)])
    assert isinstance(outcomes[1], InferenceFailed)
    assert same(outcomes[0], answers(good))
    assert same(outcomes[2], answers(good))
    assert same(subject.execute([part(good)])[0], answers(good))


@given(bad=st.sets(st.integers(0, 15)), lengths=st.lists(st.integers(1, 3), min_size=16, max_size=16))
def test_every_engine_call_is_reported(bad: set[int], lengths: list[int]) -> None:
    """As many calls come back as the engine was given, halving and failures included, each with the rows that rode."""
    engine = Poisoned()
    parts = [part(rows(*[float(MARK) if i in bad else i] * length)) for i, length in enumerate(lengths)]
    runs = executor(engine).execute(parts).runs
    assert [given_rows for given_rows, *_ in runs] == [len(call) for call in engine.calls]
    assert all(input_ns > 0 and infer_ns > 0 and output_ns >= 0 for _, input_ns, infer_ns, output_ns in runs)


def test_padding_does_not_count_as_rows() -> None:
    """A call is reported with the rows of the requests, not with those that the engine was given beside them."""
    assert executor(Doubling(), [8]).execute([part(rows(1, 2)), part(rows(3))]).runs[0][0] == 3


def test_the_time_of_a_call_lies_where_it_was_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joining, the engine, and checking each get what the clock says between their ends, also if one of them fails."""
    ticks = iter([0, 5, 25, 125, 1000, 1001, 1003, 2000, 2010, 2050, 2350])
    monkeypatch.setattr("service.execution.perf_counter_ns", lambda: next(ticks))
    bent = Bent(lambda out: {})
    assert executor(bent).execute([part(rows(1))]).runs == [(1, 5, 20, 100)]
    assert executor(Poisoned()).execute([part(rows(MARK, 2))]).runs == [(2, 1, 2, 0)]
    assert executor(bent).execute([part(rows(MARK))]).runs == [(1, 10, 40, 300)]


def test_a_swapped_or_added_output_does_no_harm() -> None:
    """Outputs are taken by name: their order and additional ones change nothing."""
    engine = Bent(lambda out: {"extra": out["total"], "total": out["total"], "double": out["double"]})
    x = rows(MARK, 3)
    assert same(executor(engine).execute([part(x)])[0], answers(x))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_not_finite_fails_its_request_alone(value: float) -> None:
    """A NaN or an infinity fails the slice whose row it is, without another engine call."""
    engine = NotFinite(value)
    outcomes = executor(engine).execute([part(rows(1, 2)), part(rows(3, MARK)), part(rows(4))])
    assert [isinstance(outcome, InferenceFailed) for outcome in outcomes] == [False, True, False]
    assert same(outcomes[0], answers(rows(1, 2)))
    assert same(outcomes[2], answers(rows(4)))
    assert len(engine.calls) == 1


def test_padding_that_is_not_finite_fails_nobody() -> None:
    """What an engine answers to rows of padding is never looked at."""
    engine = Doubling()
    clean = engine.run

    def run(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        outputs = clean(inputs)
        outputs["total"][2:] = np.nan
        return outputs

    engine.run = run  # type: ignore[method-assign]
    x = rows(5, 6)
    assert same(executor(engine, [8]).execute([part(x)])[0], answers(x))


def test_the_fault_says_nothing_of_the_server() -> None:
    """The sentence for the client holds no text of the engine's exception."""
    (outcome,) = executor(Poisoned()).execute([part(rows(MARK))])
    assert isinstance(outcome, InferenceFailed)
    assert "secret" not in outcome.sentence
    assert outcome.code == "inference_failed"
