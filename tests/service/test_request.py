"""One request and one answer, the same for all dialects."""

from __future__ import annotations

import math

import numpy as np
import pytest

from service.request import InferRequest, InferResult

ROW = np.zeros((1, 2), np.float32)


def test_a_request_without_deadline_is_never_late() -> None:
    """What no front has given a deadline is in time whatever the clock says."""
    request = InferRequest({"x": ROW}, 1, ("y",))
    assert request.deadline == math.inf
    assert (request.form, request.id) == ("", "")


@pytest.mark.parametrize("one", [InferRequest({"x": ROW}, 1, ("y",)), InferResult("xor", 1, {"y": ROW})])
def test_a_misspelt_attribute_is_refused(one: object) -> None:
    """Requests and results have the attributes they declare and no others."""
    with pytest.raises(AttributeError):
        one.deadlin = 1.0  # type: ignore[attr-defined]


def test_requests_share_nothing() -> None:
    """Two requests never hold each other's inputs."""
    one, two = InferRequest({"x": ROW}, 1, ("y",)), InferRequest({"x": ROW + 1}, 1, ("y",))
    one.inputs["z"] = ROW
    assert list(two.inputs) == ["x"]
