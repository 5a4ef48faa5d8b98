"""The JSON of `archcalc apply`, and its results as rows of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...values.planes import planes_of
from . import headed

if TYPE_CHECKING:
    from ...loading.applying import Applied, Composition
    from ...values import LayerValues
    from ...values.as_matrix import LayerMatrix
    from ...values.steps import CellStep


def json_values(matrix: Any) -> Any:
    """Give an array as nested lists: fractions are texts, all other numbers stay as they are."""
    found = matrix.tolist()
    if matrix.dtype != object or not any(isinstance(value, Fraction) for value in matrix.ravel().tolist()):
        return found
    return [[str(v) if isinstance(v, Fraction) else v for v in row] for row in found]


def matrices(x: Any, sequence: bool = False) -> Any:
    """Give an array as the JSON has it: one matrix, or a list with one for each channel."""
    found = [json_values(plane) for plane in planes_of(x, sequence)]
    return found[0] if len(found) == 1 else found


def apply_record(applied: Applied, steps: Sequence[Sequence[CellStep]]) -> dict[str, Any]:
    """The input, what each layer puts out with the steps that are asked for, and the output."""
    layers = [
        {
            "text": values.layer.text,
            "output": matrices(values.output, applied.sequence),
            "exact": values.exact,
            "steps": [step_record(values, step) for step in shown],
        }
        for values, shown in zip(applied.values, steps, strict=True)
    ]
    return headed(
        {"input": matrices(applied.input, applied.sequence), "layers": layers, "output": layers[-1]["output"]}
    )


def composed_record(made: Composition, steps: Sequence[Sequence[Sequence[CellStep]]]) -> dict[str, Any]:
    """Kernels as one: as layers, for each channel of the input; of several channels the kernels too."""
    records = [apply_record(applied, shown) for applied, shown in zip(made.steps, steps, strict=True)]
    if made.single:
        return records[0]
    return headed(
        {
            "input": matrices(made.kernels[0]),
            "layers": [layer for record in records for layer in record["layers"]],
            "output": matrices(made.output),
            "kernels": [[matrices(kernel) for kernel in kernels] for kernels in made.kernels],
            "kernel": [matrices(kernel) for kernel in made.output],
        }
    )


def matrix_record(made: LayerMatrix) -> dict[str, Any]:
    """A layer as a matrix, and what is added: output = matrix · input + constant."""
    return {"matrix": json_values(made.matrix), "constant": json_values(made.constant[None, :])[0]}


def step_record(values: LayerValues, step: CellStep) -> dict[str, Any]:
    """One cell: where it is, how it was made, what it comes to."""
    *position, channel = step.position
    value = step.value
    return {
        "at": position,
        "channel": channel,
        "text": step.text,
        "value": str(value) if isinstance(value, Fraction) else value,
    }


def number_rows(x: Any, sequence: bool = False) -> Iterator[list[str]]:
    """The numbers of an array row by row, in full; an empty row between two channels."""
    for number, plane in enumerate(planes_of(x, sequence)):
        if number:
            yield []
        for row in plane.tolist():
            yield list(map(str, row))
