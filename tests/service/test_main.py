"""A start is checked in the parent: a hopeless one ends with one line, a hopeful one is served."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import __main__ as command
from service import cpus, supervisor
from service.__main__ import HopelessStart, check, check_models, main
from service.settings import Settings
from tests import toy

Addresses = list[tuple[str, int]]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """The addresses that would have been served."""
    addresses: Addresses = []
    monkeypatch.setattr(supervisor, "serve", lambda *address: addresses.append(address))
    return addresses


def arguments(monkeypatch: pytest.MonkeyPatch, home: Path, *given: str) -> None:
    """The command line and the store of a start."""
    monkeypatch.setattr(sys, "argv", ["service", *given])
    monkeypatch.setenv("MODEL_STORE", str(home))


def spoiled(home: Path, *versions: int) -> Path:
    """A home with these versions of the toy, all with a model that has changed."""
    for version in versions:
        folder = toy.write(home, version=version)
        (folder / "model.onnx").write_bytes(b"changed")
    return home


def test_a_sound_store_and_a_free_port_pass(toy_home: Path) -> None:
    """With one sound model and a port that is free the check is silent, for both families of addresses."""
    check(Settings(model_store=toy_home), "127.0.0.1", 0)
    check(Settings(model_store=toy_home), "localhost", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_hopeless(toy_home: Path, taken: int, host: str) -> None:
    """A port that somebody listens on is named with the reason, before any model is loaded."""
    with pytest.raises(HopelessStart, match=f"Cannot listen on {host}:{taken}: Address already in use"):
        check(Settings(model_store=toy_home / "nowhere"), host, taken)


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 65_536), ("127.0.0.1", -1), ("203.0.113.1", 0), ("no host", 0)]
)
def test_an_address_that_cannot_be_is_hopeless(toy_home: Path, host: str, port: int) -> None:
    """A port out of range and an address of another machine are refused in one sentence."""
    with pytest.raises(HopelessStart, match=f"Cannot listen on {host}"):
        check(Settings(model_store=toy_home), host, port)


def test_an_empty_store_is_hopeless(tmp_path: Path) -> None:
    """Without models the sentence names the store and the command that makes them."""
    with pytest.raises(HopelessStart, match=f"No model to serve in {tmp_path}.*python -m training all"):
        check(Settings(model_store=tmp_path), "127.0.0.1", 0)


def test_no_model_of_the_names_is_hopeless(toy_home: Path) -> None:
    """Names that match nothing are repeated in the sentence."""
    with pytest.raises(HopelessStart, match=r"No model named other, stranger to serve.* Stored: toy"):
        check(Settings(model_store=toy_home, models="stranger, toy, other"), "127.0.0.1", 0)


def test_only_unsound_models_are_hopeless(tmp_path: Path) -> None:
    """If every version is refused, the sentence says why the first was."""
    with pytest.raises(HopelessStart, match=r"toy:2 refused: File model\.onnx has changed"):
        check(Settings(model_store=spoiled(tmp_path, 1, 2)), "127.0.0.1", 0)


def test_one_sound_model_is_enough(tmp_path: Path) -> None:
    """Unsound versions beside a sound one do not keep the service from starting; asked for all, each has its line."""
    toy.write(spoiled(tmp_path, 3), version=1)
    settings = Settings(model_store=tmp_path)
    lines = check_models(settings, "all")
    assert [(sound, line.split()[:2]) for sound, line in lines] == [
        (False, ["toy:3", "refused:"]),
        (True, ["toy:1", "sound"]),
    ]
    assert check_models(settings, "one") == lines
    assert check_models(settings, "latest") == lines[:1]
    check(settings, "127.0.0.1", 0)


def test_what_has_been_checked_is_served(toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses) -> None:
    """After the check the service starts at the address of the command line."""
    arguments(monkeypatch, toy_home, "--host", "127.0.0.1", "--port", "0")
    main()
    assert started == [("127.0.0.1", 0)]


@pytest.mark.parametrize("given", [[], ["--check", "start"]])
def test_an_engine_that_is_not_there_is_one_line(
    toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses, given: list[str]
) -> None:
    """An engine that is named and not installed ends the start, before any worker fails of it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("KERAS_SERVE_ENGINE", "tensorflow")
    arguments(monkeypatch, toy_home, "--port", "0", *given)
    with pytest.raises(SystemExit, match="KERAS_SERVE_ENGINE is tensorflow, which is not installed here"):
        main()
    assert started == []


def test_a_name_is_served_by_its_address(toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses) -> None:
    """BentoML takes addresses only, people give names; IPv6 goes as it is."""
    for host in ("localhost", "::1"):
        arguments(monkeypatch, toy_home, "--host", host, "--port", "0")
        main()
    assert started == [("127.0.0.1", 0), ("::1", 0)]


def test_the_default_address_is_this_machine(
    toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses
) -> None:
    """Without arguments the service listens for this machine only."""
    seen: Addresses = []
    monkeypatch.setattr(command, "check", lambda _, host, port: seen.append((host, port)))
    arguments(monkeypatch, toy_home)
    main()
    assert seen == started == [("127.0.0.1", 3000)]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("KERAS_SERVE_WORKERS", "none", "KERAS_SERVE_WORKERS"),
        ("KERAS_SERVE_WROKERS", "1", "Unknown setting KERAS_SERVE_WROKERS"),
        ("KERAS_SERVE_MODELS", "stranger", "No model named stranger"),
    ],
)
def test_a_hopeless_start_is_one_line(
    toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses, name: str, value: str, sentence: str
) -> None:
    """The process ends with a failing exit code and one line, and nothing is started."""
    arguments(monkeypatch, toy_home, "--port", "0")
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main()
    line = str(ended.value.code)
    assert line.startswith(f"keras-serve: {sentence}")
    assert "\n" not in line
    assert started == []


def test_checking_starts_nothing(
    toy_home: Path, monkeypatch: pytest.MonkeyPatch, started: Addresses, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check each version has a line, then the processors, with a warning of too many threads; nothing starts."""
    monkeypatch.setattr(cpus, "available", lambda: 2.0)
    monkeypatch.setenv("KERAS_SERVE_WORKERS", "3")
    arguments(monkeypatch, toy_home, "--check", "all")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("toy:1 sound on onnxruntime")
    assert printed.out.endswith("\nworkers: 3, engine threads of each: 1, processors: 2\n")
    assert printed.err.startswith("keras-serve: 3 workers with 1 engine threads each want 3 processors.")
    assert started == []


@pytest.mark.parametrize(("wanted", "code"), [("all", 1), ("latest", 0), ("start", 0)])
def test_a_check_fails_if_what_is_asked_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, code: int
) -> None:
    """A damaged older version fails the check of all versions, but not that of the latest, nor of the start."""
    toy.write(spoiled(tmp_path, 1), version=2)
    arguments(monkeypatch, tmp_path, "--port", "0", "--check", wanted)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code


def test_a_check_of_an_empty_store_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing stored is nothing sound."""
    arguments(monkeypatch, tmp_path, "--check", "latest")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "make train" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[], ["--check", "start"]])
@pytest.mark.parametrize(("text", "reason"), [("models = 1", "at models"), (None, "cannot be read")])
def test_a_wrong_configuration_file_is_hopeless(
    toy_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: Addresses,
    given: list[str],
    text: str | None,
    reason: str,
) -> None:
    """At the start there is no file before it that could stay in force."""
    if text is not None:
        (tmp_path / "serve.toml").write_text(text)
    monkeypatch.setenv("KERAS_SERVE_CONFIG", str(tmp_path / "serve.toml"))
    arguments(monkeypatch, toy_home, "--port", "0", *given)
    with pytest.raises(SystemExit) as ended:
        main()
    assert reason in str(ended.value.code)
    assert "\n" not in str(ended.value.code)
    assert started == []


def test_a_taken_port_of_grpc_is_hopeless(toy_home: Path, taken: int) -> None:
    """The second port is checked like the first."""
    with pytest.raises(HopelessStart, match=f"Cannot listen on 127.0.0.1:{taken}"):
        check(Settings(model_store=toy_home, grpc_port=taken), "127.0.0.1", 0)
