"""Stand-ins: a model whose answer is the sum of the row, a contender that serves it from this process, a client."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from loadtests.benchmark.bodies import HEADER_LENGTH
from loadtests.benchmark.contender import Subject
from loadtests.benchmark.plan import Case, Plan
from loadtests.errors import BenchmarkError

PLAN = Plan(
    rounds=2,
    seconds=1,
    warm_up_s=0.05,
    clients=(1, 8),
    rows=(64,),
    peer_clients=(8,),
    peer_rows=(),
    convolutional=(Case(8, 64),),
    growth=(2,),
    growth_cases=(Case(1, 1),),
    starts=2,
    other_starts=1,
)
WRK = """#!/bin/sh
[ "$1" = -v ] && echo "wrk stand-in [epoll]" && exit 1
for line in "requests 1000" "duration_us 1000000" "refused 0" "lost 0" "wrong 0" "first_wrong "; do
  echo "BENCHMARK $line"
done
echo "BENCHMARK p50_us 500"
echo "BENCHMARK p95_us 900"
echo "BENCHMARK p99_us 1500"
"""
"""Takes no time and sends nothing."""


def artifact(folder: Path, name: str = "sum") -> Subject:
    """Write the folder of a model: input ``x`` FP32 [2], output ``total`` FP32 [1]."""
    folder.mkdir(parents=True)
    source = {"name": "x", "dtype": "FP32", "shape": [2], "description": "Two numbers."}
    output = {"name": "total", "dtype": "FP32", "shape": [1], "description": "Sum.", "rtol": 1e-5, "atol": 1e-6}
    signature = {"name": name, "inputs": [source], "outputs": [output], "result": []}
    (folder / "signature.json").write_text(json.dumps(signature))
    x = np.arange(20, dtype=np.float32).reshape(10, 2)
    np.savez(folder / "examples.npz", **{"inputs/x": x, "outputs/total": x.sum(axis=1, keepdims=True)})
    (folder / "examples.jsonl").write_text("{}\n" * len(x))
    nodes = [helper.make_node("ReduceSum", ["x", "axis"], ["total"], keepdims=1)]
    shapes = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["rows", w]) for n, w in (("x", 2), ("total", 1))]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
    graph = helper.make_graph(nodes, "sum", shapes[:1], shapes[1:], [axis])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    return Subject(name, folder)


def answer(path: str, head_bytes: int | None, body: bytes, add: float) -> tuple[bytes, dict[str, str]]:
    """The sums of the rows, plus a mistake, in the dialect of the request."""
    head = json.loads(body[:head_bytes])
    if "instances" in head:
        return json.dumps({"predictions": [[sum(row) + add] for row in head["instances"]]}).encode(), {}
    (tensor,) = head["inputs"]
    data = tensor.get("data") or np.frombuffer(body[head_bytes:], "<f4")
    sums = np.asarray(data, np.float32).reshape(tensor["shape"]).sum(axis=1) + np.float32(add)
    output: dict[str, Any] = {"name": "total", "datatype": "FP32", "shape": [len(sums), 1]}
    if head_bytes is None:
        return json.dumps({"outputs": [{**output, "data": sums.tolist()}]}).encode(), {}
    output["parameters"] = {"binary_data_size": sums.nbytes}
    text = json.dumps({"outputs": [output]}).encode()
    return text + sums.tobytes(), {HEADER_LENGTH: str(len(text))}


class StandInRunning:
    """A server in threads of this process."""

    def __init__(self, contender: StandIn) -> None:
        self.ready_s = 0.0
        self.calls: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                """The name is the standard library's."""
                head = self.headers.get(HEADER_LENGTH)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                contender.paths_seen.add(self.path)
                text, headers = answer(self.path, int(head) if head else None, body, contender.add)
                refused = text.count(b"[") > 1 + contender.most_rows if b"predictions" in text else False
                self.send_response(400 if refused else contender.status)
                for name, value in {"Content-Length": str(len(text)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> None:
        self.ready_s = 0.25

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def cpu_s(self) -> float:
        return 1.0

    def memory_bytes(self) -> int:
        return 5_000_000

    def stop(self) -> None:
        self.calls.append("stop")
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class StandIn:
    """A contender whose servers answer rightly, until a test says otherwise."""

    name: str = "keras-serve"
    title: str = "Stand-in"
    dialects: tuple[str, ...] = ("predict-json", "v2-json", "v2-binary")
    pausable: bool = True
    notes: str = "Not tuned."
    missing: str = ""
    add: float = 0.0
    status: int = 200
    most_rows: int = 1024
    paths_seen: set[str] = field(default_factory=set)
    started: list[StandInRunning] = field(default_factory=list)

    def install(self, folder: Path) -> None:
        if self.missing:
            raise BenchmarkError(self.missing)

    def versions(self, folder: Path) -> dict[str, str]:
        return {"standin": "1.2"}

    def start(self, subject: Subject, folder: Path, log: Path) -> StandInRunning:
        self.started.append(StandInRunning(self))
        return self.started[-1]

    def path(self, dialect: str, model: str) -> str:
        return f"/{dialect}/{model}"

    def all_stopped(self) -> bool:
        """Whether every server was ended, and something was started at all."""
        return bool(self.started) and all(running.calls[-1] == "stop" for running in self.started)
