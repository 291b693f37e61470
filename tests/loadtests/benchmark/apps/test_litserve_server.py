"""LitServe's API."""

from __future__ import annotations

from tests.loadtests.benchmark.apps.conftest import App, digits


def test_batch_gives_each_request_its_own_rows(app: App) -> None:
    """Requests of one and of two rows, answered in one batch, get back as many rows, in order."""
    module = app("litserve_server", litserve={"LitAPI": object}, fastapi={"Request": dict})
    api = module.Digits()
    api.setup("cpu")
    inputs = [api.decode_request({"instances": rows.tolist()}) for rows in (digits(7), digits(3, 5))]
    outputs = api.unbatch(api.predict(api.batch(inputs)))
    answers = [api.encode_response(output)["predictions"] for output in outputs]
    assert [[row[0] for row in rows] for rows in answers] == [[7], [3, 5]]
