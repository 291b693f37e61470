"""A model trained elsewhere, from its file to a tag in the store such as `sentiment:1`."""

from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from training.datasets.columns import record
from training.datasets.dataset import Record
from training.errors import ForeignModelError
from training.export import Arrays, Quantized, answer, largest_differences, put_in_place, quantize, write_model
from training.foreign.examples import draw, draw_fields, read_examples, read_fields, read_rows
from training.foreign.fields_check import check_fields, check_result
from training.foreign.fields_file import NOTHING, Said
from training.foreign.loading import load
from training.foreign.lookups import tables
from training.foreign.tensors import Task, input_tensors, notes, output_tensors, task_of, unbounded
from training.report import bare_precision_section, describe, write_bare_report, write_description
from training.signature import Signature
from training.storage.manifest import Origin, write_manifest
from training.storage.store import Store

_RTOL, _ATOL = 1e-2, 1e-3
"""A row alone may be rounded in another way than among others, in half precision too; other rows change it more."""


@dataclass(frozen=True)
class Brought:
    """What became of a file: the tag in the store, the model's interface, and what the person should know of it."""

    tag: str
    signature: Signature
    notes: tuple[str, ...]


def bring(
    path: Path,
    name: str,
    store: Store,
    *,
    said: Said = NOTHING,
    examples_file: Path | None = None,
    calibration_file: Path | None = None,
    task: Task | None = None,
    seed: int = 0,
) -> Brought:
    """Load, describe, export, store; nothing is left behind if any of it fails.

    Args:
        path: A `.keras` file.
        name: Name in the store.
        store: Receives the artifact.
        said: The human's view of the inputs and outputs; raw tensors if nothing.
        examples_file: An `.npz` of inputs by name; rows are drawn without.
        calibration_file: An `.npz` of inputs by name, other rows than the examples; if given, `model.onnx` is
            quantized by their ranges.
        task: What the model does; read from its last activations if not said.
        seed: Of the rows that are drawn.

    Raises:
        TrainingError: If file, model, fields, examples, export or store refuse.
    """
    model = load(path)
    inputs = input_tensors(model)
    if said.fields:
        check_fields(said.fields, inputs)
    signature = Signature(
        name=name,
        task=task or task_of(model),
        inputs=tuple(map(unbounded, inputs)) if said.fields else inputs,
        outputs=(),
        fields=said.fields,
        result=said.result,
    )
    examples = _examples(model, signature, examples_file, seed)
    records = _records(signature, examples)
    signature = replace(signature, outputs=output_tensors(model, _answers(model, examples)))
    check_result(said.result, signature.outputs)
    rows = f"{len(records)} example rows were {'taken' if examples_file else f'drawn with seed {seed}'}."
    calibration = read_rows(calibration_file, signature.inputs) if calibration_file else None
    with store.staging(name) as folder:
        write_model(model, signature, examples, folder)
        precision = ""
        if calibration is not None:
            quantized = _quantized(model, signature, calibration, examples, folder)
            signature = quantized.signature
            precision = bare_precision_section(quantized, len(next(iter(calibration.values()))), len(records))
        write_bare_report(folder, signature, describe(model), f"It came as the file {path.name}; {rows}", precision)
        write_description(folder, signature, records)
        tag = store.publish(name, folder, lambda number: write_manifest(folder, name, number, Origin(None, None, None)))
    return Brought(tag, signature, (*notes(model), rows))


def _quantized(
    model: keras.Model, signature: Signature, calibration: Arrays, examples: Arrays, folder: Path
) -> Quantized:
    """Put the quantized model in its place; without labels, its distance from the given one is all there is to tell."""
    int8 = quantize(model, signature, calibration)
    return put_in_place(int8, signature, largest_differences(int8.answer(examples), answer(model, examples)), folder)


def _examples(model: keras.Model, signature: Signature, given: Path | None, seed: int) -> Arrays:
    if given:
        return read_examples(given, signature.inputs)
    return draw_fields(signature, seed) if signature.fields else draw(signature.inputs, tables(model), seed)


def _records(signature: Signature, examples: Arrays) -> list[Record]:
    """The example rows by field if there are any, else as raw tensors."""
    rows = range(len(next(iter(examples.values()))))
    if signature.fields:
        columns = read_fields(signature, examples)
        return [record(signature, columns, row) for row in rows]
    return [{name: array[row].tolist() for name, array in examples.items()} for row in rows]


def _answers(model: keras.Model, examples: Arrays) -> Arrays:
    """What the model answers to the examples; to one alone as among others, or it could not be served in batches."""
    try:
        # Zeros beside them: given a single example, a model that mixes rows would pass.
        beside = {name: np.concatenate([array, np.zeros_like(array[:1])]) for name, array in examples.items()}
        answers = answer(model, beside)
        alone = answer(model, {name: array[:1] for name, array in examples.items()})
    except Exception as error:  # a layer raises what it likes on numbers that it does not take
        raise ForeignModelError(
            f"Expected answers to the examples. Received from the model: {' '.join(str(error).split())[:300]}"
        ) from error
    rows = len(next(iter(beside.values())))
    for name, array in answers.items():
        one_each = array.shape[:1] == (rows,)
        if not one_each or not np.allclose(array[:1], alone[name], rtol=_RTOL, atol=_ATOL, equal_nan=True):
            raise ForeignModelError(
                f"Expected an answer to each row by itself. Received from output {name} answers that depend on the "
                "rows beside them, or another number of answers than of rows."
            )
    return {name: array[:-1] for name, array in answers.items()}
