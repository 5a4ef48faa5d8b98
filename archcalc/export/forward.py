"""The body of a forward pass: which steps share a line, and which variables they go through.

A line has one layer with weights, one pool or one call, and what stands inline with it: norms,
activations, dropout. Branches of one line stand where they are merged. A tensor that only the next line reads
is ``x``, or ``y`` beside an ``x`` that is still needed; others are called by their label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .drafts import Ref
from .expressions import ATOM, BACK, FORTH, Action, filled
from .identifiers import numbered, variable
from .layout import STEP, WIDTH, TextNode, flat, lines

# How long an expression may become before its line is broken in two; with names of variables that
# turn out long, it has to be broken sooner.
LINE_WIDTHS = (WIDTH - 18, WIDTH - 30, WIDTH - 45, WIDTH - 60)
# What a merge reads, in its source.
_PLACES = re.compile(r"\bxs\[(\d+)\]")


class Assignment(NamedTuple):
    """An assignment: one action, and those that stand inside it."""

    action: Action
    targets: list[Ref]
    reads: list[Ref]


def composed(
    inputs: Sequence[str], actions: Sequence[Action], gives: Sequence[Ref], indent: str
) -> tuple[Forward, list[str]]:
    """Return a forward pass, and its source: names of the arguments, the steps in order, where what it
    returns is from."""
    for width_left in LINE_WIDTHS:
        forward = Forward(inputs, actions, gives, width_left)
        found = forward.lines(indent)
        if all(len(line) <= WIDTH for line in found):
            break
    return forward, found


class Forward:
    """The lines of a forward pass.

    inputs   names of the arguments
    actions  the steps, in order
    gives    where what it returns is from
    """

    def __init__(
        self,
        inputs: Sequence[str],
        actions: Sequence[Action],
        gives: Sequence[Ref],
        width_left: int = LINE_WIDTHS[0],
    ):
        self._width_left = width_left
        self.inputs = list(inputs)
        self.actions = actions
        self.gives = gives
        self._uses: dict[Ref, int] = {}
        for action in actions:
            for ref in action.refs + ((action.past,) if action.past is not None else ()):
                self._uses[ref] = self._uses.get(ref, 0) + 1
        for ref in gives:
            self._uses[ref] = self._uses.get(ref, 0) + 2
        self._inline: set[Ref] = set()
        self._compose()
        self._plan = [
            Assignment(action, [(at, n) for n in range(action.outputs)], self._leaves(action))
            for at, action in enumerate(actions)
            if (at, 0) not in self._inline
        ]

    # Which steps share a line ----------------------------------------------------------------

    def _compose(self) -> None:
        """Find the tensors that need no variable."""
        lengths: dict[Ref, int] = {}
        cores: dict[Ref, bool] = {}
        for at, action in enumerate(self.actions):
            length = max(len(action.text) - 1, 1)
            candidates = [
                ref
                for ref in dict.fromkeys(action.refs)
                if ref[0] >= 0 and self._uses[ref] == 1 and self._plain(self.actions[ref[0]])
            ]
            core = not action.inline
            if action.loop is not None or not action.once:
                candidates = []
            elif action.merge:
                candidates = self._branches(action, candidates, lengths)
            elif len(action.refs) > 1 or not all(
                self._joins(action, ref, cores[ref])
                and lengths[ref] + length <= self._width_left + self._moved(action, ref)
                for ref in candidates
            ):
                candidates = []
            else:
                length -= sum(self._moved(action, ref) for ref in candidates)
            for ref in candidates:
                self._inline.add(ref)
                core = core or cores[ref]
            for ref in action.refs:
                length += lengths[ref] if ref in self._inline else 4
            lengths[at, 0] = length
            cores[at, 0] = core

    def _plain(self, action: Action) -> bool:
        return action.outputs == 1 and action.loop is None and action.condition is None

    def _joins(self, action: Action, ref: Ref, core: bool) -> bool:
        """Tell whether an action may stand on the line of what it reads."""
        before = self.actions[ref[0]]
        same = before.statement is action.statement
        if action.inline:
            return same or action.free
        return same and (not core or self._moved(action, ref) > 0)

    def _moved(self, action: Action, ref: Ref) -> int:
        """Tell how much shorter the line becomes because the channels need not be put back in front
        only to be put behind again."""
        if f"x{FORTH}" not in action.text:
            return 0
        before = self.actions[ref[0]]
        while before.function and before.refs[0] in self._inline:
            before = self.actions[before.refs[0][0]]
        return len(BACK) + len(FORTH) if before.text.endswith(BACK) else 0

    def _branches(self, action: Action, candidates: list[Ref], lengths: dict[Ref, int]) -> list[Ref]:
        """Return the branches that stand where they are merged."""
        width_left = self._width_left - len(action.text) - 8 * (len(action.refs) - len(candidates))
        if action.text.startswith("torch.cat"):
            return candidates if sum(lengths[ref] + 2 for ref in candidates) <= width_left else []
        found = []
        for ref in sorted(candidates, key=lambda ref: lengths[ref]):
            width_left -= lengths[ref] + 3
            if width_left < 0:
                break
            found.append(ref)
        return found

    def _leaves(self, action: Action) -> list[Ref]:
        """Return the tensors that a line reads, in the order in which they stand there."""
        found: list[Ref] = []
        for ref in action.refs:
            found += self._leaves(self.actions[ref[0]]) if ref in self._inline else [ref]
        if action.past is not None:
            found.append(action.past)
        return found

    def order(self) -> list[list[int]]:
        """Return the actions of each line in the order in which Python does them; the last is the line's
        own."""
        return [list(self._evaluated(line.targets[0][0])) for line in self._plan]

    def _evaluated(self, at: int) -> Iterator[int]:
        action = self.actions[at]
        places = dict.fromkeys(map(int, _PLACES.findall(action.text))) or range(len(action.refs))
        for number in places:
            ref = action.refs[number]
            if ref in self._inline:
                yield from self._evaluated(ref[0])
        yield at

    # Variables -------------------------------------------------------------------------------

    def lines(self, indent: str) -> list[str]:
        """Return the source of the body."""
        plan = self._plan
        last: dict[Ref, int] = {}
        readers: dict[Ref, list[int]] = {}
        for at, line in enumerate(plan):
            for ref in dict.fromkeys(line.reads):
                last[ref] = at
                readers.setdefault(ref, []).append(at)
        for ref in self.gives:
            last[ref] = len(plan)
        branch_names = self._branch_names(readers)
        self._names: dict[Ref, str] = {}
        self._live: dict[str, Ref] = {}
        self._general: set[str] = {"x"} if self.inputs == ["x"] else set()
        self._count = 1
        for number, name in enumerate(self.inputs):
            if last.get((-1, number), -1) >= 0:
                self._names[-1, number] = name
                self._live[name] = (-1, number)
        found: list[str] = []
        for at, line in enumerate(plan):
            if at == len(plan) - 1 and self.gives == tuple(line.targets) and (line.action.loop is None):
                node, _ = self._node(line.action)
                return [*found, *self._written(line.action, node, indent, "return ")]
            if line.action.loop is not None:
                found += self._loop(line, at, last, indent)
                continue
            node, _ = self._node(line.action)
            dying = [ref for ref in dict.fromkeys(line.reads) if last[ref] == at]
            for ref in dying:
                del self._live[self._names[ref]]
            names = []
            for number, target in enumerate(line.targets):
                if last.get(target, -1) < 0:
                    names.append("_")
                    continue
                passes = last[target] == at + 1 and len(readers.get(target, ())) == 1
                wanted = self._wanted(line, number, dying, passes, branch_names.get(at))
                names.append(self._take(wanted, target))
            found += self._written(line.action, node, indent, ", ".join(names) + " = ")
        names = [self._names[ref] for ref in self.gives]
        return [*found, f"{indent}return {', '.join(names)}"]

    def _written(self, action: Action, node: TextNode, indent: str, start: str) -> list[str]:
        """Return a line of the source; where it is there under a condition, or several."""
        if action.condition is None:
            return lines(node, indent, start)
        assert action.past is not None
        past = self._names[action.past]
        whole = f"{indent}{start}{flat(node)} if {action.condition} else {past}"
        if len(whole) <= WIDTH:
            return [whole]
        inner = indent + STEP
        found = [f"{indent}if {action.condition}:", *lines(node, inner, start)]
        if start == "return ":
            found.append(f"{indent}return {past}")
        elif start != f"{past} = ":
            found += [f"{indent}else:", f"{inner}{start}{past}"]
        return found

    def _branch_names(self, readers: dict[Ref, list[int]]) -> dict[int, str]:
        """For each line that begins or goes on with a branch: what the branch is called."""
        plan = self._plan
        found: dict[int, str] = {}
        places: dict[int, dict[Ref, int]] = {}  # of what a line reads, by the line
        for at in range(len(plan) - 1, -1, -1):
            target = plan[at].targets[0]
            mine = readers.get(target, [])
            if len(mine) != 1:
                found[at] = ""
                continue
            reads = places.get(mine[0])
            if reads is None:
                order = dict.fromkeys(plan[mine[0]].reads)
                reads = places[mine[0]] = {ref: number for number, ref in enumerate(order, 1)}
            label = plan[at].action.label
            if len(reads) == 1:
                found[at] = found[mine[0]]
            elif label is not None:
                found[at] = variable(label)
            else:
                found[at] = f"branch{reads[target]}" if len(reads) > 2 else ""
        return found

    def _wanted(
        self, line: Assignment, number: int, dying: list[Ref], passes: bool, branch: str | None
    ) -> list[str]:
        """Return names for what a line gives, the best first."""
        action = line.action
        if action.names:
            return [variable(action.names[number])]
        reused = [
            self._names[ref]
            for ref in dying[:1]
            if self._names[ref] in self._general and ref == line.reads[0]
        ]
        if not passes and action.label is not None:
            return [variable(action.label)]
        return [*([branch] if branch else []), "x", *reused, "y", "z"]

    def _take(self, wanted: Sequence[str], target: Ref) -> str:
        """Give a tensor the first free name."""
        name = next((name for name in wanted if name not in self._live), None)
        if name is None:
            name = wanted[0] if wanted[0] not in self._general else "x"
            stem = name
            while name in self._live:
                self._count += 1
                name = numbered(stem, self._count)
        if name in ("x", "y", "z") or name.startswith("branch"):
            self._general.add(name)
        self._live[name] = target
        self._names[target] = name
        return name

    def _loop(self, line: Assignment, at: int, last: dict[Ref, int], indent: str) -> list[str]:
        """Return a loop whose turns take what the two before gave."""
        action = line.action
        given = [self._names[ref] for ref in action.refs]
        for ref in dict.fromkeys(action.refs):
            if last[ref] == at:
                del self._live[self._names[ref]]
        targets = [*line.targets, (line.targets[0][0], 1)][:2]
        names = [
            self._take([variable(name)], target) for name, target in zip(action.names, targets, strict=True)
        ]
        found = []
        if names != given:
            found.append(f"{indent}{', '.join(names)} = {', '.join(given)}")
        turn = ", ".join(names if action.loop == 0 else names[::-1])
        each = next(name for name in ("turn", "turn_") if name not in self._live)
        found.append(f"{indent}for {each} in self.{action.text}:")
        found.append(f"{indent}{STEP}{', '.join(names)} = {each}({turn}), {names[0]}")
        for name, target in zip(names, targets, strict=True):
            if last.get(target, -1) < 0:
                del self._live[name]
        return found

    # Source ----------------------------------------------------------------------------------

    def _node(self, action: Action) -> tuple[TextNode, int]:
        """Return the source of an action with all that stands inside it, and what it is to operators."""
        inputs = [
            self._node(self.actions[ref[0]]) if ref in self._inline else (self._names[ref], ATOM)
            for ref in action.refs
        ]
        return filled(action, inputs)
