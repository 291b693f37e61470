"""``python -m service``: check what can be checked, then let BentoML serve.

A hopeless start ends here with one line, instead of in a loop of workers that BentoML starts again and again.
"""

from __future__ import annotations

import argparse
import socket
import sys

from service import catalogue, cpus, store
from service.artifact import read_artifact
from service.buckets import summary
from service.configuration import read_configuration
from service.engines.engine import choose
from service.errors import ArtifactError, ConfigurationError, SettingsError
from service.loading import load_version
from service.settings import Settings, load_settings, variable

HELP = "Make models with `make train`, or `python -m training all`."


class HopelessStart(Exception):
    """The service cannot start; the message says why and what helps."""


def check(settings: Settings, host: str, port: int) -> None:
    """Hold settings, port and store against what a start needs.

    Raises:
        HopelessStart: The port is taken, a model that is named is not stored, or none in the store can be served.
        SettingsError: The engine is not to be had.
        ConfigurationError: The configuration file is refused.
    """
    check_port(host, port)
    if settings.grpc_port:
        check_port(settings.grpc_host, settings.grpc_port, variable("grpc_port"))
    check_engine(settings)
    if settings.config is not None:
        read_configuration(settings.config)
    home = store.home(settings.model_store)
    found = store.find(home / "models")
    unknown = sorted(settings.names - found.keys())
    if unknown:
        stored = ", ".join(found) or "nothing"
        raise HopelessStart(f"No model named {', '.join(unknown)} to serve in {home}. Stored: {stored}. {HELP}")
    lines = check_models(settings, wanted="start")
    if not any(sound for sound, _ in lines):
        reason = f" {lines[0][1]}" if lines else ""
        raise HopelessStart(f"No model to serve in {home}.{reason} {HELP}")


def check_port(host: str, port: int, setting: str = "PORT") -> None:
    """See whether the address is free; ``setting`` is what would choose another.

    Raises:
        HopelessStart: It is not, or is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror as error:
            raise HopelessStart(f"Cannot listen on {host}: {error.strerror}. Choose another HOST.") from None
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "not a port number"
            raise HopelessStart(f"Cannot listen on {host}:{port}: {reason}. Choose another {setting}.") from None


def check_engine(settings: Settings) -> None:
    """See whether an engine that is named is to be had.

    None is chosen: TensorFlow would look for a GPU, and the supervisor would keep it in memory.

    Raises:
        SettingsError: It is not.
    """
    if settings.engine != "auto":
        choose(settings.engine)


def check_models(settings: Settings, wanted: str) -> list[tuple[bool, str]]:
    """Load stored models as the service will.

    Args:
        settings: Which store, which engine.
        wanted: ``all`` versions, the ``latest`` of each name, or ``start``: until the first whose files are sound,
            which is not run, because the service does that before it says that it is ready.

    Returns:
        Whether it is sound, and a line about it, for each version that was tried.
    """
    found = store.find(store.home(settings.model_store) / "models", settings.names)
    lines = []
    for stored in (version for versions in found.values() for version in versions[: 1 if wanted == "latest" else None]):
        try:
            if wanted == "start":
                read_artifact(stored.folder, stored.name, stored.version)
                return [(True, f"{stored.tag} has sound files")]
            engine = choose(settings.engine)
            loaded = load_version(stored, settings, engine)
        except ArtifactError as error:
            lines.append((False, f"{stored.tag} refused: {error}"))
        else:
            lines.append((True, f"{stored.tag} sound on {engine}, bit-equal batches of {summary(loaded.sizes)} rows"))
    return lines


def report(settings: Settings, given: argparse.Namespace) -> int:
    """Answer ``--check``: print what was found; 1 if anything is not as it should be."""
    if given.check == "start":
        check_port(given.host, given.port)
        check_engine(settings)
        if settings.config is not None:
            read_configuration(settings.config)
        return 0
    lines = check_models(settings, given.check)
    print("\n".join(line for _, line in lines) or f"No model is stored. {HELP}")
    print(f"workers: {settings.workers}, engine threads of each: {settings.threads}, processors: {cpus.available():g}")
    return 0 if lines and all(sound for sound, _ in lines) else 1


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m service", description="Serve the stored models over HTTP.")
    parser.add_argument(
        "command",
        nargs="?",
        choices=["serve", "models"],
        default="serve",
        help="serve, or print the models of a running service (default: %(default)s)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=3000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--url", help="models: the running service (default: http://HOST:PORT)")
    parser.add_argument(
        "--check",
        choices=["all", "latest", "start"],
        help="instead of serving, verify all stored versions, the latest of each, or settings and port; 1 if refused",
    )
    return parser.parse_args()


def main() -> None:
    """Parse, check, serve."""
    given = arguments()
    try:
        if given.command == "models":
            host = f"[{given.host}]" if ":" in given.host else given.host
            print(catalogue.table(catalogue.fetch(given.url or f"http://{host}:{given.port}")))
            return
        settings = load_settings()
        if settings.oversubscribed:
            sys.stderr.write(f"keras-serve: {settings.oversubscribed}\n")
        if given.check:
            sys.exit(report(settings, given))
        check(settings, given.host, given.port)
    except (HopelessStart, SettingsError, ConfigurationError, catalogue.Unanswered) as error:
        sys.exit(f"keras-serve: {error}")
    from service import supervisor  # BentoML takes a second to import, which --check and --help need not

    # BentoML refuses names of hosts, such as localhost
    supervisor.serve(given.host if ":" in given.host else socket.gethostbyname(given.host), given.port)


if __name__ == "__main__":
    main()
