"""`training.study.picture`."""

from pathlib import Path

import numpy as np
from PIL import Image

from training.study.picture import draw_study
from training.study.xor import Study


def test_a_line_per_net_in_both_panels(study: Study, tmp_path: Path) -> None:
    """Each half of the picture has ink of every net's colour."""
    draw_study(tmp_path / "study.png", study)
    pixels = np.asarray(Image.open(tmp_path / "study.png").convert("RGB")).astype(int)
    half = pixels.shape[1] // 2
    for panel in (pixels[:, :half], pixels[:, half:]):
        for colour in ((0x44, 0x77, 0xAA), (0xCC, 0x66, 0x77), (0xDD, 0xCC, 0x77)):
            assert (np.abs(panel - colour).sum(axis=2) < 12).sum() > 50
