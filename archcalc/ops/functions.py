"""The functions that `map` takes of each value, or of values that stand at the same place."""

from __future__ import annotations

from typing import NamedTuple

from .facts import OperationCounts

# Which inputs are kept for the backward pass: for each of them the inputs of which one has to take a
# gradient. INPUT of a function of one tensor, OTHER of a product, BOTH of all.
SavedInputs = tuple[tuple[int, ...], ...]
NOTHING: SavedInputs = ((), (), ())
INPUT: SavedInputs = ((0,),)
OTHER: SavedInputs = ((1,), (0,))
BOTH: SavedInputs = ((0, 1), (0, 1))


class Function(NamedTuple):
    """A function of values.

    code       in PyTorch: ``{0}``, ``{1}``, ``{2}`` are the tensors, ``{a}`` and ``{b}`` the numbers
    counts     the operations of one value of the output
    kept       which inputs are kept for the backward pass
    output     whether the output is
    extra      what else is, and how many bytes each of its values has; None: as many as a value
    chosen     what it puts out is chosen and not computed: no gradient goes through it
    passes     the inputs that get the gradient of the output as it is
    clean      backward, it makes nothing on its way but the gradients
    words      what it is, for a reader
    """

    code: str
    counts: OperationCounts
    kept: SavedInputs = NOTHING
    output: bool = False
    extra: tuple[str, int | None] | None = None
    chosen: bool = False
    passes: tuple[int, ...] = ()
    clean: bool = False
    words: str = ""


def _count(**counts: int) -> OperationCounts:
    return OperationCounts(**counts)


ADD, MUL, DIV = _count(add=1), _count(mul=1), _count(div=1)
COMPARE, SPECIAL = _count(compare=1), _count(special=1)


def _kept_input(*names: str, counts: OperationCounts = SPECIAL, clean: bool = False) -> dict[str, Function]:
    return {name: Function(f"torch.{name}({{0}})", counts, INPUT, clean=clean) for name in names}


def _kept_output(*names: str, counts: OperationCounts = SPECIAL, clean: bool = False) -> dict[str, Function]:
    return {name: Function(f"torch.{name}({{0}})", counts, output=True, clean=clean) for name in names}


def _rounding(*names: str, counts: OperationCounts = COMPARE) -> dict[str, Function]:
    return {name: Function(f"torch.{name}({{0}})", counts, clean=True) for name in names}


def _chosen(code: str, counts: OperationCounts = COMPARE) -> Function:
    """A comparison, 1 where it holds and else 0."""
    return Function(f"{code}.to({{0}}.dtype)", counts, chosen=True)


COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")

# Functions of one tensor.
ONE: dict[str, Function] = {
    "neg": Function("-{0}", ADD, clean=True, words="0 - x"),
    **_kept_input("abs", counts=COMPARE, clean=True),
    **_kept_input("square", counts=MUL),
    **_kept_output("exp", "expm1", "exp2", "sqrt", clean=True),
    **_kept_output("tan"),
    **_kept_output("rsqrt", counts=_count(special=1, div=1)),
    **_kept_output("reciprocal", counts=DIV),
    **_kept_input("log", "log1p", "log2", "log10", "sin", "sinh", "cosh", "lgamma", clean=True),
    **_kept_input("cos", "asin", "acos", "atan", "asinh", "acosh", "atanh", "erf", "erfc", "erfinv"),
    **_rounding("floor", "ceil", "round", "trunc"),
    **_rounding("sign", counts=_count(compare=2)),
    "frac": Function("torch.frac({0})", _count(compare=1, add=1), passes=(0,), clean=True),
    "not": _chosen("torch.logical_not({0})"),
    "isnan": _chosen("torch.isnan({0})"),
    "isinf": _chosen("torch.isinf({0})"),
}

# Functions of a tensor and a number, or of two, `map clamp 0 1`.
NUMBER: dict[str, Function] = {
    "add": Function("{0} + {a}", ADD, passes=(0,), clean=True),
    "sub": Function("{0} - {a}", ADD, passes=(0,), clean=True),
    "rsub": Function("{a} - {0}", ADD, clean=True, words="N - x"),
    "mul": Function("{0} * {a}", MUL, clean=True),
    "div": Function("{0} / {a}", DIV, clean=True),
    "rdiv": Function("{a} / {0}", DIV, extra=("one over each value", None), clean=True, words="N / x"),
    "pow": Function("torch.pow({0}, {a})", SPECIAL, INPUT),
    "rpow": Function("torch.pow({a}, {0})", SPECIAL, INPUT, output=True, words="N to the power of x"),
    "max": Function("torch.clamp({0}, min={a})", COMPARE, INPUT, clean=True),
    "min": Function("torch.clamp({0}, max={a})", COMPARE, INPUT, clean=True),
    "mod": Function(
        "torch.remainder({0}, {a})", _count(div=1, compare=1, mul=1, add=1), passes=(0,), clean=True
    ),
    "fmod": Function("torch.fmod({0}, {a})", _count(div=1, compare=1, mul=1, add=1), passes=(0,), clean=True),
    "floor_div": Function('torch.div({0}, {a}, rounding_mode="floor")', _count(div=1, compare=1), clean=True),
    **{name: _chosen(f"torch.{name}({{0}}, {{a}})") for name in COMPARISONS},
}
BOUNDED = Function("torch.clamp({0}, {a}, {b})", _count(compare=2), INPUT)

# Functions of two tensors.
TWO: dict[str, Function] = {
    "add": Function("{0} + {1}", ADD, passes=(0, 1), clean=True),
    "sub": Function("{0} - {1}", ADD, passes=(0,), clean=True),
    "mul": Function("{0} * {1}", MUL, OTHER, clean=True),
    "div": Function("{0} / {1}", DIV, ((1,), (0, 1))),
    "pow": Function("torch.pow({0}, {1})", SPECIAL, BOTH, output=True),
    "max": Function("torch.maximum({0}, {1})", COMPARE, BOTH),
    "min": Function("torch.minimum({0}, {1})", COMPARE, BOTH),
    "atan2": Function("torch.atan2({0}, {1})", _count(special=1, div=1), BOTH),
    "hypot": Function("torch.hypot({0}, {1})", _count(mul=2, add=1, special=1), ((0,), (1,)), output=True),
    "logaddexp": Function("torch.logaddexp({0}, {1})", _count(special=2, add=2, compare=1), BOTH),
    "xlogy": Function("torch.xlogy({0}, {1})", _count(special=1, mul=1), BOTH),
    "mod": Function(
        "torch.remainder({0}, {1})", _count(div=1, compare=1, mul=1, add=1), ((1,), (1,)), passes=(0,)
    ),
    "fmod": Function(
        "torch.fmod({0}, {1})", _count(div=1, compare=1, mul=1, add=1), ((1,), (1,)), passes=(0,)
    ),
    "floor_div": Function(
        'torch.div({0}, {1}, rounding_mode="floor")', _count(div=1, compare=1), ((1,), (0, 1))
    ),
    **{name: _chosen(f"torch.{name}({{0}}, {{1}})") for name in COMPARISONS},
    **{name: _chosen(f"torch.logical_{name}({{0}}, {{1}})") for name in ("and", "or", "xor")},
    "lerp": Function("torch.lerp({0}, {1}, {a})", _count(add=2, mul=1), clean=True, words="x + N*(y - x)"),
}

# Functions of three tensors.
THREE: dict[str, Function] = {
    "where": Function("torch.where({0} != 0, {1}, {2})", COMPARE, extra=("which of the two is taken", 1)),
    "lerp": Function("torch.lerp({0}, {1}, {2})", _count(add=2, mul=1), ((2,), (2,), (0, 1, 2))),
    "addcmul": Function("torch.addcmul({0}, {1}, {2})", _count(add=1, mul=1), ((), (2,), (1,)), passes=(0,)),
    "addcdiv": Function(
        "torch.addcdiv({0}, {1}, {2})", _count(add=1, div=1), ((), (2,), (1, 2)), passes=(0,)
    ),
    "clamp": Function("torch.clamp({0}, {1}, {2})", _count(compare=2), ((0,), (0,), (0,))),
}

NAMES = tuple(sorted({*ONE, *NUMBER, *TWO, *THREE, "clamp"}))
# Functions of two tensors whose second may be a number too, and numbers that some of them need.
NUMBERED = {"lerp"}


def function_of(name: str, tensors: int, numbers: int) -> Function | None:
    """The function of so many tensors and numbers; None where there is none."""
    if name == "clamp" and (tensors, numbers) == (1, 2):
        return BOUNDED
    if tensors == 1:
        return (ONE if numbers == 0 else NUMBER if numbers == 1 else {}).get(name)
    if (name in NUMBERED and tensors == 2) != (numbers == 1) or numbers > 1:
        return None
    return {2: TWO, 3: THREE}.get(tensors, {}).get(name)
