"""Matrix products of tensors with tensors: nothing of them is learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import ascii_letters
from typing import TYPE_CHECKING, NamedTuple

from ..arithmetic import Number, product, total, value_of
from ..shape import Shape
from .arrangement import LAST, lies
from .attributes import Flag, OpError, Text
from .base import Op
from .broadcasting import common_sizes, spread_windows
from .facts import OperationCounts, Saved
from .input_windows import InputWindows, WholeAxisWindow, WindowsByInput, reduced_axis
from .terms import DEPTH, FILTERS, ONCE, OUTPUT, SCORES, Factor, Term, multiply_adds
from .torch_code import TorchCode
from .volume import Volume
from .window import EVERYTHING, Window, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class CrossedFactors(Saved):
    """What a product of two tensors keeps: each of them where the other takes a gradient."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(inputs=True)

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        return list(reversed(taking))


class MatrixProduct(Op):
    """Matrix product of two tensors: (…, n, k) times (…, k, m) is (…, n, m).

    The last two axes are the matrices, channels last: each row of channels of the first is multiplied
    with all positions of the second. Axes in front go together, and those of one position are spread.
    With transpose=yes the second is (…, m, k), as keys are for the scores of an attention.
    """

    name = "matmul"
    synonyms = ("bmm",)
    group = "matrix products"
    merge = True
    matrix_product = True
    counted_as = "matrix products"
    arrangement = LAST
    shapes = "(…, n, k) and (…, k, m), channels last; (…, n, m)"
    example = "197x64 -> k: linear 64\nmatmul @input @k transpose=yes"
    source = "PyTorch, torch.matmul"
    counting = "mul_add: k per output value, (…)*n*m*k in all"

    no_saved_rule = "with axes that are spread: they are copied where the batch is more than one"

    transpose = Flag("the last two axes of the second are exchanged", False)

    def accept(self, *inputs: Shape) -> None:
        if len(inputs) != 2:
            raise OpError("argument", f"`matmul` multiplies two tensors, not {len(inputs)}")
        for x in inputs:
            self.need_positions(x)
        a, b = inputs
        depth = b[-1] if self.transpose else b[-2]
        if a.channels != depth:
            other = "" if self.transpose or a.channels != b[-1] else "`transpose=yes` takes the second so"
            raise OpError(
                "shape",
                f"{a} has {a.channels} channels, and {b} {depth} "
                + ("channels" if self.transpose else "rows"),
                "input",
                branch=1,
                help=other or (),
            )
        if common_sizes(a[:-2], b[:-2]) is None:
            raise OpError("shape", f"the axes in front of {a} and {b} differ", "input", branch=1)

    def sizes(self, a: Shape, b: Shape) -> tuple[tuple[Number, ...], Number, Number, Number]:
        """The axes in front, and n, k and m."""
        front = common_sizes(a[:-2], b[:-2]) if len(a) > 2 or len(b) > 2 else ()
        return front or (), a[-2], a[-1], b[-2] if self.transpose else b[-1]

    def volume(self, a: Shape, b: Shape) -> Volume:
        front, rows, _, columns = self.sizes(a, b)
        spatial = (*front, rows)
        other: InputWindows | str = EVERYTHING
        if len(b) > 2:
            of = spread_windows(b[:-2], front)
            other = InputWindows((*of.windows, WholeAxisWindow(b[-2])), (*of.axes, len(front)))
        reads = WindowsByInput([spread_windows(a.spatial, spatial), other])
        return Volume(unchanged_axes(spatial), columns, a.channels, columns, reads=reads)

    def terms(self, a: Shape, b: Shape) -> tuple[Term, ...]:
        _, _, depth, columns = self.sizes(a, b)
        return (Term(SCORES, (Factor(DEPTH, depth), Factor(FILTERS, columns))),)

    def operations(self, a: Shape, b: Shape) -> OperationCounts:
        made = self.output(a, b)
        return OperationCounts(
            mul_add=multiply_adds(self.terms(a, b), {OUTPUT: made.spatial}), outputs=made.values
        )

    def textbook(self, quantity: str, a: Shape, b: Shape) -> Number | None:
        if quantity != "macs":
            return None
        front, rows, depth, columns = self.sizes(a, b)
        return product([*front, rows, depth, columns])

    def backward_of(self, trained: bool, taking: Sequence[bool], *inputs: Shape) -> Number:
        products = self.operations(*inputs).mul_add
        return products * (taking[0] + taking[1])

    def saves(self, a: Shape, b: Shape) -> Saved | None:
        front, *_ = self.sizes(a, b)
        whole = [product([*front, x[-2], x[-1]]) for x in (a, b)]
        spread = any(value_of(n) != value_of(x.values) for n, x in zip(whole, (a, b), strict=True))
        return None if spread else CrossedFactors()

    def copies(self, arrangements: tuple[str, ...], *inputs: Shape) -> bool:
        lie = [lies(how, LAST, x) for how, x in zip(arrangements, inputs, strict=True)]
        return max(map(len, inputs)) > 2 and not all(lie)

    def torch_code(self, a: Shape, b: Shape) -> TorchCode:
        return TorchCode(None, "matmul_last(xs, transpose=True)" if self.transpose else "matmul_last(xs)")

    def onnx_code(self, to: OnnxCode, a: Shape, b: Shape) -> str | None:
        read = [to.channels_last(name, len(x) - 1) for name, x in zip(to.xs, (a, b), strict=True)]
        longer = max(len(a), len(b))
        one, other = [
            to.unsqueeze(name, *range(1, 1 + longer - len(x))) for name, x in zip(read, (a, b), strict=True)
        ]
        if self.transpose:
            other = to.transpose(other, *range(longer - 1), longer, longer - 1)
        return to.channels_first(to.node("MatMul", one, other), longer - 1)

    def evaluate(self, calc: Calculation, a: Array, b: Array) -> Array:
        return calc.matmul(a, b.swapaxes(-1, -2) if self.transpose else b)


class EinsumStep(NamedTuple):
    """A product of two tensors.

    products  multiplications
    summed    whether they are summed over an axis that both have
    made      values that it makes
    added     additions over axes that one tensor alone has, before it
    """

    products: Number
    summed: bool
    made: Number
    added: Number


class Einsum(Op):
    """Products of tensors, summed over the axes that the output has not: Einstein's notation.

    `einsum "nk,mk->nm" @a @b` is `matmul @a @b transpose=yes`: letters are the axes of each tensor,
    channels last and without the batch, those behind the arrow the axes of the output. An axis of one
    position is spread over that of another tensor. More than two tensors are multiplied from left to
    right, as PyTorch does without opt_einsum; an axis that no later tensor and no output has is summed
    as soon as it has been multiplied, and one that a tensor alone has before.
    """

    name = "einsum"
    group = "matrix products"
    several = True
    matrix_product = True
    counted_as = "matrix products"
    arrangement = LAST
    positional = ("equation",)
    shapes = "as many axes for each tensor as it has letters; the axes behind the arrow"
    example = '197x64 -> k: linear 64\neinsum "nk,mk->nm" @input @k'
    source = "PyTorch, torch.einsum; numpy, einsum"
    counting = (
        "each product of two: mul_add one per combination of the axes of both, or mul where it sums none "
        "that both have; add, where one tensor alone has an axis that is summed: values before it less those "
        "behind it"
    )
    no_saved_rule = "PyTorch lays the tensors out as the letters ask, some of them anew"

    equation = Text("letters of the axes, as in nk,km->nm", required=True)
    # The letters of each tensor, and of the output.
    operands: tuple[str, ...]
    made: str

    def check(self) -> None:
        left, arrow, right = self.equation.replace(" ", "").partition("->")
        names = tuple(left.split(","))
        if not arrow:
            every = "".join(names)
            right = "".join(sorted(letter for letter in set(every) if every.count(letter) == 1))
        for axes in (*names, right):
            if not axes or not axes.isascii() or not axes.isalpha():
                raise OpError(
                    "argument",
                    f"`{axes}` of the equation is not a row of letters, one for each axis",
                    "equation",
                    help='as in `einsum "nk,km->nm" @a @b`, channels last and without the batch',
                )
            if len(set(axes)) < len(axes):
                raise OpError("argument", f"`{axes}` of the equation has a letter twice", "equation")
        for letter in right:
            if not any(letter in axes for axes in names):
                raise OpError("argument", f"no tensor has the axis `{letter}` of the output", "equation")
        if len({letter for axes in (*names, right) for letter in axes}) > 50:
            raise OpError("argument", "the equation has more than 50 letters", "equation")
        self.__dict__["operands"], self.__dict__["made"] = names, right

    def accept(self, *inputs: Shape) -> None:
        if len(inputs) != len(self.operands):
            raise OpError(
                "argument",
                f"the equation has {len(self.operands)} tensors, and {len(inputs)} are read",
                "equation",
            )
        known: dict[str, tuple[Number, Shape]] = {}
        for number, (axes, x) in enumerate(zip(self.operands, inputs, strict=True)):
            if len(axes) != len(x):
                raise OpError(
                    "shape", f"`{axes}` has {len(axes)} axes, {x} has {len(x)}", "equation", branch=None
                )
            for letter, n in zip(axes, x, strict=True):
                before = known.setdefault(letter, (n, x))
                if before[0] == 1:
                    known[letter] = n, x
                elif n not in (1, before[0]):
                    raise OpError(
                        "shape",
                        f"the axis `{letter}` has {before[0]} positions in {before[1]}, {n} in {x}",
                        "input",
                        branch=number,
                    )

    def sizes(self, *inputs: Shape) -> dict[str, Number]:
        """The size of each axis."""
        found: dict[str, Number] = {}
        for axes, x in zip(self.operands, inputs, strict=True):
            for letter, n in zip(axes, x, strict=True):
                if letter not in found or value_of(found[letter]) == 1:
                    found[letter] = n
        return found

    def volume(self, *inputs: Shape) -> Volume:
        sizes = self.sizes(*inputs)
        *spatial, channels = [sizes[letter] for letter in self.made]
        found: list[InputWindows | str] = []
        for axes, x in zip(self.operands, inputs, strict=True):
            windows: list[Window] = []
            along: list[int | None] = []
            # An axis that is summed is read by all units of an axis that the tensor has not.
            lacking = [at for at, letter in enumerate(self.made[:-1]) if letter not in axes[:-1]]
            everything = bool(axes[:-1]) and not any(letter in self.made[:-1] for letter in axes[:-1])
            for letter, n in zip(axes, x.spatial, strict=False):
                at = self.made[:-1].find(letter)
                if at < 0:
                    windows.append(WholeAxisWindow(n) if lacking else reduced_axis(n))
                    along.append(lacking.pop(0) if lacking else None)
                else:
                    windows += spread_windows((n,), (spatial[at],)).windows
                    along.append(at)
            found.append(EVERYTHING if everything else InputWindows(windows, along))
        reads = WindowsByInput(found)
        return Volume(unchanged_axes(tuple(spatial)), channels, inputs[0].channels, channels, reads=reads)

    def steps(self, *inputs: Shape) -> list[EinsumStep]:
        """The products of two, from left to right, as torch.einsum takes them."""
        sizes, found = self.sizes(*inputs), []
        tensors = [
            {letter for letter, n in zip(axes, x, strict=True) if value_of(n) != 1}
            for axes, x in zip(self.operands, inputs, strict=True)
        ]

        def values(letters: Iterable[str]) -> Number:
            return product([sizes[letter] for letter in sizes if letter in letters])

        left = tensors[0]
        for number, right in enumerate(tensors[1:], 1):
            needed = {*self.made}.union(*tensors[number + 1 :])
            alone = [
                values(one) - values(kept)
                for one, other in ((left, right), (right, left))
                if (kept := one & (needed | other)) != one
            ]
            left, right = left & (needed | right), right & (needed | left)
            summed = (left & right) - needed
            every = left | right
            left = every - summed
            found.append(EinsumStep(values(every), bool(summed), values(left), total(alone)))
        if len(tensors) == 1 and (kept := left & {*self.made}) != left:
            found.append(EinsumStep(0, False, 0, values(left) - values(kept)))
        return found

    def terms(self, *inputs: Shape) -> tuple[Term, ...]:
        steps = [step for step in self.steps(*inputs) if step.summed]
        return tuple([Term(SCORES, (Factor(FILTERS, step.products),), used=ONCE) for step in steps])

    def operations(self, *inputs: Shape) -> OperationCounts:
        steps = self.steps(*inputs)
        return OperationCounts(
            mul_add=total([step.products for step in steps if step.summed]),
            mul=total([step.products for step in steps if not step.summed]),
            add=total([step.added for step in steps]),
            outputs=total([step.made for step in steps if step.summed]),
        )

    def textbook(self, quantity: str, *inputs: Shape) -> Number | None:
        return self.operations(*inputs).mul_add if quantity == "macs" else None

    def backward_of(self, trained: bool, taking: Sequence[bool], *inputs: Shape) -> Number:
        steps = enumerate(self.steps(*inputs), 1)
        found = []
        for number, step in steps:
            if step.summed:
                found.append(step.products * (any(taking[:number]) + taking[number]))
        return total(found)

    def torch_code(self, *inputs: Shape) -> TorchCode:
        used = {*self.made, *"".join(self.operands)}
        batch = next(letter for letter in ascii_letters[::-1] if letter not in used)
        names = [f"{batch}{axes[-1]}{axes[:-1]}" for axes in (*self.operands, self.made)]
        read = "*xs" if len(inputs) > 1 else "x"
        return TorchCode(None, f'torch.einsum("{",".join(names[:-1])}->{names[-1]}", {read})')

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        sizes: dict[str, Number] = {}
        for axes, x in zip(self.operands, inputs, strict=True):
            if any(
                sizes.setdefault(letter, value_of(n)) != value_of(n)
                for letter, n in zip(axes, x, strict=True)
            ):
                return None  # ONNX's spreads no axis of one position over that of another tensor
        used = {*self.made, *"".join(self.operands)}
        batch = next(letter for letter in ascii_letters[::-1] if letter not in used)
        names = [f"{batch}{axes[-1]}{axes[:-1]}" for axes in (*self.operands, self.made)]
        return to.node("Einsum", *to.xs, equation=f"{','.join(names[:-1])}->{names[-1]}")

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        return calc.einsum(self.operands, self.made, inputs)
