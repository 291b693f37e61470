"""One timer serves all deadlines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.deadlines import SLOT_S, DeadlineWheel
from tests.clock import VirtualLoop

SECONDS = st.floats(0.0, 2.0)


def due(loop: VirtualLoop, wheel: DeadlineWheel, after_s: float, called: list[object], key: object) -> int:
    """Add an entry that notes its key and the time when it is called."""
    return wheel.add(loop.time() + after_s, key, lambda: called.append((key, loop.time())))


@given(waits=st.lists(SECONDS, min_size=1, max_size=20))
def test_called_once_and_at_most_one_slot_late(waits: list[float]) -> None:
    """Every callback comes exactly once, never before its time and at most a slot and a tick behind it."""
    loop, called = VirtualLoop(), []
    wheel, start = DeadlineWheel(loop), loop.time()
    for key, wait in enumerate(waits):
        due(loop, wheel, wait, called, key)
    loop.advance(3.0)
    assert sorted(key for key, _ in called) == list(range(len(waits)))
    for key, when in called:
        assert waits[key] <= when - start + 1e-6, "too early"
        assert when - start <= waits[key] + 2 * SLOT_S + 1e-6, "too late"


@given(waits=st.lists(SECONDS, min_size=1, max_size=20), data=st.data())
def test_what_is_taken_back_is_never_called(waits: list[float], data: st.DataObject) -> None:
    """A discarded entry is not called, and its neighbours in the same slot are."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    slots = [due(loop, wheel, wait, called, key) for key, wait in enumerate(waits)]
    gone = data.draw(st.sets(st.sampled_from(range(len(waits)))))
    for key in gone:
        wheel.discard(slots[key], key)
    loop.advance(3.0)
    assert {key for key, _ in called} == set(range(len(waits))) - gone


def test_the_loop_is_left_alone_while_nothing_waits() -> None:
    """No timer is set before the first entry or after the last, and one serves any number of entries."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    assert loop.timers == 0
    for key in range(100):
        due(loop, wheel, 0.1, called, key)
    assert loop.timers == 1
    loop.advance(1.0)
    assert (len(called), loop.timers) == (100, 0)
    slot = due(loop, wheel, 0.5, called, "later")
    wheel.discard(slot, "later")
    loop.advance(1.0)
    assert (len(called), loop.timers) == (100, 0)


def test_a_long_stall_of_the_loop_loses_nothing() -> None:
    """What came due during a stall of minutes is called right behind it, in the order of its time."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    for key, wait in ((2, 60.0), (1, 0.02), (3, 250.0)):
        due(loop, wheel, wait, called, key)
    loop.stall(200.0)
    loop.advance(0.0)
    assert [key for key, _ in called] == [1, 2]
    loop.advance(60.0)
    assert [key for key, _ in called] == [1, 2, 3]


def test_a_time_in_the_past_is_due_at_the_next_turn() -> None:
    """An entry that is late when it is added is still called, and once."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    due(loop, wheel, 5.0, called, "keeps the wheel turning")
    loop.advance(1.0)
    due(loop, wheel, -0.5, called, "late")
    loop.advance(2 * SLOT_S)
    assert [key for key, _ in called] == ["late"]


def test_discard_is_harmless_after_the_call_and_for_strangers() -> None:
    """Taking back what has been called, twice, or never added changes nothing."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    slot = due(loop, wheel, 0.01, called, "one")
    loop.advance(1.0)
    wheel.discard(slot, "one")
    wheel.discard(slot, "one")
    wheel.discard(12345, "stranger")
    due(loop, wheel, 0.01, called, "two")
    loop.advance(1.0)
    assert [key for key, _ in called] == ["one", "two"]


def test_a_callback_may_add_and_take_back() -> None:
    """Callbacks may change the wheel while it turns: what one adds is called, what one takes back is not."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)
    when = loop.time() + 0.01
    slots: list[int] = []

    def first() -> None:
        wheel.discard(slots[1], "second")
        due(loop, wheel, 0.0, called, "third")

    slots.append(wheel.add(when, "first", first))
    slots.append(wheel.add(when, "second", lambda: called.append(("second", 0.0))))
    loop.advance(1.0)
    assert [key for key, _ in called] == ["third"]


def test_a_callback_that_fails_does_not_stop_the_wheel() -> None:
    """One failing callback is reported to the loop and takes no other deadline with it."""
    loop, called = VirtualLoop(), []
    wheel = DeadlineWheel(loop)

    def fails() -> None:
        raise RuntimeError("a defect")

    wheel.add(loop.time() + 0.01, "fails", fails)
    due(loop, wheel, 0.01, called, "same slot")
    due(loop, wheel, 0.5, called, "later")
    loop.advance(1.0)
    assert [key for key, _ in called] == ["same slot", "later"]
    assert [str(fault["exception"]) for fault in loop.faults] == ["a defect"]
