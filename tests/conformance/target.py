"""The server under test: how to reach it, what it serves, and the answers that all its forms must agree on."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conformance.case import Reply
from tests.conformance.cases.rows import RECORDS, ROWS
from tests.conformance.expectation import Known

TIMEOUT_S = 30
INTERFACES: dict[str, dict[str, tuple[str, list[int]]]] = {
    "xor": {"features": ("FP32", [-1, 2])},
    "mnist": {"image": ("UINT8", [-1, 28, 28])},
    "flights": {"wide": ("FP32", [-1, 7]), "deep": ("FP32", [-1, 15])},
}
"""What the models of this project take; one of that name that takes something else is not asked golden cases."""


WITHOUT = {
    "key": "no --key was given",
    "locked": "the server takes calls that load and unload",
    "grpc": "no --grpc was given",
    "home": "it is not known where the models are stored",
    "alone": "others use the server",
    "label": "no version of xor has a label",
}
"""Why a case cannot be asked, by what it needs."""


class Target:
    """A server.

    Args:
        url: Base URL.
        grpc: Host and port of its gRPC; empty if it has none.
        key: Key of the calls that load and unload; empty if there is none, and none is made then.
        home: BentoML home with the models that it serves, where that is known.
        alone: Whether nobody else asks it, so that its counters can be held to what the kit did.
    """

    def __init__(self, url: str, grpc: str = "", key: str = "", home: Path | None = None, alone: bool = True) -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self.grpc = grpc
        self.key = key
        self.home = home
        self._host, self._port = parts.hostname or "localhost", parts.port or 80
        self._prefix = parts.path.rstrip("/")
        self._connection: http.client.HTTPConnection | None = None
        self.models: dict[str, dict[str, Any]] = {}
        self.limits: dict[str, int] = {}
        self._answers: dict[str, list[Any]] = {}
        self._records: dict[str, list[Any]] = {}
        self._words: dict[str, str] = {}
        self.can = {"key"} if key else set()
        self.can |= {"grpc"} if grpc else set()
        self.can |= {"alone"} if alone else set()
        self.can |= {"home"} if home else set()
        self._discover()

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request, on the connection of the last one if it is still open.

        Args:
            method: HTTP method.
            path: As it goes onto the wire.
            body: Whole, or parts that are sent as chunks.
            headers: Besides Host and what frames the body.
        """
        for again in (True, False):
            kept = self._connection is not None
            connection = self._connection or http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
            self._connection = None
            try:
                reply, reusable = self._exchange(connection, method, self._prefix + path, body, headers or {})
            except (ConnectionError, http.client.BadStatusLine):
                connection.close()
                if kept and again and (body is None or isinstance(body, bytes)):
                    continue
                raise
            if reusable:
                self._connection = connection
            else:
                connection.close()
            return reply
        raise AssertionError("unreachable")

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None,
        headers: Mapping[str, str],
    ) -> tuple[Reply, bool]:
        connection.putrequest(method, path, skip_accept_encoding=True)
        chunked = body is not None and not isinstance(body, bytes)
        if isinstance(body, bytes) or (body is None and method not in ("GET", "HEAD", "OPTIONS")):
            connection.putheader("Content-Length", str(len(body or b"")))
        elif chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body, encode_chunked=chunked)
        response = connection.getresponse()
        content = response.read()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, named, content), not response.will_close

    def json(self, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a page, or of the answer to a JSON body; None if it is no 200."""
        content = None if body is None else json.dumps(body).encode()
        reply = self.ask("GET" if body is None else "POST", path, content, headers)
        return reply.json() if reply.status == 200 else None

    def _discover(self) -> None:
        """Which of the golden models are there, and how they answer the golden rows."""
        if "model_repository" not in (self.json("/v2") or {}).get("extensions", []):
            self.can.add("locked")
        for name, inputs in INTERFACES.items():
            page = self.json(f"/v2/models/{name}")
            if not page or {one["name"]: (one["datatype"], one["shape"]) for one in page["inputs"]} != inputs:
                continue
            self.models[name] = page
            answers = [self.json(f"/v1/models/{name}:predict", {"instances": [row]}) for row in ROWS[name]]
            self._answers[name] = [answer["predictions"][0] for answer in answers if answer]
            answers = [self.json(f"/v1/models/{name}:predict", {"records": [row]}) for row in RECORDS[name]]
            self._records[name] = [answer["predictions"][0] for answer in answers if answer]
            config = self.json(f"/v2/models/{name}/config")
            self.limits[name] = int(config["max_batch_size"]) if config else 0
            self._words[f"${name.upper()}"] = self._version(name)
        labels = self.models.get("xor", {}).get("parameters", {}).get("labels", {})
        for label, version in labels.items():
            self._words |= {"$LABELLED": version, "$LABEL": label}
            self.can.add("label")

    def _version(self, model: str) -> str:
        """The version that answers when none is named."""
        row = ROWS[model][0]
        named = row if isinstance(row, dict) else {next(iter(INTERFACES[model])): row}
        inputs = [
            {"name": name, "datatype": datatype, "shape": [1, *shape[1:]], "data": flat(named[name])}
            for name, (datatype, shape) in INTERFACES[model].items()
        ]
        reply = self.json(f"/v2/models/{model}/infer", {"inputs": inputs})
        return str(reply["model_version"]) if reply else ""

    def lacks(self, model: str, *needs: str) -> str:
        """Why a case cannot be asked of this server; empty if it can."""
        if model and model not in self.models:
            return f"the server has no model {model} with this project's tensors"
        return next((WITHOUT[word] for word in needs if word and word not in self.can), "")

    def known(self, expected: Known) -> Any:
        """The known answer in the form that is asked for.

        Raises:
            AssertionError: The server did not answer the golden rows.
        """
        answers = (self._records if expected.form.startswith("record") else self._answers)[expected.model]
        assert len(answers) == len(ROWS[expected.model]), f"{expected.model} did not answer the golden rows one by one"
        rows = [answers[row] for row in expected.rows]
        if expected.form in ("rows", "records"):
            return rows
        if expected.form == "record":
            return rows[0]
        outputs = [one["name"] for one in self.models[expected.model]["outputs"]]
        columns = {name: [row[name] for row in rows] for name in outputs} if len(outputs) > 1 else {outputs[0]: rows}
        if expected.form == "columns":
            return columns if len(outputs) > 1 else rows
        if expected.form == "tensors":
            return [self._v2(one, columns[one["name"]]) for one in self.models[expected.model]["outputs"]]
        kind, _, name = expected.form.partition(":")
        return flat(columns[name])[0] if kind == "number" else flat(columns[name])

    def _v2(self, output: dict[str, Any], values: list[Any]) -> dict[str, Any]:
        shape = [len(values), *output["shape"][1:]]
        return {"name": output["name"], "datatype": output["datatype"], "shape": shape, "data": flat(values)}

    def text(self, text: str) -> str:
        """A text in which ``$XOR``, ``$MNIST`` and ``$FLIGHTS`` have become the versions that serve.

        ``$LABEL`` becomes a label of ``xor``, and ``$LABELLED`` the version that it points to.
        """
        for word, version in self._words.items():
            text = text.replace(word, version)
        return text


def flat(values: Sequence[Any]) -> list[Any]:
    """All numbers of nested lists, row-major."""
    return [number for value in values for number in (flat(value) if isinstance(value, list) else [value])]
