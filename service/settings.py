"""What an operator may set: read once from the environment, checked, frozen.

Every setting is an environment variable, the field's name in capitals behind ``KERAS_SERVE_``, except
``MODEL_STORE``, which stands alone. A variable with the prefix that is no setting is refused, so that a
misspelt one does not pass in silence.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service import cpus
from service.errors import SettingsError

PREFIX = "KERAS_SERVE_"


class Settings(BaseSettings):
    """The effective configuration of one service process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True, env_ignore_empty=True
    )

    engine: Literal["auto", "onnxruntime", "tensorflow"] = Field(
        "auto", description="What runs the models; auto takes tensorflow where a GPU is visible, else onnxruntime."
    )
    engine_threads: int | None = Field(
        None,
        ge=1,
        le=256,
        description="Threads that one model's engine may use for one batch; unset: a worker's part of the processors "
        "less one for its event loop, at least 1, at most 4.",
    )
    xla: bool = Field(
        False, description="Compile the tensorflow engine's graph with XLA, once per batch size, before ready."
    )
    mixed_precision: bool = Field(
        False,
        description="Let the tensorflow engine compute partly in float16 on a GPU: faster, less exact; not with XLA.",
    )
    model_store: Path | None = Field(
        None,
        validation_alias="MODEL_STORE",
        description="A BentoML home whose models are served, instead of those pinned in the bento or in BENTOML_HOME.",
    )
    models: str = Field(
        "", description="Names of the models to serve, separated by commas; empty: all that are stored."
    )
    config: Path | None = Field(
        None, description="A TOML file of policies, labels, canaries and shadows, read again whenever it changes."
    )
    poll_interval_ms: int = Field(
        1000, ge=0, description="Time between two looks at the store and the configuration file; 0: only at start."
    )
    repository_key: SecretStr | None = Field(
        None, min_length=16, description="Key of the calls that load and unload models; unset: these calls are off."
    )
    grpc_port: int | None = Field(None, ge=0, le=65535, description="Port of the V2 protocol over gRPC; unset: none.")
    grpc_host: str = Field("127.0.0.1", description="Address that gRPC listens on.")
    workers: int = Field(
        1, ge=1, le=256, description="Processes that serve; queue and in-flight limits are divided among them."
    )
    max_body_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="Longest request body, after inflating.")
    max_request_rows: int = Field(1024, ge=1, description="Most rows in one request.")
    max_batch_rows: int | None = Field(
        None, ge=1, le=4096, description="Most rows in one engine call; unset: 64 on a CPU, 256 on a GPU."
    )
    max_queue_rows: int = Field(4096, ge=1, description="Most rows waiting for one model.")
    max_inflight_requests: int = Field(1024, ge=1, description="Most requests being read or answered at a time.")
    request_timeout_ms: int = Field(
        5000, ge=1, description="Deadline of a request; the header X-Request-Timeout-Ms may shorten it."
    )
    body_timeout_ms: int = Field(5000, ge=1, description="Time for a request's body to arrive.")
    send_timeout_ms: int = Field(5000, ge=1, description="Time for a client to take its answer; then it is cut off.")
    stream_idle_timeout_ms: int = Field(
        5000, ge=1, description="Time without a byte from the client after which a CSV or JSON-lines stream ends."
    )
    stream_chunk_rows: int = Field(256, ge=1, le=4096, description="Most rows of a stream that are read in one go.")
    max_line_bytes: int = Field(64 * 1024, ge=256, description="Longest line of a CSV or JSON-lines stream.")
    max_headers: int = Field(64, ge=8, description="Most headers of a request.")
    max_headers_bytes: int = Field(16 * 1024, ge=1024, description="Most bytes of all headers together.")
    hang_timeout_ms: int = Field(8000, ge=100, description="An engine call longer than this turns /livez to 503.")
    drain_delay_ms: int = Field(
        1000,
        ge=0,
        le=4000,
        description="Time between /readyz turning 503 and the socket closing, for load balancers to notice.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe event logged.")

    @property
    def names(self) -> frozenset[str]:
        """The names of ``models`` as a set; empty for all."""
        return frozenset(name.strip() for name in self.models.split(",") if name.strip())

    @property
    def threads(self) -> int:
        """Threads of an engine for one batch: those that are set, else this worker's part of the processors."""
        return self.engine_threads or cpus.engine_threads(self.workers, cpus.available())

    @property
    def oversubscribed(self) -> str | None:
        """A sentence if all workers' engines together have more threads than there are processors."""
        return cpus.oversubscribed(self.workers, self.threads, cpus.available())

    def effective(self) -> dict[str, Any]:
        """All settings for the log, secrets masked, and what follows from the machine where they are unset."""
        found = {"engine_threads": self.threads, "cpus": round(cpus.available(), 2)}
        return self.model_dump(mode="json") | found

    def share(self, limit: int) -> int:
        """This worker's part of a limit that holds for the whole service."""
        return max(1, limit // self.workers)


def variable(name: str) -> str:
    """The environment variable behind a setting's field name."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: A value is out of its range, or a variable with the prefix is no setting.
    """
    known = {variable(name) for name in Settings.model_fields}
    # Pydantic reads names in any case, so that they are held against the list in any case
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise SettingsError(f"Unknown setting {unknown[0]}. Expected one of: {', '.join(sorted(known))}.")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0])
        name = variable(field) if field in Settings.model_fields else field
        secret = field in Settings.model_fields and SecretStr in get_args(Settings.model_fields[field].annotation)
        received = "a value that is kept secret" if secret else repr(first["input"])
        raise SettingsError(f"{name}: {first['msg']}. Received {received}.") from None
