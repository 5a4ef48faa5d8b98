"""What a condition switched off, a count of 0 left out, or `until` cut away.

Names follow from the text and not from values, so what is not there takes its numbers all the
same. What is done here follows, step by step, what the expansion does with what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from typing import Any

from ..graph import Group
from ..ops.attributes import whole
from .definitions import Definition
from .diagnostics import PlacedError, SpecError, UnknownSizeError
from .frames import DEEPEST, Callee, Frame, Here, Recent
from .naming import projection
from .syntax import Argument, Call, Chain, Item, Literal, Reference, Repeat, Statement, Value, shortcut_in
from .uses import Uses, network_name, place_name
from .values import evaluate, parameter_value


class Ghosts(Uses):
    """The part of an expansion that notes the layers which are not there."""

    def ghost_statement(self, statement: Statement, here: Here) -> None:
        """Note the layers of a statement that is not there."""
        label = statement.label
        self.spend(statement.span)
        if label is None:
            for item in statement.items:
                self.ghost(item, here)
            return
        full = here.scope.prefix + label
        self.bounded(full, statement.span, here.frame)
        self.claimed.add(full)
        scope = self.scope(full + ".", full)
        inner = Here(here.frame, scope, here.group, Recent(), False, None, statement)
        for item in statement.items:
            self.ghost(
                item, inner, label if statement.sole else None, label if statement.turns is not None else None
            )
        here.scope.absorb(scope, here.repeated)

    def ghost(self, item: Item, here: Here, sole: str | None = None, label: str | None = None) -> None:
        """As ``ghost_statement``, for an item."""
        self.spend(item.span)
        if self.depth > DEEPEST:
            return
        self.depth += 1
        if isinstance(item, Chain):
            for part in item.items:
                self.ghost(part, here)
        elif isinstance(item, Repeat):
            self.ghost_repeat(item, here, label)
        elif isinstance(item, Call):
            self.ghost_call(item, here, sole)
        self.depth -= 1

    def ghost_repeat(self, item: Repeat, here: Here, label: str | None) -> None:
        scope, name = here.scope, None
        if label is not None:
            name = f"{label}_1"
            full = scope.prefix[: -len(label) - 1] + name
            self.claimed.add(full)
            scope = self.scope(full + ".", full)
        inner = Here(here.frame, scope, here.group, Recent(), label is None, None, here.statement)
        for _ in range(self.ghost_turns(item, here) if label is None else 1):
            self.spend(item.span)
            for part in item.items:
                self.ghost(part, inner, name if item.sole else None)
        if label is not None:
            here.scope.absorb(scope, True)

    def ghost_turns(self, item: Repeat, here: Here) -> int:
        """How many turns an unlabelled repeat would number: its count, if that can be known."""
        try:
            value = evaluate(item.count, here, None)
        except (PlacedError, UnknownSizeError):
            return 1
        count = whole(value) if isinstance(value, (int, Fraction)) else None
        return max(1, count or 1)

    def ghost_values(
        self, positional: Iterable[Value], named: Iterable[Argument], definition: Definition, here: Here
    ) -> dict[str, Any]:
        """The parameters of a block that is not there, as far as they can be known."""
        frame = here.frame
        found: dict[str, Any] = {}
        found.update(self.bound_blocks(positional, named, definition, frame.env, frame.file))
        nodes = [node for node in positional if not isinstance(node, Reference)]
        by_name = {argument.name: argument.value for argument in named}
        for index, parameter in enumerate(definition.parameters):
            node = nodes[index] if index < len(nodes) else by_name.get(parameter.name)
            if node is None and isinstance(parameter.default, Literal):
                node = parameter.default
            if node is None or parameter.name in found:
                continue
            with suppress(PlacedError, UnknownSizeError):
                found[parameter.name] = parameter_value(node, here, None)
        return found

    def ghost_call(self, call: Call, here: Here, sole: str | None) -> None:
        if call.name == "use":
            self.ghost_use(call, here, sole)
            return
        value = here.frame.env.get(call.name)
        callee = value if isinstance(value, Callee) else here.frame.lookup(call.name)
        if callee is None:
            return
        if callee.block is not None:
            env = self.ghost_values(call.positional, call.named, callee.block, here)
            self.ghost_body(call, callee.block, env, here, sole)
            return
        op = self.ops.get(callee.name)
        later = []
        for branch in call.branches:
            statements = branch.body.statements
            if op is not None and op.takes_shortcut and shortcut_in(branch.body) is not None:
                later.append(statements)
                continue
            for statement in statements:
                self.ghost_statement(statement, here)
        for statements in later:
            for statement in statements[:-1]:
                self.ghost_statement(statement, here)
            for item in statements[-1].chain.items[:-1]:
                self.ghost(item, here)
            self.ghost_shortcut(here, statements[-1].label)
        if op is not None and not op.transparent and not op.expanded:
            here.scope.enter(op, None, here.repeated)

    def ghost_shortcut(self, here: Here, label: str | None) -> None:
        if label is None:
            label = self.shortcut_label(here)
        self.claimed.add(here.scope.prefix + label)
        here.scope.absorb(projection(), here.repeated)

    def ghost_body(
        self, call: Call, definition: Definition, env: dict[str, Any], here: Here, sole: str | None
    ) -> None:
        frame = Frame(self, definition, env, {}, here.frame, call)
        inner = Here(frame, here.scope, Group("block"), Recent())
        own = self.block_scope(call, definition, inner, here, sole)
        for statement in definition.body.statements:
            self.ghost_statement(statement, inner)
        if own is not None:
            here.scope.absorb(own, here.repeated)

    def ghost_use(self, call: Call, here: Here, sole: str | None) -> None:
        name = network_name(call)
        if name is None:
            return
        try:
            net = self.library.net_for_use(name, here.frame.file, call.span)
        except SpecError:
            return
        label = next((place_name(a) for a in call.named if a.name == "as"), None)
        if label is not None:
            self.claimed.add(here.scope.prefix + label)
        env = self.ghost_values(call.positional[1:], call.named, net, here)
        inner_frame = Frame(self, net, env, {}, here.frame, call)
        inner = Here(inner_frame, here.scope, Group("use"), Recent())
        own = self.use_scope(call, net, inner, here, sole, label)
        for statement in net.body.statements:
            self.ghost_statement(statement, inner)
        if own is not None:
            here.scope.absorb(own, here.repeated)
