"""A belief: a misconception or a convention, all of it in one place."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args, get_type_hints

from ...ops.terms import OUTPUT
from ..methods.base import Method
from ..methods.calculated import Calculated
from ..methods.counts import CountMethod
from ..methods.fields import Field, Path
from ..methods.matrices import MatrixMethod
from ..methods.sums import Sum
from ..methods.volumes import VolumeMethod

ERROR, CONVENTION = "error", "convention"
# The quantities that are operations.
OPERATIONS = ("macs", "flops")
Kinds = tuple[type[Method], ...]


class Variant(NamedTuple):
    """One of several ways in which a belief changes a method, in words of its own."""

    name: str
    method: Method


# Quantities that are another one in another unit: what is believed of that is believed of them.
SAME_AS = {"param_bytes": "params"}


@dataclass(eq=False, repr=False)
class Belief:
    """Something that somebody may believe: a misconception, or a convention."""

    id: str  # for a quiz's marks and a class's figures: ``bias-forgotten``
    name: str  # for a reader, behind "consistent with": ``bias forgotten``
    # The change: a method to a changed one, to a variant with words of its own, or to several; None where
    # it does not apply.
    rule: Callable[..., Any]
    of: Kinds  # the methods that it changes
    quantities: tuple[str, ...]  # the quantities it is about; empty for all of that method
    wrong: str  # the formula, in the letters of ``archcalc explain``
    why: str  # why it is wrong, for a student
    hint: str  # a question that leads there and gives nothing away
    source: str  # where it was seen
    scope: str = ERROR  # or CONVENTION: another way of counting, which is no error
    # It stands for many changes, each with words of its own: assumed alone, of one layer.
    family: bool = False
    # It changes so little that it is not named beside a right answer that was rounded.
    slight: bool = False
    # It is about an argument or a kind of layer that few have: where it comes to the same as what may be
    # believed of any layer, it goes first.
    special: bool = False
    # It may be followed in one layer of a network and in no other: the words for that, ``{}`` for the layer.
    alone: str = ""

    @property
    def pairs(self) -> bool:
        """Whether it may be assumed together with another."""
        return self.scope == ERROR and not self.family

    @property
    def joins(self) -> bool:
        """Whether two such conventions may hold at once: those of how operations are counted, as
        MACs with their biases that are called FLOPs."""
        return self.scope == CONVENTION and bool(self.quantities) and ({*self.quantities} <= {*OPERATIONS})

    @property
    def propagates(self) -> bool:
        """Whether it is a rule for sizes that may be followed in every layer of a network."""
        return VolumeMethod in self.of and not self.family

    def __repr__(self) -> str:
        return f"<{self.scope} {self.id}>"

    def applied(self, method: Method) -> Iterator[Variant]:
        """The method changed, in every way that the belief knows; nothing where it does not apply.

        What changes a layer changes every layer of a sum, and what changes a path those along all
        axes of a field; what changes the size of an output changes the counts that are made for each
        of its positions.
        """
        found = self._changed(method)
        if found is None:
            return
        if isinstance(found, Method):
            yield Variant(self.name, found)
        elif isinstance(found, Variant):
            yield found
        else:
            yield from found

    def _changed(self, method: Method) -> Method | Variant | Iterable[Variant] | None:
        if isinstance(method, self.of):
            quantity = getattr(method, "quantity", "")
            kinds = {quantity, SAME_AS.get(quantity, quantity)}
            if self.quantities and quantity and kinds.isdisjoint(self.quantities):
                return None
            changed: Method | Variant | Iterable[Variant] | None = self.rule(method)
            return changed
        if isinstance(method, MatrixMethod):
            return self._of_matrices(method) if VolumeMethod in self.of else None
        if isinstance(method, Field) and Path in self.of:
            return method.each(self.rule)
        if isinstance(method, Sum):
            return None if self.family else method.each(self._of_part)
        if isinstance(method, Calculated):
            return None if self.family else self._of_sides(method)
        if isinstance(method, CountMethod) and VolumeMethod in self.of:
            return self._of_positions(method)
        return None

    def _of_matrices(self, method: MatrixMethod) -> Iterator[Variant] | None:
        """Values worked out with another rule for sizes. A convention makes none: which windows there are is
        stated with the numbers."""
        if self.scope == CONVENTION or self.family:
            return None
        return itertools.starmap(Variant, method.with_size_rule(self.name, self.rule))

    def _of_sides(self, whole: Calculated) -> Iterator[Variant]:
        """What is computed of quantities, the change made in all that it applies to; a misconception also
        in one of them alone."""
        found: dict[str, dict[str, Method]] = {}
        for side in whole.sides:
            for variant in self.applied(side.method):
                if variant.method.value is not None:
                    found.setdefault(variant.name, {}).setdefault(side.key, variant.method)
        words = {side.key: side.words for side in whole.sides}
        for name, methods in found.items():
            yield Variant(name, whole.having(methods))
            if len(methods) > 1 and self.scope == ERROR:
                for key, method in methods.items():
                    yield Variant(f"{name} in {words[key]} alone", whole.having({key: method}))

    def _of_part(self, count: CountMethod) -> CountMethod | None:
        """The changed count of one layer of a sum; of several variants, a sum follows the first
        throughout."""
        found = self._changed(count) if isinstance(count, self.of) else None
        if found is not None and not isinstance(found, (Method, Variant)):
            found = next(iter(found), None)
        if isinstance(found, Variant):
            found = found.method
        return found if isinstance(found, CountMethod) else None

    def _of_positions(self, count: CountMethod) -> CountMethod | None:
        if count.volume is None or not any(term.at == OUTPUT for term in count.terms):
            return None
        volume = self.rule(count.volume)
        return count.but(volume=volume) if isinstance(volume, VolumeMethod) else None


CATALOGUE: dict[str, Belief] = {}


def explanations(ids: Iterable[str]) -> list[str]:
    """The explanations of some beliefs, for a student."""
    return [CATALOGUE[id].why for id in ids if id in CATALOGUE]


def belief(
    name: str, *, quantities: str | tuple[str, ...] = (), of: Kinds | None = None, **rest: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a rule into the catalogue. Its id is the function's name: ``bias_forgotten`` is
    ``bias-forgotten`` there. It changes the methods that its argument is annotated with.

    Args:
        name: The belief in words, behind "consistent with".
        quantities: The quantities it is about; all of the methods, if none is given.
        of: The methods that it changes in all layers, where they are not those of the annotation.
        rest: The other fields of a :class:`Belief`.

    Raises:
        ValueError: Where the id is taken.
    """

    def enter(rule: Callable[..., Any]) -> Callable[..., Any]:
        id = rule.__name__.replace("_", "-")
        if id in CATALOGUE:
            raise ValueError(f"two beliefs are called {id}")
        argument = next(iter(get_type_hints(rule).values()))
        kinds = of if of is not None else get_args(argument) or (argument,)
        about = (quantities,) if isinstance(quantities, str) else quantities
        CATALOGUE[id] = Belief(id, name, rule, kinds, about, **rest)
        return rule

    return enter
