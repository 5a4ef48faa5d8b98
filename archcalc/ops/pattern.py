"""Patterns of axes, as ``(h p=7) (w q=7) c -> (h w) (p q) c``: the notation of einops (Rogozhnikov,
ICLR 2022) with the sizes written inside."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .attributes import LARGEST, OpError

_TOKEN = re.compile(
    r"(?:(?P<name>[A-Za-z_]\w*)(?:\s*=\s*(?P<size>\d+))?|(?P<mark>->|[()]|1(?!\w))|(?P<other>\S))"
)


class PatternName(NamedTuple):
    """A name in a pattern: the size that is written with it, and where it stands."""

    name: str
    size: int | None
    within: tuple[int, int]


class Pattern:
    """A pattern that was read: for each axis on its left and on its right the parts that it is made of.

    Args:
        text: The pattern.

    Raises:
        OpError: For a text that is none.

    Example:
        >>> from archcalc.ops.pattern import Pattern
        >>> pattern = Pattern("(h p=2) c -> h (p c)")
        >>> [[part.name for part in axis] for axis in pattern.after]
        [['h'], ['p', 'c']]
    """

    __slots__ = ("text", "before", "after", "axes")

    def __init__(self, text: str):
        self.text = text
        self.before: list[list[PatternName]] = []
        self.after: list[list[PatternName]] = []
        # Where each axis of the left side stands.
        self.axes: list[tuple[int, int]] = []
        self._read()
        self._check()

    def _read(self) -> None:
        side, opened = self.before, None
        arrows = 0
        places = self.axes
        for match in _TOKEN.finditer(self.text):
            kind = "name" if match.lastgroup == "size" else match.lastgroup or ""
            start, end = match.start(kind), match.end()
            word = match[kind]
            if kind == "name":
                size = None if match["size"] is None else int(match["size"])
                if size is not None and (arrows or not 1 <= size <= LARGEST):
                    why = "sizes stand on the left of `->`" if arrows else "a size is at least 1"
                    raise self.wrong(why, (start, end))
                part = PatternName(word, size, (start, end))
                if opened is None:
                    side.append([part])
                    places.append((start, end))
                else:
                    side[-1].append(part)
            elif word == "->":
                if opened is not None:
                    break
                arrows += 1
                if arrows > 1:
                    raise self.wrong("a second `->`", (start, end))
                side, places = self.after, []
            elif word == "(":
                if opened is not None:
                    raise self.wrong("a parenthesis within another one", (start, end))
                opened = start
                side.append([])
                places.append((start, end))
            elif word == ")":
                if opened is None:
                    raise self.wrong("a `)` without its `(`", (start, end))
                places[-1] = (opened, end)
                opened = None
            elif word == "1":
                if opened is None:
                    side.append([])
                    places.append((start, end))
            else:
                help = "it holds names, sizes such as `p=7`, 1, parentheses and one `->`"
                raise self.wrong(f"unexpected {word!r}", (start, end), help)
        if opened is not None:
            raise self.wrong("a `(` without its `)`", (opened, opened + 1))
        if not arrows:
            help = 'as in `rearrange "h w c -> w h c"`'
            raise self.wrong("a pattern has a `->`", (0, len(self.text)), help)

    def _check(self) -> None:
        sides = []
        for side in (self.before, self.after):
            seen: dict[str, PatternName] = {}
            for part in [part for axis in side for part in axis]:
                if part.name in seen:
                    raise self.wrong(f"`{part.name}` stands twice on one side", part.within)
                seen[part.name] = part
            sides.append(seen)
        for mine, other, where in ((0, 1, "right"), (1, 0, "left")):
            for name, part in sides[mine].items():
                if name not in sides[other]:
                    raise self.wrong(f"`{name}` is missing on the {where} of `->`", part.within)
        if not self.after:
            raise self.wrong("there is no axis on the right of `->`", (0, len(self.text)))
        for axis, place in zip(self.before, self.axes, strict=True):
            unsized = [part for part in axis if part.size is None]
            if len(unsized) > 1:
                raise self.wrong(
                    f"only one of {', '.join(f'`{part.name}`' for part in unsized)} can be worked out",
                    place,
                    f"write the sizes of the others, as in `{unsized[-1].name}=2`",
                )

    def wrong(self, message: str, within: tuple[int, int], *help: str) -> OpError:
        """The complaint about a part of the pattern."""
        return OpError("argument", message, "pattern", within=within, help=help)

    def accept(self, x: Shape) -> None:
        """Check that a shape fits. Raises OpError."""
        if len(x) != len(self.before):
            axes = "1 axis" if len(x) == 1 else f"{len(x)} axes"
            raise OpError(
                "shape",
                f"the left side has {len(self.before)}, {x} has {axes}",
                "pattern",
                within=(0, max(self.text.find("->"), 1)),
                help="the channels are the last one, and there is none for the batch",
            )
        for number, (n, axis, place) in enumerate(zip(x, self.before, self.axes, strict=True)):
            known = product([part.size for part in axis if part.size is not None])
            whole = all(part.size is not None for part in axis)
            if n % known or (whole and n != known):
                message = f"axis {number} of {x} does not divide into {known}"
                if whole:
                    message = f"axis {number} of {x} is {n}, and {known} in the pattern"
                raise OpError("shape", message, "pattern", within=place)

    def sizes(self, x: Shape) -> dict[str, Number]:
        """The size of every part."""
        found: dict[str, Number] = {}
        for n, axis in zip(x, self.before, strict=True):
            known = [part.size for part in axis if part.size is not None]
            for part in axis:
                if part.size is not None:
                    found[part.name] = part.size
                else:
                    found[part.name] = n // product(known) if known else n
        return found

    def output(self, x: Shape) -> Shape:
        """The shape on the right."""
        sizes = self.sizes(x)
        return Shape([product([sizes[part.name] for part in axis]) for axis in self.after])


class AxisRun(NamedTuple):
    """Positions of an axis of the input as a run of an axis of the output goes through them: so many, so
    far apart; 0 apart where they do not move it."""

    size: int
    apart: int


def followed_axes(pattern: Pattern, x: Shape) -> list[tuple[int | None, list[AxisRun], AxisRun]] | None:
    """Of each spatial axis of an input the axis of the output along which its positions lie (None where
    they became channels), the runs that make up that axis, and the positions that stand side by side in
    the channels. None where an axis of the output has positions of two, two have those of one, or what
    stands in the channels is not evenly apart."""
    sizes = {name: value_of(n) for name, n in pattern.sizes(x).items()}
    places = {part.name: at for at, axis in enumerate(pattern.after[:-1]) for part in axis}
    owners: dict[int, int] = {}
    found: list[tuple[int | None, list[AxisRun], AxisRun]] = []
    for number, axis in enumerate(pattern.before[:-1]):
        apart, weights = 1, {}
        for part in reversed(axis):
            weights[part.name] = apart
            apart *= sizes[part.name]
        along = {places[name] for name in weights if sizes[name] > 1 and name in places}
        if len(along) > 1:
            return None
        at = along.pop() if along else _alone(axis, places, pattern)
        beside = _joined([AxisRun(sizes[p.name], weights[p.name]) for p in axis if p.name not in places])
        if len(beside) > 1 or (at is not None and owners.setdefault(at, number) != number):
            return None
        runs = (
            [] if at is None else [AxisRun(sizes[p.name], weights.get(p.name, 0)) for p in pattern.after[at]]
        )
        found.append((at, _joined(runs), beside[0] if beside else AxisRun(1, 1)))
    return found


def _alone(axis: list[PatternName], places: dict[str, int], pattern: Pattern) -> int | None:
    """The axis of the output that is this axis of one position, and nothing else."""
    for part in axis:
        at = places.get(part.name)
        if at is not None and len(pattern.after[at]) == 1:
            return at
    return None


def _joined(runs: list[AxisRun]) -> list[AxisRun]:
    """Runs of more than one position, those that go on in each other taken as one."""
    found: list[AxisRun] = []
    for run in runs:
        if run.size == 1:
            continue
        if found and found[-1].apart == run.size * run.apart:
            found[-1] = AxisRun(found[-1].size * run.size, run.apart)
        else:
            found.append(run)
    return found
