"""A version that no request finds any more ends when nobody uses it; until then it can be taken back."""

from __future__ import annotations

from pathlib import Path

from tests.service.kept import Kept


async def test_what_is_not_retiring_cannot_be_taken_back(tmp_path: Path) -> None:
    """For a version that serves, or that has ended, there is nothing to take, and nothing is in its way."""
    kept = Kept(tmp_path)
    kept.store(1, 2)
    await kept.keeper.start()
    (stored,) = [version.stored for version in kept.model.ready.values()]
    retirements = kept.keeper._retirements
    assert not retirements.blocks(stored)
    assert await retirements.take_back(stored) is None
    retirements.retire(kept.model, kept.model.ready.pop(2))
    await retirements.settled()
    assert not retirements.blocks(stored)
    assert await retirements.take_back(stored) is None
    assert kept.model.state(2) == "END"
    await kept.close()


async def test_closing_waits_for_nobody(tmp_path: Path) -> None:
    """At the end of the service a version that is still used does not hold it up."""
    kept = Kept(tmp_path)
    kept.store(1)
    await kept.keeper.start()
    version = kept.model.ready.pop(1)
    with version.held():
        kept.keeper._retirements.retire(kept.model, version)
        await kept.keeper._retirements.close()
    assert version in kept.repository.retiring
    await kept.close()
