"""A shadow is asked, compared and counted; the request it follows never notices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import shadow as module
from service.batching import Scheduler
from service.configuration import Shadow as Wish
from service.errors import Overloaded
from service.interface import Interface
from service.shadow import FULLEST, Comparison, Shadow
from tests.service.conftest import make_gate, until
from tests.toy_engines import MARK, SIGNATURE, Bent, Doubling, Poisoned, answers, request, rows, same
from tests.toy_signatures import field, interface, output, result

Make = Callable[..., Scheduler]
TOY = Interface(SIGNATURE, 2, 8)
FIELDS = [field("number", "first", ("x", 0)), field("number", "second", ("x", 1))]
NOTHING = {"agree": 0, "disagree": 0, "failed": 0, "skipped": 0}


class Pair:
    """A serving scheduler, and a shadow with its own.

    Attributes:
        counted: What the metric was told, by outcome.
    """

    def __init__(self, serving: Scheduler, twin: Any, **wish: Any) -> None:
        self.serving = serving
        self.counted: dict[str, int] = {}
        self.shadow = Shadow(twin, TOY, Wish(version=2, **wish), self._count)

    def _count(self, outcome: str, rows: int) -> None:
        self.counted[outcome] = self.counted.get(outcome, 0) + rows

    def submit(self, x: np.ndarray, deadline: float = 1e9) -> Any:
        """Ask, with the shadow behind."""
        asked = request(x, deadline)
        work = self.serving.submit(asked)
        self.shadow.follow(asked, work)
        return work

    async def counts(self, total: int, **expected: int) -> None:
        """Wait until that many rows are counted, and hold them against what is expected, in the metric too."""
        await until(lambda: sum(self.shadow.rows.values()) >= total)
        assert self.shadow.rows == NOTHING | expected
        assert self.counted == expected


async def test_each_row_is_counted_once(make_scheduler: Make) -> None:
    """Rows that agree and rows that do not are counted, and each answer is the serving one's."""
    bent = Bent(lambda out: {name: array + (array < -90) for name, array in out.items()})
    pair = Pair(make_scheduler(), make_scheduler(bent))
    for x in (rows(1, 2, 3), rows(4, float(MARK)), rows(float(MARK))):
        assert same(await pair.submit(x).future, answers(x))
    await pair.counts(6, agree=4, disagree=2)


@pytest.mark.parametrize("first", ["serving", "shadow"])
async def test_who_answers_first_does_not_matter(make_scheduler: Make, first: str) -> None:
    """The rows are compared once both have answered, in either order."""
    gates = {"serving": make_gate(), "shadow": make_gate()}
    pair = Pair(make_scheduler(gate=gates["serving"]), make_scheduler(gate=gates["shadow"]))
    work = pair.submit(rows(1, 2))
    gates[first].open()
    twin = pair.shadow.scheduler
    await until(lambda: work.future.done() if first == "serving" else not twin.busy_s())
    assert pair.shadow.rows == NOTHING
    for gate in gates.values():
        gate.open()
    await work.future
    await pair.counts(2, agree=2)


@pytest.mark.parametrize(
    ("drawn", "percent", "asked"),
    [(0.0, 50, True), (0.4999, 50, True), (0.5, 50, False), (0.0, 0, False), (0.99, 100, True)],
)
async def test_a_share_of_requests_is_followed(
    make_scheduler: Make, monkeypatch: pytest.MonkeyPatch, drawn: float, percent: float, asked: bool
) -> None:
    """A lot is drawn for each request: with 0 none is followed, with 100 all; what is not followed is not counted."""
    monkeypatch.setattr(module.random, "random", lambda: drawn)
    engine = Doubling()
    pair = Pair(make_scheduler(), make_scheduler(engine), percent=percent)
    await pair.submit(rows(1, 2)).future
    if asked:
        await pair.counts(2, agree=2)
    assert engine.seen == ([1, 2] if asked else [])


async def test_a_shadow_that_fails_harms_nobody(make_scheduler: Make) -> None:
    """When the shadow's engine fails, its rows count as failed and the answer is what it is."""
    pair = Pair(make_scheduler(), make_scheduler(Poisoned()))
    x = rows(float(MARK), 2)
    assert same(await pair.submit(x).future, answers(x))
    await pair.counts(2, failed=2)


async def test_a_shadow_that_is_late_harms_nobody(make_scheduler: Make) -> None:
    """When the shadow does not answer before the request's deadline, its rows count as failed."""
    gate = make_gate()
    pair = Pair(make_scheduler(), make_scheduler(gate=gate))
    x = rows(1)
    work = pair.submit(x, asyncio.get_running_loop().time() + 0.05)
    assert same(await work.future, answers(x))
    await pair.counts(1, failed=1)


async def test_a_shadow_that_is_full_is_skipped(make_scheduler: Make) -> None:
    """A shadow with many rows waiting, or no room in its queue, is not asked; the serving version answers on."""
    for room in (4096, 3):
        gate = make_gate()
        pair = Pair(make_scheduler(), make_scheduler(gate=gate, max_queue_rows=room))
        most = 1 + min(FULLEST + 1, room)  # one at the gate, the others before it
        for _ in range(most + 5):
            assert same(await pair.submit(rows(1)).future, answers(rows(1)))
        assert pair.shadow.rows["skipped"] == 5
        gate.open()
        await pair.counts(most + 5, agree=most, skipped=5)


@pytest.mark.parametrize("fault", [Overloaded("Full."), RuntimeError("at /srv/secret"), MemoryError()], ids=repr)
async def test_a_shadow_that_cannot_be_asked_harms_nobody(make_scheduler: Make, fault: Exception) -> None:
    """Whatever asking the shadow raises, the request goes its way."""

    class Refusing:
        """A queue that takes nothing."""

        queued_rows = 0

        def submit(self, _: object) -> None:
            raise fault

    pair = Pair(make_scheduler(), Refusing())
    assert same(await pair.submit(rows(1, 2)).future, answers(rows(1, 2)))
    assert sum(pair.shadow.rows.values()) == pair.shadow.rows["skipped"] == 2


async def test_a_request_that_is_not_answered_is_not_compared(make_scheduler: Make) -> None:
    """When the serving version fails, or the client goes away, its rows are skipped; the shadow is no judge of that."""
    pair = Pair(make_scheduler(Poisoned()), make_scheduler())
    work = pair.submit(rows(float(MARK)))
    with pytest.raises(Exception, match="model failed"):
        await work.future
    await pair.counts(1, skipped=1)
    gate = make_gate()
    gone = Pair(make_scheduler(gate=gate), make_scheduler())
    work = gone.submit(rows(1, 2))
    gone.serving.drop(work)
    await gone.counts(2, skipped=2)
    gate.open()


async def test_the_shadow_keeps_no_request_from_its_deadline(make_scheduler: Make) -> None:
    """The shadow's request is one of its own: what happens to it does not reach the one that is answered."""
    pair = Pair(make_scheduler(), make_scheduler())
    asked = request(rows(1))
    work = pair.serving.submit(asked)
    pair.shadow.follow(asked, work)
    assert work.request is asked
    assert all(one.request is not asked for one in pair.shadow.scheduler._queue)
    await work.future
    await pair.counts(1, agree=1)


def agreeing(model: Interface, one: Any, other: Any, rtol: float = 0.0, atol: float = 0.0) -> list[bool]:
    """Which rows of the output `y` agree."""
    arrays = ({"y": np.float32(side)} for side in (one, other))
    return [bool(row) for row in Comparison(model, rtol, atol).agreeing(*arrays)]


def test_labels_agree_when_they_are_the_same() -> None:
    """A classifier's rows agree if the same class is the largest, however near or far the numbers are."""
    model = interface(
        outputs=[output(shape=(3,))],
        fields=FIELDS,
        result=[result("label", "winner", labels=["a", "b", "c"]), result("values", "all")],
    )
    one = [[0.1, 0.2, 0.7], [0.4, 0.35, 0.25], [0.5, 0.5, 0.0]]
    other = [[0.0, 0.0, 1.0], [0.35, 0.4, 0.25], [0.9, 0.1, 0.0]]
    assert agreeing(model, one, other) == [True, False, True]
    assert agreeing(model, one, one, rtol=1e-9) == [True] * 3


def test_thresholds_agree_on_the_same_side() -> None:
    """A yes or no agrees with the same word: the threshold itself is yes."""
    model = interface(fields=FIELDS, result=[result("threshold", "yes", index=0, threshold=0.5)])
    assert agreeing(model, [[0.5], [0.49], [0.9], [0.1]], [[0.51], [0.5], [0.2], [0.4]]) == [True, False, False, True]


def test_a_classifier_without_result_agrees_by_its_largest_element() -> None:
    """Without words for its answers a classifier of several outputs has classes, and one of a single output numbers."""
    assert agreeing(interface(outputs=[output(shape=(2,))]), [[0.9, 0.1], [0.4, 0.6]], [[0.6, 0.4], [0.6, 0.4]]) == [
        True,
        False,
    ]
    assert agreeing(interface(), [[0.9], [0.4]], [[0.9], [0.41]]) == [True, False]


@pytest.mark.parametrize(
    ("rtol", "atol", "agree"),
    [
        (0, 0, [True, False, False, False]),
        (0, 0.2, [True, True, False, False]),
        (0.01, 0, [True, False, True, False]),
        (0.01, 0.2, [True, True, True, False]),
    ],
)
def test_numbers_agree_within_tolerances(rtol: float, atol: float, agree: list[bool]) -> None:
    """Rows agree if every number is within rtol of the serving one plus atol; without either, the model's own hold."""
    model = interface(task="regression", outputs=[output(shape=(2,))])
    one = [[1, 1000], [1, 1000], [1, 1000], [1, 1000]]
    other = [[1.0000005, 1000], [1.1, 1000], [1, 1009], [2, 1000]]
    assert agreeing(model, one, other, rtol, atol) == agree
    assert agreeing(model, [[1, 1]], [[1, 1.5]], rtol=0.4) == [False]  # of 1.5 it would be near enough


def test_all_outputs_must_agree() -> None:
    """A row whose second output differs does not agree."""
    model = interface(task="regression", outputs=[output("y"), output("z")])
    one = {"y": np.float32([[1], [1]]), "z": np.float32([[1], [1]])}
    other = {"y": np.float32([[1], [1]]), "z": np.float32([[1], [2]])}
    assert Comparison(model, 0, 0.5).agreeing(one, other).tolist() == [True, False]


@given(st.integers(1, 6), st.randoms())
def test_what_is_the_same_agrees(count: int, chance: Any) -> None:
    """Every row agrees with itself, whatever is compared, and comparing changes no number."""
    values = np.float32([[chance.uniform(-1, 1) for _ in range(3)] for _ in range(count)])
    before = values.tobytes()
    for model in (interface(outputs=[output(shape=(3,))]), interface(task="regression", outputs=[output(shape=(3,))])):
        assert agreeing(model, values, values.copy()) == [True] * count
    assert values.tobytes() == before
