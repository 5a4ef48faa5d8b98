"""What is known of blocks from their text alone, before any of it is expanded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .definitions import BlockDefinition, Definition, File
from .syntax import Argument, Name, Reference, Turns, Value, all_calls
from .words import Callee, Words


class BlockTexts:
    """Reads the text of blocks: which give labels, which lead to themselves."""

    def __init__(self, words: Words):
        self._words = words
        self._labelled: dict[object, bool] = {}

    def labelled(self, block: Definition, env: dict[str, Any], depth: int = 0) -> bool:
        """Tell whether a block gives labels, itself or in the unlabelled blocks that it calls.
        ``env`` says which blocks its parameters are."""
        bound = tuple([item for item in env.items() if isinstance(item[1], Callee)])
        key = (block, bound)
        found = self._labelled.get(key)
        if found is None:
            self._labelled[key] = False  # for a block that calls itself
            found = depth < 64 and self._gives_labels(block, dict(bound), depth)
            self._labelled[key] = found
        return found

    def _gives_labels(self, block: Definition, env: dict[str, Callee], depth: int) -> bool:
        if block.body.labels:
            return True
        assert block.file is not None
        for statement in block.body.statements:
            for call in all_calls(statement.chain):
                if call.name in ("shortcut", "use"):
                    return True
                callee = env.get(call.name) or self._words.lookup(call.name, block.file)
                if callee is None or callee.block is None:
                    continue
                inner = self.bound_blocks(call.positional, call.named, callee.block, env, block.file)
                if self.labelled(callee.block, inner, depth + 1):
                    return True
        return False

    def bound_blocks(
        self,
        positional: Iterable[Value],
        named_arguments: Iterable[Argument],
        block: Definition,
        env: dict[str, Any],
        file: File,
    ) -> dict[str, Callee]:
        """Return the parameters of a block that are blocks or layers in a call."""
        nodes = [node for node in positional if not isinstance(node, Reference)]
        named = {argument.name: argument.value for argument in named_arguments}
        found: dict[str, Callee] = {}
        assert block.file is not None
        for index, parameter in enumerate(block.parameters):
            node = nodes[index] if index < len(nodes) else named.get(parameter.name)
            if node is not None:
                callee = self._callee(node, env, file)
            else:
                callee = self._callee(parameter.default, found, block.file)
            if callee is not None:
                found[parameter.name] = callee
        return found

    def _callee(self, node: Value | None, env: dict[str, Any], file: File) -> Callee | None:
        if isinstance(node, Turns):
            node = node.values[0]
        if not isinstance(node, Name) or len(node.path) != 1:
            return None
        value = env.get(node.path[0])
        if value is None and node.path[0] not in env:
            value = self._words.lookup(node.path[0], file)
        return value if isinstance(value, Callee) else None

    def reaches_itself(self, block: BlockDefinition) -> bool:
        """Tell whether the text of a block leads to itself, through calls that no parameter decides."""
        seen: set[Definition] = set()
        stack: list[BlockDefinition] = [block]
        while stack:
            at = stack.pop()
            assert at.file is not None
            parameters = {p.name for p in at.parameters}
            for name in at.body.call_counts():
                found = self._words.lookup(name, at.file) if name not in parameters else None
                if found is None or found.block is None:
                    continue
                if found.block is block:
                    return True
                if found.block not in seen:
                    seen.add(found.block)
                    stack.append(found.block)
        return False
