"""The recurrent layers: plain, long short-term memory, and gated units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, ceil_div, maximum, value_of, where
from ..shape import Shape
from .arrangement import LAST, lies
from .attributes import Choice, Count, OpError
from .facts import Extra, OperationCounts, Saved
from .recurrence import Carried, StepTensors
from .recurrent import Recurrent

if TYPE_CHECKING:
    from ..arrays.calculation import Array


class RNN(Recurrent):
    """Recurrent layer: h' = tanh(W x + U h + b), at every step of a sequence.

    A sequence is T positions of C channels; a vector is a sequence of one step. Unit t sees
    positions 0 to t, and all of them with returns=last. The state before the first step comes by name,
    `rnn 512 @h`, and is zeros where it does not, which are multiplied like any other. With
    nonlinearity=relu the state is the greater of 0 and the sum, and not its tanh.
    """

    name = "rnn"
    keras = "SimpleRNN"
    example = "20x256 -> rnn 512"
    source = "Elman, Cognitive Science 1990; PyTorch, torch.nn.RNN"
    counting = (
        "per step and unit: mul_add C + K, add 1 a bias, special 1 (tanh; relu compare 1); outputs 1: "
        "the dot product over input and state together; bidirectional: all of it twice; layers=L: L times, C "
        "being what a layer reads"
    )

    module = "RNN"

    nonlinearity = Choice(("tanh", "relu"), "what the state is of the sum", "tanh")

    @property
    def unit_counts(self) -> OperationCounts:
        return OperationCounts(compare=1) if self.nonlinearity == "relu" else OperationCounts(special=1)

    def onnx_options(self) -> dict[str, tuple[str, ...]]:
        return {"activations": (str(self.nonlinearity).capitalize(),) * (2 if self.bidirectional else 1)}

    @property
    def more_options(self) -> dict[str, tuple[object, object]]:
        return {"nonlinearity": (str(self.nonlinearity), "tanh")}

    def states_for_weights(self, x: Shape) -> Number:
        # The others are kept by tanh, whose output they are.
        return 1

    def advance(self, tensors: StepTensors, x: Array, carried: Carried) -> Carried:
        (total,) = tensors.of_both(x, carried[0])
        calc = tensors.calc
        return (calc.maximum(total, 0) if self.nonlinearity == "relu" else calc.function("tanh", total),)


class OneDNN(Extra):
    """What oneDNN keeps of an LSTM that it runs: PyTorch has it do so on the CPU in fp32.

    States and cells before the first step and behind the last, and a workspace: the gates, the
    states, three times what goes in and comes out of each step and twice the cells. Rows are
    padded, and each of these parts begins on a page. Without biases the weights are kept once more
    (``weights`` values). Elsewhere it is ``values``, which are those of PyTorch's own steps.

    Source: oneDNN, src/cpu/rnn/rnn_utils.hpp; measured with PyTorch 2.13 and oneDNN 3.12.
    """

    __slots__ = ("steps", "channels", "units", "weights")

    PAGE = 4096

    def __init__(self, values: Number, steps: Number, channels: Number, units: Number, weights: Number):
        super().__init__("gates and cells of the steps, in fp32 oneDNN's workspace", values)
        self.steps = steps
        self.channels = channels
        self.units = units
        self.weights = weights

    def bytes(self, batch: int, width: int, fused: bool = False) -> Number:
        if fused or width != 4:
            return super().bytes(batch, width)
        steps, units = self.steps, self.units
        between = 2 * (steps + 1)
        space = (
            self._pages(steps * batch * self._row(4 * units))
            + self._pages(steps * batch * self._row(units))
            + 3 * self._pages(between * batch * self._row(maximum(self.channels, units)))
            + 2 * self._pages(between * batch * units)
        )
        return 4 * units * batch * width + space + 4 * self.weights

    def _pages(self, values: Number) -> Number:
        """Bytes of whole pages for a number of values."""
        return ceil_div(4 * values, self.PAGE) * self.PAGE

    @staticmethod
    def _row(values: Number) -> Number:
        """Values of a padded row: whole lines of a cache, an odd number of which are apart."""
        line = 16
        whole = ceil_div(values, line) * line
        return whole + where(value_of(whole) % 256 == 0, line, 0)


class LSTM(Recurrent):
    """Long short-term memory: a cell that three gates write, keep and show.

    i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b), c' = f*c + i*g, h' = o*tanh(c'): four
    maps of input and state. A sequence is T positions of C channels; a vector is a sequence of one
    step. Unit t sees positions 0 to t, and all of them with returns=last. State and cell before the
    first step come by name, `lstm 256 @h @c`, or as one tensor that an LSTM with returns=states ended
    with; they are zeros where they do not, which are multiplied like any others.
    """

    name = "lstm"
    keras = "LSTM"
    example = "20x256 -> lstm 256"
    source = (
        "Hochreiter and Schmidhuber, Neural Computation 1997; the forget gate: Gers, Schmidhuber "
        "and Cummins, Neural Computation 2000; PyTorch, torch.nn.LSTM"
    )
    counting = (
        "per step and unit: mul_add 4(C + K), add 4 a bias; three sigmoids (special 1, add 1, "
        "div 1 each), two tanh (special 1 each), mul 3 and add 1 for cell and output; outputs 4; "
        "with proj=P state and maps are of P: mul_add 4(C + P) + P, and outputs P a step; "
        "bidirectional: all of it twice; layers=L: L times, C being what a layer reads"
    )

    maps = 4
    module = "LSTM"
    last = "[1][0]"
    carried = ("state", "cell")
    per_unit = OperationCounts(mul=3, add=4, div=3, special=5)
    saved_per_step = 6

    proj = Count("length that the state of a step is projected to by one more map, if it is", symbol="P")

    def check(self) -> None:
        super().check()
        if self.proj is not None and self.proj >= self.units:
            raise OpError(
                "argument", f"`proj` makes the state shorter: it is less than the {self.units} units", "proj"
            )

    def states_for_weights(self, x: Shape) -> Number:
        # The state before the first step is the cell before it, which is kept already.
        return x.positions - 1 if self.proj is None else x.positions

    def copies(self, arrangements: tuple[str, ...], x: Shape, *states: Shape) -> bool:
        # oneDNN takes the steps one after the other.
        return self.biases == "two" and not lies(arrangements[0], LAST, x)

    def saved_of(self, x: Shape) -> Saved:
        if self.proj is not None:
            saved = super().saved_of(x)
            shown = self.deep(self.both(x.positions * self.units))
            saved.extras += (Extra("states before the projection", shown, trained=True),)
            return saved
        if self.biases == "one":
            return super().saved_of(x)
        steps, units = x.positions, self.units
        extras: tuple[Extra, ...] = ()
        for width in self.widths(x):
            weights = 0 if self.biases == "two" else self.of_maps(units) * (width + units)
            kept = OneDNN(self.saved_per_step * steps * units, steps, width, units, weights)
            extras += (kept,) * (2 if self.bidirectional else 1)
        extras += self.saved_between(x)
        if self.bidirectional:  # each direction's by itself, besides those side by side
            states = Extra("the states of all steps", self.deep(self.both(steps * units)))
            return Saved(inputs=True, extras=(states, *extras))
        if self.returns == "sequence":
            return Saved(inputs=True, output=True, extras=extras)
        return Saved(inputs=True, extras=(Extra("the states of all steps", steps * units), *extras))

    def advance(self, tensors: StepTensors, x: Array, carried: Carried) -> Carried:
        calc = tensors.calc
        i, f, g, o = tensors.of_both(x, carried[0])
        write, keep, show = [calc.function("sigmoid", gate) for gate in (i, f, o)]
        cell = keep * carried[1] + write * calc.function("tanh", g)
        return tensors.projected(show * calc.function("tanh", cell)), cell


class GRU(Recurrent):
    """Gated recurrent unit: a state that an update gate mixes with a candidate.

    r, z = sigmoid(W x + U h + b), h' = (1 - z)*n + z*h. With one bias the candidate is that of the
    paper, n = tanh(W x + U (r*h) + b); with two or none it is cuDNN's and PyTorch's,
    n = tanh(W x + b + r*(U h + c)). A sequence is T positions of C channels; a vector is a sequence
    of one step. Unit t sees positions 0 to t, and all of them with returns=last. The state before
    the first step comes by name, `gru 256 @h`, and is zeros where it does not, which are multiplied
    like any other.
    """

    name = "gru"
    keras = "GRU"
    example = "20x256 -> gru 256"
    source = "arXiv:1406.1078, section 2.3; PyTorch, torch.nn.GRU"
    counting = (
        "per step and unit: mul_add 3(C + K), add 3 a bias; two sigmoids (special 1, add 1, div 1 "
        "each), one tanh (special 1), mul 3 and add 2 for reset and mixture; outputs 3; with two "
        "biases or none add 1 and outputs 1 more, as the candidate is the sum of two dot products; "
        "bidirectional: all of it twice; layers=L: L times, C being what a layer reads"
    )

    maps = 3
    module = "GRU"
    per_unit = OperationCounts(mul=3, add=4, div=2, special=3)
    saved_per_step = 5

    @property
    def dots(self) -> int:
        return self.maps if self.biases == "one" else self.maps + 1

    def saved_of(self, x: Shape) -> Saved:
        saved = super().saved_of(x)
        if self.biases != "one":
            # The candidate's map of the state, which the reset gate multiplies.
            maps = self.deep(self.both(x.positions * self.units))
            saved.extras += (Extra("maps of the states", maps),)
        return saved

    def advance(self, tensors: StepTensors, x: Array, carried: Carried) -> Carried:
        calc, (state,) = tensors.calc, carried
        read, back = tensors.of_input(x), tensors.of_state(state)
        reset, update = [calc.function("sigmoid", read[gate] + back[gate]) for gate in (0, 1)]
        inner = tensors.candidate(reset * state) if self.biases == "one" else reset * back[2]
        new = calc.function("tanh", read[2] + inner)
        return (new - update * new + update * state,)
