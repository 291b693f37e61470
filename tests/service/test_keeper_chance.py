"""Whatever happens to store, labels, configuration and orders in whatever order, the promises of serving hold."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from service.acceptance import tensors
from service.errors import LoadFailed
from service.version import Version
from tests.service.kept import Kept

STEPS = 30
KINDS = ("store", "store_corrupt", "store_other", "remove", "mend", "configure", "label", "order")
LABELS = ("stable", "next")


class Life:
    """One keeper, to which things happen by chance.

    Attributes:
        told: What has happened, for whoever reads a failure.
        seen: Every version that was ever ready.
    """

    def __init__(self, kept: Kept, seed: int) -> None:
        self.kept = kept
        self.chance = random.Random(seed)
        self.told: list[str] = []
        self.seen: set[Version] = set()
        self.corrupt: set[int] = set()
        self.last = 1
        self.ended = False
        kept.store(1)

    @property
    def stored(self) -> list[int]:
        """Versions of which there are files."""
        return sorted(int(folder.name) for folder in (self.kept.home / "models" / "toy").glob("*"))

    def some(self) -> int:
        """A version that is stored, or nearly."""
        return self.chance.randint(1, self.last + 1)

    async def step(self) -> None:
        """Let one thing happen."""
        kind = self.chance.choice(KINDS)
        self.told.append(kind)
        await getattr(self, kind)()

    async def store(self) -> None:
        self.last += 1
        self.kept.store(self.last)

    async def store_corrupt(self) -> None:
        self.last += 1
        self.kept.store_corrupt(self.last)
        self.corrupt.add(self.last)

    async def store_other(self) -> None:
        self.last += 1
        self.kept.store_other(self.last)

    async def remove(self) -> None:
        if self.stored:
            self._remove(self.chance.choice(self.stored))

    def _remove(self, number: int) -> None:
        shutil.rmtree(self.kept.home / "models" / "toy" / str(number))
        self.corrupt.discard(number)

    async def mend(self) -> None:
        for number in sorted(self.corrupt)[:1]:
            self._remove(number)
            self.kept.store(number)

    async def configure(self) -> None:
        """A policy, perhaps a canary and a shadow, or a file that is wrong."""
        draw = self.chance.choice
        policy = draw(['"latest"', '"all"', "{ latest = 2 }", f"[{self.some()}]", "[]", "nonsense"])
        text = f"[models.toy]\nversions = {policy}\n"
        for what in ("canary", "shadow"):
            if draw([True, False]):
                text += f"{what} = {{ version = {self.some()}, percent = 50 }}\n"
        self.told[-1] += f" {text!r}"
        self.kept.configure(text)

    async def label(self) -> None:
        labels = {label: self.some() for label in LABELS if self.chance.random() < 0.5}
        self.told[-1] += f" {labels}"
        self.kept.label(**labels)

    async def order(self) -> None:
        unload = self.chance.random() < 0.3
        versions = None if unload or self.chance.random() < 0.5 else [self.some()]
        self.told[-1] += f" unload {unload}, versions {versions}"
        self.ended |= unload
        with suppress(LoadFailed):
            await self.kept.keeper.order("toy", unload=unload, versions=versions)

    def serving(self) -> int | None:
        """The version that answers requests without one."""
        return self.kept.default if "toy" in self.kept.repository.models else None

    def check(self, before: int | None) -> None:
        """The promises, once everything has settled."""
        intention = self.kept.intentions.of("toy")
        excused = self.ended or intention.model.versions == [] or before not in self.stored
        self.ended = intention.unload
        assert self.serving() is not None or before is None or excused
        assert self.kept.repository.retiring == set()
        if "toy" not in self.kept.repository.models:
            return
        model = self.kept.model
        self.seen.update(model.ready.values())
        assert {model.state(number) for number in model.ready} <= {"AVAILABLE"}
        assert not {"LOADING", "UNLOADING"} & {state.state for state in model.states.values()}
        assert not self.corrupt & model.ready.keys()
        assert set(model.labels.values()) <= model.ready.keys()
        assert all(version.scheduler.running == (version in model.ready.values()) for version in self.seen)
        if intention.unload:
            assert model.ready == {}
        self._check_routes()

    def _check_routes(self) -> None:
        model = self.kept.model
        if model.default is None:
            assert model.canary is None
            return
        assert model.ready[model.default.number] is model.default
        assert model.canary is not model.default
        shadows = [version for version in model.ready.values() if version.shadow is not None]
        assert shadows in ([], [model.default])
        tried = [model.canary] if model.canary is not None else []
        tried += [one for one in model.ready.values() if shadows and one.scheduler is model.default.shadow.scheduler]  # type: ignore[union-attr]
        for version in tried:
            assert model.ready[version.number] is version
            assert version is not model.default
            assert tensors(version.interface.signature) == tensors(model.default.interface.signature)


@pytest.mark.parametrize("seed", range(8))
async def test_the_promises_hold_whatever_happens(tmp_path: Path, seed: int) -> None:
    """What serves goes on unless it is unloaded or removed, routes lead to sound versions, and what retires ends."""
    kept = Kept(tmp_path, max_batch_rows=2)
    life = Life(kept, seed)
    await kept.keeper.start()
    try:
        for _ in range(STEPS):
            before = life.serving()
            await life.step()
            await kept.look()
            life.check(before)
        await check_a_restart(life)
    except AssertionError as failure:
        raise AssertionError(f"after {'; '.join(life.told)}") from failure
    finally:
        await kept.close()


async def check_a_restart(life: Life) -> None:
    """With the usual wishes, a service that has lived through it all serves what a new one would."""
    life.kept.configure("")
    life.kept.label()
    await life.store()
    with suppress(LoadFailed):
        await life.kept.keeper.order("toy", unload=False)
    again = Kept(life.kept.home, max_batch_rows=2)
    await again.keeper.start()
    await life.kept.look()
    assert life.kept.default == again.default
    assert life.kept.ready == again.ready
    await again.close()
