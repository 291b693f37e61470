"""Runs the scripts of `clients/`, those of foreign clients in environments that are made for them.

The environments lie in `.conformance/`, one for each file of `requirements/` and each version of it; `uv` makes them
from the index that pip is set to. What cannot be made is told, and is no failure of the server.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.outcome import Outcome, Result
from tests.conformance.target import Target

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
ENVIRONMENTS = ROOT / ".conformance"
INSTALL_S = 600
RUN_S = 300
B64 = "libb64-0d"
"""Debian's name of a library that perf_analyzer needs; no package index has it."""


class Unavailable(Exception):
    """A client's environment could not be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script of ``clients/``.

    Attributes:
        module: Its name there.
        requirements: File of ``requirements/`` without ending; empty if it runs in this environment.
        debian: Debian packages with shared libraries that it needs besides.
    """

    module: str
    requirements: str = ""
    debian: Sequence[str] = ()


SCRIPTS = (
    Script("triton"),
    Script("health_probe"),
    Script("kserve", "kserve"),
    Script("open_inference", "open_inference"),
    Script("perf_analyzer", "perf_analyzer", (B64,)),
    Script("curl"),
    Script("requests"),
    Script("bento"),
)


def results(target: Target, scripts: Sequence[Script] = SCRIPTS) -> Iterator[Result]:
    """Run scripts one after another on a server."""
    for script in scripts:
        try:
            python = environment(script)
        except Unavailable as reason:
            yield Result(script.module, unavailable=str(reason))
            continue
        yield from run(script, python, target)


def environment(script: Script) -> Path:
    """The interpreter that runs a script; its environment is made if it is not there.

    Raises:
        Unavailable: It cannot be made.
    """
    if not script.requirements:
        return Path(sys.executable)
    file = REQUIREMENTS / f"{script.requirements}.txt"
    digest = hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"{script.requirements}-{digest}"
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        uv = _uv()
        _call(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        _call(
            uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "--no-deps", "-r", str(file)
        )
        for package in script.debian:
            _unpack(package, folder / "debian")
        (folder / "made").touch()
    return python


def _uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise Unavailable("uv is not installed, which makes its environment")
    return found


def _call(*command: str) -> None:
    """Run a program of the installation, with the package index that pip is set to."""
    variables = dict(os.environ)
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    mirror = variables.get("UV_DEFAULT_INDEX") or variables.get("PIP_INDEX_URL")
    mirror = mirror or subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    if mirror:
        variables["UV_DEFAULT_INDEX"] = mirror
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise Unavailable(f"its environment could not be made: {last[:200]}")


def _unpack(package: str, folder: Path) -> None:
    """A Debian package's files, without installing it; where that fails, the script says what it lacks."""
    folder.mkdir(exist_ok=True)
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return
    done = subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, capture_output=True, check=False)
    if done.returncode == 0:
        for archive in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", archive.name, "."], cwd=folder, capture_output=True, check=True)


def run(script: Script, python: Path, target: Target, *kinds: str) -> list[Result]:
    """Run a script and read what it tells; one that ends early has failed."""
    command = [str(python), "-m", f"tests.conformance.clients.{script.module}", "--url", target.url]
    command += ["--grpc", target.grpc, "--key", target.key, *kinds]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S, check=False)
    except subprocess.TimeoutExpired:
        return [Result(script.module, outcomes=[Outcome("the whole script", fault=f"not done after {RUN_S} s")])]
    found = read(done.stdout)
    if done.returncode != 0 or not found:
        fault = f"ended with {done.returncode}: {done.stderr.strip()[-600:]}"
        found.append(Result(script.module, outcomes=[Outcome("the whole script", fault=fault)]))
    return found


def read(text: str) -> list[Result]:
    """Results from the lines of a script: a line that names a client, and its cases behind it."""
    found: list[tuple[dict[str, str], list[Outcome]]] = []
    for line in text.splitlines():
        try:
            told = json.loads(line)
        except ValueError:  # a client that chats
            continue
        if "client" in told:
            found.append((told, []))
        elif "case" in told and found:
            found[-1][1].append(Outcome(**told))
    return [Result(told["client"], told["version"], outcomes, told["unavailable"]) for told, outcomes in found]
