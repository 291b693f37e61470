"""`training.fitting.progress`."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from training.fitting import progress as module
from training.fitting.progress import progress, reached
from training.presets import PRESETS

LOGS = {"loss": 0.5, "accuracy": 0.9, "val_loss": 0.25, "val_accuracy": 0.875, "learning_rate": 0.001}


def _run(console: Console, epochs: int, first: int = 0) -> str:
    config = replace(PRESETS[0], epochs=epochs)
    with progress(console, "mnist", config, first) as callback:
        callback.set_params({"steps": 2, "epochs": epochs})
        for epoch in range(first, epochs):
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


def test_a_pipe_gets_a_line_every_ten_seconds(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """With four seconds an epoch, every third epoch is told, with the time that is left once that can be known."""
    clock = iter(range(0, 4000, 4))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    lines = _run(console, 10).splitlines()
    assert [line.split(",")[0].split()[-1] for line in lines] == ["1/10", "4/10", "7/10", "10/10"]
    assert "left" not in lines[0]
    assert lines[1].endswith("about 24 s left")


def test_a_terminal_gets_a_bar() -> None:
    """On a terminal there is a bar with epoch, losses and time left, and the cursor comes back."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    text = _run(console, 3)
    for wanted in ("epoch 3/3", "loss 0.5000", "validation loss 0.2500, accuracy 0.8750", "left", "100 %"):
        assert wanted in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_the_terminal_is_given_back_after_ctrl_c() -> None:
    """The cursor is shown again even if the run is interrupted."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    with pytest.raises(KeyboardInterrupt), progress(console, "mnist", PRESETS[0]):
        raise KeyboardInterrupt
    text = console.file.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_what_is_reached_names_the_rows_watched() -> None:
    """Loss in training, then loss and the configured metric on the rows that are watched, under their own name."""
    assert reached(LOGS, PRESETS[0]) == "loss 0.5000; validation loss 0.2500, accuracy 0.8750"
    test = replace(PRESETS[0], keep_best=False, patience=0, hold_out_validation=False)
    assert reached(LOGS, test) == "loss 0.5000; test loss 0.2500, accuracy 0.8750"
    assert reached(None, test) == ""


def test_what_is_reached_names_the_outputs() -> None:
    """Where there are several outputs, the metric bears the name of each."""
    config = replace(PRESETS[0], metric="mean_absolute_error")
    metrics = {"val_air_time_mean_absolute_error": 7.0, "val_air_time_loss": 1.0, "air_time_mean_absolute_error": 9.0}
    assert reached(LOGS | metrics, config) == "loss 0.5000; validation loss 0.2500, air time 7.0000"


def test_a_resumed_run_counts_its_own_epochs(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is told by the pace of this process alone."""
    clock = iter(range(0, 4000, 4))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    lines = _run(console, 100, first=90).splitlines()
    assert lines[0].startswith("mnist: epoch 91/100")
    assert lines[1].endswith("about 24 s left")


def test_a_resumed_bar_starts_where_it_was() -> None:
    """On a terminal the first thing seen is what is done already."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    text = _run(console, 4, first=3)
    assert "75 %  epoch 4/4" in text
