"""`training.evaluation.conformal`."""

import math

import numpy as np
import pytest

from training.errors import TrainingError
from training.evaluation.conformal import tail_scales

Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _rows(rows: int, seed: int = 0) -> Columns:
    """Truth, skewed around the point; points; ends that are too near below and too far above."""
    random = np.random.default_rng(seed)
    spread = random.uniform(1, 10, rows)
    point = random.normal(100, 50, rows)
    truth = point + spread * (random.exponential(size=rows) - 0.7)
    return truth, point, point - 0.2 * spread, point + 5 * spread


def _scaled(columns: Columns, scales: tuple[float, float]) -> Columns:
    truth, point, low, high = columns
    return truth, point, point - scales[0] * (point - low), point + scales[1] * (high - point)


@pytest.mark.parametrize("rows", [10, 99, 100, 1000, 1001])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.25])
def test_as_many_rows_are_outside_as_may_be(rows: int, share: float) -> None:
    """After scaling, the rows beyond each end are those that the rank leaves, and its row lies on the end."""
    columns = _rows(rows)
    truth, _, low, high = _scaled(columns, tail_scales(*columns, share))
    outside = max(rows - math.ceil((rows + 1) * (1 - share)), 0)
    assert (truth < low - 1e-9).sum() == (truth > high + 1e-9).sum() == outside
    assert (np.abs(truth - low) < 1e-9).sum() == (np.abs(truth - high) < 1e-9).sum() == 1


def test_rows_to_come_are_held() -> None:
    """Fitted to some rows, the intervals hold 80 % of others like them, with a tenth on each side."""
    truth, _, low, high = _scaled(_rows(20_000, seed=1), tail_scales(*_rows(20_000)))
    assert (truth < low).mean() == pytest.approx(0.1, abs=0.01)
    assert (truth > high).mean() == pytest.approx(0.1, abs=0.01)


def test_scaled_intervals_need_no_scaling() -> None:
    """What was scaled is left as it is by a second time."""
    columns = _rows(500)
    assert tail_scales(*_scaled(columns, tail_scales(*columns))) == pytest.approx((1, 1))


def test_few_rows_are_all_held() -> None:
    """Eight rows cannot tell which is the outer tenth: none of them is left outside."""
    columns = _rows(8)
    truth, _, low, high = _scaled(columns, tail_scales(*columns))
    assert ((low - 1e-9 <= truth) & (truth <= high + 1e-9)).all()


def test_no_part_is_turned_around() -> None:
    """Where nearly all rows lie above their points, the lower part shrinks to nothing and not beyond."""
    point = np.zeros(100)
    assert tail_scales(point + 1, point, point - 1, point + 2) == (0, 0.5)


def test_ends_on_the_wrong_side_are_refused() -> None:
    """A point outside of its interval, or on its end, is counted in the message."""
    point = np.zeros(5)
    with pytest.raises(TrainingError, match=r"in all 5 rows\. Received 2 others"):
        tail_scales(point, point, np.array([-1, -1, -1, 0, -1]), np.array([1, -1, 1, 1, 1]))
