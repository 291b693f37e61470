"""Labels in the place of versions, in both dialects."""

from __future__ import annotations

from tests.conformance.case import Case
from tests.conformance.cases.openinference_infer import FLAT, FOUR
from tests.conformance.cases.rows import XOR
from tests.conformance.expectation import Has, Known, Rule

STATUS = Has({"model_version_status": [Has({"version": "$LABELLED", "state": "AVAILABLE"})]})
ANSWER = {"predictions": Known("xor", range(4))}


def labelled(name: str, path: str, **more: object) -> Case:
    """A call or a page of ``xor`` by its label."""
    return Case(f"by label: {name}", path, model="xor", needs="label", **more)  # type: ignore[arg-type]


TFSERVING = [
    labelled("predict", "/v1/models/xor/labels/$LABEL:predict", body={"instances": XOR}, answer=ANSWER),
    labelled("status", "/v1/models/xor/labels/$LABEL", answer=STATUS),
    labelled(
        "metadata",
        "/v1/models/xor/labels/$LABEL/metadata",
        answer=Has({"model_spec": Has({"name": "xor", "version": "$LABELLED"})}),
    ),
    labelled(
        "an unknown one",
        "/v1/models/xor/labels/no$LABEL:predict",
        body={"instances": XOR},
        status=400,
        error="Unrecognized servable version label: no$LABEL",
    ),
]
OPENINFERENCE = [
    labelled("infer", "/v2/models/xor/versions/$LABEL/infer", body={"inputs": [FLAT]}, answer=FOUR),
    labelled("ready", "/v2/models/xor/versions/$LABEL/ready", answer={"name": "xor", "ready": True}),
    labelled("metadata", "/v2/models/xor/versions/$LABEL", answer=Has({"name": "xor"})),
    labelled("configuration", "/v2/models/xor/versions/$LABEL/config", answer=Has({"name": "xor"})),
    labelled(
        "statistics",
        "/v2/models/xor/versions/$LABEL/stats",
        answer={"model_stats": [Has({"name": "xor", "version": "$LABELLED"})]},
    ),
    labelled(
        "told in the metadata",
        "/v2/models/xor",
        answer=Has({"parameters": Has({"labels": Rule("a label", bool)})}),
    ),
]
