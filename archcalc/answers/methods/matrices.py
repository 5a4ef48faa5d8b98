"""The values of layers for numbers that are given: the layers themselves, run with changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...arithmetic import value_of
from ...graph import Layer
from ...ops.attributes import OpError, Size, Word
from ...ops.base import Op
from ...ops.window import AFTER, CEIL, Window, fitting, same, transposed, unchanged
from ...values import LayerValues
from ...values.changed import ChangedLayer, run_changed
from ...values.planes import planes_of
from ..matrices.value import CellPosition, MatrixValue
from ..working import Working
from .base import Method
from .volumes import VolumeMethod, volume_of

# A change of one layer; None where it does not apply to it.
ValuesChange = Callable[[LayerValues], ChangedLayer | None]
WindowsRule = Callable[[VolumeMethod], Any]


class MatrixMethod(Method):
    """The values that a layer puts out, worked out by the ops of the layers.

    values    the layers up to it, as they were run
    sequence  whether the rows of an array of two axes are positions
    flip      whether the task has kernels turned round
    at        the one cell that is asked for; None for all
    changed   what is another thing in a layer
    inputs    other values for inputs of the network
    stated    outputs of layers that a student states
    turned    rows and columns of what comes out are exchanged
    """

    def __init__(
        self,
        values: tuple[LayerValues, ...],
        sequence: bool = False,
        flip: bool = False,
        at: CellPosition | None = None,
    ):
        self.values = values
        self.sequence = sequence
        self.flip = flip
        self.at = at
        self.changed: Mapping[Layer, ChangedLayer] = {}
        self.inputs: Mapping[Layer, Any] = {}
        self.stated: Mapping[Layer, Any] = {}
        self.turned = False

    @property
    def value(self) -> MatrixValue | None:
        from ...arrays.exact import exact_number

        made = self._output
        if made is None or self.at is None:
            return None if made is None else MatrixValue.of_array(made, self.sequence)
        planes = planes_of(made, self.sequence)
        channel, row, column = self.at
        if channel >= len(planes) or row >= planes[0].shape[0] or column >= planes[0].shape[1]:
            return None
        return MatrixValue((1, 1, 1), (exact_number(planes[channel][row, column]),))

    @property
    def whole(self) -> MatrixValue | None:
        """All that comes out; None where the changed layers do not go together."""
        made = self._output
        return None if made is None else MatrixValue.of_array(made, self.sequence)

    @property
    def _output(self) -> Any:
        from ...arrays.exact import UnfitValueError

        try:
            made = run_changed(self.values, self.changed, self.inputs, self.stated)[-1]
        except (OpError, UnfitValueError):
            return None
        matrix = made.ndim == 3 or (made.ndim == 2 and self.sequence)
        return made.swapaxes(0, 1) if self.turned and matrix else made

    @property
    def working(self) -> Working:
        return Working([], self.value)

    def tensors(self, values: LayerValues) -> Mapping[str, Any]:
        """The tensors of a layer as they are by now."""
        change = self.changed.get(values.layer)
        return values.tensors if change is None else change.tensors

    def op(self, values: LayerValues) -> Op:
        """The op of a layer as it is by now."""
        change = self.changed.get(values.layer)
        return values.layer.op if change is None or change.op is None else change.op

    def each(self, name: str, change: ValuesChange) -> Iterator[tuple[str, MatrixMethod]]:
        """Yield the method with a change in every layer that it applies to, and of several in each of them
        alone; each with words for it."""
        found: dict[Layer, ChangedLayer] = {}
        for values in self.values:
            before = self.changed.get(values.layer)
            if before is not None and before.op is None:
                continue
            made = change(values)
            if made is not None:
                found[values.layer] = made
        if not found:
            return
        yield name, self.but(changed={**self.changed, **found})
        for layer, made in found.items() if len(found) > 1 else ():
            yield f"{name} in {layer.name}", self.but(changed={**self.changed, layer: made})

    def with_size_rule(self, name: str, rule: WindowsRule) -> Iterator[tuple[str, MatrixMethod]]:
        """Yield the method with another rule for sizes: the windows that it makes are those through which the
        layers read."""

        def change(values: LayerValues) -> ChangedLayer | None:
            op, shapes = self.op(values), [above.output for above in values.layer.inputs]
            volume = volume_of(op, shapes)
            if volume is None or not volume.windows or "stride" not in op.attributes:
                return None
            made = rule(volume)
            if not isinstance(made, VolumeMethod) or made.windows == volume.windows:
                return None
            if made.channels != volume.channels:
                return None
            if op.pools and all(window.rule is unchanged for window in made.windows):
                return ChangedLayer(None, {})
            changed = _reading_through(op, volume.windows, made.windows)
            return None if changed is None else ChangedLayer(changed, self.tensors(values))

        return self.each(name, change)


def _reading_through(op: Op, before: tuple[Window, ...], windows: tuple[Window, ...]) -> Op | None:
    """The op with arguments that make these windows; None where none do."""
    if len(before) != len(windows) or any(w.one != AFTER or w.stretched or w.grows for w in windows):
        return None
    if any(value_of(w.kernel) != value_of(b.kernel) for w, b in zip(windows, before, strict=True)):
        return None
    rules = {window.rule for window in windows}
    given: dict[str, Any] = {"stride": Size([value_of(w.stride) for w in windows])}
    if "dilation" in op.attributes:
        given["dilation"] = Size([value_of(w.dilation) for w in windows])
    if rules == {same}:
        given["pad"] = Word("same")
    elif rules == {fitting} or (rules == {transposed} and {w.rule for w in before} == rules):
        given["pad"] = Size([n for w in windows for n in (value_of(w.low), value_of(w.high))])
    else:
        return None
    if "round" in op.attributes and rules == {fitting}:
        given["round"] = Word("ceil" if windows[0].rounding == CEIL else "floor")
    return op.with_attributes(**given)
