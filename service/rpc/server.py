"""The gRPC server: its port, its limits, its start and its end."""

from __future__ import annotations

import asyncio
import logging

import grpc
import grpc.aio

from service.drain import LAST_ANSWERS_S
from service.errors import SettingsError
from service.rpc.calls import METHODS, handler
from service.rpc.health import MAX_WATCHERS, Health
from service.rpc.health import NAME as HEALTH
from service.rpc.streams import Streams
from service.runtime import Runtime

log = logging.getLogger(__name__)

NAME = "inference.GRPCInferenceService"
KEEPALIVE_MS = 60_000
"""A connection that is silent for so long is asked whether it still lives."""


class RpcServer:
    """The V2 protocol and the health service on a port of their own. Made and used on the event loop.

    Args:
        runtime: What answers.

    Attributes:
        port: Where it listens once it has started; 0 before.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._streams = Streams(runtime)
        self._health = Health(runtime, frozenset({"", NAME}))
        # above what admission refuses in words, for open streams, watchers, and answers that clients do not take
        self._max_calls = 4 * runtime.settings.share(runtime.settings.max_inflight_requests) + MAX_WATCHERS
        self._server: grpc.aio.Server | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: The address is taken, or is none of this machine.
        """
        settings = self._runtime.settings
        calls = {name: handler(self._runtime, kind, answer) for name, (kind, answer) in METHODS.items()}
        calls["ModelStreamInfer"] = self._streams.handler()
        server = grpc.aio.server(
            handlers=[
                grpc.method_handlers_generic_handler(NAME, calls),
                grpc.method_handlers_generic_handler(HEALTH, self._health.handlers()),
            ],
            options=self._options(),
            maximum_concurrent_rpcs=self._max_calls,
        )
        host = f"[{settings.grpc_host}]" if ":" in settings.grpc_host else settings.grpc_host
        address = f"{host}:{settings.grpc_port or 0}"
        try:
            self.port = server.add_insecure_port(address)
        except RuntimeError:
            raise SettingsError(
                f"KERAS_SERVE_GRPC_PORT: expected an address that is free. Received {address}, which is not."
            ) from None
        await server.start()
        self._server = server
        log.info("grpc ready", extra={"host": settings.grpc_host, "port": self.port})

    def _options(self) -> list[tuple[str, int]]:
        settings = self._runtime.settings
        return [
            # workers share the port; a single one must not share it with another service by mistake
            ("grpc.so_reuseport", int(settings.workers > 1)),
            ("grpc.max_receive_message_length", settings.max_body_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", settings.max_headers_bytes),
            ("grpc.absolute_max_metadata_size", settings.max_headers_bytes),
            ("grpc.max_concurrent_streams", self._max_calls),
            ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ]

    async def drain(self) -> None:
        """Begin to leave, beside HTTP: not healthy first, after the same delay no new calls, then the last answers."""
        loop, delay_s = asyncio.get_running_loop(), self._runtime.settings.drain_delay_ms / 1000
        self._leaving = loop.call_later(delay_s, self._leave)

    def _leave(self) -> None:
        self._stopping = asyncio.create_task(self.stop(LAST_ANSWERS_S))

    async def stop(self, grace_s: float) -> None:
        """Take no new calls, answer those in flight, then end. Harmless before the start and a second time.

        Args:
            grace_s: Longest wait for calls in flight, in seconds; what is left then is cancelled.
        """
        if self._leaving is not None:
            self._leaving.cancel()
        self._health.close()
        self._streams.close()
        if self._server is not None:
            await self._server.stop(grace_s)
