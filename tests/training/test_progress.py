"""`training.progress`."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from training import progress as module
from training.presets import PRESETS
from training.progress import losses, progress

LOGS = {"loss": 0.5, "val_loss": 0.25, "accuracy": 0.9}


def _run(console: Console, epochs: int, watched: bool = True) -> str:
    config = replace(PRESETS[0], epochs=epochs, hold_out_validation=watched)
    with progress(console, "mnist", config) as callback:
        callback.set_params({"steps": 2, "epochs": epochs})
        for epoch in range(epochs):
            callback.on_epoch_begin(epoch)
            for batch in range(2):
                callback.on_train_batch_end(batch)
            callback.on_epoch_end(epoch, LOGS)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_few_plain_lines(console: Console) -> None:
    """A thousand quick epochs make two lines, the first and the last, without control characters."""
    text = _run(console, 1000)
    assert [line.split(",")[0] for line in text.splitlines()] == ["mnist: epoch 1/1000", "mnist: epoch 1000/1000"]
    assert "\x1b" not in text
    assert text.splitlines()[-1].endswith("about 0 s left")


def test_a_pipe_gets_a_line_every_ten_seconds(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """With four seconds an epoch, every third epoch is told, with the time that is left."""
    clock = iter(range(0, 4000, 4))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    lines = _run(console, 10).splitlines()
    assert [line.split(",")[0].split()[-1] for line in lines] == ["1/10", "4/10", "7/10", "10/10"]
    assert lines[1].endswith("about 24 s left")


def test_a_terminal_gets_a_bar() -> None:
    """On a terminal there is a bar with epoch, losses and time left, and the cursor comes back."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    text = _run(console, 3)
    for wanted in ("epoch 3/3", "validation 0.2500", "left", "100 %"):
        assert wanted in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_the_terminal_is_given_back_after_ctrl_c() -> None:
    """The cursor is shown again even if the run is interrupted."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    with pytest.raises(KeyboardInterrupt), progress(console, "mnist", PRESETS[0]):
        raise KeyboardInterrupt
    text = console.file.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_losses_name_the_rows_watched() -> None:
    """Test rows are not called validation."""
    assert losses(LOGS, "test") == "loss 0.5000, test 0.2500"
    assert losses(None, "test") == ""
