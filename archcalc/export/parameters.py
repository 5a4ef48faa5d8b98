"""The parameters of a class: as few as say all that differs between its instances."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from .identifiers import Names, variable
from .templates import LiteralTemplate

# Known parameters that formulas are made of, two by two.
MOST_BASES = 12
# A literal of each instance; None where an instance has no use for it.
LiteralColumn = tuple[str | None, ...]


class ConstructorParameter:
    """A parameter of a constructor.

    values  its value for each instance
    usual   its default; None if it must be given
    """

    def __init__(self, name: str, values: Sequence[str], usual: str | None):
        self.name = name
        self.values = values
        self.usual = usual


class Known:
    """What may be a parameter: its name, and its value for each instance.

    by_itself  it is a parameter of the block itself
    """

    def __init__(self, name: str, values: LiteralColumn, by_itself: bool):
        self.name = name
        self.values = values
        self.by_itself = by_itself
        self.roles: list[str] = []
        self.usuals: set[str | None] = set()
        self.used = False
        self.place = 0  # of the first literal that it stands for

    def use(self, place: int) -> None:
        """Let it stand for a literal."""
        if not self.used or place < self.place:
            self.place = place
        self.used = True

    def numbers(self) -> list[int] | None:
        """Return the values as numbers; None if they are none."""
        if not all(value is not None and value.isdigit() for value in self.values):
            return None
        return [int(value or 0) for value in self.values]


class Parameters:
    """The parameters of a class, and what stands for each literal in its source.

    rows   the literals of each instance, None where it has no use for one; ``order`` says where
           their parameters come
    list   the parameters in order: those without a default first
    fills  source for each literal, None where it is left out; names stand in braces, ``{stride}``
    """

    def __init__(
        self,
        rows: Sequence[Sequence[LiteralTemplate | None]],
        order: Sequence[int],
        known: Sequence[Known],
        outputs: LiteralColumn,
        taken: Iterable[str],
    ):
        self._known = _different(known)
        self._by_values = {each.values: each for each in self._known}
        self._outputs = outputs
        self._new: dict[LiteralColumn, Known] = {}
        self._alone: list[Known] = []
        self._expressions: dict[LiteralColumn, str] = {}  # what stands for the literals so far
        self._formulas: dict[tuple[LiteralColumn, str], str] = {}
        columns = list(zip(*rows, strict=True))
        self.fills: list[str | None] = [None] * len(columns)
        # First what every instance has: the others may agree with one of those.
        for at in sorted(range(len(columns)), key=lambda at: None in columns[at]):
            self._at = order[at]
            self.fills[at] = self._fill(columns[at])
        self._called = self._names(taken)
        self.fills = [fill and self._named(fill) for fill in self.fills]
        self.list = sorted(self._parameters(), key=lambda p: p.usual is not None)

    # What stands for a literal ---------------------------------------------------------------

    def _fill(self, literals: Sequence[LiteralTemplate | None]) -> str | None:
        present = [literal for literal in literals if literal is not None]
        texts = {literal.text for literal in present}
        if all(literal.text == literal.usual for literal in present):
            return None
        column: LiteralColumn = tuple([literal.text if literal is not None else None for literal in literals])
        role = present[0].role
        if len(texts) == 1:
            # Of a part that some have not: rather what says the same elsewhere than a number.
            same = [k for k in self._all() if role in k.roles and _agree(column, k.values)]
            return f"{{{id(same[0])}}}" if None in column and same else texts.pop()
        usuals = {literal.usual for literal in present}
        if present[0].alone:
            self._alone.append(Known("", column, True))
            return self._use(self._alone[-1], role, usuals)
        exact = self._exact(column)
        if exact is None and None in column:
            for values, expression in self._expressions.items():
                if _agree(column, values):
                    return expression
        if exact is None:
            key = (column, role)
            if key not in self._formulas:
                self._formulas[key] = self._formula(column, role)
            if self._formulas[key]:
                self._expressions[column] = self._formulas[key]
                return self._formulas[key]
            exact = self._new[column] = Known("", column, True)
        return self._use(exact, role, usuals)

    def _use(self, known: Known, role: str, usuals: set[str | None]) -> str:
        known.use(self._at)
        known.roles.append(role)
        known.usuals |= usuals
        return f"{{{id(known)}}}"

    def _exact(self, column: LiteralColumn) -> Known | None:
        if None not in column:
            return self._by_values.get(column) or self._new.get(column)
        for known in (*self._known, *self._new.values()):
            if _agree(column, known.values):
                return known
        return None

    def _formula(self, column: LiteralColumn, role: str) -> str:
        """Return what says a column by known ones; empty if nothing does."""
        if not all(value is None or value.isdigit() for value in column):
            return ""
        where = [at for at, value in enumerate(column) if value is not None]
        wanted = [int(column[at] or 0) for at in where]
        bases: list[tuple[Known, list[int]]] = []
        for known in self._known:
            numbers = known.numbers()
            if numbers is not None:
                here = [numbers[at] for at in where]
                if len(set(here)) > 1 and len(bases) < MOST_BASES:
                    bases.append((known, here))
        for expression, base in _formulas(wanted, bases, role):
            for known in base:
                known.use(self._at)
            return expression
        return ""

    # Names -----------------------------------------------------------------------------------

    def _all(self) -> list[Known]:
        everyone = (*self._known, *self._new.values(), *self._alone)
        found = [known for known in everyone if known.used]
        return sorted(found, key=lambda known: known.place)

    def _names(self, taken: Iterable[str]) -> dict[int, str]:
        names = Names(*taken)
        found: dict[int, str] = {}
        roles = [self._role(known) for known in self._all()]
        for known, role in zip(self._all(), roles, strict=True):
            name = known.name
            speaks = role not in ("size", "count", "step", "p")
            if not name or (len(name) == 1 and speaks and roles.count(role) == 1):
                name = role
            found[id(known)] = names.free(variable(name))
        return found

    def _role(self, known: Known) -> str:
        """Return a word for what a parameter says."""
        roles = [role for role in known.roles if not role.startswith("in_")] or known.roles
        if known.name == "in_channels":
            return known.name
        role = roles[0] if roles else "size"
        as_given = any(each.name == "in_channels" and each.used for each in self._known)
        if role == "out_channels" and not (as_given and _agree(known.values, self._outputs)):
            return "channels"
        return role

    def _named(self, fill: str) -> str:
        return re.sub(r"\{(\d+)\}", lambda match: f"{{{self._called[int(match[1])]}}}", fill)

    def _parameters(self) -> Iterable[ConstructorParameter]:
        for known in self._all():
            given = [value for value in known.values if value is not None]
            usual = next(iter(known.usuals)) if len(known.usuals) == 1 else None
            if usual is not None and usual not in given:
                usual = None
            if len(given) < len(known.values):
                usual = usual or max(dict.fromkeys(given), key=given.count)
            values = [value if value is not None else usual or "" for value in known.values]
            yield ConstructorParameter(self._called[id(known)], values, usual)


def in_class(fill: str) -> str:
    """Return a fill as it stands in a constructor."""
    return fill.replace("{", "").replace("}", "")


def in_forward(fill: str, attribute: Callable[[str], str]) -> str:
    """Return a fill as it stands in a forward pass, the parameters kept as attributes."""
    return re.sub(r"\{(\w+)\}", lambda match: f"self.{attribute(match[1])}", fill)


def _different(known: Sequence[Known]) -> list[Known]:
    """Return those that vary, and of those that always vary alike the first, under what their names
    have in common."""
    found: dict[LiteralColumn, Known] = {}
    for each in known:
        if len(set(each.values)) > 1:
            first = found.setdefault(each.values, each)
            if each.by_itself:
                first.name = _common(first.name, each.name) or first.name
    return list(found.values())


def _common(one: str, other: str) -> str:
    """Return what two names begin with."""
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size]:
        size += 1
    return one[:size].rstrip("_")


def _agree(column: LiteralColumn, values: LiteralColumn) -> bool:
    return all(a is None or a == b for a, b in zip(column, values, strict=True))


def _formulas(
    wanted: list[int], bases: list[tuple[Known, list[int]]], role: str
) -> Iterable[tuple[str, tuple[Known, ...]]]:
    """Formulas that give the wanted numbers, the likeliest first."""
    for known, here in bases:
        if here[0] and wanted[0] % here[0] == 0:
            factor = wanted[0] // here[0]
            if factor > 1 and wanted == [factor * number for number in here]:
                yield f"{factor} * {{{id(known)}}}", (known,)
    for known, here in bases:
        if wanted[0] and here[0] % wanted[0] == 0:
            factor = here[0] // wanted[0]
            if factor > 1 and here == [factor * number for number in wanted]:
                yield f"{{{id(known)}}} // {factor}", (known,)
    if role in ("padding", "pad"):
        for known, here in bases:
            if wanted == [number // 2 for number in here]:
                yield f"{{{id(known)}}} // 2", (known,)
    for at, (one, first) in enumerate(bases):
        for other, second in bases[at + 1 :]:
            if wanted == [a * b for a, b in zip(first, second, strict=True)]:
                yield f"{{{id(one)}}} * {{{id(other)}}}", (one, other)
    for known, here in bases:
        more = wanted[0] - here[0]
        if (len(set(here)) > 2 or role == "count") and wanted == [n + more for n in here]:
            sign = "+" if more > 0 else "-"
            yield f"{{{id(known)}}} {sign} {abs(more)}", (known,)
