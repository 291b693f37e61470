"""Labels, canaries and shadows on real versions: tried beside the one that serves, and in its way never."""

from __future__ import annotations

import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.runtime import Runtime
from service.store import Home
from tests.service.conftest import until
from tests.service.kept import Kept
from tests.toy_engines import answers, request, rows, same


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    """A keeper with version 10 serving, and versions 1 and 2 stored."""
    found = Kept(tmp_path, max_batch_rows=2)
    found.store(1, 2, 10)
    await found.keeper.start()
    yield found
    await found.close()


async def test_a_label_loads_its_version_and_protects_it(kept: Kept) -> None:
    """A version that a label points to is loaded besides the default, stays while newer ones come, and ends with it."""
    kept.label(stable=2)
    await kept.look()
    assert (kept.default, kept.ready, kept.model.labels) == (10, [2, 10], {"stable": 2})
    kept.store(11)
    await kept.look()
    assert (kept.default, kept.ready) == (11, [2, 11])
    kept.label()
    await kept.look()
    assert (kept.ready, kept.model.labels) == ([11], {})


async def test_a_label_waits_for_its_version(kept: Kept) -> None:
    """A label that is sent to a version that is corrupt or absent stays, and so does the version that it points to."""
    kept.label(stable=2)
    await kept.look()
    kept.store_corrupt(11)
    for number in (11, 12):
        kept.label(stable=number)
        await kept.look()
        assert kept.model.labels == {"stable": 2}
        assert kept.model.complaints == [f"label stable: version {number} is not ready"]
        assert 2 in kept.ready
    kept.store(12)
    await kept.look()
    assert (kept.model.labels, kept.ready, kept.model.complaints) == ({"stable": 12}, [12], [])


async def test_the_files_labels_and_the_stores(kept: Kept) -> None:
    """Both sides' labels are found, and a request by label gets its version."""
    kept.label(stable=1, old=1)
    kept.configure("[models.toy]\nlabels = { stable = 2 }")
    await kept.look()
    assert kept.repository.labels("toy") == {"stable": 2, "old": 1}
    for label, number in (("stable", 2), ("old", 1)):
        version = kept.repository.find("toy", label=label)
        assert version is not None
        assert version.number == number


@pytest.mark.parametrize("what", ["canary", "shadow"])
async def test_the_latest_is_not_the_default_while_it_is_tried(kept: Kept, what: str) -> None:
    """A canary or shadow is loaded beside the latest of the others; when it is no longer tried it serves."""
    kept.store(11)
    kept.configure(f"[models.toy]\n{what} = {{ version = 11, percent = 100 }}")
    await kept.look()
    assert (kept.default, kept.ready) == (10, [10, 11])
    kept.configure("")
    await kept.look()
    assert (kept.default, kept.ready) == (11, [11])


async def test_a_canary_that_was_the_default_gives_way(kept: Kept) -> None:
    """The version that serves may become the canary of the next lower one; moments without a default there are none."""
    kept.configure("[models.toy]\ncanary = { version = 10, percent = 5 }")
    await kept.look()
    assert (kept.default, kept.ready) == (2, [2, 10])
    assert kept.model.canary is kept.model.ready[10]


@pytest.mark.parametrize("what", ["canary", "shadow"])
async def test_a_trial_ends_with_its_files(kept: Kept, what: str) -> None:
    """From the moment that a removed version retires, no request finds it and nothing is sent to it."""
    kept.configure(f"[models.toy]\n{what} = {{ version = 2, percent = 100 }}")
    await kept.look()
    assert kept.ready == [2, 10]
    shutil.rmtree(kept.home / "models" / "toy" / "2")
    await kept.look()
    assert kept.ready == [10]
    assert kept.repository.find("toy") is kept.model.ready[10]
    assert kept.model.ready[10].shadow is None
    assert kept.model.complaints == [f"{what}: version 2 is not ready"]


async def test_a_canary_gets_its_share_of_requests(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A canary of 30 % answers those whose lot is below 0.3, and no request by number or label."""
    kept.label(stable=10)
    kept.configure("[models.toy]\ncanary = { version = 2, percent = 30 }")
    await kept.look()
    for drawn, number in ((0.0, 2), (0.2999, 2), (0.3, 10), (0.9, 10)):
        monkeypatch.setattr(random, "random", lambda drawn=drawn: drawn)
        version = kept.repository.find("toy")
        assert version is not None
        assert version.number == number
    monkeypatch.setattr(random, "random", lambda: 0.0)
    for version in (kept.repository.find("toy", 10), kept.repository.find("toy", label="stable")):
        assert version is kept.model.ready[10]


@pytest.mark.parametrize("what", ["canary", "shadow"])
async def test_trying_other_tensors_moves_no_traffic(kept: Kept, what: str) -> None:
    """To name a version with other tensors for a trial does not accept them: the default stays as it is."""
    kept.store_other(11)
    kept.configure(f"[models.toy]\n{what} = {{ version = 11, percent = 5 }}")
    await kept.look()
    assert kept.default == 10
    assert kept.model.canary is kept.model.ready[10].shadow is None
    assert kept.model.complaints == [f"{what}: the tensors of version 11 differ from the serving ones"]
    kept.configure("[models.toy]\nlabels = { stable = 11 }")
    await kept.look()
    assert kept.default == 11


async def test_a_shadow_changes_no_bit_of_an_answer(kept: Kept) -> None:
    """The serving version's answers are its own; the other's are compared, and what differs is counted."""
    kept.store(11, scale=1.5)
    kept.configure("[models.toy]\nshadow = { version = 11, atol = 1 }")
    await kept.look()
    runtime = Runtime(kept.settings, Home(kept.home))
    version = kept.model.default
    assert version is not None
    assert version.shadow is not None
    x = rows(0.25, 1, 5, -3, 0.75, 8)  # half a sum of at most 1 is near enough
    work = runtime.submit(version, request(x))
    assert same(await work.future, answers(x))
    shadow = version.shadow
    await until(lambda: sum(shadow.rows.values()) == len(x))
    assert shadow.rows == {"agree": 4, "disagree": 2, "failed": 0, "skipped": 0}
    await kept.look()
    assert version.shadow is shadow
    kept.configure("[models.toy]\nshadow = { version = 11, atol = 2 }")
    await kept.look()
    assert version.shadow is not shadow
    assert sum(version.shadow.rows.values()) == 0
