"""As far as what a run came: the parts of a module that were complete before it failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .recording import ModuleCall, ModuleInfo, Operation, Value


def furthest(calls: Iterable[ModuleCall]) -> ModuleCall | None:
    """Return the call of a part that ended last, of those that gave something that depends on an input."""
    able = [call for call in calls if call.path and call.ended is not None and gives(call)]
    return max(able, key=lambda call: call.ended or 0, default=None)


def gives(call: ModuleCall) -> bool:
    """Tell whether a call gave something that was computed from an input and holds values."""
    return any(value.depends and value.operation is not None and all(value.sizes) for value in call.results)


def complete(
    name: str, calls: Sequence[ModuleCall], modules: Mapping[str, ModuleInfo]
) -> tuple[str, list[ModuleCall]]:
    """Find what somebody calls ``name`` among the calls that ended.

    Args:
        name: A dotted name of a module, of a list of modules, or of a layer inside a module; ``#2`` behind it
            means its second call.
        calls: All calls of the run, in the order in which they began.
        modules: The modules by path.

    Returns:
        The name as far as it is that of a module, and the calls whose results are its own; none where it is
        not complete.
    """
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        path, _, number = ".".join(parts[:count]).partition("#")
        wanted = int(number) if number.isdigit() else 1
        found = [call for call in calls if call.path == path and call.number == wanted and gives(call)]
        if any(call.ended is not None for call in found):
            return ".".join(parts[:count]), found
        inside = list(_children(path, modules))
        ended = {call.path: call for call in calls if call.number == wanted and call.ended is not None}
        if path not in {call.path for call in calls} and inside and all(one in ended for one in inside):
            return path, [ended[one] for one in inside if gives(ended[one])]
    return "", []


def _children(path: str, modules: Mapping[str, ModuleInfo]) -> Iterator[str]:
    """The modules that a list of modules holds: those right below it."""
    for other in modules:
        parent, _, last = other.rpartition(".")
        if last and parent == path:
            yield other


def results(calls: Iterable[ModuleCall]) -> list[tuple[str, Value]]:
    """Return what calls gave that holds values and depends on an input: each once, by numbers."""
    found: dict[int, Value] = {}
    for call in calls:
        for value in call.results:
            if value.depends and all(value.sizes):
                found.setdefault(value.index, value)
    if len(found) == 1:
        return [("out", value) for value in found.values()]
    return [(str(number), value) for number, value in enumerate(found.values())]


def all_needed(calls: Iterable[ModuleCall], operations: Iterable[Operation]) -> bool:
    """Tell whether the outputs of a network need something that calls gave."""
    live = set(operations)
    return any(value.operation in live for call in calls for value in call.results)


def help_of(calls: Iterable[ModuleCall]) -> list[str]:
    """Return the help where a run fails: as far as what it came, and the option that takes that part."""
    last = furthest(calls)
    if last is None:
        return []
    name = f"{last.path}#{last.number}" if last.number > 1 else last.path
    return [f"it came as far as {name}: --until {name} takes the part up to there"]
