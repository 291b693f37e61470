"""The model card: what a model is, how well it does, and for what it must not be used.

References:
    Mitchell et al.: *Model Cards for Model Reporting*, https://arxiv.org/abs/1810.03993, 2019.
"""

from collections.abc import Sequence

from training.config import Bound, TrainingConfig
from training.datasets.dataset import Dataset
from training.evaluate import Metrics
from training.signature import Field, Number, Signature


def card(config: TrainingConfig, signature: Signature, dataset: Dataset, metrics: Metrics, failures: list[str]) -> str:
    """The card as Markdown.

    Args:
        config: How the model was trained.
        signature: Its tensors and fields, under its name in the store.
        dataset: What it was trained on.
        metrics: What it reached on the test rows.
        failures: What it missed of its gate; a model that missed it was stored on demand.
    """
    sections = {
        "What it is": f"{config.description} Preset `{config.preset}` of `{config.name}`; task: {signature.task}.",
        "Data": f"{dataset.about} {_split(config, dataset)}",
        "Training": _training(config),
        "Results on the test rows": _table(("metric", "value"), [(k, f"{v:.6g}") for k, v in metrics.items()]),
        "Gate": _gate(config, failures),
        "Inputs": _inputs(signature),
        "Answers": _table(("key", "meaning"), [(r.name, r.description) for r in signature.result]),
        "Limits": dataset.limits,
    }
    return f"# {signature.name}\n\n" + "\n".join(f"## {title}\n\n{text}\n" for title, text in sections.items())


def _split(config: TrainingConfig, dataset: Dataset) -> str:
    counted = f"{len(dataset.train):,} rows train, {len(dataset.test):,} test"
    if config.hold_out_validation:
        return f"{counted}, {len(dataset.validation):,} are kept aside for validation."
    return f"{counted}. No rows are kept aside for validation: nothing was chosen by the rows that are watched."


def _training(config: TrainingConfig) -> str:
    decay = ", falling to zero along half a cosine" if config.cosine_decay else ""
    return (
        f"{config.epochs} epochs of {config.batch_rows} rows a step, optimizer {config.optimizer} at learning rate "
        f"{config.learning_rate:g}{decay}; loss: {config.loss}; seed {config.seed}. The weights are those after the "
        "last epoch."
    )


def _gate(config: TrainingConfig, failures: list[str]) -> str:
    conditions = "\n".join(f"* {_condition(bound)}" for bound in config.gate)
    if not failures:
        return f"Met:\n\n{conditions}"
    return f"**Not met; stored all the same with `--allow-below-gate`.** {' '.join(failures)}\n\n{conditions}"


def _condition(bound: Bound) -> str:
    if bound.at_least is not None:
        return f"`{bound.metric}` at least {bound.at_least:g}"
    return f"`{bound.metric}` at most `{bound.at_most_metric}`"


def _inputs(signature: Signature) -> str:
    rows = [(field.name, field.kind, _span(field), _default(field), field.description) for field in signature.fields]
    return _table(("field", "kind", "range", "default", "meaning"), rows)


def _span(field: Field) -> str:
    if isinstance(field, Number):
        return f"{field.minimum:g} to {field.maximum:g} {field.unit}".strip()
    return ""


def _default(field: Field) -> str:
    return "required" if field.default is None else str(field.default)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
