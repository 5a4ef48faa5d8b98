"""Recurrent layers, which read a sequence step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number, total, value_of
from ..shape import Shape
from .arrangement import LAST
from .attributes import AxisPosition, Choice, Count, Flag, OpError
from .axes import axis_number
from .base import Op
from .causal import CausalWindow, StatesWindow
from .facts import Extra, KerasPart, OperationCounts, Saved, Tensor
from .input_windows import InputWindows, WholeAxisWindow, WindowsByInput
from .recurrence import Carried, StepTensors, walked
from .terms import BIAS, FILTERS, GATES, INPUT, OUTPUT, RECURRENT, STATE, WEIGHT, Factor, Term, multiply_adds
from .torch_code import TorchCode, call
from .volume import Volume, vector
from .window import EVERYTHING, Window, stated, unchanged_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode

# More layers on top of each other are no network, and would only make arithmetic slow.
MOST_LAYERS = 1000


class Recurrent(Op):
    """Base of the recurrent layers; ``gates`` maps of input and state a step."""

    group = "sequence"
    holds_states = True
    arrangement = LAST
    shapes = (
        "the steps that arrive, a channel for each unit; a vector is one step, and gives one; states before "
        "the first step by name, a row for each layer"
    )
    positional = ("units",)
    weighted = True
    matrix_product = True
    counted_as = "recurrent layers"
    several = True
    takes_arriving = True

    no_saved_rule = "with states that are given, returns=states or all, or axis: it depends on the kernel"
    saved_by_device = "cuDNN runs the layer and keeps a reserve whose size it does not tell before"

    # Rows of the weights, in multiples of the units.
    maps: ClassVar[int] = 1
    # PyTorch's name for it.
    module: ClassVar[str] = ""
    # The states after the last step, a direction each, in what PyTorch's module returns.
    last: ClassVar[str] = "[1]"
    # What one unit does in one step besides the maps and their biases.
    per_unit: ClassVar[OperationCounts] = OperationCounts()
    # Values per unit that a step keeps for the backward pass, in PyTorch's own steps: gates, states
    # and factors; the input of the weights' products is not among them.
    saved_per_step: ClassVar[int] = 1

    units = Count("length of the state = channels of the output", symbol="K", required=True)
    biases = Choice(
        ("one", "two", "none"),
        "bias vectors a gate: one as in the papers, two (input and state) as in cuDNN and PyTorch",
        "one",
    )
    returns = Choice(
        ("sequence", "last", "states", "all"),
        "the states after all steps; the state after the last; what all layers end with, a row for each (of "
        "an LSTM the cells in further rows); or the first and, in further rows, the third",
        "sequence",
    )
    bidirectional = Flag(
        "a second layer reads the steps from the last to the first; the states stand side by side, "
        "with returns=last those that each has read everything for",
        False,
    )

    layers = Count("so many on top of each other: each reads the states of the one below", 1, symbol="L")

    axis = AxisPosition(
        "the axis of the steps, where more arrives than a sequence: along the others stand sequences of "
        "their own"
    )

    # Only an LSTM has a projection of its states.
    proj: Number | None = None
    # What a step hands on: an LSTM its cell too.
    carried: ClassVar[tuple[str, ...]] = ("state",)

    @property
    def state(self) -> Number:
        """Length of the state that a step hands on."""
        return self.units if self.proj is None else self.proj

    def both(self, number: Number) -> Number:
        """A number of one direction, for all there are."""
        return 2 * number if self.bidirectional else number

    @property
    def unit_counts(self) -> OperationCounts:
        """What one unit does in one step besides the maps and their biases."""
        return self.per_unit

    @property
    def more_options(self) -> dict[str, tuple[object, object]]:
        """Options of PyTorch's module that only some of these layers have."""
        return {}

    def deep(self, number: Number) -> Number:
        """A number of one layer, for all there are."""
        return number if value_of(self.layers) == 1 else self.layers * number

    def widths(self, x: Shape) -> list[Number]:
        """The channels that each layer reads, from the lowest up."""
        return [x.channels, *[self.both(self.state)] * (value_of(self.layers) - 1)]

    @property
    def ends(self) -> Number:
        """Rows of what all layers end with."""
        return self.deep(len(self.carried)) if len(self.carried) > 1 else self.layers

    @property
    def ends_alone(self) -> bool:
        """Whether the states after all steps are not put out, or not alone."""
        return str(self.returns) != "sequence"

    def check(self) -> None:
        if self.layers > MOST_LAYERS:
            raise OpError("argument", f"`layers` is at most {MOST_LAYERS}", "layers")
        if self.returns in ("states", "all") and self.proj is not None:
            raise OpError("argument", "with `proj` states and cells have different lengths", "returns")

    def accept(self, x: Shape, *states: Shape) -> None:
        if self.axis is not None:
            at = axis_number(self.axis, x)
            if at == len(x) - 1:
                raise OpError("argument", f"axis {self.axis} are the channels, and no steps", "axis")
        if len(x) > 2:
            if self.axis is None:
                raise OpError(
                    "shape",
                    f"`{self.name}` reads a sequence, T positions of C, and not {x}",
                    "input",
                    help="with `axis=` it reads along one axis",
                )
            if self.returns != "sequence" or states:
                raise OpError(
                    "argument", "several sequences have no states by name, and give the states of all steps"
                )
        self._accept_states(*states)

    def _accept_states(self, *states: Shape) -> None:
        """Check the states before the first step. Raises OpError."""
        carried = len(self.carried)
        if len(states) not in (0, 1, carried) or (len(states) < carried and states and self.proj is not None):
            what = " and ".join([f"its {one}" for one in self.carried])
            raise OpError("argument", f"`{self.name}` takes {what} by name, or nothing")
        joined = len(states) < carried
        lengths = [self.both(self.state), self.both(self.units)]
        for number, state in enumerate(states):
            rows, length = self.ends if joined else self.layers, lengths[number]
            if state != (rows, length) and not (rows == 1 and state == (length,)):
                word = "state" if joined else self.carried[number]
                raise OpError(
                    "shape",
                    f"the {word} of `{self.name}` has {rows} x {length} values, not {state}",
                    "input",
                    branch=number + 1,
                )

    def volume(self, x: Shape, *states: Shape) -> Volume:
        width = self.both(self.state)
        if self.returns == "last" or (len(x) == 1 and self.returns == "sequence"):
            return vector(width, x)
        if self.returns == "states":
            return Volume([Window(rule=stated, target=self.ends)], width, x.channels, width, reads=EVERYTHING)
        windows = list(unchanged_axes(x.spatial))
        at = 0 if self.axis is None else axis_number(self.axis, x)
        whole = bool(self.bidirectional)
        if self.returns == "all":
            steps = x.positions
            windows = [StatesWindow(steps, steps + self.ends)]
            whole = whole or len(x) == 1
        elif len(x) > 2 and whole:
            windows[at] = WholeAxisWindow(x.spatial[at])
            whole = False
        elif not whole:
            windows[at] = CausalWindow(x.spatial[at])
        reads: WindowsByInput | str | None = EVERYTHING if whole else None
        if states and not whole:
            reads = WindowsByInput([InputWindows(windows), *[EVERYTHING] * len(states)])
        return Volume(windows, width, x.channels, width, reads=reads)

    @property
    def bias_vectors(self) -> int:
        return {"one": 1, "two": 2, "none": 0}[self.biases]

    @property
    def dots(self) -> int:
        """Dot products of a unit in a step: each map makes one, of input and state side by side."""
        return self.maps

    def of_maps(self, number: Number) -> Number:
        """A number of one map, for all of them."""
        return number if self.maps == 1 else self.maps * number

    def operations(self, x: Shape, *states: Shape) -> OperationCounts:
        steps = self.deep(self.both(x.positions * self.units))
        unit, maps = self.unit_counts, self.maps
        operations = OperationCounts(
            mul=unit.mul,
            # Sums of dot products that no bias joins come on top of the biases.
            add=unit.add + maps * self.bias_vectors + self.dots - maps,
            div=unit.div,
            compare=unit.compare,
            special=unit.special,
            outputs=self.dots,
            biases=maps * self.bias_vectors,
        ).times(steps)
        places = {INPUT: x.spatial, OUTPUT: self.output(x, *states).spatial}
        operations.mul_add = multiply_adds(self.terms(x, *states), places)
        if self.proj is not None:
            operations.outputs += self.deep(self.both(x.positions * self.proj))
        return operations

    def textbook(self, quantity: str, x: Shape, *states: Shape) -> Number | None:
        if quantity != "macs":
            return None
        steps = self.both(x.positions * self.units)
        found: Number = 0
        for width in self.widths(x):
            maps = self.of_maps(width + self.state) * steps
            found = found + (maps if self.proj is None else maps + self.proj * steps)
        return found

    def states_for_weights(self, x: Shape) -> Number:
        """States that are kept only where the weights are trained, which multiply them."""
        return x.positions

    def saves(self, x: Shape, *states: Shape) -> Saved | None:
        if states or len(x) > 2 or self.returns in ("states", "all"):
            return None
        return self.saved_of(x)

    def saved_of(self, x: Shape) -> Saved:
        """What is kept of a sequence that begins with states of zeros."""
        each = Extra(
            "gates and states of the steps",
            self.deep(self.both(self.saved_per_step * x.positions * self.units)),
        )
        states = Extra(
            "states that the weights multiply",
            self.deep(self.both(self.states_for_weights(x) * self.state)),
            trained=True,
        )
        return Saved(trained=True, extras=(each, states, *self.saved_between(x, trained=True)))

    def saved_between(self, x: Shape, trained: bool = False) -> tuple[Extra, ...]:
        """What is kept of the states that a layer hands to the one above it."""
        if value_of(self.layers) == 1:
            return ()
        states = (self.layers - 1) * self.both(x.positions * self.state)
        return (Extra("what the layers hand on", states, trained=trained),)

    def backward(self, trained: bool, input_gradient: bool, x: Shape, *states: Shape) -> Number:
        # The state before a step has a gradient wherever the state behind it has one; the first,
        # which is zero, is counted with the others.
        steps = self.both(x.positions * self.units)
        inner = trained or input_gradient
        states = self.of_maps(self.state) * steps
        if self.proj is not None:
            states += self.proj * steps
        lowest, *upper = [self.of_maps(width) * steps for width in self.widths(x)]
        found = lowest * (trained + input_gradient) + self.deep(states) * (trained + inner)
        return found + total(upper) * (trained + inner) if upper else found

    def tensors(self, x: Shape, *states: Shape) -> tuple[Tensor, ...]:
        rows = self.of_maps(self.units)
        found: list[Tensor] = []
        for number, width in enumerate(self.widths(x)):
            for end in ("", "_reverse") if self.bidirectional else ("",):
                of = f"l{number}{end}"
                found += [
                    Tensor(f"weight_ih_{of}", (rows, width)),
                    Tensor(f"weight_hh_{of}", (rows, self.state)),
                ]
                biases = ("bias_ih", "bias_hh")[: self.bias_vectors]
                found += [Tensor(f"{bias}_{of}", (rows,)) for bias in biases]
                if self.proj is not None:
                    found.append(Tensor(f"weight_hr_{of}", (self.proj, self.units)))
        return tuple(found)

    def terms(self, x: Shape, *states: Shape) -> tuple[Term, ...]:
        # A step for each position of the input, of which the output may have the last alone.
        used = INPUT if self.ends_alone else OUTPUT
        gates = (Factor(GATES, self.maps),) if self.maps > 1 else ()
        units = Factor(FILTERS, self.units)
        every: list[Term] = []
        for width in self.widths(x):
            found = [
                Term(WEIGHT, (*gates, Factor(STATE, width), units), used=used),
                Term(RECURRENT, (*gates, Factor(STATE, self.state), units), used=used),
                *[Term(BIAS, (*gates, units), used=used)] * self.bias_vectors,
            ]
            if self.proj is not None:
                shorter = Factor(STATE, self.units), Factor(FILTERS, self.proj)
                found.append(Term(WEIGHT, shorter, used=used))
            every += found * 2 if self.bidirectional else found
        return tuple(every)

    def torch_code(self, x: Shape, *states: Shape) -> TorchCode:
        # PyTorch's have two biases or none; a vector is one step.
        options: dict[str, tuple[object, object]] = {
            "num_layers": (self.layers, 1),
            "bidirectional": (bool(self.bidirectional), False),
        }
        if self.proj is not None:
            options["proj_size"] = (self.proj, 0)
        options.update(self.more_options)
        if self.biases == "one":
            module = call(f"OneBias{self.module}", x.channels, self.units, **options)
        else:
            biased = (self.biases == "two", True)
            module = call(
                f"nn.{self.module}", x.channels, self.units, bias=biased, batch_first=(True, False), **options
            )
        given = self._given(*states)
        steps = "xs[0]" if states else "x"
        if len(x) > 2:
            at = axis_number(self.axis, x) + 2
            turned = f"{steps}.movedim((1, {at}), (-1, -2))"
            count = len(x) - 2
            front = f"({', '.join(map(str, [-1, *x.spatial[: at - 2], *x.spatial[at - 1 :]]))})"
            found = f"m({turned}.flatten(0, {count}))[0].unflatten(0, {front})"
            return TorchCode(module, f"{found}.movedim((-1, -2), (1, {at}))")
        found = f"m({steps}.{'unsqueeze(1)' if len(x) == 1 else 'movedim(1, -1)'}{given})"
        if self.returns in ("states", "all"):
            states = Shape((*(x.spatial or (1,)), self.both(self.state)))
            return TorchCode(module, self._with_ends(found), whole=states)
        if len(x) == 1:
            step = Shape((1, self.output(x).channels))
            return TorchCode(module, f"{found}[0].squeeze(1)", whole=step)
        if self.returns == "last":
            whole = Shape((*x.spatial, self.output(x).channels))
            if self.bidirectional:
                taken = f"{found}{self.last}.transpose(0, 1).flatten(1)"
                if self.layers > 1:  # those of the highest layer, and not as a view of all
                    taken = f"torch.cat([*{found}{self.last}[-2:]], 1)"
                return TorchCode(module, taken, whole=whole)
            highest = "[-1]" if self.layers == 1 else "[-1].clone()"
            return TorchCode(module, f"{found}{self.last}{highest}", whole=whole)
        return TorchCode(module, f"{found}[0].movedim(-1, 1)")

    def onnx_options(self) -> dict[str, tuple[str, ...]]:
        """The attributes that only some of ONNX's operators have."""
        return {}

    def onnx_code(self, to: OnnxCode, x: Shape, *states: Shape) -> str | None:
        from .onnx.recurrence import recurrent_layers

        if self.proj is not None:
            return None
        if self.axis is not None and len(x) > 2:
            at = axis_number(self.axis, x)
            others = [axis for axis in range(len(x) - 1) if axis != at]
            order = (0, *[axis + 2 for axis in others], at + 2, 1)
            lines = to.regroup(to.transpose(to.x, *order), -1, x[at], x.channels)
            y, _ = recurrent_layers(self, to, to.transpose(lines, 1, 0, 2), x[at])
            width = self.both(self.state)
            back = to.regroup(to.transpose(y, 1, 0, 2), -1, *[x[axis] for axis in others], x[at], width)
            return to.transpose(back, *[order.index(axis) for axis in range(len(order))])
        steps = to.unsqueeze(to.x, 0) if len(x) == 1 else to.transpose(to.x, 2, 0, 1)
        y, ends = recurrent_layers(self, to, steps, x.positions, *states)
        if self.returns == "sequence":
            return to.squeeze(y, 0) if len(x) == 1 else to.transpose(y, 1, 2, 0)
        if self.returns == "last":
            last = ends[0]
            if self.bidirectional:
                return to.reshape(to.transpose(last[-1], 1, 0, 2), self.output(x, *states).channels)
            return to.squeeze(last[-1], 0)
        every = [one for carried in ends for one in carried]
        joined = to.node("Concat", *every, axis=0) if len(every) > 1 else every[0]
        rows = to.reshape(to.transpose(joined, 1, 0, 2), self.ends, self.both(self.state))
        if self.returns == "all":
            rows = to.node("Concat", to.transpose(y, 1, 0, 2), rows, axis=1)
        return to.transpose(rows, 0, 2, 1)

    def keras_parts(self, x: Shape, *states: Shape) -> Sequence[KerasPart]:
        # Keras has a layer for each, and one around both directions.
        kind = "Bidirectional" if self.bidirectional else self.keras
        params = [0] * value_of(self.layers)
        for tensor in self.tensors(x, *states):
            number = tensor.name.partition("_l")[2].partition("_")[0]
            params[int(number)] += int(tensor.size)
        between = Shape((*x.spatial, self.both(self.state)))
        outputs = [between] * (len(params) - 1) + [self.output(x, *states)]
        return [KerasPart(kind, *part) for part in zip(outputs, params, strict=True)]

    def _given(self, *states: Shape) -> str:
        """The states before the first step, as PyTorch's module takes them: a row for each layer and
        direction, then the batch."""
        if not states:
            return ""
        rows = 2 * self.layers if self.bidirectional else self.layers
        joined = len(states) < len(self.carried)
        lengths = [self.state, self.units]
        texts = []
        for number, state in enumerate(states):
            lies = f"xs[{number + 1}]" if len(state) == 1 else f"xs[{number + 1}].movedim(1, -1)"
            of = rows * len(self.carried) if joined else rows
            texts.append(f"{lies}.reshape(-1, {of}, {lengths[number]}).transpose(0, 1).contiguous()")
        if joined:
            return f", {texts[0]}.chunk(2)"
        return f", ({', '.join(texts)})" if len(texts) > 1 else f", {texts[0]}"

    def _with_ends(self, found: str) -> str:
        """What all layers end with, of a call of PyTorch's module; behind the states of all steps or
        alone."""
        width = self.both(self.state)
        taken = "found[1]" if len(self.carried) == 1 else "torch.cat(found[1])"
        ends = f"{taken}.transpose(0, 1).reshape(-1, {self.ends}, {width})"
        rows = f"torch.cat([found[0], {ends}], 1)" if self.returns == "all" else ends
        return f"[{rows}.movedim(-1, 1) for found in [{found}]][0]"

    def connections(self, x: Shape, *states: Shape) -> Number:
        terms = [self.of_maps(width + self.state + self.bias_vectors) for width in self.widths(x)]
        if self.proj is not None:
            terms = [one + self.proj for one in terms]
        return self.both(total(terms) * self.units * x.positions)

    def evaluate(self, calc: Calculation, x: Array, *states: Array) -> Array:
        if x.ndim > 2:  # every line along the axis is a sequence of its own
            at = axis_number(self.axis, Shape(x.shape))
            lines = calc.moved(x, at, -2)
            found = [walked(self, calc, line, ())[0] for line in lines.reshape(-1, *lines.shape[-2:])]
            made = calc.stacked(found, 0).reshape(*lines.shape[:-1], -1)
            return calc.moved(made, -2, at)
        rows = [row for state in states for row in state.reshape(-1, state.shape[-1])]
        steps, ends = walked(self, calc, x.reshape(-1, x.shape[-1]), rows)
        if self.returns == "states":
            return calc.stacked(ends, 0)
        if self.returns == "all":
            return calc.joined([steps, calc.stacked(ends, 0)], 0)
        if self.returns == "last":
            return ends[self.layers - 1]
        return steps[0] if x.ndim == 1 else steps

    def zeros(self, calc: Calculation) -> Carried:
        """What is handed on to the first step, where nothing is given."""
        lengths = [self.state, self.units][: len(self.carried)]
        return tuple([calc.constant(0, length) for length in lengths])

    def advance(self, tensors: StepTensors, x: Array, carried: Carried) -> Carried:
        """What one step hands on."""
        raise NotImplementedError
