"""One thread, as the baselines have when they are all fitted."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More of them wait for each other on a machine that is busy."""
    with threadpool_limits(1):
        yield
