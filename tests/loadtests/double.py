"""A double of the server: the toy's answers over HTTP, right until a test spoils them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import toy

COLOURS = toy.FIELDS[1]["vocabulary"]


def same(answer: Any) -> Any:
    """An answer as it is."""
    return answer


class Double:
    """What the double says.

    Attributes:
        models: Names that it lists.
        versions: State of each version of every model.
        spoil: Changes an answer to a prediction before it is sent.
        status: Status of predictions.
        seen: Path of every request.
    """

    def __init__(self) -> None:
        self.models = ["toy"]
        self.versions = {"1": "AVAILABLE"}
        self.spoil: Callable[[Any], Any] = same
        self.status = 200
        self.seen: list[str] = []
        self.url = ""

    def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON for one request."""
        self.seen.append(path)
        if body:
            return self.status, self.spoil(predict(path, json.loads(body)))
        if path == "/v1/models":
            return 200, {"models": self.models}
        if path.startswith("/v1/models/"):
            listed = [{"version": version, "state": state} for version, state in self.versions.items()]
            return 200, {"model_version_status": listed}
        tensors = toy.signature()
        page = {
            kind: [
                {"name": tensor["name"], "datatype": tensor["dtype"], "shape": [-1, *tensor["shape"]]}
                for tensor in tensors[kind]
            ]
            for kind in ("inputs", "outputs")
        }
        return 200, {"name": "toy", "versions": list(self.versions), **page}


def predict(path: str, request: dict[str, Any]) -> Any:
    """The toy's right answer to a request in any form."""
    if path.startswith("/v2/"):
        (tensor,) = request["inputs"]
        data, count = tensor["data"], tensor["shape"][0]
        rows = [data[2 * row : 2 * row + 2] for row in range(count)]
        outputs = [
            {"name": "double", "datatype": "FP32", "shape": [count, 2], "data": [2 * x for row in rows for x in row]},
            {"name": "total", "datatype": "FP32", "shape": [count, 1], "data": [sum(row) for row in rows]},
        ]
        return {"id": request["id"], "model_name": "toy", "model_version": "1", "outputs": outputs}
    if "records" in request:
        totals = [record["size"] + COLOURS.index(record["colour"]) for record in request["records"]]
        return {"predictions": [{"total": total, "large": total >= 10} for total in totals]}
    if "instances" in request:
        return {"predictions": [{"double": [2 * x for x in row], "total": [sum(row)]} for row in request["instances"]]}
    rows = request["inputs"]
    return {"outputs": {"double": [[2 * x for x in row] for row in rows], "total": [[sum(row)] for row in rows]}}


@contextmanager
def serving(double: Double) -> Iterator[Double]:
    """Serve a double on a free port for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body leave together
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """The name is the standard library's."""
            length = int(self.headers.get("Content-Length", 0))
            status, answer = double.answer(self.path, self.rfile.read(length))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        double.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
