"""All scenarios, under the names of the dialects whose golden cases they go with."""

from __future__ import annotations

from tests.conformance.scenarios import artifact, compression, life, openapi, statistics, streaming
from tests.conformance.scenarios.scenario import Scenario

GROUPS: dict[str, list[Scenario]] = {
    "Open Inference V2 REST": [*statistics.SCENARIOS, *compression.SCENARIOS, *life.SCENARIOS],
    "CSV and JSON lines": streaming.SCENARIOS,
    "the service itself": [*openapi.SCENARIOS, *artifact.SCENARIOS],
}
