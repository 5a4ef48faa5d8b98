"""Random networks of all ops and blocks, as spec text, for property tests.

Sizes and windows are worked out here by counting (``oracle.slide``): a network that archcalc does
not take, or takes for another size, is a fault that its own tests report. Axes are kept short, and
what a unit may reach is kept within bounds, so that every unit can be visited.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod
from typing import Any, NamedTuple

from hypothesis import strategies as st
from oracle import slide

from archcalc.ops import registry

LARGEST = 16  # units along an axis
REACH = 1500  # input positions that the units of a tensor may reach, through any path
STEEPEST = 16  # input positions from a unit to its neighbour
PERIOD = 32  # units after which windows repeat


# Activations that need no argument.
PLAIN = [
    name
    for name, op in registry().items()
    if op.group == "activation" and not any(attribute.required for attribute in op.attributes.values())
]


class Span(NamedTuple):
    """Bounds of what a tensor's units reach along an axis, through any path: unit i no more than
    ``low`` … ``high``, moved on by i strides of at most ``jump``; windows repeat after ``period``
    units at most."""

    low: Fraction
    high: Fraction
    jump: Fraction
    period: int

    def through(self, move: Move) -> Span:
        """What is reached by a layer that reads this tensor."""
        return Span(
            self.low - move.before * self.jump,
            self.high + move.after * self.jump,
            self.jump * move.step,
            move.units * self.period // gcd(self.period, move.moved),
        )


class Move(NamedTuple):
    """How a layer reads along an axis: unit i from i*step - before to i*step + after at most;
    after so many units it reads the same, that many positions on."""

    step: Fraction
    before: int
    after: int
    units: int
    moved: int


STAY = Move(Fraction(1), 0, 0, 1, 1)


class Tensor(NamedTuple):
    """A tensor that later lines may read."""

    name: str
    spatial: tuple[int, ...]
    channels: int
    spans: tuple[Span, ...]
    whole: bool = False  # it sees everything
    grown: bool = False  # behind a recurrent layer
    irregular: bool = False  # behind a transposed convolution


class Writer:
    """A spec in the making: its lines, and the tensors that later lines may read.

    ``integer`` draws a number from low to high. ``layers`` counts what the lines come to.
    """

    def __init__(self, integer: Callable[[int, int], int]):
        self.integer = integer
        self.lines: list[str] = []
        self.tensors: list[Tensor] = []
        self.layers = 0
        self.axes = self.choice([1, 1, 1, 2, 2, 2, 3])
        for name in ["x", "y"][: 1 + (not self.integer(0, 3))]:
            self.input(name)

    # Drawing ---------------------------------------------------------------------------------

    def choice(self, values: Sequence[Any]) -> Any:
        return values[self.integer(0, len(values) - 1)]

    def numbers(self, low: int, high: int) -> tuple[int, ...]:
        """One per axis, often the same for all."""
        if self.integer(0, 1):
            return (self.integer(low, high),) * self.axes
        return tuple(self.integer(low, high) for _ in range(self.axes))

    def size(self, numbers: tuple[int, ...]) -> str:
        """Numbers as a spec writes them: one for all where they are alike."""
        if len(set(numbers)) == 1 and len(numbers) == self.axes and self.integer(0, 1):
            return str(numbers[0])
        return "x".join(map(str, numbers))

    def any(self) -> Tensor:
        """A tensor, rather a late one."""
        return self._late(self.tensors)

    def map(self) -> Tensor:
        """A tensor with positions, rather a late one that does not see everything."""
        maps = [tensor for tensor in self.tensors if tensor.spatial]
        local = [tensor for tensor in maps if not tensor.whole]
        return self._late(local if local and self.integer(0, 19) else maps)

    def _late(self, tensors: list[Tensor]) -> Tensor:
        if self.integer(0, 2):
            tensors = tensors[-12:]
        return tensors[max(self.integer(0, len(tensors) - 1), self.integer(0, len(tensors) - 1))]

    # Writing ---------------------------------------------------------------------------------

    def input(self, name: str) -> None:
        spatial = tuple(self.integer(3, [16, 12, 7][self.axes - 1]) for _ in range(self.axes))
        channels = self.integer(1, 4)
        self.lines.append(f"input {name}: {'x'.join(map(str, (*spatial, channels)))}")
        span = Span(Fraction(0), Fraction(0), Fraction(1), 1)
        self.tensors.append(Tensor(name, spatial, channels, (span,) * self.axes))

    def put(
        self,
        text: str,
        sources: Sequence[Tensor],
        spatial: tuple[int, ...],
        channels: int,
        moves: Sequence[Move] | None = None,
        layers: int = 1,
        whole: bool = False,
        grown: bool = False,
        irregular: bool = False,
    ) -> Tensor | None:
        """Add a line, unless it would lead too far. ``{0}`` and so on are the sources."""
        spans = []
        for axis in range(self.axes if spatial else 0):
            mine = [source.spans[axis] for source in sources if source.spans]
            joined = Span(
                min(span.low for span in mine),
                max(span.high for span in mine),
                max(span.jump for span in mine),
                lcm(*[span.period for span in mine]),
            )
            spans.append(joined.through(STAY if moves is None else moves[axis]))
        grown = grown or any(source.grown for source in sources)
        irregular = irregular or any(source.irregular for source in sources)
        if (
            (spatial and not 1 <= min(spatial) <= max(spatial) <= LARGEST)
            or any(s.high - s.low > REACH or s.jump > STEEPEST or s.period > PERIOD for s in spans)
            # What both come to is seldom known, and nothing behind it.
            or (grown and irregular and self.integer(0, 19))
        ):
            return None
        name = f"n{len(self.lines)}"
        self.lines.append(f"{name}: {text.format(*[f'@{source.name}' for source in sources])}")
        self.layers += layers
        whole = whole or any(source.whole for source in sources)
        made = Tensor(name, spatial, channels, tuple(spans), whole, grown, irregular)
        self.tensors.append(made)
        return made

    # Layers with windows ---------------------------------------------------------------------

    def slid(self, tensor: Tensor) -> Tensor | None:
        """A sliding window, with every padding and both roundings."""
        channels, axes = tensor.channels, self.axes
        op = self.choice(
            ["conv", "conv", "conv", "dwconv", "local", "maxpool", "avgpool", "lppool", "subsample", "im2col"]
        )
        kernel, stride = self.numbers(1, 4), self.choice([(1,) * axes, self.numbers(1, 3)])
        dilation = (1,) * axes
        words = [op, self.size(kernel)]
        if op in ("conv", "local"):
            groups = self.integer(1, 2) if op == "conv" and not channels % 2 else 1
            channels = groups * self.integer(1, 3)
            words.append(str(channels))
            if groups > 1:
                words.append(f"groups={groups}")
            elif op == "conv" and not self.integer(0, 7):
                rows = [self.integer(0, 2**channels - 1) for _ in range(tensor.channels)]
                rows[0] |= 1
                table = " ".join(f"{row:0{channels}b}" for row in rows)
                words.append(f'connect="{table}"')
        if op == "dwconv" and channels < 4 and not self.integer(0, 2):
            channels *= 2
            words.append("multiplier=2")
        words.append(f"stride={self.size(stride)}")
        if op in ("conv", "dwconv", "local", "maxpool", "im2col") and not self.integer(0, 2):
            dilation = self.numbers(1, 3)
            words.append(f"dilation={self.size(dilation)}")
        pad: Any = self.choice(["no", "valid", "half", "half", "same", "same", "one", "axis", "ends"])
        if pad in ("valid", "half", "same"):
            words.append(f"pad={pad}")
        elif pad != "no":
            count = {"one": 1, "axis": axes, "ends": 2 * axes}[pad]
            pad = tuple(self.integer(0, 2) for _ in range(count))
            words.append(f"pad={'x'.join(map(str, pad))}")
        round = self.choice(["floor", "ceil"])
        words.append(f"round={round}")
        if op in ("conv", "dwconv") and not self.integer(0, 2):
            far = max((k - 1) * d + s for k, s, d in zip(kernel, stride, dilation, strict=True)) + 2
            modes = ["replicate", "reflect", "circular"] if min(tensor.spatial) > far else ["replicate"]
            words.append(f"pad_mode={self.choice(modes)}")
        if op == "im2col":
            words.append("-> conv 1 2")
            channels = 2
        used = 0 if pad in ("no", "valid") else pad
        sizes, moves = [], []
        for axis, n in enumerate(tensor.spatial):
            k, s, d = kernel[axis], stride[axis], dilation[axis]
            low, windows = slide(n, k, s, d, used, axes, axis, round)
            reach = (k - 1) * d
            if tensor.grown and low > reach:
                return None  # a unit that reads nothing but what is before a sequence begins
            sizes.append(windows)
            moves.append(Move(Fraction(s), low, max(0, reach - low), 1, s))
        layers = 1 + (op == "im2col")
        return self.put("{0} -> " + " ".join(words), [tensor], tuple(sizes), channels, moves, layers)

    def sliding(self) -> None:
        self.slid(self.map())

    def normalisation(self) -> None:
        tensor, size = self.map(), self.integer(1, 4)
        op = self.choice([f"lrn {size} across=positions", f"lcn {size}"])
        reach = 2 * size
        self.put(
            f"{{0}} -> {op}",
            [tensor],
            tensor.spatial,
            tensor.channels,
            [Move(Fraction(1), reach, reach, 1, 1)] * self.axes,
        )

    def resized(self) -> None:
        """Another number of positions: of any size, or of blocks that become channels."""
        tensor = self.map()
        blocks = [b for b in (1, 2, 3) if all(n % b == 0 for n in tensor.spatial)]
        if not self.integer(0, 2):
            block = self.choice(blocks)
            sizes = tuple(n // block for n in tensor.spatial)
            moves = [Move(Fraction(block), 0, block - 1, 1, block)] * self.axes
            self.put(
                f"{{0}} -> pixel_unshuffle {block}",
                [tensor],
                sizes,
                tensor.channels * block**self.axes,
                moves,
            )
            return
        sizes = self.numbers(1, 8)
        moves = []
        for n, m in zip(tensor.spatial, sizes, strict=True):
            common = gcd(n, m)
            moves.append(Move(Fraction(n, m), 2, n // m + 2, m // common, n // common))
        mode = self.choice(["nearest", "bilinear"])
        if not self.integer(0, 2) and min(*sizes, *tensor.spatial) > 1:
            mode = "bilinear align_corners=yes"
            moves = []
            for n, m in zip(tensor.spatial, sizes, strict=True):
                common = gcd(n - 1, m - 1)
                step = Fraction(n - 1, m - 1)
                moves.append(Move(step, 2, n // m + 2, (m - 1) // common, (n - 1) // common))
        self.put(f"{{0}} -> resize {self.size(sizes)} mode={mode}", [tensor], sizes, tensor.channels, moves)

    def enlarging(self) -> None:
        tensor, factor = self.map(), self.numbers(1, 3)
        source, text = tensor, "{0} -> "
        channels, layers = tensor.channels, 1
        if not self.integer(0, 3):
            factor = (factor[0],) * self.axes
            text += f"conv 1 {factor[0] ** self.axes} -> pixel_shuffle {factor[0]}"
            channels, layers = 1, 2
        else:
            text += f"upsample {self.size(factor)} mode={self.choice(['nearest', 'bilinear'])}"
        sizes = tuple(n * f for n, f in zip(tensor.spatial, factor, strict=True))
        moves = [Move(Fraction(1, f), 1, 1, f, 1) for f in factor]
        self.put(text, [source], sizes, channels, moves, layers)

    def transposed(self) -> None:
        """Kernels smaller than the stride too, and holes that leave units out."""
        tensor, axes = self.map(), self.axes
        kernel, stride, dilation = self.numbers(1, 4), self.numbers(1, 4), self.numbers(1, 3)
        pad: Any = self.choice(["no", "ends", "same", "half"])
        if pad in ("no", "ends"):
            pad = tuple(self.integer(0, 2) * (pad == "ends") for _ in range(2 * axes))
        sizes, moves = [], []
        for axis, n in enumerate(tensor.spatial):
            k, s, d = kernel[axis], stride[axis], dilation[axis]
            reach = (k - 1) * d + 1
            low, high = (reach // 2,) * 2 if isinstance(pad, str) else pad[2 * axis : 2 * axis + 2]
            sizes.append(n * s if pad == "same" else (n - 1) * s - low - high + reach)
            far = reach // s + 3
            moves.append(Move(Fraction(1, s), far, far, s, 1))
        given = pad if isinstance(pad, str) else "x".join(map(str, pad))
        text = f"tconv {self.size(kernel)} 2 stride={self.size(stride)} pad={given}"
        channels, layers = 2, 1
        if not isinstance(pad, str) and min(sizes) > 0 and not self.integer(0, 2):
            size = "x".join(map(str, sizes))
            text = f"conv 1 {prod(kernel)} -> col2im {size} {'x'.join(map(str, kernel))}"
            text += f" stride={self.size(stride)} pad={given}"
            channels, layers = 1, 2
        text += f" dilation={self.size(dilation)}"
        self.put("{0} -> " + text, [tensor], tuple(sizes), channels, moves, layers, irregular=True)

    def rim(self) -> None:
        tensor = self.map()
        most = 0 if tensor.grown else 2
        ends = tuple(self.integer(0, 2 if i % 2 else most) for i in range(2 * self.axes))
        sizes = tuple(n + ends[2 * i] + ends[2 * i + 1] for i, n in enumerate(tensor.spatial))
        moves = [Move(Fraction(1), low, 0, 1, 1) for low in ends[::2]]
        made = ["zeropad", "replicatepad"]
        if max(ends) < min(tensor.spatial):
            made += ["reflectpad", "reflectpad", "circularpad"]
        text = f"{{0}} -> {self.choice(made)} {'x'.join(map(str, ends))}"
        self.put(text, [tensor], sizes, tensor.channels, moves)

    def moved(self) -> None:
        """Positions of one axis moved about: parts, round the end, turned, repeated, chosen, parted."""
        tensor, axis = self.map(), self.integer(0, self.axes - 1)
        n, sizes = tensor.spatial[axis], list(tensor.spatial)
        channels, irregular = tensor.channels, False
        move = STAY
        kind = self.choice(
            ["slice", "slice", "roll", "flip", "repeat", "gather", "parted", "parted", "select"]
        )
        text = f"{kind} axis={axis - self.choice([0, self.axes + 1])}"
        if kind == "slice":
            start = self.integer(0, n - 1)
            stop, step = self.integer(start + 1, n), self.integer(1, 3)
            text = text.replace("slice", f"slice {start} {stop} step={step}")
            sizes[axis] = len(range(start, stop, step))
            move = Move(Fraction(step), 0, start, 1, step)
        elif kind == "roll":
            if tensor.grown:
                return
            shifts = self.numbers(-3, 3)
            text = f"roll {self.size(shifts)}"
            moves = [Move(Fraction(1), max(shift, 0), max(-shift, 0), 1, 1) for shift in shifts]
            self.put(f"{{0}} -> {text}", [tensor], tensor.spatial, channels, moves)
            return
        elif kind == "flip":
            move, irregular = Move(Fraction(1), n, n, 1, 1), True
        elif kind == "repeat":
            times, mode = self.integer(1, 3), self.choice(["all", "each"])
            text = text.replace("repeat", f"repeat {times} mode={mode}")
            sizes[axis] = n * times
            move = Move(Fraction(1, times), 1, 1, times, 1)
            if mode == "all" and times > 1:
                move, irregular = Move(Fraction(0), 0, n, n, 0), True
        elif kind == "gather":
            count = self.integer(1, 5)
            text = text.replace("gather", f"gather {count}")
            sizes[axis] = count
            move = Move(Fraction(0), 0, n, 1, 0)
        elif kind == "select":
            if self.axes > 1:
                return
            text = text.replace("select", f"select {self.integer(-n, n - 1)}")
            self.put(f"{{0}} -> {text}", [tensor], (), channels, whole=tensor.whole)
            return
        else:
            parts = [p for p in (2, 3) if n % p == 0 and n > p]
            if not parts:
                return
            p = self.choice(parts)
            before = [f"s{at}" for at in range(self.axes)]
            behind = list(before)
            form = self.integer(0, 3)
            before[axis] = f"(h p={p})" if form in (0, 3) else f"(p={p} h)"
            behind[axis] = ["h", "h", "(h p)", "(p h)"][form]
            lost = form < 2
            text = f'rearrange "{" ".join(before)} c -> {" ".join(behind)} {"(p c)" if lost else "c"}"'
            if lost:
                sizes[axis], channels = n // p, channels * p
            move = [
                Move(Fraction(p), 0, p - 1, 1, p),
                Move(Fraction(1), 0, n, 1, 1),
                Move(Fraction(1, p), 0, n, p, 1),
                Move(Fraction(1, n // p), 0, n, n // p, 1),
            ][form]
            irregular = not lost
        if channels > 8:
            return
        moves = [move if at == axis else STAY for at in range(self.axes)]
        self.put(f"{{0}} -> {text}", [tensor], tuple(sizes), channels, moves, irregular=irregular)

    def cut(self) -> None:
        """To sizes, or to those of another tensor."""
        tensor, other = self.map(), self.map()
        if all(a <= b for a, b in zip(other.spatial, tensor.spatial, strict=True)):
            self.cropped(tensor, other.spatial, other)
        else:
            self.cropped(tensor, tuple(self.integer(1, n) for n in tensor.spatial))

    def cropped(self, tensor: Tensor, sizes: tuple[int, ...], like: Tensor | None = None) -> Tensor | None:
        both = list(zip(tensor.spatial, sizes, strict=True))
        offset = tuple(self.integer(0, n - m) for n, m in both)
        size = f"@{like.name}" if like is not None else self.size(sizes)
        moves = [Move(Fraction(1), 0, first, 1, 1) for first in offset]
        return self.put(
            f"{{0}} -> crop {size} offset={self.size(offset)}", [tensor], sizes, tensor.channels, moves
        )

    def adaptive(self) -> None:
        tensor = self.map()
        op = self.choice(["adaptive_avgpool", "adaptive_maxpool"])
        sizes = self.numbers(1, 6)
        moves = []
        for n, o in zip(tensor.spatial, sizes, strict=True):
            common = gcd(n, o)
            moves.append(Move(Fraction(n, o), 1, n // o + 2, o // common, n // common))
        self.put(f"{{0}} -> {op} {self.size(sizes)}", [tensor], sizes, tensor.channels, moves)

    # Layers without --------------------------------------------------------------------------

    def pointwise(self) -> None:
        tensor = self.any()
        channels = tensor.channels
        op = self.choice(
            [
                *PLAIN,
                "bn",
                "dropout 0.5",
                "lrn 3",
                "linear 3",
                "layernorm",
                "layernorm across=all",
                "layernorm shift=no",
                "rmsnorm",
                "instancenorm running=yes",
                "groupnorm 1",
                "instancenorm",
                "bias",
                "bias per=position",
                "bias per=all",
                "scale",
                "times 0.5",
                "channel_shuffle 1",
                f"take {channels}",
                "identity -> relu",
                "positions",
                f"maxout {channels}",
                "map exp",
                "threshold 0.5",
                "map rsub 1",
                "map clamp 0 1",
            ]
        )
        if not tensor.spatial and op.partition(" r")[0] in ("instancenorm", "bias per=position", "positions"):
            op = "scale shift=yes"
        channels = 3 if op == "linear 3" else 1 if "maxout" in op else channels
        whole = op == "linear 3" and not tensor.spatial
        self.put(f"{{0}} -> {op}", [tensor], tensor.spatial, channels, whole=whole)

    def reshaped(self) -> None:
        """The same shape, or the axes the other way round: what a unit was is forgotten."""
        tensor = self.map()
        sizes = self.choice([tensor.spatial, tensor.spatial[::-1]])
        shape = "x".join(map(str, (*sizes, tensor.channels)))
        self.put(f"{{0}} -> reshape {shape}", [tensor], sizes, tensor.channels, whole=sizes != tensor.spatial)

    def everything(self) -> None:
        """To a vector that sees all, or to a map that does."""
        tensor = self.map()
        c, spatial = tensor.channels, tensor.spatial
        op, sizes, channels, layers = self.choice(
            [
                ("gap", (), c, 1),
                ("gmp", (), c, 1),
                ("fc 3", (), 3, 1),
                ("rbf 3", (), 3, 1),
                ("flatten -> fc 3", (), 3, 2),
                ("roi_pool 2 proposals=2 -> gap", (), c, 2),
                ("roi_align 2 proposals=2 -> gmp", (), c, 2),
                ("nms 2 -> gap", (), 4, 2),
                self.choice(
                    [
                        ('opaque "a" 2x3 tensors="w=2x2" reads=everything -> gmp', (), 3, 2),
                        ('opaque "b" 5 reads=everything macs=9', (), 5, 1),
                    ]
                ),
                ("attention 1", spatial, c, 1),
            ]
        )
        self.put(f"{{0}} -> {op}", [tensor], sizes, channels, layers=layers, whole=True)

    def attention(self) -> None:
        """Within windows or grids, or of a sequence with what is before."""
        tensor, axes = self.map(), self.axes
        kind = self.choice(["window", "grid", "causal"] if axes == 1 else ["window", "grid"])
        if kind == "causal" and tensor.spatial == (1,):
            return
        sides = []
        moves = []
        for n in tensor.spatial:
            side = self.choice([d for d in range(1, n + 1) if n % d == 0])
            sides.append(side)
            if kind == "window":
                moves.append(Move(Fraction(1), side, side, side, side))
            elif kind == "grid":
                moves.append(Move(Fraction(1), n, n, n // side, n // side))
            else:
                moves.append(Move(Fraction(1), LARGEST, 0, 1, 1))
        words = "causal=yes" if kind == "causal" else f"{kind}={'x'.join(map(str, sides))}"
        grown, irregular = kind == "causal", kind == "grid"
        c = tensor.channels
        if not self.integer(0, 2):  # queries of another tensor of the same sizes
            others = [at for at in self.tensors if at.spatial == tensor.spatial]
            other = self.choice(others)
            text = f"{{0}} -> linear {2 * other.channels}"
            keys = self.put(text, [tensor], tensor.spatial, 2 * other.channels)
            if keys is not None:
                self.put(
                    f"sdpa 1 {{0}} {{1}} {words}",
                    [other, keys],
                    tensor.spatial,
                    other.channels,
                    moves,
                    grown=grown,
                    irregular=irregular,
                )
            return
        text = f"{{0}} -> linear {3 * c} -> sdpa 1 {words}"
        self.put(text, [tensor], tensor.spatial, c, moves, 2, grown=grown, irregular=irregular)

    def reduction(self) -> None:
        """Along some axes, which stay."""
        tensor = self.map()
        axes = [axis for axis in range(self.axes + 1) if self.integer(0, 1)] or [self.axes]
        sizes = tuple(1 if axis in axes else n for axis, n in enumerate(tensor.spatial))
        moves = [
            Move(Fraction(n), 0, n, 1, n) if axis in axes else STAY for axis, n in enumerate(tensor.spatial)
        ]
        channels = 1 if self.axes in axes else tensor.channels
        op = self.choice(["sum", "mean", "amax", "std", "logsumexp"])
        words = f"reduce {op} axis={'x'.join(map(str, axes))} keep=yes"
        whole = set(range(self.axes)) <= set(axes)
        self.put(f"{{0}} -> {words}", [tensor], sizes, channels, moves, whole=whole)

    def line(self) -> None:
        """Along one axis: all of it, what is before, or half of it."""
        tensor = self.map()
        axis = self.integer(0, self.axes)
        op = self.choice(["softmax", "log_softmax", "cumsum", "sort", "argsort", "topk", "glu"])
        sizes, channels = list(tensor.spatial), tensor.channels
        n = [*sizes, channels][axis]
        words = f"{op} axis={axis}"
        grown = op == "cumsum" and axis < self.axes
        if (op == "glu" and n % 2) or (grown and n == 1):
            return
        kept = n // 2 if op == "glu" else self.integer(1, n) if op == "topk" else n
        if op == "topk":
            words = f"topk {kept} axis={axis}"
        moves = [STAY] * self.axes
        if axis < self.axes:
            sizes[axis] = kept
            moves[axis] = Move(Fraction(1), LARGEST, LARGEST, 1, 1)
        else:
            channels = kept
        whole = self.axes == 1 and axis == 0 and op not in ("cumsum", "glu")
        self.put(f"{{0}} -> {words}", [tensor], tuple(sizes), channels, moves, whole=whole, grown=grown)

    def spread(self) -> None:
        """A tensor beside another that has one position along some axes."""
        tensor, other = self.map(), self.map()
        small = tuple(1 if self.integer(0, 1) else n for n in tensor.spatial)
        if any(a > b for a, b in zip(small, other.spatial, strict=True)):
            return
        part = self.cropped(other, small)
        if part is not None and part.channels not in (1, tensor.channels):
            part = self.put("{0} -> linear 1", [part], small, 1)
        if part is None:
            return
        both = [tensor, part]
        if self.integer(0, 1):
            both.reverse()
        moves = [Move(Fraction(1), LARGEST, LARGEST, 1, 1) if n == 1 else STAY for n in small]
        op = self.choice(["add", "mul", "map sub", "map max"])
        self.put(f"{op} {{0}} {{1}}", both, tensor.spatial, tensor.channels, moves)

    def product(self) -> None:
        """A tensor times another: rows with rows."""
        a = self.map()
        fitting = [
            at
            for at in self.tensors
            if len(at.spatial) == self.axes
            and at.spatial[:-1] == a.spatial[:-1]
            and at.channels == a.channels
        ]
        b = self.choice(fitting)
        wide = Move(Fraction(1), LARGEST, LARGEST, 1, 1)
        moves = [*[STAY] * (self.axes - 1), wide]
        text = "matmul {0} {1} transpose=yes"
        if self.integer(0, 1):
            front = "gh"[: self.axes - 1]
            text = f'einsum "{front}nk,{front}mk->{front}nm" {{0}} {{1}}'
        if self.axes == 1:  # the second is seen whole
            self.put(text, [a, b], a.spatial, b.spatial[-1], moves, whole=True)
        else:
            self.put(text, [a, b], a.spatial, b.spatial[-1], moves)

    def sequence(self) -> None:
        """Recurrent layers, and what goes in front of a sequence."""
        if self.axes > 1:
            return self.pointwise()
        tensor = self.map()
        if tensor.spatial == (1,):  # a single step is read as by a layer that slides
            return self.pointwise()
        kind = self.integer(0, 5)
        if kind == 0 and not tensor.grown:
            sizes = (tensor.spatial[0] + 1,)
            self.put("{0} -> class_token", [tensor], sizes, tensor.channels, [Move(Fraction(1), 1, 0, 1, 1)])
        elif kind == 1:
            self.words()
        else:
            op = self.choice(["rnn", "lstm", "gru"])
            last = not self.integer(0, 3)
            layers = self.integer(1, 2)
            text = f"{{0}} -> {op} 2 biases={self.choice(['one', 'two', 'none'])} layers={layers}"
            if not self.integer(0, 3):
                rows = layers * (2 if op == "lstm" else 1)
                ends = self.put(f"{text} returns=states", [tensor], (rows,), 2, whole=True, grown=True)
                if ends is not None:
                    self.put(f"{text} {{1}}", [tensor, ends], tensor.spatial, 2, whole=True, grown=True)
                return None
            text += f" returns={'last' if last else 'sequence'}"
            # Its units see back to the beginning.
            moves = [Move(Fraction(1), LARGEST, 0, 1, 1)]
            self.put(text, [tensor], () if last else tensor.spatial, 2, moves, whole=last, grown=not last)
        return None

    def words(self) -> None:
        """A sentence of words, once: an input without positions."""
        if any(line.startswith("input words") for line in self.lines):
            return
        length = self.integer(1, 9)
        self.lines.insert(1, f"input words: {length}")
        self.lines.append(f"n{len(self.lines)}: @words -> embedding 9 2")
        self.layers += 1
        span = Span(Fraction(0), Fraction(0), Fraction(1), 1)
        self.tensors.append(Tensor(f"n{len(self.lines) - 1}", (length,), 2, (span,)))
        mode = self.choice(["mean", "sum", "max"])
        self.lines.append(f"n{len(self.lines)}: @words -> embedding_bag 9 3 mode={mode}")
        self.layers += 1
        self.tensors.append(Tensor(f"n{len(self.lines) - 1}", (), 3, (), whole=True))

    def sampled(self) -> None:
        """A map read at the places of a grid: one that is made of the map, or of an affine map."""
        tensor = self.map()
        if self.axes == 1 or self.integer(0, 1):
            grid = self.put(f"{{0}} -> conv 1 {self.axes}", [tensor], tensor.spatial, self.axes)
        else:
            numbers, sizes = self.axes * (self.axes + 1), (3, 4, 2)[: self.axes]
            text = f"{{0}} -> fc {numbers} -> affine_grid {'x'.join(map(str, sizes))}"
            grid = self.put(text, [tensor], sizes, self.axes, layers=2, whole=True)
        if grid is not None:
            mode = self.choice(["nearest", "bilinear"])
            self.put(
                f"{{0}} -> grid_sample {{1}} mode={mode}",
                [tensor, grid],
                grid.spatial,
                tensor.channels,
                whole=True,
            )

    def cell(self) -> None:
        """One step of a recurrence, on a vector; often with a state."""
        tensor = self.any()
        pool = "gap -> " if tensor.spatial else ""
        name = self.choice(["rnn_cell", "lstm_cell", "gru_cell"])
        text = f"{{0}} -> {pool}{name} 3 biases={self.choice(['one', 'two', 'none'])}"
        state = self.put(text, [tensor], (), 3, layers=2 if pool else 1, whole=True)
        if state is not None and name != "lstm_cell" and not pool:
            self.put(f"{{0}} -> {name} 3 {{1}}", [tensor, state], (), 3, whole=True)

    # Merges ----------------------------------------------------------------------------------

    def merge(self) -> None:
        self.merged([self.map() for _ in range(self.integer(2, 3))])

    def branches(self) -> None:
        """Windows side by side on one tensor, then joined."""
        root = self.map()
        branches = [at for _ in range(self.integer(2, 3)) if (at := self.slid(root)) is not None]
        self.merged(branches if len(branches) > 1 else [*branches, root, root])

    def merged(self, branches: list[Tensor]) -> None:
        op = self.choice(["add", "mul", "concat", "concat", "stack"])
        least = tuple(min(sizes) for sizes in zip(*(b.spatial for b in branches), strict=True))
        parts: list[Tensor] = []
        for at in branches:
            part: Tensor | None = at
            if at.spatial != least:
                part = self.cropped(at, least)
            if part is not None and op != "concat" and part.channels != 2:
                part = self.put("{0} -> conv 1 2", [part], least, 2)
            if part is None:
                return
            parts.append(part)
        total = sum(part.channels for part in parts)
        names = " ".join(f"{{{index}}}" for index in range(len(parts)))
        if op == "stack":
            text = f"stack {names} axis={self.axes} -> select {self.integer(-2, 1)} axis={self.axes}"
            self.put(text, parts, least, 2, layers=2)
        elif op == "concat" and total > 8:
            self.put(f"concat {names} -> conv 1 3", parts, least, 3, layers=2)
        else:
            self.put(f"{op} {names}", parts, least, total if op == "concat" else 2)

    def residual(self) -> None:
        """A branch and a shortcut, of every kind; a projection has a norm or not."""
        tensor, stride = self.map(), self.integer(1, 2)
        channels = self.choice([tensor.channels, tensor.channels + 1])
        kind = self.choice(["A", "B", "C"])
        norm = self.choice(["", " norm=no"]) if kind != "A" else ""
        text = (
            f"{{0}} -> add\n    | conv {self.size((3,) * self.axes)} {channels} stride={stride} "
            f"pad=half\n    | shortcut kind={kind}{norm}"
        )
        sizes = tuple((n - 1) // stride + 1 for n in tensor.spatial)
        same = sizes == tensor.spatial and channels == tensor.channels
        layers = 2 + (0 if same and kind != "C" else 1 if kind == "A" or norm else 2)
        moves = [Move(Fraction(stride), 1, 1, 1, stride)] * self.axes
        self.put(text, [tensor], sizes, channels, moves, layers)

    def gate(self) -> None:
        """Squeeze-and-excite, or the vector added: both read another tensor whole."""
        tensor, other = self.map(), self.any()
        squeeze = self.choice(["gap", "gmp", "flatten"]) if other.spatial else "relu"
        text = f"{{0}} -> {squeeze} -> fc {tensor.channels} -> sigmoid"
        gate = self.put(text, [other], (), tensor.channels, layers=3, whole=True)
        if gate is None:
            return
        op = self.choice(["mul", "mul", "mul", "add"])
        order = [tensor, gate]
        if self.integer(0, 1):
            order.reverse()
        made = self.put(f"{op} {{0}} {{1}}", order, tensor.spatial, tensor.channels)
        if made is not None and op == "mul":
            self.tensors[-1] = made._replace(whole=tensor.whole)

    def block(self) -> None:
        """A block of the library."""
        tensor, axes = self.map(), self.axes
        stride = self.integer(1, 2)
        c = tensor.channels
        # Call, channels, layers, positions read before and behind.
        found: list[tuple[str, int, int, int]] = [
            (f"conv_bn {self.size((3,) * axes)} 2 stride={stride}", 2, 2, 1),
            (f"conv_bn_relu {self.size((3,) * axes)} 2 stride={stride} dilation=2", 2, 3, 2),
        ]
        if axes == 2:
            found += [
                (f"separable 3x3 2 stride={stride}", 2, 6, 1),
                (f"separable_xception 3x3 2 stride={stride}", 2, 3, 2),
                (f"inverted_residual 2 2 stride={stride}", 2, 8 + (stride == 1 and c == 2), 1),
                (f"basic 2 stride={stride}", 2, 7, 3),
                (f"bottleneck 2 stride={stride}", 8, 10, 1),
                (f"bottleneck_v1 2 stride={stride}", 8, 10, 2),
            ]
        # Blocks that keep the sizes.
        plain: list[tuple[str, int, int, int]] = [("squeeze_excite reduction=2", c, 6, 0)]
        if axes == 2:
            plain.append(("inception 1 1 1 1 1 1", 4, 14, 3))
            if c <= 4:
                plain.append(("dense_layer 1", c + 1, 7, 1))
        call, channels, layers, reach = self.choice([*found, *plain])
        if call in [text for text, *_ in plain]:
            stride = 1
        if tensor.grown and stride > 1 and "xception" in call:
            return
        sizes = tuple((n - 1) // stride + 1 for n in tensor.spatial)
        if call.startswith(("basic", "bottleneck")) and (sizes, channels) != (tensor.spatial, c):
            layers += 2  # its shortcut is a projection with its norm
        moves = [Move(Fraction(stride), reach, reach, 1, stride)] * axes
        self.put(f"{{0}} -> {call}", [tensor], sizes, channels, moves, layers)

    # A whole network --------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> list[Callable[[], None]]:
        """What a step may do; what makes windows more often."""
        return [
            *[self.sliding] * 6,
            *[self.branches] * 3,
            *[self.enlarging] * 3,
            *[self.resized] * 2,
            *[self.transposed] * 3,
            *[self.pointwise] * 3,
            *[self.residual] * 2,
            *[self.block] * 4,
            *[self.sequence] * 3,
            *[self.attention] * 2,
            *[self.product] * 2,
            *[self.spread] * 2,
            *[self.reduction] * 2,
            *[self.line] * 3,
            self.merge,
            self.normalisation,
            *[self.moved] * 4,
            self.rim,
            self.cut,
            self.adaptive,
            self.gate,
            self.sampled,
            self.cell,
            self.everything,
            self.reshaped,
        ]

    def text(self) -> str:
        """The spec."""
        if not self.layers:
            self.put("{0} -> relu", [self.tensors[0]], (), 0)
        return "net random\n" + "".join(f"  {line}\n" for line in self.lines)


def network_of(seed: int, layers: int) -> str:
    """A random network of so many layers, or a few more."""
    write = Writer(random.Random(seed).randint)
    while write.layers < layers:
        write.choice(write.kinds)()
    return write.text()


@st.composite
def networks(draw: Any, steps: int = 12) -> str:
    """The text of a spec: chains, branches, gates, one to three axes, one or two inputs."""
    write = Writer(lambda low, high: draw(st.integers(low, high)))
    for _ in range(write.integer(3, steps)):
        write.choice(write.kinds)()
    return write.text()
