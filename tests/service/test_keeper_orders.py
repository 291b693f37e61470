"""What cannot be had as ordered or configured leaves in place what serves, in every worker."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service import keeper
from service.errors import LoadFailed
from service.loading import Loaded, load_version
from service.metrics import MULTIPROCESS
from service.orders import Orders
from service.store import Stored
from tests import toy
from tests.service.kept import Kept
from tests.toy_engines import answers, request, rows, same


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    """A keeper with version 10 serving, version 11 corrupt, and version 2 besides."""
    found = Kept(tmp_path, max_batch_rows=2)
    found.store(2, 10)
    found.store_corrupt(11)
    await found.keeper.start()
    yield found
    await found.close()


@pytest.mark.parametrize("versions", [[11], [7], [11, 7]])
async def test_a_policy_that_cannot_be_had_changes_nothing(kept: Kept, versions: list[int]) -> None:
    """With every version of the list refused or absent, what serves goes on until one of them is there."""
    kept.configure(f"[models.toy]\nversions = {versions}")
    for _ in range(2):
        await kept.look()
        assert (kept.default, kept.ready) == (10, [10])
    assert kept.model.complaints == [f"versions: version {number} is not ready" for number in versions]
    kept.configure("[models.toy]\nversions = [2]")
    await kept.look()
    assert (kept.default, kept.ready) == (2, [2])
    assert kept.model.complaints == []


async def test_a_policy_of_no_version_ends_the_model(kept: Kept) -> None:
    """An empty list is a wish that can be had."""
    kept.configure("[models.toy]\nversions = []")
    await kept.look()
    assert (kept.default, kept.ready) == (None, [])
    assert kept.model.complaints == []


async def test_a_version_whose_files_are_gone_serves_no_longer(kept: Kept) -> None:
    """What is removed from the store ends, also if nothing else can serve."""
    kept.configure("[models.toy]\nversions = [10]")
    await kept.look()
    shutil.rmtree(kept.home / "models" / "toy" / "10")
    await kept.look()
    assert (kept.default, kept.ready) == (None, [])


async def test_an_order_for_a_refused_version_fails_and_harms_nobody(kept: Kept) -> None:
    """A load of a corrupt version alone has its reason, and the old version answers on, after further looks too."""
    with pytest.raises(LoadFailed, match=r"^failed to load 'toy', version 11: File model\.onnx has changed"):
        await kept.keeper.order("toy", unload=False, versions=[11])
    assert (kept.default, kept.ready) == (10, [10])
    await kept.look()
    assert (kept.default, kept.ready) == (10, [10])


async def test_an_order_for_a_version_that_is_not_stored_fails(kept: Kept) -> None:
    """A load of a version that nobody has is no success; of several, those that are there are loaded."""
    with pytest.raises(LoadFailed, match=r"^failed to load 'toy', version 7: it is not stored$"):
        await kept.keeper.order("toy", unload=False, versions=[7])
    assert (kept.default, kept.ready) == (10, [10])
    with pytest.raises(LoadFailed, match=r"^failed to load 'toy', version 7: it is not stored$"):
        await kept.keeper.order("toy", unload=False, versions=[2, 7])
    await kept.keeper.settled()
    assert (kept.default, kept.ready) == (2, [2])


async def test_an_order_while_the_store_cannot_be_read_fails(kept: Kept) -> None:
    """Nobody is told that a model is unloaded while it still answers."""
    (kept.home / "models").rename(kept.home / "elsewhere")
    for unload, verb in ((True, "unload"), (False, "load")):
        with pytest.raises(LoadFailed, match=f"^failed to {verb} 'toy', the store cannot be read$"):
            await kept.keeper.order("toy", unload=unload)
    assert (kept.default, kept.ready) == (10, [10])


async def test_an_unloaded_model_stays_away_whatever_the_policy(kept: Kept) -> None:
    """Neither a policy nor a new version brings an unloaded model back."""
    await kept.keeper.order("toy", unload=True)
    kept.configure("[models.toy]\nversions = [11, 7]")
    kept.store(12)
    await kept.look()
    assert (kept.default, kept.ready, kept.model.complaints) == (None, [], [])


async def test_an_order_touches_no_other_model(kept: Kept) -> None:
    """A load of one model leaves to the next look what is new of others, which nobody waits for till then."""
    kept.store(1, name="second")
    kept.store(12)
    await kept.keeper.order("toy", unload=False, versions="latest")
    assert kept.default == 12
    assert kept.repository.names() == ["toy"]
    await kept.look()
    assert kept.repository.names() == ["second", "toy"]


async def test_an_order_reaches_every_worker(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker is told; the others do the same at their next look, what they had refused before included."""
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv(MULTIPROCESS, str(shared))
    orders = [Orders(2), Orders(2)]
    one, other = (Kept(kept.home, each, max_batch_rows=2) for each in orders)
    for worker in (one, other):
        await worker.keeper.start()
        assert list(worker.repository.refused) == ["toy:11"]
    model = kept.home / "models" / "toy" / "11" / "model.onnx"
    model.write_bytes((kept.home / "models" / "toy" / "10" / "model.onnx").read_bytes())
    await other.look()
    assert other.default == 10
    await one.keeper.order("toy", unload=False)
    assert (one.default, other.default) == (11, 10)
    await other.look()
    assert (other.default, other.repository.refused) == (11, {})
    await other.keeper.order("toy", unload=True)
    await one.look()
    assert one.ready == other.ready == []
    for worker in (one, other):
        await worker.close()


async def test_a_damaged_version_is_not_tried_at_every_look(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order tries refused versions once more, not for ever."""
    tries: list[int] = []

    def load(stored: Stored, *more: Any) -> Loaded:
        tries.append(stored.version)
        return load_version(stored, *more)

    monkeypatch.setattr(keeper, "load_version", load)
    with pytest.raises(LoadFailed):
        await kept.keeper.order("toy", unload=False)
    for _ in range(3):
        await kept.look()
    assert tries == [11]


async def test_a_version_that_is_still_answering_is_taken_back(kept: Kept) -> None:
    """A load right after an unload waits for nobody: what a request still uses serves again, and others go on."""
    old = kept.model.ready[10]
    shutil.rmtree(kept.home / "models" / "toy" / "11")
    with old.held():
        await kept.keeper.order("toy", unload=True)
        assert kept.repository.retiring == {old}
        await kept.keeper.order("toy", unload=False)
        assert kept.model.ready[10] is old
        assert kept.model.state(10) == "AVAILABLE"
        assert kept.repository.retiring == set()
    await kept.keeper.settled()
    assert same(await old.scheduler.submit(request(rows(3))).future, answers(rows(3)))


async def test_another_artifact_waits_for_its_former_self(kept: Kept) -> None:
    """A version that was replaced in place is loaded once the last request of the one before is answered."""
    old = kept.model.ready[10]
    shutil.rmtree(kept.home / "models" / "toy" / "11")
    with old.held():
        await kept.keeper.order("toy", unload=True)
        shutil.rmtree(kept.home / "models" / "toy" / "10")
        toy.write(kept.home, version=10, scale=2.0)
        await kept.keeper.look()
        with pytest.raises(LoadFailed, match="no version is wanted"):
            await kept.keeper.order("toy", unload=False, versions=[10])
        assert kept.ready == []
    await kept.keeper.settled()
    await kept.look()
    assert kept.ready == [10]
    assert kept.model.ready[10] is not old
