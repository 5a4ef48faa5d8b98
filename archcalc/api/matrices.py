"""Matrices as programs hand them over, for ``archcalc.check()``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..answers.conventions import Conventions
    from ..answers.quiz_item import QuizItem
    from ..loading.chain_kernels import GivenMatrix


def item_on_matrix(
    layers: Any,
    ask: str,
    on: Any,
    kernel: Any,
    bias: Any,
    flip: bool,
    conventions: Conventions,
    points: Fraction,
    digits: int | None,
) -> QuizItem:
    """A question about layers that are given a matrix. Raises SpecError, and TypeError for layers that are
    no text."""
    from ..answers.matrices.items import matrix_item
    from ..answers.question import Subject
    from ..loading.applying import apply_layers

    if not isinstance(layers, str):
        raise TypeError(f"layers that are given a matrix are a text, not {type(layers).__name__}")
    kernels, biases = list(_given(kernel, "kernel")), list(_given(bias, "bias"))
    applied = apply_layers(layers, _matrix(on, "on"), kernels, biases, flip=flip)
    subject = Subject(applied.graph)
    return matrix_item(subject, applied, ask, conventions, flip, points=points, digits=digits)


def matrix_text(answer: Any) -> str:
    """An answer as a student would write it: nested lists and arrays in brackets."""
    if answer is None:
        return ""
    found = answer.tolist() if hasattr(answer, "tolist") else answer
    return _bracketed(found) if isinstance(found, (list, tuple)) else str(found)


def _bracketed(values: Any) -> str:
    if isinstance(values, (list, tuple)):
        return f"[{', '.join(map(_bracketed, values))}]"
    return str(values)


def _given(values: Any, role: str) -> Iterator[GivenMatrix]:
    """What layers are given: a matrix, several, or some for each layer by its name."""
    from ..loading.chain_kernels import GivenMatrix

    if values is None:
        return
    by_layer = values if isinstance(values, Mapping) else {"": values}
    for layer, given in by_layer.items():
        texts = isinstance(given, (list, tuple)) and all(isinstance(one, str) for one in given)
        for one in given if texts else [given]:
            yield GivenMatrix(str(layer), _matrix(one, role))


def _matrix(values: Any, role: str) -> Any:
    """An array of rows x columns x channels. Raises SpecError."""
    from ..arrays.exact import array_of
    from ..diagnostics import fail
    from ..loading.matrices import read_matrix

    if isinstance(values, str):
        return read_matrix(values, role)
    try:
        found = array_of(values.tolist() if hasattr(values, "tolist") else values)
    except (TypeError, ValueError) as error:
        raise fail("matrix", f"`{role}` cannot be read: {error}") from None
    if found.ndim == 0:
        found = found.reshape(1, 1)
    if found.ndim == 1:
        found = found[None, :]
    return found[:, :, None] if found.ndim == 2 else found
