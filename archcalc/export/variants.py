"""Blocks that differ in more than literals: one class, where a part of it can be left out.

The variant with the most pieces is what the class is made of. Pieces that another variant lacks
are left out by a flag, if that leaves a way past them: a chain becomes nn.Identity, a merge is
passed by on one of its branches. A module in whose place others have another one is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .drafts import Draft, Piece, Ref
from .layout import flat
from .templates import LiteralTemplate, RowTemplate, Template, TextTemplate
from .units import LayerUnit, Unit, UnitChain

# Blocks of more pieces are not compared: the search for a likeness is not linear.
MOST_PIECES = 200
# Nor are blocks of more structures than these.
MOST_VARIANTS = 20
# Steps of that search before it is given up.
PATIENCE = 20_000

NOTHING = "nn.Identity()"


class Match(NamedTuple):
    """How a draft with fewer pieces fits into one with all of them.

    partners  for each piece of the full one the number of the other's; None where it has none
    past      for each that is missing, what stands for its output
    """

    partners: Sequence[int | None]
    past: Mapping[Ref, Ref]


class ClassVariant:
    """What a class is made of.

    draft      the one with all pieces
    pieces     those pieces, with flags
    gives      where the outputs are from
    flags      names for the flags
    instances  each draft, its literals in the order of the pieces and behind them its flags, its
               units piece by piece; None for what it lacks
    suffix     what tells it from other variants of the same name
    """

    def __init__(self, draft: Draft):
        self.draft = draft
        self.pieces = draft.pieces
        self.gives = draft.gives
        self.flags: list[str] = []
        self.instances: list[tuple[Draft, Sequence[LiteralTemplate | None], Sequence[Unit | None]]] = []
        self.suffix = ""

    def order(self) -> list[int]:
        """Return the order of the parameters for the literals: what makes modules first, then what applies
        them, then flags."""
        size = len(self.instances[0][1])
        found: list[int] = []
        for piece in self.pieces:
            applying = len(piece.apply.literals) if piece.apply is not None else 0
            making = len(piece.literals) - applying
            found += range(len(found), len(found) + making)
            found += range(size + len(found), size + len(found) + applying)
        return found + list(range(2 * size, 2 * size + len(self.flags)))

    def add(self, drafts: Sequence[Draft]) -> None:
        """Instances of the same structure."""
        for draft in drafts:
            units = [piece.unit for piece in draft.pieces]
            self.instances.append((draft, draft.literals, units))


def single(draft: Draft) -> ClassVariant:
    """Return a class for one region."""
    found = ClassVariant(draft)
    found.add([draft])
    return found


def merged(groups: Sequence[list[Draft]], swaps: bool) -> Iterator[ClassVariant]:
    """Yield classes for the drafts of one block, which come in groups of one structure.

    ``swaps`` allows modules as arguments: where a loop or a parameter handed them on, several
    turns or places would get the same module.
    """
    left = sorted(groups, key=lambda group: -len(group[0].pieces))
    first: ClassVariant | None = None
    while left:
        full, *others = left
        alike: list[tuple[list[Draft], Match]] = []
        left = []
        for other in others:
            few = len(groups) <= MOST_VARIANTS
            match = _match(full[0], other[0], swaps) if few else None
            if match is not None and _Merging(full, [*alike, (other, match)]).works:
                alike.append((other, match))
            else:
                left.append(other)
        found = _Merging(full, alike).variant() if alike else ClassVariant(full[0])
        if not alike:
            found.add(full)
        if first is None:
            first = found
        else:
            found.suffix = _difference(found.draft, first.draft)
        yield found


def _difference(one: Draft, other: Draft) -> str:
    """Return a word for what one has and another has not."""
    known = {piece.key for piece in other.pieces}
    for piece in one.pieces:
        if piece.key not in known:
            return f"_{piece.unit.word}"
    return ""


def _match(full: Draft, part: Draft, swaps: bool) -> Match | None:
    """Tell how a draft fits into another, None if it does not."""
    if len(full.pieces) > MOST_PIECES or len(full.region.reads) != len(part.region.reads):
        return None
    partners: list[int | None] = [None] * len(full.pieces)
    past: dict[Ref, Ref] = {}
    back: dict[Ref, Ref] = {(-1, n): (-1, n) for n in range(len(full.region.reads))}
    patience = PATIENCE

    def real(ref: Ref) -> Ref:
        while ref in past:
            ref = past[ref]
        return ref

    def fits(piece: Piece, other: Piece, exactly: bool) -> bool:
        if exactly != (piece.key == other.key) or not (exactly or _swaps(piece, other)):
            return False
        return [real(ref) for ref in piece.refs] == [back.get(ref) for ref in other.refs]

    def go(i: int, j: int) -> bool:
        nonlocal patience
        patience -= 1
        if patience < 0 or len(part.pieces) - j > len(full.pieces) - i:
            return False
        if i == len(full.pieces):
            return [real(ref) for ref in full.gives] == [back.get(ref) for ref in part.gives]
        piece = full.pieces[i]
        for exactly in (True, False) if swaps else (True,):
            if j < len(part.pieces) and fits(piece, part.pieces[j], exactly):
                outputs = range(len(piece.unit.gives))
                partners[i] = j
                back.update({(j, n): (i, n) for n in outputs})
                if go(i + 1, j + 1):
                    return True
                partners[i] = None
                for n in outputs:
                    del back[j, n]
            if exactly and len(piece.unit.gives) == 1:
                for ref in dict.fromkeys(real(ref) for ref in piece.refs):
                    past[i, 0] = ref
                    if go(i + 1, j):
                        return True
                    del past[i, 0]
        return False

    return Match(partners, past) if go(0, 0) else None


def _swaps(piece: Piece, other: Piece) -> bool:
    """Tell whether two pieces are modules in the same place, which a label names."""
    return (
        piece.unit.label is not None
        and piece.unit.label == other.unit.label
        and piece.row is not None
        and other.row is not None
    )


class _Merging:
    """One class in the making, from a group with all pieces and others that fit into it.

    works  whether what is missing can be left out
    """

    def __init__(self, full: list[Draft], others: list[tuple[list[Draft], Match]]):
        self.full = full
        self.others = others
        self.draft = full[0]
        size = len(self.draft.pieces)
        self.absent = [tuple([match.partners[at] is None for _, match in others]) for at in range(size)]
        self.swapped = [
            any(self._swapped(at, drafts[0], match) for drafts, match in others) for at in range(size)
        ]
        self.used: dict[Ref, int] = {}
        for piece in self.draft.pieces:
            for ref in piece.refs:
                self.used[ref] = self.used.get(ref, 0) + 1
        for ref in self.draft.gives:
            self.used[ref] = self.used.get(ref, 0) + 1
        self.runs = list(self._runs())
        self.works = all(self._works(run) for run in self.runs)

    def _swapped(self, at: int, draft: Draft, match: Match) -> bool:
        partners = match.partners[at]
        return partners is not None and draft.pieces[partners].key != self.draft.pieces[at].key

    def _runs(self) -> Iterator[list[int]]:
        """Yield the pieces, those that are left out together in one: a chain, or a merge."""
        run: list[int] = []
        for at, piece in enumerate(self.draft.pieces):
            if run and not (
                any(self.absent[at])
                and self.absent[at] == self.absent[run[-1]]
                and piece.row is not None
                and self.draft.pieces[run[-1]].row is not None
                and not self.swapped[at]
                and not self.swapped[run[-1]]
                and piece.refs == ((run[-1], 0),)
                and self.used[run[-1], 0] == 1
            ):
                yield run
                run = []
            run.append(at)
        yield run

    def _works(self, run: list[int]) -> bool:
        at = run[0]
        piece = self.draft.pieces[at]
        if self.swapped[at] or not any(self.absent[at]) or piece.row is not None:
            return True
        if not isinstance(piece.unit, LayerUnit) or piece.module is not None or piece.like is not None:
            return False
        pasts = {match.past[at, 0] for _, match in self.others if match.partners[at] is None}
        # What is passed by on must itself be there, or be passed by with a module in its place.
        return len(pasts) == 1 and all(ref in piece.refs for ref in pasts)

    def variant(self) -> ClassVariant:
        """Return the class."""
        found = ClassVariant(self.draft)
        patterns: dict[tuple[bool, ...], int] = {}
        found.pieces = []
        new: dict[Ref, Ref] = {(-1, n): (-1, n) for n in range(len(self.draft.region.reads))}
        for run in self.runs:
            pieces = [self.draft.pieces[at] for at in run]
            absent, swapped = self.absent[run[0]], self.swapped[run[0]]
            flag = past = None
            if any(absent) and not swapped:
                flag = patterns.setdefault(absent, len(patterns))
                if flag == len(found.flags):
                    found.flags.append(_flag_name(pieces))
                if pieces[0].row is None:
                    match = next(m for _, m in self.others if m.partners[run[0]] is None)
                    past = new[match.past[run[0], 0]]
            refs = tuple([new[ref] for ref in pieces[0].refs])
            for n in range(len(pieces[-1].unit.gives)):
                new[run[-1], n] = (len(found.pieces), n)
            found.pieces.append(self._piece(pieces, refs, flag, past, swapped))
        found.gives = tuple([new[ref] for ref in self.draft.gives])
        size = len(self.draft.pieces)
        everything = Match(list(range(size)), {})
        often = [0] * len(found.flags)
        for drafts, match in [(self.full, everything), *self.others]:
            flags = [
                match.partners[next(at for at in range(size) if self.absent[at] == pattern)] is not None
                for pattern in patterns
            ]
            for number, flag_is_set in enumerate(flags):
                often[number] += len(drafts) if flag_is_set else -len(drafts)
            for draft in drafts:
                found.instances.append(self._instance(draft, match, flags, found.flags))
        for _, literals, _ in found.instances:
            for number, name in enumerate(found.flags):
                place = number - len(found.flags)
                literal = literals[place]
                assert literal is not None
                literal.usual = str(often[number] > 0)
                literal.role = name
        return found

    def _piece(
        self, pieces: list[Piece], refs: tuple[Ref, ...], flag: int | None, past: Ref | None, swapped: bool
    ) -> Piece:
        piece = pieces[0]
        if swapped:
            place = TextTemplate("")
            place.pieces, place.literals = ["", ""], [LiteralTemplate("", None, "module")]
            return Piece(piece.unit, place, None, refs)
        if flag is None or piece.row is None:
            return Piece(piece.unit, piece.module, piece.apply, refs, piece.like, piece.row, flag, past)
        module = _in_row(pieces)
        return Piece(_unit(pieces), module, None, refs, None, [module], flag)

    def _instance(
        self, draft: Draft, match: Match, flags: list[bool], names: list[str]
    ) -> tuple[Draft, list[LiteralTemplate | None], list[Unit | None]]:
        literals: list[LiteralTemplate | None] = []
        units: list[Unit | None] = []
        for run in self.runs:
            partners = [match.partners[at] for at in run]
            pieces = [draft.pieces[at] for at in partners if at is not None]
            swapped, absent = self.swapped[run[0]], any(self.absent[run[0]])
            full = [self.draft.pieces[at] for at in run]
            if swapped:
                literals.append(_as_literal(pieces, full[0], absent))
            elif not absent or full[0].row is None:
                literals += pieces[0].literals if pieces else [None] * len(full[0].literals)
            elif pieces:
                literals += _in_row(pieces).literals
            else:
                literals += [None] * len(_in_row(full).literals)
            if pieces and (swapped or absent):
                units.append(_unit(pieces))
            else:
                units.append(pieces[0].unit if pieces else None)
        literals += [LiteralTemplate(str(value)) for value in flags]
        return draft, literals, units


def _in_row(pieces: list[Piece]) -> Template:
    """Return a chain as one module."""
    items = [item for piece in pieces for item in piece.row or ()]
    return items[0] if len(items) == 1 else RowTemplate(items)


def _unit(pieces: list[Piece]) -> Unit:
    """Return a chain as one unit."""
    units = [piece.unit for piece in pieces]
    if len(units) == 1 and (pieces[0].row is None or len(pieces[0].row) == 1):
        return units[0]
    main = next((unit for unit in units if unit.weighted), units[0])
    return UnitChain(units, main.word, units[0].label)


def _as_literal(pieces: list[Piece], full: Piece, absent: bool) -> LiteralTemplate:
    """Return a module as an argument."""
    text = NOTHING
    if pieces:
        module = _in_row(pieces)
        text = flat(
            module.node(
                iter([None if literal.text == literal.usual else literal.text for literal in module.literals])
            )
        )
    name = full.unit.label or full.unit.word
    return LiteralTemplate(text, NOTHING if absent else None, name, alone=True)


def _flag_name(pieces: list[Piece]) -> str:
    """Return a word for what a flag leaves in."""
    unit = next((piece.unit for piece in pieces if piece.unit.weighted), pieces[0].unit)
    if unit.label == "shortcut":
        return "project"
    if pieces[0].row is None:
        return {"add": "residual", "mul": "gated"}.get(unit.word, f"with_{unit.word}")
    return f"with_{unit.label or unit.word}"
