"""`training.report.style`."""

from pathlib import Path

import matplotlib as mpl
import pytest
from PIL import Image

from training.report.style import picture


def test_size_in_pixels(tmp_path: Path) -> None:
    """A picture has 120 pixels an inch, and is as wide as a page unless another width is given."""
    with picture(tmp_path / "wide.png", "title", 2):
        pass
    with picture(tmp_path / "narrow.png", "title", 2, 3):
        pass
    sizes = []
    for name in ("wide", "narrow"):
        with Image.open(tmp_path / f"{name}.png") as image:
            sizes.append(image.size)
    assert sizes == [(1104, 240), (360, 240)]


def test_style_does_not_leak(tmp_path: Path) -> None:
    """Drawing changes no setting of the process, whether it succeeds or not."""
    with mpl.rc_context({"axes.grid": False, "font.size": 31}):
        before = dict(mpl.rcParams)
        with picture(tmp_path / "a.png", "title", 2):
            assert mpl.rcParams["axes.grid"] is True
        with pytest.raises(ZeroDivisionError), picture(tmp_path / "b.png", "title", 2):
            raise ZeroDivisionError
        assert dict(mpl.rcParams) == before
    assert not (tmp_path / "b.png").exists()
