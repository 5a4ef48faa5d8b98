"""What a condition switched off: names follow from the text, so it takes its numbers."""

from __future__ import annotations

from .blocks import Blocks
from .frames import DEEPEST, Callee, Here
from .naming import Scope
from .syntax import Call, Chain, Item, Repeat, Statement


class Ghosts(Blocks):
    """The part of an expansion that notes the layers which are not there."""

    def ghost_statement(self, statement: Statement, here: Here, depth: int = 0) -> None:
        """Note the layers of a statement that is not there: names follow from the text."""
        if statement.label is None:
            self.ghost(statement.chain, here, here.repeated, depth)
            return
        scope = Scope(f"{here.scope.prefix}{statement.label}.", None, self.names)
        self.ghost(statement.chain, Here(here.frame, scope, here.group, []), False, depth)
        if not here.scope.open:
            here.scope.absorb(scope, here.repeated)

    def ghost(self, item: Item, here: Here, repeated: bool, depth: int = 0) -> None:
        """As ``item``, for what is not there."""
        self.steps -= 1
        if depth > DEEPEST or self.steps < 0:
            return
        if isinstance(item, Chain):
            for part in item.items:
                self.ghost(part, here, repeated, depth + 1)
        elif isinstance(item, Repeat):
            self.ghost(item.item, here, True, depth + 1)
        elif isinstance(item, Call):
            for branch in item.branches:
                for statement in branch.body.statements:
                    self.ghost_statement(statement, here, depth + 1)
            value = here.frame.env.get(item.name)
            callee = value if isinstance(value, Callee) else here.frame.lookup(item.name)
            if callee is None or item.name in ("use", "shortcut"):
                return
            if callee.block is None:
                op = self.ops.get(callee.name)
                if op is not None and not op.transparent:
                    here.scope.enter(op, None, repeated)
                return
            inner = Here(here.frame, here.scope, here.group, [], repeated)
            if self.labelled(callee.block, {}):
                if here.repeated or here.scope.open:
                    here.scope.blocks[callee.name] = here.scope.blocks.get(callee.name, 0) + 1
                    return
            for statement in callee.block.body.statements:
                self.ghost_statement(statement, inner, depth + 1)
