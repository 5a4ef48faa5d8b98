"""Repeats: of turns that are alike, and of equal statements one after the other."""

from __future__ import annotations

from .items import (
    LayerItem,
    ReferenceItem,
    RepeatItem,
    Slot,
    SlotTurns,
    SlotValue,
    SpecItem,
    SpecStatement,
    places,
    shape_of,
    shape_of_item,
)


def repeatable(turns: list[list[SpecItem]]) -> bool:
    """Whether turns differ in values alone, and in few of them."""
    if len({tuple([shape_of_item(item) for item in turn]) for turn in turns}) > 1:
        return False
    if any(isinstance(item, LayerItem) and item.branches for item in turns[0]):
        return False
    slots = [[at for item in turn for at in places(item)] for turn in turns]
    differing = 0
    for together in zip(*slots, strict=True):
        values = [holder[key] for holder, key in together]
        differing += any(not same(value, values[0]) for value in values[1:])
    return differing <= 3


def runs(turns: list[list[SpecItem]]) -> list[int]:
    """How many turns stand together, one after the other, because they differ in values alone."""
    found: list[int] = []
    at = 0
    while at < len(turns):
        count = 1
        while at + count < len(turns) and repeatable(turns[at : at + count + 1]):
            count += 1
        found.append(count)
        at += count
    return found


def combined_run(turns: list[list[SpecItem]]) -> list[SpecItem]:
    """The items of a turn, or of a repeat of several."""
    return turns[0] if len(turns) == 1 else [combined(turns)]


def joined(statements: list[SpecStatement]) -> list[SpecStatement]:
    """Equal statements one after the other, as a repeat."""
    found: list[SpecStatement] = []
    at = 0
    while at < len(statements):
        run = [statements[at]]
        while at + len(run) < len(statements) and _equal(run[0], statements[at + len(run)]):
            run.append(statements[at + len(run)])
        if len(run) > 1:
            whole = SpecStatement(None, [combined([s.items for s in run])], run[-1].result)
            whole.modules = "…".join(dict.fromkeys([s.modules for s in (run[0], run[-1]) if s.modules]))
            found.append(whole)
        else:
            found += run
        at += len(run)
    return found


def _equal(one: SpecStatement, other: SpecStatement) -> bool:
    if one.label is not None or other.label is not None or one.out or other.out:
        return False
    if any(isinstance(item, (ReferenceItem, RepeatItem)) for item in one.items):
        return False
    if any(isinstance(item, LayerItem) and (item.branches or item.references) for item in one.items):
        return False
    if len(one.items) != len(other.items) or shape_of([one]) != shape_of([other]):
        return False
    if all(isinstance(item, LayerItem) and not item.op.weighted for item in one.items):
        return False
    values = [[holder[key] for item in s.items for holder, key in places(item)] for s in (one, other)]
    return all(same(a, b) for a, b in zip(*values, strict=True))


def combined(turns: list[list[SpecItem]]) -> RepeatItem:
    """A repeat of turns that differ in values alone, each that differs as a list."""
    slots = [[at for item in turn for at in places(item)] for turn in turns]
    for together in zip(*slots, strict=True):
        arguments, name = together[0]
        values = [holder[key] for holder, key in together]
        if any(not same(value, values[0]) for value in values[1:]):
            arguments[name] = listed([value for value in values if isinstance(value, Slot)])
        elif len({value.arriving for value in values if isinstance(value, Slot)}) > 1:
            # What arrives differs from turn to turn: it is not written as a part of that.
            arguments[name] = values[0]._replace(arriving=0) if isinstance(values[0], Slot) else values[0]
    return RepeatItem(Slot("n", len(turns), 0, True, None), turns[0])


def same(one: SlotValue, other: SlotValue) -> bool:
    """Whether two arguments are the same value."""
    if isinstance(one, Slot) and isinstance(other, Slot):
        return type(one.value) is type(other.value) and bool(one.value == other.value)
    return one == other


def listed(values: list[Slot]) -> SlotTurns:
    """Values one per turn, ``..`` for a run of equal ones at the begin or the end."""
    if len(values) == 2 and values[1].value == values[1].default:
        return SlotTurns(tuple(values), 1)
    if len(values) > 2:
        if all(same(value, values[1]) for value in values[2:]):
            return SlotTurns((values[0], values[1]), 1)
        if all(same(value, values[0]) for value in values[1:-1]):
            return SlotTurns((values[0], values[-1]), 0)
        last = len(values) - 1
        while same(values[last - 1], values[-1]):
            last -= 1
        if last < len(values) - 2:
            return SlotTurns(tuple(values[: last + 1]), last)
    return SlotTurns(tuple(values), None)
