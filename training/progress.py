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
def progress(console: Console, title: str, config: TrainingConfig) -> Iterator[keras.callbacks.Callback]:
    """A Keras callback that reports on `console`; the terminal is as it was afterwards, whatever happens.

    Args:
        console: Where to report.
        title: Name of the model.
        config: Gives the number of epochs, and a name to the rows that are watched.
    """
    if not console.is_terminal:
        yield Lines(console, title, config)
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
        yield Bar(drawing, title, config)


class Bar(keras.callbacks.Callback):  # type: ignore[misc]  # Keras carries no types
    """A bar over the whole run, with epoch, losses, time passed and time left."""

    def __init__(self, drawing: Progress, title: str, config: TrainingConfig) -> None:
        """Add one line to `drawing`."""
        super().__init__()
        self._drawing = drawing
        self._watched = config.watched
        self._task = drawing.add_task(title, total=config.epochs, epoch=1, logs="")
        self._drawn_s = 0.0
        self._epoch = 0

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
        """Show the losses of the epoch."""
        self._drawing.update(self._task, completed=epoch + 1, epoch=epoch + 1, logs=losses(logs, self._watched))


class Lines(keras.callbacks.Callback):  # type: ignore[misc]  # Keras carries no types
    """For logs and pipes: a line after the first epoch, after the last, and every ten seconds between."""

    def __init__(self, console: Console, title: str, config: TrainingConfig) -> None:
        """Print on `console`."""
        super().__init__()
        self._console = console
        self._title = title
        self._epochs = config.epochs
        self._watched = config.watched
        self._started_s = self._printed_s = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Print if it is time."""
        now_s, done = time.monotonic(), epoch + 1
        if done not in (1, self._epochs) and now_s - self._printed_s < _LINE_EVERY_S:
            return
        self._printed_s = now_s
        left_s = (now_s - self._started_s) / done * (self._epochs - done)
        self._console.print(
            f"{self._title}: epoch {done}/{self._epochs}, {losses(logs, self._watched)}, about {left_s:.0f} s left",
            soft_wrap=True,
        )


def losses(logs: Logs, watched: str) -> str:
    """Loss of an epoch in training and on the rows that are watched, short."""
    shown = {"loss": "loss", "val_loss": watched}
    return ", ".join(f"{word} {logs[key]:.4f}" for key, word in shown.items() if logs and key in logs)
