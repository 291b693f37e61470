"""Where a training run is and how long it will take: a bar on a terminal, sparse lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from training.config import TrainingConfig

_LINE_EVERY_S = 10.0
_REDRAW_EVERY_S = 0.1

Logs = dict[str, float] | None


@contextmanager
def progress(
    console: Console, title: str, config: TrainingConfig, first: int = 0
) -> Iterator[keras.callbacks.Callback]:
    """A Keras callback that reports on `console`; the terminal is as it was afterwards, whatever happens.

    Args:
        console: Where to report.
        title: Name of the model.
        config: Gives the number of epochs, the metric, and a name to the rows that are watched.
        first: Epochs that are done already.
    """
    if not console.is_terminal:
        yield Lines(console, title, config, first)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  epoch {task.fields[epoch]}/{task.total:.0f}  {task.fields[logs]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    with Progress(*columns, console=console, transient=True) as drawing:
        yield Bar(drawing, title, config, first)


class Bar(keras.callbacks.Callback):  # type: ignore[misc]  # Keras carries no types
    """A bar over the whole run, with epoch, losses, metric, time passed and time left."""

    def __init__(self, drawing: Progress, title: str, config: TrainingConfig, first: int) -> None:
        """Add one line to `drawing`."""
        super().__init__()
        self._drawing = drawing
        self._config = config
        self._task = drawing.add_task(title, total=config.epochs, completed=first, epoch=first + 1, logs="")
        self._drawn_s = 0.0
        self._epoch = first

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the epoch, counted from 0."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move on, but not more often than an eye can see."""
        now_s = time.monotonic()
        if now_s - self._drawn_s > _REDRAW_EVERY_S:
            self._drawn_s = now_s
            share = (batch + 1) / max(self.params["steps"] or 1, 1)
            self._drawing.update(self._task, completed=self._epoch + share, epoch=self._epoch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Show what the epoch reached."""
        self._drawing.update(self._task, completed=epoch + 1, epoch=epoch + 1, logs=reached(logs, self._config))


class Lines(keras.callbacks.Callback):  # type: ignore[misc]  # Keras carries no types
    """For logs and pipes: a line after the first epoch, after the last, and every ten seconds between."""

    def __init__(self, console: Console, title: str, config: TrainingConfig, first: int) -> None:
        """Print on `console`."""
        super().__init__()
        self._console = console
        self._title = title
        self._config = config
        self._first = first
        self._started_s = self._printed_s = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Print if it is time."""
        now_s, done, epochs = time.monotonic(), epoch + 1, self._config.epochs
        if done not in (self._first + 1, epochs) and now_s - self._printed_s < _LINE_EVERY_S:
            return
        self._printed_s = now_s
        passed_s = now_s - self._started_s
        left_s = passed_s / (done - self._first) * (epochs - done)
        # Most of the first seconds is TensorFlow's, not the epochs'.
        left = f", about {left_s:.0f} s left" if passed_s > _LINE_EVERY_S and done < epochs else ""
        self._console.print(
            f"{self._title}: epoch {done}/{epochs}, {reached(logs, self._config)}{left}", soft_wrap=True
        )


def reached(logs: Logs, config: TrainingConfig) -> str:
    """Loss of an epoch in training, then loss and metric on the rows that are watched, short.

    The metric bears its own name, or that of the output where there are several.
    """
    if not logs:
        return ""
    outputs = {key: key.removeprefix("val_") for key in logs if key.startswith("val_") and key.endswith(config.metric)}
    shown = {"val_loss": "loss"} | {key: name.removesuffix(f"_{config.metric}") for key, name in outputs.items()}
    watched = ", ".join(f"{name.replace('_', ' ')} {logs[key]:.4f}" for key, name in shown.items())
    return f"loss {logs['loss']:.4f}; {config.watched} {watched}"
