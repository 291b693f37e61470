"""How a model was trained, in words and as a table of its settings."""

import inspect
import re

from training.config import TrainingConfig
from training.report.curves import kept_epoch
from training.report.markdown import Cell, table
from training.report.run import Run

_SHOWN_ELSEWHERE = {"name", "preset", "description", "gate", "target", "loss_label", "metric_label", "precision"}


def training_section(run: Run) -> str:
    """What happened, then every setting that is not off, with its meaning."""
    return f"{_story(run)}\n\n{_settings(run.config)}"


def _story(run: Run) -> str:
    config, epochs = run.config, len(run.history["loss"])
    ran = f"{epochs} epochs" if epochs == config.epochs else f"{epochs} of at most {config.epochs} epochs"
    kept = f"epoch {kept_epoch(config, run.history)}, which had the smallest loss on the validation rows"
    return (
        f"It trained for {ran}, which took {run.seconds:,.0f} s. The weights are those after "
        f"{kept if config.keep_best else 'the last epoch'}."
    )


def _settings(config: TrainingConfig) -> str:
    meanings = _meanings()
    settings = {key: value for key, value in config.as_dict().items() if key not in _SHOWN_ELSEWHERE}
    rows: list[tuple[Cell, ...]] = []
    for key, value in settings.items():
        if key == "seed" or value not in (None, False, 0, ()):
            rows.append((key.replace("_", " "), _value(value), meanings[key]))
    return table(("setting", "value", "meaning"), rows)


def _meanings() -> dict[str, str]:
    """Sentence by setting, out of the docstring that explains them."""
    attributes = (inspect.getdoc(TrainingConfig) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {6,}.*)*)", attributes, re.MULTILINE)
    return {key: " ".join(text.split()) for key, text in found}


def _value(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{key.replace('_', ' ')} {item:g}" for key, item in value.items())
        case tuple() | list():
            return ", ".join(map(str, value))
        case bool():
            return "yes"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
