"""``python -m service``: check what can be checked, then let BentoML serve.

A hopeless start ends here with one line, instead of in a loop of workers that BentoML starts again and again.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys

from service import store
from service.engines.engine import choose
from service.errors import ArtifactError, SettingsError
from service.loading import load_version
from service.repository import summary
from service.settings import Settings, load_settings

GRACEFUL_S = 20
"""Longest shutdown; BentoML kills what is left."""


class HopelessStart(Exception):
    """The service cannot start; the message says why and what helps."""


def check(settings: Settings, host: str, port: int) -> None:
    """Hold settings, port and store against what a start needs.

    Raises:
        HopelessStart: The port is taken, or no model in the store can be served.
        SettingsError: The engine is not to be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "not a port number"
            raise HopelessStart(f"Cannot listen on {host}:{port}: {reason}. Choose another PORT.") from None
    check_models(settings)


def check_models(settings: Settings, *, every: bool = False) -> list[str]:
    """Load models as the service will, until one is sound, or every one.

    Returns:
        One line for each version that was tried.

    Raises:
        HopelessStart: None is sound.
    """
    home = store.home(settings.model_store)
    engine = choose(settings.engine)
    found = store.find(home / "models", settings.names)
    lines, refused = [], []
    for stored in (version for versions in found.values() for version in versions):
        try:
            loaded = load_version(stored, settings, engine)
        except ArtifactError as error:
            refused.append(f"{stored.tag} refused: {error}")
            lines.append(refused[-1])
        else:
            lines.append(f"{stored.tag} sound on {engine}, bit-equal batches of {summary(loaded.sizes)} rows")
            if not every:
                return lines
    if len(lines) > len(refused):
        return lines
    wanted = f" named {settings.models}" if settings.names else ""
    reason = f" {refused[0]}" if refused else ""
    raise HopelessStart(f"No model{wanted} to serve in {home}.{reason} Make them with: python -m training all")


def main() -> None:
    """Parse, check, become BentoML."""
    parser = argparse.ArgumentParser(prog="python -m service", description="Serve the stored models over HTTP.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=3000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="verify every stored model and exit")
    arguments = parser.parse_args()
    try:
        settings = load_settings()
        if arguments.check:
            print("\n".join(check_models(settings, every=True)))
            return
        check(settings, arguments.host, arguments.port)
    except (HopelessStart, SettingsError) as error:
        sys.exit(f"keras-serve: {error}")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    command = [sys.executable, "-m", "bentoml", "serve", "service.app:KerasServe"]
    command += ["--host", arguments.host, "--port", str(arguments.port)]
    command += ["--timeout-graceful-shutdown", str(GRACEFUL_S)]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
