"""Makes what is served what should be served: looks at the store and the configuration, loads, moves traffic, unloads.

A new version is verified, loaded and warmed beside the old one; then requests get it; then the old one answers those
that have found it, and gives its memory back. What cannot be had is reported, and what served goes on serving.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence

from service.acceptance import Acceptance
from service.buckets import summary
from service.configuration import Versions
from service.deadlines import DeadlineWheel
from service.engines.engine import Name, choose
from service.errors import ArtifactError, LoadFailed
from service.intentions import Intention, Intentions
from service.loading import load_version
from service.memory import freeze, retain
from service.metrics import Metrics
from service.model import Model, State
from service.policy import wanted
from service.repository import Repository
from service.retirement import Retirements
from service.routes import set_routes
from service.settings import Settings
from service.store import Source, Stored
from service.version import Version

log = logging.getLogger(__name__)


class Keeper:
    """The only one that changes the repository.

    Args:
        repository: What requests read.
        source: Where versions are.
        intentions: What the operator wants.
        settings: Engine, limits, time between two looks.
        metrics: Where versions count.
        wheel: The clock of deadlines.
    """

    def __init__(
        self,
        repository: Repository,
        source: Source,
        intentions: Intentions,
        settings: Settings,
        metrics: Metrics,
        wheel: DeadlineWheel,
    ) -> None:
        self._repository = repository
        self._source = source
        self._intentions = intentions
        self._settings = settings
        self._metrics = metrics
        self._wheel = wheel
        self._acceptance = Acceptance()
        self._refused: dict[Stored, tuple[int, int]] = {}
        self._obeyed: dict[str, int] = {}
        self._unreadable = ""
        self._retirements = Retirements(repository)
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Load for the first time. Raises ``SettingsError`` if the engine is not to be had."""
        try:
            self._engine: Name = choose(self._settings.engine)
            freeze()
            retain()
            await self.look()
        finally:  # whatever ended it: nothing is on its way any more
            for model in self._repository.models.values():
                model.loading = False
            self._repository.loaded = True

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            await asyncio.sleep(self._settings.poll_interval_ms / 1000)
            try:
                await self.look()
            except Exception:  # one bad look must not be the last
                log.exception("looking at the store failed")

    async def look(self, name: str = "") -> None:
        """Bring every model, or one, to where it should be."""
        async with self._turn:
            stored = await asyncio.to_thread(self._find)
            if stored is None:
                return
            await asyncio.to_thread(self._intentions.refresh, self._source)
            self._acceptance.forget(one for versions in stored.values() for one in versions)
            models = self._repository.models
            for fresh in [one for one in stored.keys() - models.keys() if name in ("", one)]:
                models[fresh] = Model(fresh)
            for each in [one for one in models if name in ("", one)]:
                await self._keep(models[each], stored.get(each, ()))
                if each not in stored and not models[each].ready:
                    del models[each]
            self._metrics["keras_serve_config_errors"].set(len(self._intentions.complaints))
            self._metrics["keras_serve_models_ready"].set(len(self._repository.every()))
            self._metrics["keras_serve_models_refused"].set(len(self._repository.refused))

    def _find(self) -> Mapping[str, Sequence[Stored]] | None:
        try:
            found = self._source.find()
        except OSError as error:
            if self._unreadable != str(error):
                log.error("the store cannot be read, what serves goes on: %s", error)
            self._unreadable = str(error)
            return None
        self._unreadable = ""
        return found

    async def _keep(self, model: Model, stored: Sequence[Stored]) -> None:
        """Load what one model lacks, move its traffic, retire what nobody wants any more."""
        self._obey(model.name)
        intention = self._intentions.of(model.name)
        by_number = {one.version: one for one in stored}
        while True:
            sound = [one for one in stored if not self._is_refused(one)]
            waiting = self._acceptance.waiting(sound, intention.named, intention.accepted)
            numbers = [] if intention.unload else [one.version for one in sound if one.version not in waiting]
            candidates, load = wanted(numbers, intention.model, intention.named)
            lacking = [number for number in load if number not in model.ready]
            missing = [number for number in lacking if not self._retirements.blocks(by_number[number])]
            routed = candidates or _last_resort(model, intention, by_number)
            set_routes(model, intention, routed, self._metrics)
            if not missing:
                break
            await self._load(model, by_number[missing[0]])
        model.loading = False
        for number, reason in waiting.items():
            if number not in model.ready:
                self._report(model, number, State("START", reason))
        kept = {*load, *model.labels.values()} | ({model.default.number} if model.default else set())
        gone = [model.ready.pop(number) for number in model.ready.keys() - kept]
        set_routes(model, intention, routed, self._metrics)  # without a canary or shadow whose files are gone
        for version in gone:
            self._retirements.retire(model, version)
        model.forget(by_number.keys())

    def _obey(self, name: str) -> None:
        """A new order, given to this worker or another, has what was refused tried again."""
        count = self._intentions.orders.of(name).count
        if count != self._obeyed.get(name, 0):
            self._obeyed[name] = count
            self._refused = {one: state for one, state in self._refused.items() if one.name != name}

    def _is_refused(self, stored: Stored) -> bool:
        """Whether it was refused as it is now; what has changed since is tried again."""
        return self._refused.get(stored) == stored.state

    async def _load(self, model: Model, stored: Stored) -> None:
        state, number = stored.state, stored.version
        former = await self._retirements.take_back(stored)
        if former is not None:
            model.ready[number] = former
            model.mark(number, State("AVAILABLE"))
            return
        model.mark(number, State("LOADING"))
        try:
            loaded = await asyncio.to_thread(load_version, stored, self._settings, self._engine)
        except ArtifactError as error:
            self._refused[stored] = state
            self._report(model, number, State("END", str(error)))
            return
        version = model.ready[number] = Version(loaded, self._wheel, self._settings, self._metrics)
        model.mark(number, State("AVAILABLE"))
        facts = {"model": stored.tag, "engine": version.engine, "device": version.device}
        log.info("model ready", extra={**facts, "batch_sizes": summary(version.sizes)})

    def _report(self, model: Model, number: int, state: State) -> None:
        """Say once why a version does not serve."""
        if model.states.get(number) != state:
            what = "refused" if state.state == "END" else "waits"
            log.error("model %s:%s %s: %s", model.name, number, what, state.reason)
        model.mark(number, state)

    async def order(self, name: str, *, unload: bool, versions: Versions | None = None) -> None:
        """Do what a call orders of one model, now.

        Raises:
            LoadFailed: There is no such model, or not all of its versions could be loaded as ordered.
        """
        self._intentions.orders.give(name, unload=unload, versions=versions)
        await self.look(name)
        model = self._repository.models.get(name)
        verb = "unload" if unload else "load"
        if self._unreadable:
            raise LoadFailed(f"failed to {verb} '{name}', the store cannot be read")
        if model is None:
            raise LoadFailed(f"failed to {verb} '{name}', failed to poll from model repository")
        refused = [one.version for one in self._refused if one.name == name]
        absent = [number for number in versions if model.state(number) is None] if isinstance(versions, list) else []
        reasons = [f"version {number}: {model.states[number].reason}" for number in refused]
        reasons += [f"version {number}: it is not stored" for number in absent]
        if not unload and (reasons or model.default is None):
            raise LoadFailed(f"failed to load '{name}', {'; '.join(reasons) or 'no version is wanted'}")

    async def settled(self) -> None:
        """Return once everything that is being retired has ended."""
        await self._retirements.settled()

    async def close(self) -> None:
        """Wait for nobody: end what is being retired."""
        await self._retirements.close()


def _last_resort(model: Model, intention: Intention, stored: Collection[int]) -> list[int]:
    """Who answers requests without a version if the policy has nobody: what serves now, else what somebody named."""
    if intention.unload or intention.model.versions == []:
        return []
    serving = [model.default.number] if model.default is not None else []
    return [number for number in (*serving, *sorted(intention.named, reverse=True)) if number in stored]
