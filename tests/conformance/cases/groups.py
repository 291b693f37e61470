"""All golden cases, dialect by dialect."""

from __future__ import annotations

from tests.conformance.case import Case
from tests.conformance.cases import (
    kserve,
    labels,
    openinference_binary,
    openinference_binary_errors,
    openinference_errors,
    openinference_infer,
    openinference_pages,
    records,
    service_pages,
    streams,
    tfserving_errors,
    tfserving_examples,
    tfserving_paths,
    tfserving_predict,
)

GROUPS: dict[str, list[Case]] = {
    "TensorFlow Serving REST": [
        *tfserving_paths.CASES,
        *tfserving_predict.CASES,
        *tfserving_errors.CASES,
        *tfserving_examples.CASES,
        *labels.TFSERVING,
    ],
    "Open Inference V2 REST": [
        *openinference_pages.CASES,
        *openinference_infer.CASES,
        *openinference_binary.CASES,
        *openinference_binary_errors.CASES,
        *openinference_errors.CASES,
        *labels.OPENINFERENCE,
    ],
    "KServe V1": kserve.CASES,
    "records": records.CASES,
    "CSV and JSON lines": streams.CASES,
    "the service itself": service_pages.CASES,
}
