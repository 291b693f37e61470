"""The pages of the V2 protocol. Each is a function of the runtime and the route."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from service import __version__
from service.buckets import summary
from service.counts import Counts
from service.errors import NotFound
from service.lookup import find, unknown
from service.protocols import openinference_pages
from service.protocols.openinference_repository import version_policy
from service.routing import Route
from service.runtime import Runtime
from service.version import Version

Page = tuple[int, bytes, bytes]
Pages = dict[tuple[str, str], Callable[[Runtime, Route], Page]]
JSON = b"application/json"
REPOSITORY = "model_repository"


def server(runtime: Runtime, route: Route) -> Page:
    """Server metadata; the repository calls are named where they are on."""
    repository = [REPOSITORY] if runtime.settings.repository_key is not None else []
    return 200, openinference_pages.server(__version__, [*openinference_pages.EXTENSIONS, *repository]), JSON


def live(runtime: Runtime, route: Route) -> Page:
    """Liveness."""
    return 200 if runtime.alive else 503, openinference_pages.live(runtime.alive), JSON


def ready(runtime: Runtime, route: Route) -> Page:
    """Readiness of one model, 404 if it is unknown and 503 while it loads; or of the whole service."""
    if not route.model:
        return 200 if runtime.ready else 503, openinference_pages.ready(runtime.ready, runtime.alive), JSON
    find(runtime, route)
    return 200 if runtime.serving else 503, openinference_pages.model_ready(route.model, runtime.serving), JSON


def models(runtime: Runtime, route: Route) -> Page:
    """The names, as KServe lists them."""
    return 200, openinference_pages.model_list(runtime.repository.names()), JSON


def model(runtime: Runtime, route: Route) -> Page:
    """Model metadata."""
    version = find(runtime, route)
    platform = openinference_pages.ENGINES[version.engine][0]
    facts: dict[str, Any] = {
        "engine": version.engine,
        "device": version.device,
        "bit_equal_batch_sizes": summary(version.sizes),
        "ranges": {name: bounds.published() for name, bounds in version.interface.bounds.items()},
    }
    if version.losses:
        facts["mixed_precision_largest_differences"] = version.losses
    numbers = sorted(runtime.repository.models[route.model].ready)
    labels = runtime.repository.labels(route.model)
    return 200, openinference_pages.model(version.interface, numbers, platform, facts, labels), JSON


def config(runtime: Runtime, route: Route) -> Page:
    """Triton's model configuration."""
    version = find(runtime, route)
    policy = version_policy(runtime.intentions.of(route.model).model.versions)
    body = openinference_pages.config(
        version.interface, version.engine, version.device, version.sizes, policy, runtime.settings.workers
    )
    return 200, body, JSON


def statistics(runtime: Runtime, route: Route) -> Page:
    """Triton's statistics: of every version, of those of a model, or of one."""
    return 200, openinference_pages.statistics(_counted(_asked(runtime, route))), JSON


def _asked(runtime: Runtime, route: Route) -> list[Version]:
    if route.version or route.label:
        return [find(runtime, route)]
    versions = [one for one in runtime.repository.every() if route.model in ("", one.interface.name)]
    if route.model and not versions:
        raise NotFound(unknown(route, known=bool(runtime.repository.states(route.model))))
    return versions


def _counted(versions: Iterable[Version]) -> list[tuple[str, int, Counts]]:
    return [(one.interface.name, one.number, one.statistics.totals()) for one in versions]


PAGES: Pages = {
    ("openinference", "server"): server,
    ("openinference", "live"): live,
    ("openinference", "ready"): ready,
    ("openinference", "models"): models,
    ("openinference", "model"): model,
    ("openinference", "config"): config,
    ("openinference", "stats"): statistics,
}
