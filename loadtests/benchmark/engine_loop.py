"""The engine alone: ONNX Runtime on one thread in a loop, as a process of its own.

``python engine_loop.py FOLDER ROWS SECONDS`` runs the model of an artifact's folder on ROWS rows at a time, holds the
last answer against the stored one, and prints figures as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

WARM_UPS = 20


def session(model: Path) -> onnxruntime.InferenceSession:
    """The model on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def loop(folder: Path, rows: int, seconds: float) -> dict[str, float]:
    """Run batches for some seconds.

    Raises:
        ValueError: Its answers are not the stored ones.
    """
    engine = session(folder / "model.onnx")
    signature = json.loads((folder / "signature.json").read_text())
    (source,), (output,) = signature["inputs"], signature["outputs"]
    with np.load(folder / "examples.npz") as stored:
        positions = np.arange(rows) % len(stored[f"inputs/{source['name']}"])
        batch = {source["name"]: stored[f"inputs/{source['name']}"][positions]}
        golden = stored[f"outputs/{output['name']}"][positions]
    for _ in range(WARM_UPS):
        engine.run([output["name"]], batch)
    times: list[float] = []
    cpu_s, start = time.process_time(), time.perf_counter()
    before, end = start, start + seconds
    while before < end:
        (answer,) = engine.run([output["name"]], batch)
        now = time.perf_counter()
        times.append(now - before)
        before = now
    cpu_s = time.process_time() - cpu_s
    if not np.allclose(answer, golden, rtol=output["rtol"], atol=output["atol"]):
        raise ValueError(f"Expected {golden[0]}. Received {answer[0]}.")
    p50, p95, p99 = (1000 * float(value) for value in np.percentile(times, [50, 95, 99]))
    figures = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
    return {"rows": rows * len(times), "duration_s": before - start, "cpu_s": cpu_s, **figures}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(loop(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
