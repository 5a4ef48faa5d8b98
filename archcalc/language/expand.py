"""Syntax tree to graph: blocks are expanded, values put in, layers created and named."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..graph import Graph, Group, Label, Layer, Metadata, PublishedFigure
from ..ops.attributes import Word, show, whole
from ..ops.rearranging import Input
from ..shape import Shape
from .blocks import alike
from .definitions import Net
from .diagnostics import (
    ERROR,
    WARNING,
    Diagnostic,
    PlacedError,
    SpecError,
    TooManyProblemsError,
    UnknownSizeError,
    did_you_mean,
    fail,
    fault,
    nearest,
)
from .frames import BUDGET, DEEPEST, Callee, Frame, Here, OpPlan, Recent
from .library import normal
from .merges import Merges
from .skipped import Ghosts
from .spelling import LAYERS_LISTED, apart, doubt_of, ops_called, suiting
from .syntax import Assertion, Body, Call, Item, Reference, Repeat, Statement, Value
from .values import condition, evaluate, parameter_value

__all__ = ["BUDGET", "Expansion"]


class Expansion(Merges, Ghosts):
    """One network being expanded. Everything it finds wrong goes to ``diagnostics``."""

    # Networks --------------------------------------------------------------------------------

    def network(
        self, net: Net, inputs: dict[str, Shape] | None = None, parameters: dict[str, Any] | None = None
    ) -> Graph:
        """The graph of a net. Raises SpecError with all that is wrong with it."""
        try:
            graph = self._network(net, inputs or {}, parameters or {})
        except TooManyProblemsError:
            raise SpecError(self.diagnostics.items) from None
        self.diagnostics.check()
        assert graph is not None
        return graph

    def _network(self, net: Net, shapes: dict[str, Shape], given: dict[str, Any]) -> Graph | None:
        names = [p.name for p in net.parameters]
        for name in given:
            if name not in names:
                help = did_you_mean(name, names)
                help.append(f"it has {', '.join(names)}" if names else "it has none")
                raise fail("argument", f"{net.name or 'this'} has no parameter `{name}`", *help)
        for remark in net.file.remarks if net.file is not None else ():
            self.diagnostics.add(remark)
        changed = False
        inputs: dict[str, Layer | None] = {}
        for head in net.inputs:
            shape = shapes.get(head.name, Shape(head.sizes))
            changed = changed or shape != head.sizes
            op = Input(shape)
            layer = Layer(head.name, op, (), op.facts(()))
            layer.index = -1
            inputs[head.name] = layer
            self.names[head.name] = layer
        tree = Group("net", net.name)
        frame = Frame(self, net, {}, inputs)
        scope = self.scope("")
        scope.taken.update(net.body.labels)
        here = Here(frame, scope, tree, Recent())
        start = next(iter(inputs.values()), None)
        for parameter in net.parameters:
            if parameter.default is None:
                return None  # reported by the parser
            try:
                value = parameter_value(parameter.default, here, start)
            except PlacedError as error:
                self.report(error.diagnostic, frame)
                return None
            if parameter.name in given:
                other = given[parameter.name]
                if isinstance(other, Word):
                    other = frame.lookup(other) or other
                changed = changed or not alike(other, value)
                value = other
            frame.env[parameter.name] = value
        frame.asserts = not changed
        here.recent.push(start)
        result = self.statements(net.body, here, start)
        self.diagnostics.check()
        assert result is not None
        if result in inputs.values():
            message = (
                "the network has no layers"
                if not self.layers
                else (f"the main path ends at the input `{result.name}`, with no layers")
            )
            self.report(Diagnostic("syntax", message, net.span), frame)
            return None
        published_figures = self._published_figures(net, changed)
        metadata = Metadata(
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
            metadata,
            tuple(layer for layer in inputs.values() if layer is not None),
            tuple(self.layers),
            result,
            self.heads,
            tree,
            self.places,
            published_figures,
            changed,
        )
        self._unused(graph, net)
        return graph

    def _published_figures(self, net: Net, changed: bool) -> tuple[PublishedFigure, ...]:
        published_figures = []
        for head in net.reports:
            if changed:
                break
            if head.of is not None and head.of not in self.places and head.of not in self.names:
                self.diagnostics.add(
                    Diagnostic(
                        "name",
                        f"nothing is called `{head.of}`",
                        head.of_span,
                        help=did_you_mean(head.of, [*self.places, *self.names]),
                    )
                )
                continue
            figure = PublishedFigure(
                head.quantity, head.of, head.printed, head.source, head.conventions, head.wrong
            )
            published_figures.append(figure)
            self.figure_spans[figure] = head.span
        return tuple(published_figures)

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
                    "unused",
                    f"nothing uses what `{layer.name}` puts out; it is not counted",
                    call.span,
                    severity=WARNING,
                )
            )
        for layer, head in zip(graph.inputs, net.inputs, strict=True):
            if layer not in needed:
                message = f"nothing uses the input `{layer.name}`"
                self.diagnostics.add(Diagnostic("unused", message, head.span, severity=WARNING))

    # Statements ------------------------------------------------------------------------------

    def statements(self, body: Body, here: Here, current: Layer | None) -> Layer | None:
        """The statements of a body or branch; what the last one puts out."""
        for statement in body.statements:
            if self.reached:
                self.ghost_statement(statement, here)
                continue
            current = self.statement(statement, here, current)
            if self.until is not None:
                self.look_out()
        return current

    def look_out(self) -> None:
        """See whether the place up to which a network is used has come."""
        assert self.until is not None
        place = self.places.get(self.until)
        layer = self.names.get(self.until)
        index = place.first if place is not None else layer.index if layer is not None else -1
        self.reached = self.reached or index >= self.until_from

    def statement(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None:
        """One statement. A side head leaves the path where it stood."""
        frame, scope = here.frame, here.scope
        label = statement.label
        self.spend(statement.span)
        if label is not None:
            self.bounded(scope.prefix + label, statement.span, frame)
            if here.repeated:
                # Each turn would give the name again.
                message = f"the label `{label}` stands in a repeat, and would name several places"
                help = "label the repeat too: its turns are `label_1`, `label_2` …"
                self.report(Diagnostic("name", message, statement.span, help=[help]), frame)
        if statement.condition is not None:
            holds = self.holds(statement.condition, here, current)
            if not holds:
                self.ghost_statement(statement, here)
                if holds is None:
                    current = None
                if label is not None:
                    self.place(label, here, current, len(self.layers))
                return current
        if statement.out and frame.is_part:
            # Side heads of a used network are left out.
            self.ghost_statement(statement, here)
            return current
        first = len(self.layers)
        recent = here.recent.copy() if statement.out else here.recent
        group = Group("statement", scope.prefix + label if label is not None else None)
        if label is None:
            inner = here.within(group, recent)
            result = self.items(statement.items, inner, current, None, None)
        else:
            full = scope.prefix + label
            inner_scope = self.scope(full + ".", full)
            inner = Here(frame, inner_scope, group, recent, False, here.turn, statement)
            result = self.items(
                statement.items,
                inner,
                current,
                label if statement.sole else None,
                label if statement.turns is not None else None,
            )
            inner_scope.close()
            scope.absorb(inner_scope, here.repeated)
            self.place(label, here, result, first)
        if group.members:
            here.group.members.append(group)
        if result is not None:
            self.puts_out(statement, result.output)
        if statement.out:
            if result is not None:
                self.heads[self.head_name(label, here)] = result
            return current
        here.recent.push(result)
        return result

    def holds(self, node: Value, here: Here, current: Layer | None) -> bool | None:
        """Whether a condition holds; None where a fault keeps it from being known."""
        try:
            return condition(node, here, current)
        except PlacedError as error:
            self.report(error.diagnostic, here.frame)
        except UnknownSizeError:
            pass
        return None

    def head_name(self, label: str | None, here: Here) -> str:
        if label is not None:
            return here.scope.prefix + label
        number = 1
        while f"out{number}" in self.heads or f"out{number}" in self.claimed:
            number += 1
        return f"out{number}"

    # Items -----------------------------------------------------------------------------------

    def items(
        self, items: tuple[Item, ...], here: Here, current: Layer | None, sole: str | None, label: str | None
    ) -> Layer | None:
        """Items one after the other."""
        for item in items:
            if self.reached:
                self.ghost(item, here, sole, label)
            else:
                current = self.item(item, here, current, sole, label)
        return current

    def item(
        self, item: Item, here: Here, current: Layer | None, sole: str | None = None, label: str | None = None
    ) -> Layer | None:
        """One item. ``sole`` is the label of the statement or turn that consists of it alone;
        ``label`` the one that names the turns of a repeat."""
        self.spend(item.span)
        self.depth += 1
        try:
            if self.depth > DEEPEST + 1:
                message = f"nested more than {DEEPEST} deep"
                raise self.give_up(Diagnostic("limit", message, item.span), here.frame)
            if isinstance(item, Call):
                return self.call(item, here, current, sole)
            if isinstance(item, Repeat):
                return self.repeat(item, here, current, label)
            if isinstance(item, Reference):
                return here.frame.tensor(item)
            if isinstance(item, Assertion):
                self.check_shape(item, here, current)
                return current
            return self.items(item.items, here, current, None, None)
        except PlacedError as error:
            # What does not suit a layer that is only guessed says nothing.
            if error.diagnostic.code not in _OF_GUESSES or item not in self.guesses:
                self.report(error.diagnostic, here.frame)
        except UnknownSizeError:
            pass
        finally:
            self.depth -= 1
        return None

    def check_shape(self, item: Assertion, here: Here, current: Layer | None) -> None:
        if current is None or not here.frame.asserts:
            return
        if current.output != item.sizes:
            wanted = "x".join(map(str, item.sizes))
            message = f"the shape here is {current.output}, not {wanted}"
            self.report(Diagnostic("assert", message, item.span), here.frame)

    def repeat(self, item: Repeat, here: Here, current: Layer | None, label: str | None) -> Layer | None:
        """``count x item``, turn by turn. With a label, the turns are named by it."""
        value = evaluate(item.count, here, current)
        count = whole(value) if isinstance(value, (int, Fraction)) else None
        if count is None or count < 0:
            raise fault("value", f"a count is a whole number from 0, not {show(value)}", item.count)
        if count == 0:
            self.ghost(item, here, None, label)
            return current
        frame = here.frame
        group = Group("repeat", here.scope.label if label is not None else None)
        errors = self.diagnostics.errors
        for turn in range(count):
            self.spend(item.span)
            turn_group = Group("turn")
            if label is None:
                inner = Here(frame, here.scope, turn_group, here.recent, True, (turn, count), here.statement)
                current = self.items(item.items, inner, current, None, None)
            else:
                name = f"{label}_{turn + 1}"
                # The label's own scope has the prefix "label."; its turns stand beside it.
                outer = here.scope.prefix[: -len(label) - 1]
                full = outer + name
                turn_group.name = full
                scope = self.scope(full + ".", full)
                inner = Here(frame, scope, turn_group, here.recent, False, (turn, count), here.statement)
                first = len(self.layers)
                current = self.items(item.items, inner, current, name if item.sole else None, None)
                scope.close()
                if turn == 0:
                    # How many turns there are is a value, and names follow from the text.
                    here.scope.absorb(scope, True)
                self.claimed.add(full)
                frame.labels[name] = (full, current)
                if current is None:
                    self.lost.add(full)
                else:
                    self.places[full] = Label(current, first, len(self.layers))
            if turn_group.members:
                group.members.append(turn_group)
            here.recent.push(current)
            if self.until is not None:
                self.look_out()
            if self.diagnostics.errors > errors:
                break
            if self.reached:
                for part in item.items * (count - turn - 1 if label is None else 0):
                    self.ghost(part, inner)
                break
        if group.members:
            texts = {m.text for m in group.members if isinstance(m, Group)}
            group.text = texts.pop() if len(texts) == 1 else _common(group)
            here.group.members.append(group)
        return current

    # Calls -----------------------------------------------------------------------------------

    def callee(self, call: Call, frame: Frame, arriving: Layer | None = None) -> Callee:
        """What a call means, where this arrives. An unknown name is reported, and read as the
        nearest known one, so that the rest of the text can still be checked."""
        value = frame.env.get(call.name)
        if isinstance(value, Callee):
            return value
        cached = call.cache.get("callee")
        if cached is not None:
            assert isinstance(cached, Callee)
            return cached
        found = frame.lookup(call.name)
        if found is not None and found.block is None and found.name != call.name:
            called = ops_called(call.name)
            shape = arriving.output if arriving is not None else None
            meant = suiting(called, shape)
            if shape is not None:
                doubt = doubt_of(call, called, meant, shape)
                if doubt is not None:
                    if doubt.severity == ERROR:
                        raise PlacedError(doubt)
                    self.report(doubt, frame)
            return Callee(meant.name, None)
        if found is not None:
            call.cache["callee"] = found
            return found
        if value is not None:
            raise PlacedError(
                Diagnostic("name", f"`{call.name}` is {show(value)}, not a layer or block", call.name_span)
            )
        if call not in self.guesses:
            near = self.meant(call.name, frame)
            help = [f"did you mean `{apart(call.name, near)}`?"] if near else [LAYERS_LISTED]
            message = f"no layer or block is called `{call.name}`"
            self.report(Diagnostic("name", message, call.name_span, help=help), frame)
            self.guesses[call] = frame.lookup(near) if near is not None else None
        guess = self.guesses[call]
        if guess is None:
            raise UnknownSizeError
        return guess

    def meant(self, name: str, frame: Frame) -> str | None:
        """The layer or block that an unknown name may mean: what other tools may mean by it, else
        the nearest name."""
        plain = normal(name)
        for op in self.ops.values():
            if plain in op.elsewhere:
                return op.name
        return nearest(name, self.library.words(frame.file))

    def call(self, call: Call, here: Here, current: Layer | None, sole: str | None) -> Layer | None:
        """A layer, a block, a shortcut or a used network."""
        if call.name == "use":
            return self.use(call, here, current, sole)
        callee = self.callee(call, here.frame, current)
        if callee.block is not None:
            if call.branches:
                raise PlacedError(
                    Diagnostic("syntax", f"`{call.name}` is a block and takes no branches", call.name_span)
                )
            return self.block(call, callee.block, here, current, sole)
        op = self.ops[callee.name]
        plan = call.cache.get(op)
        if plan is None:
            plan = call.cache[op] = self.op_plan(call, op)
        assert isinstance(plan, OpPlan)
        if op.merge or (op.several and plan.references and not call.branches):
            return self.merge(call, plan, here, current)
        if call.branches:
            raise PlacedError(
                Diagnostic(
                    "syntax",
                    f"`{call.name}` is no merge and takes no branches",
                    call.name_span,
                    help="`add`, `mul` and `concat` join branches",
                )
            )
        if op.expanded:
            raise PlacedError(Diagnostic("syntax", "`shortcut` ends a branch of `add`", call.name_span))
        instance, text = self.instance(call, plan, here, current)
        if op.transparent:
            return current
        if current is None:
            here.scope.enter(op, None, here.repeated)
            return None
        return self.layer(call, instance, text, (current,), here, plan)


# Faults that may only mean that a guess was wrong.
_OF_GUESSES = ("argument", "syntax")


def _common(group: Group) -> str:
    """What the texts of the turns of a repeat have in common, word by word."""
    texts = [m.text.split() for m in group.members if isinstance(m, Group)]
    if not texts or not all(texts) or len({t[0] for t in texts}) != 1:
        return ""
    return " ".join(w for w in texts[0] if all(w in t for t in texts))
