"""Recurrent cells: one step on a vector, whose state a spec hands on itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number
from ..shape import Shape
from .arrangement import FIRST
from .attributes import Choice, Count, OpError
from .base import Op
from .facts import Extra, OperationCounts, Saved, Tensor
from .recurrence import StepTensors
from .recurrent import Recurrent
from .recurrent_layers import GRU, LSTM, RNN
from .terms import Term
from .torch_code import TorchCode, call
from .volume import Volume, vector

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class SavedOfCell(Saved):
    """What a cell keeps: what arrives and the state where the weights that multiply them are trained,
    and of its states the one that a gate multiplies.

    gated   the number of that input; 0 where there is none
    """

    __slots__ = ("gated",)

    def __init__(self, extras: tuple[Extra, ...], output: bool = False, gated: int = 0):
        super().__init__(trained=True, output=output, extras=extras)
        self.gated = gated

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        return [trained or (number > 0 and number == self.gated) for number in range(len(taking))]


class RecurrentCell(Op):
    """Base of the cells."""

    group = "sequence"
    several = True
    takes_arriving = True
    arrangement = FIRST
    positional = ("units",)
    weighted = True
    matrix_product = True
    counted_as = "recurrent layers"
    shapes = "from a vector, and the states of as many units as it has, to the state behind the step"

    saved_by_device = "CUDA has one kernel for the gates, which keeps something else"

    # The layer of many steps, whose rules a step follows.
    layer: ClassVar[type[Recurrent]] = Recurrent
    # Tensors that are handed on from step to step, by name.
    carried: ClassVar[tuple[str, ...]] = ("state",)

    units = Count("length of the state = length of the output", symbol="K", required=True)
    biases = Choice(
        ("one", "two", "none"),
        "bias vectors a gate: one as in the papers, two (input and state) as in cuDNN and PyTorch",
        "one",
    )

    def accept(self, x: Shape, *states: Shape) -> None:
        if len(x) > 1:
            raise OpError("shape", f"`{self.name}` is one step on a vector, {x} has positions", "input")
        if states and len(states) != len(self.carried):
            what = " and ".join([f"its {one}" for one in self.carried])
            raise OpError("argument", f"`{self.name}` takes {what} by name, or nothing")
        for number, state in enumerate(states, 1):
            if state != (self.units,):
                word = self.carried[number - 1]
                raise OpError(
                    "shape",
                    f"the {word} of `{self.name}` has {self.units} values, not {state}",
                    "input",
                    branch=number,
                )

    def volume(self, x: Shape, *states: Shape) -> Volume:
        return vector(self.units, x)

    @property
    def step(self) -> Recurrent:
        """The layer that does such steps."""
        step = object.__new__(self.layer)
        step.__dict__.update({at.slot: at.default for at in self.layer.attributes.values()})
        mine = self.__dict__
        step.__dict__.update(
            {name: mine[name] for name in step.__dict__.keys() & mine.keys()}, returns="last"
        )
        step.__dict__["_facts"] = {}
        return step

    @property
    def bias_vectors(self) -> int:
        return self.step.bias_vectors

    def operations(self, x: Shape, *states: Shape) -> OperationCounts:
        return self.step.operations(x)

    def terms(self, x: Shape, *states: Shape) -> tuple[Term, ...]:
        return self.step.terms(x)

    def tensors(self, x: Shape, *states: Shape) -> tuple[Tensor, ...]:
        return tuple([Tensor(at.name.removesuffix("_l0"), at.shape) for at in self.step.tensors(x)])

    def textbook(self, quantity: str, x: Shape, *states: Shape) -> Number | None:
        return self.step.textbook(quantity, x)

    def zeros(self, *states: Shape, trained: bool = False) -> tuple[Extra, ...]:
        """The state of zeros that is kept where none is given."""
        return () if states else (Extra("a state of zeros", self.units, trained=trained),)

    def connections(self, x: Shape, *states: Shape) -> Number:
        return self.step.connections(x)

    def backward(self, trained: bool, input_gradient: bool, x: Shape, *states: Shape) -> Number:
        step = self.step
        inputs, kept = step.of_maps(x.channels) * self.units, step.of_maps(self.units) * self.units
        # A state of zeros takes no gradient; one that is given is counted with what arrives.
        return inputs * (trained + input_gradient) + kept * (trained + (input_gradient if states else 0))

    def torch_code(self, x: Shape, *states: Shape) -> TorchCode:
        if self.biases == "one":
            module = call(f"OneBias{self.layer.module}Cell", x.channels, self.units, **self.step.more_options)
        else:
            biased = (self.biases == "two", True)
            options = {"bias": biased, **self.step.more_options}
            module = call(f"nn.{self.layer.module}Cell", x.channels, self.units, **options)
        return TorchCode(module, "m(*xs)" if states else "m(x)")

    def onnx_code(self, to: OnnxCode, x: Shape, *states: Shape) -> str | None:
        from .onnx.recurrence import recurrent_layers

        y, ends = recurrent_layers(self.step, to, to.unsqueeze(to.x, 0), 1, *states, suffix="")
        return self.onnx_result(to, to.squeeze(y, 0), [to.squeeze(one[0], 0) for one in ends[1:]])

    def onnx_result(self, to: OnnxCode, state: str, others: list[str]) -> str:
        """What is put out of the state behind the step, and of what else is carried on."""
        return state

    def evaluate(self, calc: Calculation, x: Array, *states: Array) -> Array:
        step = self.step
        return step.advance(StepTensors(calc, "", step.maps), x, states or step.zeros(calc))[0]


class RNNCell(RecurrentCell):
    """One step of a recurrent layer: h' = tanh(W x + U h + b).

    What arrives is x; the state comes by name, `rnn_cell 512 @h`, and is zeros where it does not,
    which are multiplied like any other.
    """

    name = "rnn_cell"
    keras = "SimpleRNNCell"
    example = "256 -> rnn_cell 512"
    source = "Elman, Cognitive Science 1990; PyTorch, torch.nn.RNNCell"
    counting = (
        "as one step of `rnn`: per unit mul_add C + K, add 1 a bias, special 1 (tanh; relu compare 1); "
        "outputs 1"
    )
    layer = RNN

    nonlinearity = Choice(("tanh", "relu"), "what the state is of the sum", "tanh")

    def saves(self, x: Shape, *states: Shape) -> Saved:
        return SavedOfCell(self.zeros(*states, trained=True), output=True)


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory.

    i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b), c' = f*c + i*g, h' = o*tanh(c'). What
    arrives is x; state and cell come by name, `lstm_cell 256 @h @c`, and are zeros where they do not,
    which are multiplied like any others. With returns=both the new state and the new cell stand side
    by side, and `take` parts them.
    """

    name = "lstm_cell"
    keras = "LSTMCell"
    example = "256 -> lstm_cell 256"
    source = LSTM.source.replace("torch.nn.LSTM", "torch.nn.LSTMCell")
    counting = (
        "as one step of `lstm`: per unit mul_add 4(C + K), add 4 a bias; three sigmoids (special 1, add "
        "1, div 1 each), two tanh (special 1 each), mul 3 and add 1 for cell and output; outputs 4"
    )
    layer = LSTM
    carried = ("state", "cell")

    returns = Choice(("state", "both"), "the new state, or the new state and the new cell", "state")

    def volume(self, x: Shape, *states: Shape) -> Volume:
        return vector(2 * self.units if self.returns == "both" else self.units, x)

    def saves(self, x: Shape, *states: Shape) -> Saved:
        gates = Extra("gates and cell of the step", 5 * self.units)
        return SavedOfCell((gates, *self.zeros(*states)), gated=2)

    def torch_code(self, x: Shape, *states: Shape) -> TorchCode:
        made = super().torch_code(x, *states)
        found = "m(xs[0], (xs[1], xs[2]))" if states else "m(x)"
        made.apply = f"torch.cat({found}, 1)" if self.returns == "both" else f"{found}[0]"
        made.whole = Shape((self.units,))
        return made

    def onnx_result(self, to: OnnxCode, state: str, others: list[str]) -> str:
        return to.node("Concat", state, *others, axis=1) if self.returns == "both" else state

    def evaluate(self, calc: Calculation, x: Array, *states: Array) -> Array:
        step = self.step
        state, cell = step.advance(StepTensors(calc, "", step.maps), x, states or step.zeros(calc))
        return calc.joined([state, cell], 0) if self.returns == "both" else state


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit.

    r, z = sigmoid(W x + U h + b), h' = (1 - z)*n + z*h, with the candidate n of `gru`. What arrives is
    x; the state comes by name, `gru_cell 256 @h`, and is zeros where it does not, which are multiplied
    like any other.
    """

    name = "gru_cell"
    keras = "GRUCell"
    example = "256 -> gru_cell 256"
    source = GRU.source.replace("torch.nn.GRU", "torch.nn.GRUCell")
    counting = (
        "as one step of `gru`: per unit mul_add 3(C + K), add 3 a bias; two sigmoids (special 1, add 1, "
        "div 1 each), one tanh (special 1), mul 3 and add 2 for reset and mixture; outputs 3; with two "
        "biases or none add 1 and outputs 1 more"
    )
    layer = GRU

    def saves(self, x: Shape, *states: Shape) -> Saved:
        if self.biases != "one":
            gates = Extra("gates and maps of the step", 6 * self.units)
            return SavedOfCell((gates, *self.zeros(*states, trained=True)))
        gates = Extra("gates of the step", 4 * self.units)
        read = Extra("the state behind the reset gate", self.units, trained=True)
        return SavedOfCell((gates, read, *self.zeros(*states)), gated=1)
