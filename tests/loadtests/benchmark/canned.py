"""Results of a run that never was: figures that are easy to see through."""

from __future__ import annotations

from loadtests.benchmark.results import Entry, Memory, Results, Sample, Start

ROUNDS = 3


def sample(contender: str, dialect: str, clients: int, rows: int, number: int, per_s: float, section: str) -> Sample:
    """A second of a server, with latencies that fit; later rounds are a little faster."""
    requests = int(per_s * (1 + number / 100))
    p50_ms = 1000 * clients / requests
    return Sample(section, contender, dialect, clients, rows, number, requests, 0, 1.0, p50_ms, p50_ms, p50_ms, 0.5)


def results() -> Results:
    """Ours is four times as fast as Triton in every dialect, and half as fast as the floor."""
    plan = {"quick": False, "rounds": ROUNDS, "seconds": 1, "seed": 0, "row_clients": 8}
    found = Results("2026-01-02", plan, {"CPU": "abacus"})
    found.contenders = {
        "keras-serve": Entry("keras-serve", ["predict-json", "v2-json", "v2-binary"], "Defaults.", {"numpy": "2"}),
        "triton": Entry("NVIDIA Triton", ["v2-json", "v2-binary"], "Tuned.", {"nvidia-pytriton": "0"}),
        "ray-serve": Entry("Ray Serve", ["predict-json"], "Tuned.", {}, "not installed: no wheel"),
        "uvicorn": Entry("bare uvicorn", ["predict-json"], "Floor.", {}),
        "engine": Entry("ONNX Runtime alone, one thread", ["engine"]),
    }
    speed = {"keras-serve": 4000.0, "triton": 1000.0, "uvicorn": 8000.0}
    for name, per_s in speed.items():
        for dialect in found.contenders[name].dialects:
            for number in range(ROUNDS):
                for clients in (1, 8, 32, 128, 512):
                    found.samples.append(sample(name, dialect, clients, 1, number, per_s, "dense"))
                if name != "uvicorn":
                    found.samples.append(sample(name, dialect, 8, 64, number, per_s / 10, "dense"))
                    found.samples.append(sample(name, dialect, 1, 1, number, per_s, "growth-5"))
    for number in range(ROUNDS):
        found.samples.append(sample("engine", "engine", 8, 64, number, 500.0, "dense"))
    found.starts = [Start("start", "keras-serve", seconds) for seconds in (2.0, 2.5, 2.2)]
    found.memories = [Memory("memory-4", "keras-serve", "after", 251_000_000)]
    return found
