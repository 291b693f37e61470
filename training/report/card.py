"""The model card: what a model is, how well it does, and for what it must not be used.

References:
    Mitchell et al.: *Model Cards for Model Reporting*, https://arxiv.org/abs/1810.03993, 2019.
"""

from collections.abc import Collection, Sequence

from training.report.interface import answers_table, inputs_table
from training.report.layers import Layer
from training.report.markdown import bullets, code, number, picture, table
from training.report.precision import precision_section
from training.report.results import conditions_section, in_short, results_sections
from training.report.run import Run
from training.report.settings import training_section
from training.signature import Signature


def card(run: Run, pictures: Collection[str]) -> str:
    """The card of a model that was trained here, as Markdown.

    Args:
        run: The training run.
        pictures: Names of the files beside the card.
    """
    sections = {
        "Intended use": run.dataset.intended_use,
        "Limits": run.dataset.limits,
        "Data and licence": f"{run.dataset.about}\n\n{_split(run)}",
        "Inputs": inputs_table(run.signature),
        "Answers": answers_table(run.signature),
        **results_sections(run, pictures),
        "Precision": precision_section(run),
        "Gate and target": conditions_section(run),
        "Remarks": bullets(run.remarks),
        "Training": f"{training_section(run)}\n\n{_curves(run)}",
        "Layers": _layers(run.layers),
        "How to reproduce": _reproduce(run),
    }
    return _document(run.signature.name, _summary(run), sections)


def bare_card(signature: Signature, layers: list[Layer], origin: str, precision: str = "") -> str:
    """The card of a model that was trained elsewhere: what can be read from its file, and no number.

    Args:
        signature: Tensors and fields, under its name in the store.
        layers: What it is made of.
        origin: How it came here.
        precision: What it lost by being quantized, if it was.
    """
    summary = (
        f"A model for {signature.task} that was trained elsewhere. {origin}\n\n"
        "Nothing is known here of its data, its quality or its limits: ask those who trained it before you rely on it."
    )
    sections = {
        "Inputs": inputs_table(signature),
        "Answers": answers_table(signature),
        "Precision": precision,
        "Layers": _layers(layers),
    }
    return _document(signature.name, summary, sections)


def _document(name: str, summary: str, sections: dict[str, str]) -> str:
    """Sections without text are left out."""
    parts = [f"# {name}", summary, *(f"## {title}\n\n{text}" for title, text in sections.items() if text)]
    return "\n\n".join(parts) + "\n"


def _summary(run: Run) -> str:
    task = "It answers with a label" if run.signature.task == "classification" else "It answers with numbers"
    about = f"{run.config.description} {task}. Preset {code(run.config.preset)} of {code(run.config.name)}.\n\n"
    about += in_short(run)
    if run.quantized:
        about += " Computed in int8: what that costs stands under Precision."
    if not run.failures:
        return about
    return f"> **Below its gate; stored all the same on demand.** {' '.join(run.failures)}\n\n{about}"


def _split(run: Run) -> str:
    data = run.dataset
    counted = f"{len(data.train):,} rows train, {len(data.test):,} test"
    if run.config.hold_out_validation:
        return f"{counted}, {len(data.validation):,} are kept aside for validation."
    return f"{counted}. No rows are kept aside for validation: nothing was chosen by the rows that are watched."


def _curves(run: Run) -> str:
    aid = f"Training values are means over an epoch, so they lag behind. The dashed line: {run.config.watched} rows."
    return f"{aid}\n\n{picture('curves.png', 'Learning curves')}"


def _layers(layers: Sequence[Layer]) -> str:
    total = sum(layer.parameters for layer in layers)
    rows = [(code(layer.name), layer.kind, layer.output_shape, layer.parameters) for layer in layers]
    head = ("layer", "kind", "output of a row", "parameters")
    return f"{number(total)} parameters: the numbers that training finds or gathers.\n\n{table(head, rows)}"


def _reproduce(run: Run) -> str:
    return (
        f"`python -m training reproduce {run.signature.name}:VERSION`, with the number that it has in the store, "
        "trains it again from its manifest and compares weights and metrics. Bit-identical weights take the same "
        f"machine and packages.\n\n{table(('what', 'which'), list(run.provenance.items()))}"
    )
