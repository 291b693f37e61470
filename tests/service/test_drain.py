"""Going away: not ready first, then no new connections, then the last answers, then the end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from service import drain
from service.drain import Drain, refuse_new, stop_listening
from service.runtime import Runtime
from service.settings import Settings
from tests.toy_engines import PATIENCE_S


class Steps:
    """What happened, in order."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.seen: list[str] = []
        self.ended = asyncio.Event()
        self.stopped = asyncio.Event()

    def behind(self, number: int, frame: object) -> None:
        """Stands where uvicorn's handler stands."""
        self.seen.append(f"end with {self.runtime.inflight} in flight")
        self.ended.set()

    def note(self, step: str) -> Callable[[], None]:
        """A double of one step."""

        def done() -> None:
            self.seen.append(f"{step}, draining {self.runtime.draining}")
            if step == "stop":
                self.stopped.set()

        return done


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """A runtime with a handler behind it; SIGTERM is as before when the test has ended."""
    before = signal.getsignal(signal.SIGTERM)
    found = Steps(Runtime(Settings(drain_delay_ms=1), {}))
    monkeypatch.setattr(drain, "refuse_new", found.note("refuse"))
    monkeypatch.setattr(drain, "stop_listening", found.note("stop"))
    monkeypatch.setattr(drain, "LAST_ACCEPTS_S", 0.001)
    signal.signal(signal.SIGTERM, found.behind)
    yield found
    signal.signal(signal.SIGTERM, before)


async def test_the_order_of_a_drain(steps: Steps) -> None:
    """SIGTERM turns readiness off, then opening connections, then the socket, and then uvicorn's handler is called."""
    Drain(steps.runtime).install()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(steps.ended.wait(), PATIENCE_S)
    assert steps.seen == ["refuse, draining True", "stop, draining True", "end with 0 in flight"]


async def test_the_last_answers_are_waited_for(steps: Steps) -> None:
    """The end does not come while a request is in flight, and comes when it has been answered."""
    steps.runtime.inflight = 1
    Drain(steps.runtime).install()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(steps.stopped.wait(), PATIENCE_S)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not steps.ended.is_set()
    steps.runtime.inflight = 0
    await asyncio.wait_for(steps.ended.wait(), PATIENCE_S)


async def test_an_answer_that_never_comes_is_not_waited_for(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its longest wait a drain ends with requests in flight."""
    monkeypatch.setattr(drain, "LAST_ANSWERS_S", 0.02)
    steps.runtime.inflight = 1
    Drain(steps.runtime).install()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(steps.ended.wait(), PATIENCE_S)
    assert steps.seen[-1] == "end with 1 in flight"


async def test_a_second_signal_ends_at_once(steps: Steps) -> None:
    """Who sends SIGTERM twice does not wait for the drain."""
    steps.runtime.inflight = 1
    Drain(steps.runtime).install()
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    assert steps.seen == ["end with 1 in flight"]
    steps.runtime.inflight = 0
    await asyncio.wait_for(steps.stopped.wait(), PATIENCE_S)
    await asyncio.sleep(0)


async def test_outside_the_main_thread_signals_are_left_alone(steps: Steps) -> None:
    """Where no handler can be set, installing does nothing."""
    thread = threading.Thread(target=Drain(steps.runtime).install)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert signal.getsignal(signal.SIGTERM) == steps.behind


@contextmanager
def listener_shared_with_a_child() -> Iterator[socket.socket]:
    """A listening socket that a child process holds as well, as BentoML's supervisor does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        holds = "import sys; print('held', flush=True); sys.stdin.read()"
        child = subprocess.Popen(
            [sys.executable, "-c", holds],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"held\n"
            yield listener
            assert child.poll() is None, "the child must have held the socket to the end"
            child.communicate()


def connect(listener: socket.socket, timeout_s: float = PATIENCE_S) -> socket.socket:
    """A new connection."""
    return socket.create_connection(listener.getsockname(), timeout=timeout_s)


def test_a_shared_listening_socket_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the stop new connections are refused although another process still holds the socket; twice is harmless."""
    with listener_shared_with_a_child() as listener:
        connect(listener).close()
        stop_listening()
        with pytest.raises(ConnectionRefusedError):
            connect(listener)
        stop_listening()


def test_connections_that_have_begun_survive_the_refusal() -> None:
    """When no connection may begin any more, one that waits to be accepted is still accepted and can speak."""
    with listener_shared_with_a_child() as listener:
        waiting = connect(listener)
        waiting.sendall(b"request")
        refuse_new()
        with pytest.raises(TimeoutError):
            connect(listener, timeout_s=0.2)
        accepted, _ = listener.accept()
        stop_listening()
        with waiting, accepted:
            assert accepted.recv(100) == b"request"
            accepted.sendall(b"answer")
            assert waiting.recv(100) == b"answer"


def test_sockets_that_do_not_listen_are_left_alone() -> None:
    """Connections, accepted or made, and sockets that are only bound go on."""
    with socket.socket() as bound, listener_shared_with_a_child() as listener:
        bound.bind(("127.0.0.1", 0))
        made = connect(listener)
        accepted, _ = listener.accept()
        stop_listening()
        with made, accepted:
            made.sendall(b"x")
            assert accepted.recv(1) == b"x"
        bound.listen()
        connect(bound).close()


def test_a_sandbox_without_filters_drains_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel takes no filter, refusing new connections does nothing and raises nothing."""

    class Refusing:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None: ...

        def setsockopt(self, *_: object) -> None:
            raise PermissionError

    monkeypatch.setattr(drain, "_listening", lambda: [Refusing()])
    refuse_new()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        connect(listener).close()
