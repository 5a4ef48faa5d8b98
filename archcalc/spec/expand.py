"""Syntax tree to graph: blocks are expanded, values put in, layers created and named."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..graph import About, Claim, Graph, Group, Layer, Place
from ..ops import PENDING
from ..ops.attributes import show, whole
from ..ops.rearranging import Input
from ..shape import Shape
from .blocks import alike
from .diagnostics import (
    WARNING,
    Diagnostic,
    Fault,
    SpecError,
    TooManyErrors,
    Unknown,
    did_you_mean,
    fail,
    fault,
    nearest,
)
from .frames import BUDGET, Callee, Frame, Here, OpPlan
from .ghosts import Ghosts
from .merges import Merges
from .naming import Scope
from .syntax import Assertion, Body, Call, Chain, Item, Net, Reference, Repeat, Statement
from .uses import Uses
from .values import condition, evaluate, parameter_value

__all__ = ["BUDGET", "Expansion"]


class Expansion(Merges, Uses, Ghosts):
    """One network being expanded. Everything it finds wrong goes to ``diagnostics``."""

    # Networks --------------------------------------------------------------------------------

    def network(
        self,
        net: Net,
        inputs: dict[str, Shape] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> Graph:
        """The graph of a net. Raises SpecError with all that is wrong with it."""
        try:
            graph = self._network(net, inputs or {}, parameters or {})
        except TooManyErrors:
            raise SpecError(self.diagnostics.items) from None
        self.diagnostics.check()
        assert graph is not None
        return graph

    def _network(
        self, net: Net, shapes: dict[str, Shape], given: dict[str, Any]
    ) -> Graph | None:
        names = [p.name for p in net.parameters]
        for name in given:
            if name not in names:
                help = did_you_mean(name, names)
                help.append(f"it has {', '.join(names)}" if names else "it has none")
                raise fail("argument", f"{net.name or 'this'} has no parameter `{name}`", *help)
        changed = False
        inputs: dict[str, Layer | None] = {}
        for head in net.inputs:
            shape = shapes.get(head.name, Shape(head.sizes))
            changed = changed or shape != head.sizes
            op = Input(shape)
            layer = Layer(head.name, op, (), op.facts(()), (), "")
            layer.index = -1
            inputs[head.name] = layer
            self.names[head.name] = layer
        tree = Group("net", net.name)
        frame = Frame(self, net, {}, inputs, "", None, None, (), True, False)
        scope = Scope("", None, self.names)
        scope.taken.update(net.body.labels)
        here = Here(frame, scope, tree, [])
        for parameter in net.parameters:
            if parameter.default is None:
                return None  # reported by the parser
            try:
                value = parameter_value(parameter.default, here, None)
            except Fault as error:
                self.report(error.diagnostic, frame)
                return None
            if parameter.name in given and not alike(given[parameter.name], value):
                changed = True
                value = given[parameter.name]
            frame.env[parameter.name] = value
        frame.asserts = not changed
        start = next(iter(inputs.values()), None)
        here.push(start)
        result = self.statements(net.body, here, start)
        self.diagnostics.check()
        assert result is not None
        if not self.layers:
            at = net.span
            self.report(Diagnostic("syntax", "the network has no layers", at), frame)
            return None
        claims = self._claims(net, changed)
        about = About(
            net.name,
            net.title,
            tuple(net.papers),
            tuple(net.notes),
            net.family,
            net.year,
            {name: show(value) for name, value in frame.env.items()},
            frame.file.source.name,
        )
        graph = Graph(
            about,
            tuple(layer for layer in inputs.values() if layer is not None),
            tuple(self.layers),
            result,
            self.heads,
            tree,
            self.places,
            claims,
            changed,
        )
        self._unused(graph, net)
        return graph

    def _claims(self, net: Net, changed: bool) -> tuple[Claim, ...]:
        claims = []
        for head in net.reports:
            if changed:
                break
            if head.of is not None and head.of not in self.places and head.of not in self.names:
                self.diagnostics.add(
                    Diagnostic("name", f"nothing is called `{head.of}`", head.of_span,
                               help=did_you_mean(head.of, [*self.places, *self.names]))
                )  # fmt: skip
                continue
            claim = Claim(
                head.quantity, head.of, head.printed, head.source, head.conventions, head.wrong
            )
            claims.append(claim)
            self.claim_spans[claim] = head.span
        return tuple(claims)

    def _unused(self, graph: Graph, net: Net) -> None:
        needed = graph.ancestors(graph.output, *graph.heads.values())
        if len(needed) == len(graph.layers) + len(graph.inputs):
            return
        seen: set[int] = set()
        for layer in graph.layers:
            call = self.calls[layer.index]
            if layer in needed or id(call) in seen:
                continue
            seen.add(id(call))
            self.diagnostics.add(
                Diagnostic(
                    "unused", f"nothing uses what `{layer.name}` puts out; it is not counted",
                    call.span, severity=WARNING,
                )
            )  # fmt: skip
        for layer in graph.inputs:
            if layer not in needed:
                span = next(h.span for h in net.inputs if h.name == layer.name)
                message = f"nothing uses the input `{layer.name}`"
                self.diagnostics.add(Diagnostic("unused", message, span, severity=WARNING))

    # Statements ------------------------------------------------------------------------------

    def statements(self, body: Body, here: Here, current: Layer | None) -> Layer | None:
        """The statements of a body or branch; what the last one puts out."""
        for statement in body.statements:
            current = self.statement(statement, here, current)
        return current

    def statement(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None:
        """One statement. A side head leaves the path where it stood."""
        frame, scope = here.frame, here.scope
        label = statement.label
        if statement.condition is not None:
            try:
                holds = condition(statement.condition, here, current)
            except Fault as error:
                self.report(error.diagnostic, frame)
                holds = False
            except Unknown:
                holds = False
            if not holds:
                self.ghost_statement(statement, here)
                if label is not None:
                    self.place(label, here, current, len(self.layers))
                return current
        if statement.out and frame.is_part:
            # Side heads of a used network are left out.
            self.ghost_statement(statement, here)
            return current
        first = len(self.layers)
        group = Group("statement", scope.prefix + label if label is not None else None)
        if label is None:
            inner = here.within(group)
            inner.history = list(here.history) if statement.out else here.history
            result = self.chain(statement.chain, inner, current, None)
        else:
            full = scope.prefix + label
            inner_scope = Scope(full + ".", full, self.names)
            inner = Here(
                frame, inner_scope, group,
                list(here.history) if statement.out else here.history,
                False, here.turn, statement,
            )  # fmt: skip
            result = self.chain(statement.chain, inner, current, label)
            inner_scope.close()
            scope.absorb(inner_scope, here.repeated)
            self.place(label, here, result, first)
        if group.members:
            here.group.members.append(group)
        if result is not None:
            shape = result.output
            known = self.shapes.setdefault(statement, shape)
            if known is not None and known != shape:
                self.shapes[statement] = None
        if statement.out:
            if result is not None:
                name = scope.prefix + label if label is not None else f"out{len(self.heads) + 1}"
                self.heads[name] = result
            return current
        here.push(result)
        return result

    # Items -----------------------------------------------------------------------------------

    def chain(
        self, chain: Chain, here: Here, current: Layer | None, label: str | None
    ) -> Layer | None:
        """Items one after the other. With a label, a repeat among them names its turns by it."""
        items = chain.items
        while len(items) == 1 and isinstance(items[0], Chain):
            items = items[0].items
        turns_labelled = label is not None and sum(isinstance(i, Repeat) for i in items) == 1
        working = [i for i in items if not isinstance(i, Assertion)]
        sole = label if len(working) == 1 else None
        for item in items:
            name = label if turns_labelled and isinstance(item, Repeat) else None
            current = self.item(item, here, current, sole, name)
        return current

    def item(
        self,
        item: Item,
        here: Here,
        current: Layer | None,
        sole: str | None = None,
        label: str | None = None,
    ) -> Layer | None:
        """One item. ``sole`` is the label of the statement or turn that consists of it alone;
        ``label`` the one that names the turns of a repeat."""
        self.step(item)
        try:
            if isinstance(item, Call):
                return self.call(item, here, current, sole)
            if isinstance(item, Repeat):
                return self.repeat(item, here, current, label)
            if isinstance(item, Reference):
                return here.frame.tensor(item)
            if isinstance(item, Assertion):
                self.check_shape(item, here, current)
                return current
            for part in item.items:
                current = self.item(part, here, current)
            return current
        except Fault as error:
            self.report(error.diagnostic, here.frame)
        except Unknown:
            pass
        return None

    def check_shape(self, item: Assertion, here: Here, current: Layer | None) -> None:
        if current is None or not here.frame.asserts:
            return
        if current.output != item.sizes:
            wanted = "x".join(map(str, item.sizes))
            raise_later = Diagnostic(
                "assert", f"the shape here is {current.output}, not {wanted}", item.span
            )
            self.report(raise_later, here.frame)

    def repeat(
        self, item: Repeat, here: Here, current: Layer | None, label: str | None
    ) -> Layer | None:
        """``count x item``, turn by turn."""
        value = evaluate(item.count, here, current)
        count = whole(value) if isinstance(value, (int, Fraction)) else None
        if count is None or count < 0:
            raise fault("value", f"a count is a whole number from 0, not {show(value)}", item.count)
        if count == 0:
            self.ghost(item.item, here, True)
            return current
        frame = here.frame
        group = Group("repeat", here.scope.label if label is not None else None)
        for turn in range(count):
            before = self.diagnostics.errors
            turn_group = Group("turn")
            if label is not None:
                name = f"{label}_{turn + 1}"
                # The label's own scope has the prefix "label."; its turns stand beside it.
                outer = here.scope.prefix[: -len(label) - 1]
                full = outer + name
                turn_group.name = full
                scope = Scope(full + ".", full, self.names)
                inner = Here(
                    frame, scope, turn_group, here.history, False, (turn, count), here.statement
                )
                first = len(self.layers)
                current = self.turn(item.item, inner, current, name)
                scope.close()
                here.scope.absorb(scope)
                frame.labels[name] = (full, current)
                if current is None:
                    self.lost.add(full)
                elif full in self.places and self.places[full].first >= frame.start:
                    raise fault("name", f"two places are called `{full}`", item)
                else:
                    self.places[full] = Place(current, first, len(self.layers))
            else:
                inner = Here(
                    frame, here.scope, turn_group, here.history, True, (turn, count), here.statement
                )
                current = self.turn(item.item, inner, current, None)
            if turn_group.members:
                group.members.append(turn_group)
            here.push(current)
            self.step(item)
            if self.diagnostics.errors > before:
                break
        if group.members:
            texts = {m.text for m in group.members if isinstance(m, Group)}
            group.text = texts.pop() if len(texts) == 1 else _common(group)
            here.group.members.append(group)
        return current

    def turn(
        self, item: Item, here: Here, current: Layer | None, label: str | None
    ) -> Layer | None:
        items: tuple[Item, ...] = (item,)
        while len(items) == 1 and isinstance(items[0], Chain):
            items = items[0].items
        sole = label if len([i for i in items if not isinstance(i, Assertion)]) == 1 else None
        for part in items:
            current = self.item(part, here, current, sole)
        return current

    # Calls -----------------------------------------------------------------------------------

    def callee(self, call: Call, frame: Frame) -> Callee:
        """What a call means. An unknown name is reported, and read as the nearest known one, so
        that the rest of the text can still be checked."""
        value = frame.env.get(call.name)
        if isinstance(value, Callee):
            return value
        cached = call.cache.get("callee")
        if cached is not None:
            assert isinstance(cached, Callee)
            return cached
        found = frame.lookup(call.name)
        if found is None and value is not None:
            raise Fault(
                Diagnostic("name", f"`{call.name}` is {show(value)}, not a layer or block",
                           call.name_span)
            )  # fmt: skip
        if found is None:
            known = [*frame.file.blocks, *self.ops, *PENDING, *self.library.blocks]
            near = nearest(call.name, known)
            help = [f"did you mean `{near}`?"] if near else []
            self.report(
                Diagnostic("name", f"no layer or block is called `{call.name}`",
                           call.name_span, help=help), frame,
            )  # fmt: skip
            found = frame.lookup(near) if near is not None else None
            if found is None:
                raise Unknown
        call.cache["callee"] = found
        return found

    def call(
        self, call: Call, here: Here, current: Layer | None, sole: str | None
    ) -> Layer | None:
        """A layer, a block, a shortcut or a used network."""
        if call.name == "use":
            return self.use(call, here, current, sole)
        callee = self.callee(call, here.frame)
        if callee.block is not None:
            if call.branches:
                raise Fault(
                    Diagnostic("syntax", f"`{call.name}` is a block and takes no branches",
                               call.name_span)
                )  # fmt: skip
            return self.block(call, callee.block, here, current, sole)
        if callee.name in PENDING:
            raise Fault(
                Diagnostic(
                    "not-yet", f"`{callee.name}` ({PENDING[callee.name]}) cannot be computed yet",
                    call.name_span,
                )
            )  # fmt: skip
        op = self.ops[callee.name]
        plan = call.cache.get(op)
        if plan is None:
            plan = call.cache[op] = self.op_plan(call, op)
        assert isinstance(plan, OpPlan)
        if op.merge:
            return self.merge(call, plan, here, current)
        if call.branches:
            raise Fault(
                Diagnostic("syntax", f"`{call.name}` is no merge and takes no branches",
                           call.name_span, help="`add`, `mul` and `concat` join branches")
            )  # fmt: skip
        if op.name == "shortcut":
            raise Fault(
                Diagnostic("syntax", "`shortcut` stands in a branch of `add`", call.name_span)
            )
        instance, text = self.instance(call, plan, here, current)
        if op.transparent:
            return current
        if current is None:
            here.scope.enter(op, None, here.repeated)
            return None
        return self.layer(call, instance, text, (current,), here, plan)


def _common(group: Group) -> str:
    """What the texts of the turns of a repeat have in common, word by word."""
    texts = [m.text.split() for m in group.members if isinstance(m, Group)]
    if not texts or not all(texts) or len({t[0] for t in texts}) != 1:
        return ""
    return " ".join(w for w in texts[0] if all(w in t for t in texts))
