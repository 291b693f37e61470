"""What is served follows the store, the configuration and the orders, without a gap."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import keeper
from service.errors import ArtifactError, LoadFailed, NotReady
from service.loading import Loaded, load_version
from service.model import State
from tests.service.kept import Kept
from tests.toy_engines import answers, request, rows, same


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    """A keeper that has not looked yet, on versions 1, 2 and 10."""
    found = Kept(tmp_path)
    found.store(1, 2, 10)
    yield found
    await found.close()


async def test_the_highest_number_serves(kept: Kept) -> None:
    """Version 10 is later than version 2, and the only one that is loaded."""
    await kept.keeper.start()
    assert kept.ready == [10]
    assert kept.repository.loaded
    version = kept.repository.find("toy")
    assert version is not None
    assert version is kept.repository.find("toy", 10)
    assert kept.repository.find("toy", 2) is None
    assert same(await version.scheduler.submit(request(rows(3))).future, answers(rows(3)))


async def test_a_new_version_takes_over_and_the_old_one_ends(kept: Kept) -> None:
    """After a look the new version answers; the old one ends once its last request is answered."""
    await kept.keeper.start()
    old = kept.repository.find("toy")
    assert old is not None
    kept.store(11)
    with old.held():
        await kept.keeper.look()
        assert kept.default == 11
        assert kept.model.state(10) == "UNLOADING"
        work = old.scheduler.submit(request(rows(3)))
        assert same(await work.future, answers(rows(3)))
    await kept.keeper.settled()
    assert kept.model.state(10) == "END"
    assert kept.repository.retiring == set()
    assert not old.scheduler.running


async def test_while_the_new_one_loads_the_old_one_answers(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests without a version get the old one until the new one is ready; those for the new one come again."""
    await kept.keeper.start()
    seen: list[int | None] = []
    loop = asyncio.get_running_loop()

    def load(*given: object) -> Loaded:
        def look() -> None:
            seen.append(kept.default)
            with pytest.raises(NotReady):
                kept.repository.find("toy", 11)

        asyncio.run_coroutine_threadsafe(_call(look), loop).result(30)
        return load_version(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(keeper, "load_version", load)
    kept.store(11)
    await kept.look()
    assert seen == [10]
    assert kept.default == 11


async def _call(look: object) -> None:
    look()  # type: ignore[operator]


async def test_a_refused_version_never_serves(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    """A corrupt version is reported with its reason, once, and what served goes on serving."""
    await kept.keeper.start()
    kept.store_corrupt(11)
    for _ in range(3):
        await kept.look()
    assert kept.default == 10
    assert kept.model.states[11] == State("END", kept.repository.refused["toy:11"])
    assert "model.onnx has changed" in kept.repository.refused["toy:11"]
    assert caplog.text.count("toy:11 refused") == 1


async def test_at_start_the_next_lower_version_serves(kept: Kept) -> None:
    """With the highest corrupt, the next one answers."""
    kept.store_corrupt(11)
    await kept.keeper.start()
    assert kept.default == 10
    assert list(kept.repository.refused) == ["toy:11"]


async def test_a_mended_version_is_tried_again(kept: Kept) -> None:
    """A version that was refused serves once its files have changed to sound ones."""
    kept.store_corrupt(11)
    await kept.keeper.start()
    shutil.rmtree(kept.home / "models" / "toy" / "11")
    kept.store(11)
    await kept.look()
    assert kept.default == 11
    assert kept.repository.refused == {}


async def test_policies(kept: Kept) -> None:
    """The last two, all, and a list of versions are loaded as the file says, and the others end."""
    await kept.keeper.start()
    for text, ready, default in (
        ("versions = { latest = 2 }", [2, 10], 10),
        ('versions = "all"', [1, 2, 10], 10),
        ("versions = [1]", [1], 1),
        ("versions = [2, 1, 7]", [1, 2], 2),
        ('versions = "latest"', [10], 10),
    ):
        kept.configure(f"[models.toy]\n{text}\n")
        await kept.look()
        assert (kept.ready, kept.default) == (ready, default), text


async def test_a_wrong_file_changes_nothing(kept: Kept) -> None:
    """A file that is refused is reported, and the one before stays in force until a sound one comes."""
    kept.configure("[models.toy]\nversions = [2]\n")
    await kept.keeper.start()
    kept.configure("[models.toy]\nversions = [nought]\n")
    await kept.look()
    assert kept.ready == [2]
    assert "no TOML" in kept.intentions.complaints[0]
    assert "keras_serve_config_errors 1.0" in kept.metrics.exposition().decode()
    kept.configure("[models.toy]\nversions = [1]\n")
    await kept.look()
    assert kept.ready == [1]
    assert kept.intentions.complaints == []


async def test_another_interface_waits_for_the_operator(kept: Kept) -> None:
    """A version with other tensors does not serve until it is named, also not after a restart."""
    await kept.keeper.start()
    kept.store_other(11)
    await kept.look()
    assert kept.default == 10
    assert kept.model.state(11) == "START"
    assert "input other FP32 [2] instead of input x FP32 [2]" in kept.repository.refused["toy:11"]
    again = Kept(kept.home)
    await again.keeper.start()
    assert again.default == 10
    again.label(stable=11)
    await again.look()
    assert again.default == 11
    assert again.ready == [11]
    await again.close()


async def test_a_model_comes_and_goes_with_its_files(kept: Kept) -> None:
    """A new name is served after a look; one whose files are gone ends and is unknown again."""
    await kept.keeper.start()
    kept.store(1, name="second")
    await kept.look()
    assert kept.repository.names() == ["second", "toy"]
    shutil.rmtree(kept.home / "models" / "second")
    await kept.look()
    assert kept.repository.names() == ["toy"]
    assert kept.repository.find("second") is None


async def test_a_store_that_is_gone_changes_nothing(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    """A store that cannot be read is not an empty one."""
    await kept.keeper.start()
    (kept.home / "models").rename(kept.home / "elsewhere")
    await kept.look()
    await kept.look()
    assert kept.default == 10
    assert caplog.text.count("cannot be read") == 1


async def test_unload_and_load(kept: Kept) -> None:
    """An unloaded model is gone until it is loaded again, by the configuration's policy or an order's own."""
    kept.label(stable=10)
    await kept.keeper.start()
    await kept.keeper.order("toy", unload=True)
    await kept.look()
    assert kept.ready == []
    assert kept.repository.find("toy") is None
    assert kept.repository.labels("toy") == {}
    kept.store(11)
    await kept.look()
    assert kept.ready == []
    await kept.keeper.order("toy", unload=False)
    assert kept.default == 11
    await kept.keeper.order("toy", unload=False, versions=[1])
    await kept.keeper.settled()
    assert kept.ready == [1, 10]
    assert kept.default == 1


async def test_a_load_that_fails_says_why(kept: Kept) -> None:
    """The order's answer has the reason, and the old version goes on serving."""
    await kept.keeper.start()
    kept.store_corrupt(11)
    with pytest.raises(LoadFailed, match=r"failed to load 'toy', version 11: .*has changed"):
        await kept.keeper.order("toy", unload=False)
    assert kept.default == 10
    for unload, verb in ((False, "load"), (True, "unload")):
        with pytest.raises(LoadFailed, match=f"failed to {verb} 'nobody', failed to poll from model repository"):
            await kept.keeper.order("nobody", unload=unload)


async def test_twenty_swaps_leave_nothing_behind(kept: Kept) -> None:
    """No version, thread, mark or series of the versions that have ended is kept, but for the last few marks."""
    await kept.keeper.start()
    for version in range(11, 31):
        kept.store(version)
        await kept.look()
        shutil.rmtree(kept.home / "models" / "toy" / str(version - 1))
    await kept.look()
    assert kept.ready == [30]
    assert kept.repository.retiring == set()
    assert len(kept.model.states) < 12
    text = kept.metrics.exposition().decode()
    assert 'version="30"' in text
    assert 'version="29"' not in text


async def test_one_bad_model_keeps_no_other_from_loading(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with one model, the others are served."""
    kept.store(1, name="another")

    def load(stored: object, *given: object) -> Loaded:
        if getattr(stored, "name", "") == "another":
            raise ArtifactError("It is broken.")
        return load_version(stored, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(keeper, "load_version", load)
    await kept.keeper.start()
    assert kept.repository.names() == ["toy"]
    assert kept.repository.refused == {"another:1": "It is broken."}
