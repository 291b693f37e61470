"""`training.curves`."""

from pathlib import Path

import numpy as np
from PIL import Image

from training.curves import draw_curves, metric_keys
from training.presets import find_preset

HISTORY = {"loss": [3.0, 2.0], "accuracy": [0.5, 0.6], "val_loss": [3.0, 2.5], "val_accuracy": [0.4, 0.5]}


def test_one_metric_per_output() -> None:
    """Every output has its panel; losses and validation values have none of their own."""
    config = find_preset("flights", None)
    keys = ["loss", "air_time_loss", "b_mean_absolute_error", "a_mean_absolute_error", "val_a_mean_absolute_error"]
    history = {key: [1.0] for key in keys}
    assert metric_keys(config, history) == ["a_mean_absolute_error", "b_mean_absolute_error"]


def test_draws_both_lines_in_both_panels(tmp_path: Path) -> None:
    """The picture has a panel for loss and one for the metric, each with ink of both colours."""
    draw_curves(tmp_path / "curves.png", "title", find_preset("mnist", None), HISTORY)
    pixels = np.asarray(Image.open(tmp_path / "curves.png").convert("RGB")).astype(int)
    assert pixels.shape[1] > 2 * pixels.shape[0]
    half = pixels.shape[1] // 2
    for panel in (pixels[:, :half], pixels[:, half:]):
        for colour in ((0x44, 0x77, 0xAA), (0xCC, 0x66, 0x77)):
            assert (np.abs(panel - colour).sum(axis=2) < 12).sum() > 50


def test_style_does_not_leak(tmp_path: Path) -> None:
    """Drawing changes no setting of the process."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_curves(tmp_path / "curves.png", "title", find_preset("mnist", None), HISTORY)
    assert dict(mpl.rcParams) == before
