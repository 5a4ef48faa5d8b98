"""Walks through the statements of a network, blocks and branches included.

The walk alone is recursive. Its parts make layers, open and close bodies, reserve names; none of
them knows the walk.
"""

from __future__ import annotations

from collections.abc import Callable

from ..diagnostics import Diagnostic, PlacedError, SpecError, UnknownSizeError, fault
from ..graph import Group, Layer
from ..ops.attributes import show, whole
from ..ops.base import Op
from ..shape import Shape
from .block_texts import BlockTexts
from .blocks import BlockCalls
from .building import GraphBuilder
from .callees import Callees
from .frames import Frame, Here
from .layer_calls import LayerCall
from .layers import LayerMaker
from .merges import check_merge, merge_inputs
from .problems import Budget, Problems
from .sharing import SharedParameters
from .shortcuts import Shortcuts
from .skipped import SkippedNames
from .syntax import Assertion, Body, Call, Item, Reference, Repeat, Statement, Value, shortcut_in
from .until import Until
from .uses import NetworkUses
from .values import condition, evaluate
from .words import Words

# What is done where the shape is not the one that is asserted.
Mismatch = Callable[[Assertion, Shape, Frame], None]


class Walk:
    """Expands bodies, statements and items one after the other."""

    def __init__(
        self, builder: GraphBuilder, words: Words, budget: Budget, problems: Problems, mismatch: Mismatch
    ):
        self._builder = builder
        self._words = words
        self._budget = budget
        self._problems = problems
        self._mismatch = mismatch
        self._until = Until(builder)
        sharing = SharedParameters(builder)
        texts = BlockTexts(words)
        self._callees = Callees(words, problems)
        self._layers = LayerMaker(builder, sharing, budget, problems)
        self._shortcuts = Shortcuts(builder, words, self._layers, budget)
        self._blocks = BlockCalls(builder, texts, sharing, self._until, budget, problems)
        self._uses = NetworkUses(words.library, builder, self._blocks, self._until, budget, problems)
        self._skipped = SkippedNames(builder, words, texts, self._blocks, self._uses, budget)

    # Statements ------------------------------------------------------------------------------

    def statements(self, body: Body, here: Here, current: Layer | None) -> Layer | None:
        """Return the statements of a body or branch; what the last one puts out."""
        for statement in body.statements:
            if self._until.reached:
                self._skipped.statement(statement, here)
            else:
                current = self._statement(statement, here, current)
                self._until.look_out()
        return current

    def _statement(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None:
        """One statement. A side head leaves the path where it stood."""
        frame, label = here.frame, statement.label
        self._budget.spend(statement.span)
        if label is not None:
            self._budget.check_name(here.scope.prefix + label, statement.span, frame)
            if here.repeated:
                # Each turn would give the name again.
                message = f"the label `{label}` stands in a repeat, and would name several places"
                help = "label the repeat too: its turns are `label_1`, `label_2` …"
                self._problems.report(Diagnostic("name", message, statement.span, help=[help]), frame)
        if statement.condition is not None:
            holds = self._holds(statement.condition, here, current)
            if not holds:
                self._skipped.statement(statement, here)
                if holds is None:
                    current = None
                if label is not None:
                    here.place(label, current, len(self._builder.layers))
                return current
        if statement.out and frame.is_part:
            # Side heads of a used network are left out.
            self._skipped.statement(statement, here)
            return current
        result = self._labelled(statement, here, current)
        if result is not None:
            self._builder.puts_out(statement, result.output)
        if statement.out:
            if result is not None:
                full = here.scope.prefix + label if label is not None else None
                self._builder.heads[self._builder.head_name(full)] = result
            return current
        here.recent.push(result)
        return result

    def _labelled(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None:
        """Return the items of a statement, in a group and scope of their own if it has a label."""
        label = statement.label
        recent = here.recent.copy() if statement.out else here.recent
        if label is None:
            group = Group("statement", None)
            result = self._items(statement.items, here.within(group, recent), current)
        else:
            first = len(self._builder.layers)
            full = here.scope.prefix + label
            group = Group("statement", full)
            scope = self._builder.scope(full + ".", full)
            inner = Here(here.frame, scope, group, recent, False, here.turn, statement)
            turns = label if statement.turns is not None else None
            result = self._items(statement.items, inner, current, label if statement.sole else None, turns)
            scope.close()
            here.scope.absorb(scope, here.repeated)
            here.place(label, result, first)
        if group.members:
            here.group.members.append(group)
        return result

    def _holds(self, node: Value, here: Here, current: Layer | None) -> bool | None:
        """Tell whether a condition holds; None where a fault keeps it from being known."""
        try:
            return condition(node, here, current)
        except PlacedError as error:
            self._problems.report(error.diagnostic, here.frame)
        except UnknownSizeError:
            pass
        return None

    # Items -----------------------------------------------------------------------------------

    def _items(
        self,
        items: tuple[Item, ...],
        here: Here,
        current: Layer | None,
        sole: str | None = None,
        label: str | None = None,
    ) -> Layer | None:
        """Items one after the other."""
        for item in items:
            if self._until.reached:
                self._skipped.item(item, here, sole, label)
            else:
                current = self._item(item, here, current, sole, label)
        return current

    def _item(
        self, item: Item, here: Here, current: Layer | None, sole: str | None = None, label: str | None = None
    ) -> Layer | None:
        """One item. ``sole`` is the label of the statement or turn that consists of it alone;
        ``label`` the one that names the turns of a repeat."""
        self._budget.spend(item.span)
        self._budget.depth += 1
        try:
            self._budget.check_depth(item.span, here.frame)
            if isinstance(item, Call):
                return self._call(item, here, current, sole)
            if isinstance(item, Repeat):
                return self._repeat(item, here, current, label)
            if isinstance(item, Reference):
                return here.frame.tensor(item)
            if isinstance(item, Assertion):
                if current is not None and here.frame.asserts and current.output != item.sizes:
                    self._mismatch(item, current.output, here.frame)
                return current
            return self._items(item.items, here, current)
        except PlacedError as error:
            # What does not suit a layer that is only guessed says nothing.
            if not self._callees.blames_guess(error.diagnostic, item):
                self._problems.report(error.diagnostic, here.frame)
        except SpecError as error:
            # A block that cannot be had of a file beside this one.
            called = item.name if isinstance(item, Call) else item.span.text
            span = item.name_span if isinstance(item, Call) else item.span
            self._problems.report_file(error, called, span, here.frame)
        except UnknownSizeError:
            pass
        finally:
            self._budget.depth -= 1
        return None

    def _repeat(self, item: Repeat, here: Here, current: Layer | None, label: str | None) -> Layer | None:
        """``count x item``, turn by turn. With a label, the turns are named by it."""
        value = evaluate(item.count, here, current)
        count = whole(value)
        if count is None or count < 0:
            raise fault("value", f"a count is a whole number from 0, not {show(value)}", item.count)
        if count == 0:
            self._skipped.item(item, here, None, label)
            return current
        group = Group("repeat", here.scope.label if label is not None else None)
        errors = self._problems.errors
        for turn in range(count):
            self._budget.spend(item.span)
            inner = Here(
                here.frame, here.scope, Group("turn"), here.recent, True, (turn, count), here.statement
            )
            if label is None:
                current = self._items(item.items, inner, current)
            else:
                current = self._labelled_turn(item, here, inner, current, label)
            if inner.group.members:
                group.members.append(inner.group)
            here.recent.push(current)
            self._until.look_out()
            if self._problems.errors > errors:
                break
            if self._until.reached:
                for part in item.items * (count - turn - 1 if label is None else 0):
                    self._skipped.item(part, inner)
                break
        if group.members:
            texts = {m.text for m in group.members if isinstance(m, Group)}
            group.text = texts.pop() if len(texts) == 1 else _common_words(group)
            here.group.members.append(group)
        return current

    def _labelled_turn(
        self, item: Repeat, here: Here, inner: Here, current: Layer | None, label: str
    ) -> Layer | None:
        """Return a turn that is named by the label of its repeat."""
        assert inner.turn is not None
        name = f"{label}_{inner.turn[0] + 1}"
        # The label's own scope has the prefix "label."; its turns stand beside it.
        full = here.scope.prefix[: -len(label) - 1] + name
        inner.group.name = full
        inner.scope = scope = self._builder.scope(full + ".", full)
        inner.repeated = False
        first = len(self._builder.layers)
        current = self._items(item.items, inner, current, name if item.sole else None)
        scope.close()
        if inner.turn[0] == 0:
            # How many turns there are is a value, and names follow from the text.
            here.scope.absorb(scope, True)
        here.frame.labels[name] = (full, current)
        self._builder.place(full, current, first)
        return current

    # Calls -----------------------------------------------------------------------------------

    def _call(self, call: Call, here: Here, current: Layer | None, sole: str | None) -> Layer | None:
        """Return a layer, a block, or a used network."""
        if call.name == "use":
            use = self._uses.enter(call, here, current, sole)
            result = self.statements(use.body.definition.body, use.body.inner, use.body.start)
            return self._uses.leave(use, result)
        callee = self._callees.find(call, here.frame, current)
        if callee.block is not None:
            if call.branches:
                message = f"`{call.name}` is a block and takes no branches"
                raise fault("syntax", message, call.name_span)
            body = self._blocks.enter(call, callee.block, here, current, sole)
            result = self.statements(callee.block.body, body.inner, body.start)
            return self._blocks.leave(body, result)
        op = self._words.ops[callee.name]
        plan = LayerCall.of(call, op)
        if op.merge or (op.several and plan.references and not call.branches):
            return self._merge(plan, here, current)
        if call.branches:
            message, help = (
                f"`{call.name}` is no merge and takes no branches",
                "`add`, `mul` and `concat` join branches",
            )
            raise fault("syntax", message, call.name_span, help)
        if op.expanded:
            raise fault("syntax", "`shortcut` ends a branch of `add`", call.name_span)
        instance, text = plan.instance(here, current)
        if op.transparent:
            return current
        if current is None:
            here.scope.enter(op, None, here.repeated)
            return None
        return self._layers.make(plan, instance, text, (current,), here)

    def _merge(self, plan: LayerCall, here: Here, current: Layer | None) -> Layer | None:
        """``add``, ``mul``, ``concat`` of branches or of named tensors."""
        check_merge(plan)
        op, text = plan.instance(here, current)
        if plan.references:
            tensors, spans = merge_inputs(plan, here, current)
        else:
            tensors = self._branches(plan.call, op, here, current)
            spans = [branch.span for branch in plan.call.branches]
        inputs = tuple([tensor for tensor in tensors if tensor is not None])
        if self._until.reached or len(inputs) < len(tensors):
            here.scope.enter(type(op), None, here.repeated)
            if self._until.reached:
                return inputs[0] if inputs else current
            # The others show what the shape would be, if they agree.
            agree = len(inputs) > 0 and all(tensor.output == inputs[0].output for tensor in inputs)
            return inputs[-1] if agree and op.same_shape_as_widest else None
        try:
            return self._layers.make(plan, op, text, inputs, here, spans)
        except PlacedError as error:
            self._problems.report(error.diagnostic, here.frame)
            return inputs[0] if op.same_shape_as_widest else None

    def _branches(self, call: Call, op: Op, here: Here, current: Layer | None) -> list[Layer | None]:
        """Return the branches of a merge; a ``shortcut`` among them is worked out after its siblings."""
        tensors: list[Layer | None] = [None] * len(call.branches)
        first = len(self._builder.layers)
        later: list[tuple[int, Call]] = []
        for index, branch in enumerate(call.branches):
            shortcut = shortcut_in(branch.body) if op.takes_shortcut else None
            if shortcut is not None:
                later.append((index, shortcut))
                continue
            inner = here.within(here.group, here.recent.copy())
            tensors[index] = self.statements(branch.body, inner, current)
        waiting = [index for index, _ in later]
        sibling = next((i for i in range(len(tensors)) if i not in waiting), None)
        for index, shortcut in later:
            inner = here.within(here.group, here.recent.copy())
            try:
                if sibling is None:
                    message = "`shortcut` needs a sibling branch to follow"
                    raise fault("syntax", message, shortcut)
                tensors[index] = self._shortcut_branch(
                    shortcut, call.branches[index].body, inner, current, tensors[sibling], first
                )
            except PlacedError as error:
                self._problems.report(error.diagnostic, here.frame)
            except UnknownSizeError:
                pass
        return tensors

    def _shortcut_branch(
        self, call: Call, body: Body, here: Here, current: Layer | None, sibling: Layer | None, first: int
    ) -> Layer | None:
        """Return a branch that ends in ``shortcut``."""
        for statement in body.statements[:-1]:
            if self._until.reached:
                self._skipped.statement(statement, here)
            else:
                current = self._statement(statement, here, current)
        last = body.statements[-1]
        self._budget.spend(last.span)
        holds = last.condition is None or self._holds(last.condition, here, current)
        if self._until.reached or not holds:
            for item in last.chain.items[:-1]:
                self._skipped.item(item, here)
            self._skipped.shortcut(here, last.label)
            if last.label is not None and not self._until.reached:
                here.place(last.label, current, len(self._builder.layers))
            return current if holds is not None else None
        for item in last.chain.items[:-1]:
            current = self._item(item, here, current)
        result = self._shortcuts.expand(call, here, current, sibling, first, last.label)
        if result is not None:
            self._builder.puts_out(last, result.output)
        return result


def _common_words(group: Group) -> str:
    """Return what the texts of the turns of a repeat have in common, word by word."""
    texts = [m.text.split() for m in group.members if isinstance(m, Group)]
    if not texts or not all(texts) or len({t[0] for t in texts}) != 1:
        return ""
    return " ".join(w for w in texts[0] if all(w in t for t in texts))
