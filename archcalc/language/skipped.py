"""The names of layers that are skipped: by a condition, by a count of 0, or behind ``until``.

Names follow from the text and not from values, so what is not there takes its numbers all the
same. What is done here follows, step by step, what the expansion does with what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from ..diagnostics import PlacedError, SpecError, UnknownSizeError
from ..graph import Group
from ..ops.attributes import whole
from .block_texts import BlockTexts
from .blocks import BlockCalls
from .building import GraphBuilder
from .definitions import Definition
from .frames import Here, Recent
from .naming import NameScope, projection
from .problems import DEEPEST, Budget
from .syntax import Argument, Call, Chain, Item, Literal, Reference, Repeat, Statement, Value, shortcut_in
from .uses import NetworkUses, network_name, place_name
from .values import evaluate, parameter_value
from .words import Callee, Words


class SkippedNames(NamedTuple):
    """Reserves the names of the layers that are not there."""

    builder: GraphBuilder
    words: Words
    texts: BlockTexts
    blocks: BlockCalls
    uses: NetworkUses
    budget: Budget

    def statement(self, statement: Statement, here: Here) -> None:
        """Reserve the names of a skipped statement."""
        label = statement.label
        self.budget.spend(statement.span)
        if label is None:
            for item in statement.items:
                self.item(item, here)
            return
        full = here.scope.prefix + label
        self.budget.check_name(full, statement.span, here.frame)
        self.builder.claimed.add(full)
        scope = self.builder.scope(full + ".", full)
        inner = Here(here.frame, scope, here.group, Recent(), False, None, statement)
        for item in statement.items:
            self.item(
                item, inner, label if statement.sole else None, label if statement.turns is not None else None
            )
        here.scope.absorb(scope, here.repeated)

    def item(self, item: Item, here: Here, sole: str | None = None, label: str | None = None) -> None:
        """Reserve the names of a skipped item; ``sole`` and ``label`` as in ``Walk.item``."""
        self.budget.spend(item.span)
        if self.budget.depth > DEEPEST:
            return
        self.budget.depth += 1
        if isinstance(item, Chain):
            for part in item.items:
                self.item(part, here)
        elif isinstance(item, Repeat):
            self._repeat(item, here, label)
        elif isinstance(item, Call):
            with suppress(SpecError):  # of a file beside this one: nothing of it is wanted
                self._call(item, here, sole)
        self.budget.depth -= 1

    def shortcut(self, here: Here, label: str | None) -> None:
        """Reserve the names of a skipped ``shortcut``."""
        if label is None:
            label = here.shortcut_label()
        self.builder.claimed.add(here.scope.prefix + label)
        here.scope.absorb(projection(), here.repeated)

    def _repeat(self, item: Repeat, here: Here, label: str | None) -> None:
        scope, name = here.scope, None
        if label is not None:
            name = f"{label}_1"
            full = scope.prefix[: -len(label) - 1] + name
            self.builder.claimed.add(full)
            scope = self.builder.scope(full + ".", full)
        inner = Here(here.frame, scope, here.group, Recent(), label is None, None, here.statement)
        for _ in range(_turns(item, here) if label is None else 1):
            self.budget.spend(item.span)
            for part in item.items:
                self.item(part, inner, name if item.sole else None)
        if label is not None:
            here.scope.absorb(scope, True)

    def _call(self, call: Call, here: Here, sole: str | None) -> None:
        if call.name == "use":
            self._use(call, here, sole)
            return
        value = here.frame.env.get(call.name)
        callee = value if isinstance(value, Callee) else here.frame.lookup(call.name)
        if callee is None:
            return
        if callee.block is not None:
            inner = self._inner(call, callee.block, call.positional, here)
            self._body(callee.block, inner, here, self.blocks.scope(call, callee.block, inner, here, sole))
            return
        op = self.words.ops.get(callee.name)
        later = []
        for branch in call.branches:
            statements = branch.body.statements
            if op is not None and op.takes_shortcut and shortcut_in(branch.body) is not None:
                later.append(statements)
                continue
            for statement in statements:
                self.statement(statement, here)
        for statements in later:
            for statement in statements[:-1]:
                self.statement(statement, here)
            for item in statements[-1].chain.items[:-1]:
                self.item(item, here)
            self.shortcut(here, statements[-1].label)
        if op is not None and not op.transparent and not op.expanded:
            here.scope.enter(op, None, here.repeated)

    def _use(self, call: Call, here: Here, sole: str | None) -> None:
        name = network_name(call)
        if name is None:
            return
        net = self.uses.net(name, call, here.frame)
        label = next((place_name(a) for a in call.named if a.name == "as"), None)
        if label is not None:
            self.builder.claimed.add(here.scope.prefix + label)
        inner = self._inner(call, net, call.positional[1:], here)
        self._body(net, inner, here, self.uses.scope(call, net, inner, here, sole, label))

    def _inner(self, call: Call, definition: Definition, positional: Iterable[Value], here: Here) -> Here:
        """Return the beginning of a body that is not there."""
        frame = here.frame.inner(definition, {}, call, None)
        frame.env.update(self._values(positional, call.named, definition, here))
        return Here(frame, here.scope, Group("block"), Recent())

    def _body(self, definition: Definition, inner: Here, here: Here, scope: NameScope | None) -> None:
        for statement in definition.body.statements:
            self.statement(statement, inner)
        if scope is not None:
            here.scope.absorb(scope, here.repeated)

    def _values(
        self, positional: Iterable[Value], named: Iterable[Argument], definition: Definition, here: Here
    ) -> dict[str, Any]:
        """Return the parameters of a body that is not there, as far as they can be known."""
        frame = here.frame
        found: dict[str, Any] = {}
        found.update(self.texts.bound_blocks(positional, named, definition, frame.env, frame.file))
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


def _turns(item: Repeat, here: Here) -> int:
    """Tell how many turns an unlabelled repeat would number: its count, if that can be known."""
    try:
        value = evaluate(item.count, here, None)
    except (PlacedError, UnknownSizeError):
        return 1
    count = whole(value)
    return max(1, count or 1)
