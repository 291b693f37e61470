"""Logging: every event of the service is one line of JSON on standard error."""

from __future__ import annotations

import logging

from pythonjsonlogger.json import JsonFormatter

from service.errors import ServiceError


class OnlyDefects(logging.Filter):
    """Keeps faults of requests, which BentoML logs with a traceback, out of the log: they are counted and answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a record about a ``ServiceError``."""
        kind = record.exc_info[0] if record.exc_info else None
        return kind is None or not issubclass(kind, ServiceError)


def configure(level: str) -> None:
    """Send the service's events to standard error as JSON; control characters in values are escaped by it."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    logger = logging.getLogger("service")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
    access = logging.getLogger("uvicorn.access")  # uvicorn formats a line per request unless nobody listens
    access.handlers[:], access.propagate = [], False
    # uvicorn warns of every request that is no HTTP, and answers it 400: anybody could flood the log
    server = logging.getLogger("uvicorn.error")
    server.handlers[:], server.propagate = [handler], False
    server.setLevel(logging.ERROR)
    logging.getLogger("bentoml").addFilter(OnlyDefects())
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("bentoml"):
            logging.getLogger(name).addFilter(OnlyDefects())
