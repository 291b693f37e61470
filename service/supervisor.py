"""BentoML's command ``serve``, in the process that has checked the start.

A process of its own would import again what the check has imported, a good second before the workers begin to.
"""

from __future__ import annotations

import os
from typing import cast

from _bentoml_impl.server import serve_http
from bentoml._internal.log import configure_server_logging

from service.app import FrontedService, KerasServe
from service.drain import SUPERVISOR

GRACEFUL_S = 2
"""Longest wait of uvicorn for connections, after the service itself has drained."""


def serve(address: str, port: int) -> None:
    """Start the workers and stay beside them until they end."""
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    # NumPy's linear algebra would start a thread for each processor in each worker; nothing here uses it
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ[SUPERVISOR] = str(os.getpid())
    configure_server_logging()  # type: ignore[no-untyped-call]
    cast(FrontedService, KerasServe).inject_config()
    serve_http("service.app:KerasServe", host=address, port=port, timeout_graceful_shutdown=GRACEFUL_S)
