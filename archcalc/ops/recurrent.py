"""Recurrent layers, which read a sequence step by step, and the word table before them."""

from __future__ import annotations

from typing import ClassVar

from ..arithmetic import Number, ceil_div, maximum, total, value_of, where
from ..periodic import Periodic, affine
from ..shape import Shape
from .arrangement import LAST, lies
from .attributes import Choice, Count, Flag, OpError
from .base import Free, Op
from .facts import Extra, OperationCounts, Saved, Tensor
from .terms import BIAS, FILTERS, GATES, INPUT, OUTPUT, RECURRENT, STATE, WEIGHT, Factor, Term, multiply_adds
from .torch_code import TorchCode, call
from .volume import Volume, vector
from .window import EVERYTHING, Window, stated, unchanged_axes, worked_out


class Embedding(Free):
    """Word table: each of T word indices becomes the vector of that word.

    The input is a vector of T indices, one number a word, and not T positions of one-hot vectors:
    `input words: 20` is a sentence of 20 words. The output is a sequence, T positions of SIZE
    channels. An index takes as many bytes as any other value of an input: int32 beside fp32.
    """

    name = "embedding"
    arrangement = LAST
    keras = "Embedding"
    group = "sequence"
    positional = ("vocabulary", "size")
    shapes = "from a vector of word indices to a sequence, a position for each"
    example = "20 -> embedding 10000 256"
    source = "PyTorch, torch.nn.Embedding"
    counting = "none: declared free (rows are looked up, nothing is multiplied)"
    weighted = True

    vocabulary = Count("number of words = rows of the table", symbol="V", required=True)
    size = Count("length of a word's vector = channels of the output", symbol="K", required=True)

    @property
    def indices_below(self) -> Number:
        return self.vocabulary

    def accept(self, x: Shape) -> None:
        if len(x) > 1:
            raise OpError(
                "shape",
                f"`embedding` looks up a vector of word indices, {x} has positions",
                "input",
                help="`input words: 20` is a sentence of 20 words",
            )

    def volume(self, x: Shape) -> Volume:
        # A vector has no positions, so there is no axis along which to see less than all of it.
        return Volume([Window(rule=stated, target=x.values)], self.size, x.channels, self.size, reads=())

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.vocabulary, self.size)),)

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.Embedding", self.vocabulary, self.size), "m(x).movedim(-1, 1)")


class WithoutFastKernel(Extra):
    """What is kept of a sum of vectors where PyTorch has no fast kernel for it: of fp64."""

    __slots__ = ()

    def bytes(self, batch: int, width: int, fused: bool = False) -> Number:
        return super().bytes(batch, width, fused) if width == 8 else 0


class EmbeddingBag(Op):
    """Word table of bags: the mean, sum or maximum of the vectors of all words that arrive."""

    name = "embedding_bag"
    synonyms = ("embeddingbag",)
    group = "sequence"
    positional = ("vocabulary", "size")
    shapes = "from a vector of word indices to a vector of `size` values"
    example = "20 -> embedding_bag 10000 256"
    saved_by_device = "CUDA's kernels keep indices of their own"
    source = "PyTorch, torch.nn.EmbeddingBag"
    counting = (
        "per value of the output, T words: add T - 1, with mode=mean div 1 too; mode=max: compare T - 1"
    )
    weighted = True

    vocabulary = Count("number of words = rows of the table", symbol="V", required=True)
    size = Count("length of a word's vector = length of the output", symbol="K", required=True)
    mode = Choice(("mean", "sum", "max"), "what becomes of the vectors of the words", "mean")

    @property
    def indices_below(self) -> Number:
        return self.vocabulary

    def accept(self, x: Shape) -> None:
        if len(x) > 1:
            raise OpError(
                "shape", f"`{self.name}` looks up a vector of word indices, {x} has positions", "input"
            )

    def volume(self, x: Shape) -> Volume:
        return vector(self.size, x)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.vocabulary, self.size)),)

    def operations(self, x: Shape) -> OperationCounts:
        pairs = (x.values - 1) * self.size
        if self.mode == "max":
            return OperationCounts(compare=pairs)
        return OperationCounts(add=pairs, div=self.size if self.mode == "mean" else 0)

    def saves(self, x: Shape) -> Saved:
        best = self.size if self.mode == "max" else 1
        extras = [Extra("where the bag begins, how large it is, and its largest", 2 + best)]
        kind = Extra if self.mode != "sum" else WithoutFastKernel
        extras += [kind("the bag of each word", x.values), kind("one index more", 1, fixed=True)]
        return Saved(inputs=True, extras=tuple(extras))

    def torch_code(self, x: Shape) -> TorchCode:
        mode = str(self.mode), "mean"
        return TorchCode(call("nn.EmbeddingBag", self.vocabulary, self.size, mode=mode))


class CausalWindow(Window):
    """The window of a recurrent layer: unit i has read positions 0 … i.

    ``kernel`` is the largest window, that of the last unit.
    """

    def __init__(self, size: Number):
        super().__init__(size, size)

    @property
    def words(self) -> str:
        return "positions 0 to i"

    @worked_out
    def first(self) -> Periodic:
        return affine(0, 0)

    @worked_out
    def last(self) -> Periodic:
        return affine(1, 0)


# More layers on top of each other are no network, and would only make arithmetic slow.
MOST_LAYERS = 1000


class Recurrent(Op):
    """Base of the recurrent layers; ``gates`` maps of input and state a step."""

    group = "sequence"
    holds_states = True
    arrangement = LAST
    shapes = "the steps that arrive, a channel for each unit; a vector is one step, and gives one"
    positional = ("units",)
    weighted = True
    matrix_product = True
    counted_as = "recurrent layers"

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
        ("sequence", "last"), "the states after all steps, or the state after the last", "sequence"
    )
    bidirectional = Flag(
        "a second layer reads the steps from the last to the first; the states stand side by side, "
        "with returns=last those that each has read everything for",
        False,
    )

    layers = Count("so many on top of each other: each reads the states of the one below", 1, symbol="L")

    # Only an LSTM has a projection of its states.
    proj: Number | None = None

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

    def check(self) -> None:
        if self.layers > MOST_LAYERS:
            raise OpError("argument", f"`layers` is at most {MOST_LAYERS}", "layers")

    def accept(self, x: Shape) -> None:
        if len(x) > 2:
            raise OpError("shape", f"`{self.name}` reads a sequence, T positions of C, and not {x}", "input")

    def volume(self, x: Shape) -> Volume:
        states = self.both(self.state)
        if len(x) == 1 or self.returns == "last":
            return vector(states, x)
        if self.bidirectional:
            return Volume(unchanged_axes(x.spatial), states, x.channels, states, reads=EVERYTHING)
        return Volume([CausalWindow(x.spatial[0])], states, x.channels, states)

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

    def operations(self, x: Shape) -> OperationCounts:
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
        places = {INPUT: x.spatial, OUTPUT: self.output(x).spatial}
        operations.mul_add = multiply_adds(self.terms(x), places)
        if self.proj is not None:
            operations.outputs += self.deep(self.both(x.positions * self.proj))
        return operations

    def textbook(self, quantity: str, x: Shape) -> Number | None:
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

    def saves(self, x: Shape) -> Saved:
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

    def backward(self, trained: bool, input_gradient: bool, x: Shape) -> Number:
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

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
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

    def terms(self, x: Shape) -> tuple[Term, ...]:
        # A step for each position of the input, of which the output may have the last alone.
        used = INPUT if self.returns == "last" else OUTPUT
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

    def torch_code(self, x: Shape) -> TorchCode:
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
        if len(x) == 1:
            step = Shape((1, self.output(x).channels))
            return TorchCode(module, "m(x.unsqueeze(1))[0].squeeze(1)", whole=step)
        found = "m(x.movedim(1, -1))"
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

    def connections(self, x: Shape) -> Number:
        terms = [self.of_maps(width + self.state + self.bias_vectors) for width in self.widths(x)]
        if self.proj is not None:
            terms = [one + self.proj for one in terms]
        return self.both(total(terms) * self.units * x.positions)


class RNN(Recurrent):
    """Recurrent layer: h' = tanh(W x + U h + b), at every step of a sequence.

    A sequence is T positions of C channels; a vector is a sequence of one step. Unit t sees
    positions 0 to t, and all of them with returns=last. The state before the first step is zeros
    and is multiplied like any other. With nonlinearity=relu the state is the greater of 0 and the
    sum, and not its tanh.
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

    @property
    def more_options(self) -> dict[str, tuple[object, object]]:
        return {"nonlinearity": (str(self.nonlinearity), "tanh")}

    def states_for_weights(self, x: Shape) -> Number:
        # The others are kept by tanh, whose output they are.
        return 1


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
    first step are zeros and are multiplied like any others.
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

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        # oneDNN takes the steps one after the other.
        return self.biases == "two" and not lies(arrangements[0], LAST, x)

    def saves(self, x: Shape) -> Saved:
        if self.proj is not None:
            saved = super().saves(x)
            shown = self.deep(self.both(x.positions * self.units))
            saved.extras += (Extra("states before the projection", shown, trained=True),)
            return saved
        if self.biases == "one":
            return super().saves(x)
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


class GRU(Recurrent):
    """Gated recurrent unit: a state that an update gate mixes with a candidate.

    r, z = sigmoid(W x + U h + b), h' = (1 - z)*n + z*h. With one bias the candidate is that of the
    paper, n = tanh(W x + U (r*h) + b); with two or none it is cuDNN's and PyTorch's,
    n = tanh(W x + b + r*(U h + c)). A sequence is T positions of C channels; a vector is a sequence
    of one step. Unit t sees positions 0 to t, and all of them with returns=last. The state before
    the first step is zeros and is multiplied like any other.
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

    def saves(self, x: Shape) -> Saved:
        saved = super().saves(x)
        if self.biases != "one":
            # The candidate's map of the state, which the reset gate multiplies.
            maps = self.deep(self.both(x.positions * self.units))
            saved.extras += (Extra("maps of the states", maps),)
        return saved
