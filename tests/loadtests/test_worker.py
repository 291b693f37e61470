"""What a worker tells its master."""

from __future__ import annotations

from tests.loadtests.runners import MasterDouble


def test_no_request_is_in_two_parcels() -> None:
    """Each parcel holds what came since the last one, and the count of all."""
    worker = MasterDouble().workers["a"]
    worker.play([("toy infer", 1.0, None, 1), ("toy infer", 2.0, None, 1)])
    first = worker.worker.parcel()
    worker.play([("toy infer", 3.0, None, 1)])
    second = worker.worker.parcel()
    assert [len(parcel["times_ms"]["toy infer"]) for parcel in (first, second)] == [16, 8]
    assert [parcel["sent"] for parcel in (first, second)] == [2, 3]


def test_worker_does_not_judge() -> None:
    """Thresholds are for the whole run, which only the master knows."""
    runner = MasterDouble()
    assert not runner.workers["a"].worker.judges
    assert runner.master.judges
