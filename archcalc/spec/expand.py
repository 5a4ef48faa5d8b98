"""Syntax tree to graph: blocks are expanded, values put in, layers created and named."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ..graph import About, Claim, Graph, Group, Layer, Place
from ..ops import PENDING, registry
from ..ops.base import Attribute, Facts, Op, Problem, show, whole
from ..ops.rearranging import Input
from ..ops.sliding import fit_words
from ..shape import Shape
from .diagnostics import (
    NOTE,
    WARNING,
    Collector,
    Diagnostic,
    SpecError,
    TooManyErrors,
    did_you_mean,
    fail,
    nearest,
)
from .library import Library
from .naming import Scope
from .source import Span
from .syntax import (
    Argument,
    Assertion,
    Block,
    Body,
    Call,
    Chain,
    Definition,
    File,
    Item,
    Literal,
    Name,
    Net,
    Reference,
    Repeat,
    Statement,
    Value,
    all_calls,
)
from .values import (
    Callee,
    Fault,
    Unknown,
    attribute_value,
    condition,
    evaluate,
    fault,
    parameter_value,
)

# Layers of a network, unless --budget says otherwise.
BUDGET = 50_000
# Blocks within blocks, merges within merges: more is a block that calls itself.
DEEPEST = 50


class Frame:
    """A body being expanded: a net's, or a block's for one call."""

    __slots__ = (
        "expansion", "definition", "file", "env", "inputs", "labels", "start", "prefix", "trail",
        "call", "path", "asserts", "depth", "is_part",
    )  # fmt: skip

    def __init__(
        self,
        expansion: Expansion,
        definition: Definition,
        env: dict[str, Any],
        inputs: dict[str, Layer | None],
        prefix: str,
        trail: Frame | None,
        call: Call | None,
        path: tuple[tuple[str, str | None], ...],
        asserts: bool,
        is_part: bool,
    ):
        assert definition.file is not None
        self.expansion = expansion
        self.definition = definition
        self.file: File = definition.file
        self.env = env
        self.inputs = inputs
        self.labels: dict[str, tuple[str, Layer | None]] = {}
        self.start = len(expansion.layers)
        self.prefix = prefix
        self.trail = trail
        self.call = call
        self.path = path
        self.asserts = asserts
        self.is_part = is_part
        self.depth: int = trail.depth + 1 if trail is not None else 0

    def body_labels(self) -> dict[str, Statement]:
        """The labels written in this body."""
        return self.definition.body.labels

    def lookup(self, name: str) -> Callee | None:
        """The block or layer that a word means here, parameters apart."""
        block = self.file.blocks.get(name)
        if block is not None:
            return Callee(name, block)
        if name in self.expansion.ops or name in PENDING:
            return Callee(name, None)
        block = self.expansion.library.block(name)
        return Callee(name, block) if block is not None else None

    def tensor(self, reference: Reference) -> Layer | None:
        """The tensor that ``@path`` names; None behind an earlier fault. Raises Fault."""
        path = reference.path
        first, _, rest = path.partition(".")
        if not rest and first in self.inputs:
            return self.inputs[first]
        found = self.labels.get(first)
        if found is not None and not rest:
            return found[1]
        expansion = self.expansion
        full = f"{found[0]}.{rest}" if found is not None else self.prefix + path
        place = expansion.places.get(full)
        if place is not None and place.first >= self.start:
            return place.tensor
        layer = expansion.names.get(full)
        if layer is not None and layer.index >= self.start:
            return layer
        if full in expansion.lost or (found is not None and expansion.diagnostics.errors):
            return None
        if found is None and first in self.body_labels():
            raise fault("name", f"`{first}` is defined further down", reference)
        candidates = [*self.inputs, *self.labels]
        if found is not None:
            mine = [n for n in (*expansion.places, *expansion.names) if n.startswith(found[0])]
            candidates += [path.partition(".")[0] + n[len(found[0]) :] for n in mine]
        near = nearest(path, candidates)
        raise fault(
            "name", f"no tensor here is called `{path}`", reference,
            *([f"did you mean `@{near}`?"] if near else []),
        )  # fmt: skip

    def notes(self) -> list[str]:
        """How the expansion got here, innermost first."""
        lines: list[str] = []
        frame: Frame | None = self
        while frame is not None and frame.call is not None:
            bound = ", ".join(f"{k}={show(v)}" for k, v in list(frame.env.items())[:6])
            where = f" ({bound})" if bound else ""
            lines.append(
                f"while expanding `{frame.definition.name}`{where}, called at {frame.call.span}"
            )
            frame = frame.trail
        if len(lines) > 5:
            lines[3:-1] = [f"… {len(lines) - 4} more …"]
        return lines


class Here:
    """Where in a body the expansion stands, besides the tensor that arrives."""

    __slots__ = ("frame", "scope", "group", "history", "repeated", "turn", "statement")

    def __init__(
        self,
        frame: Frame,
        scope: Scope,
        group: Group,
        history: list[Layer | None],
        repeated: bool = False,
        turn: tuple[int, int] | None = None,
        statement: Statement | None = None,
    ):
        self.frame = frame
        self.scope = scope
        self.group = group
        self.history = history  # tensors of the main path: what default block inputs take
        self.repeated = repeated  # an unlabelled repeat stands between here and the scope
        self.turn = turn  # of the innermost repeat of this body
        self.statement = statement  # the innermost labelled one

    def within(self, group: Group) -> Here:
        """The same place, inside a group."""
        return Here(
            self.frame, self.scope, group, self.history, self.repeated, self.turn, self.statement
        )

    def push(self, tensor: Layer | None) -> None:
        """Enter a tensor of the main path, unless it is the last one entered."""
        history = self.history
        if not history or history[-1] is not tensor:
            history.append(tensor)


class OpPlan:
    """How a call of a layer is read: found out once a call, used for every expansion of it."""

    __slots__ = ("op", "fixed", "moving", "references", "given", "spans", "like", "instances")

    def __init__(self, op: type[Op]):
        self.op = op
        self.fixed: dict[str, Any] = {}
        self.moving: list[tuple[str, Attribute, Value]] = []
        self.references: list[Reference] = []
        self.given: list[str] = []
        self.spans: dict[str, tuple[Span, bool]] = {}  # and whether it is a default's
        self.like: Argument | None = None
        self.instances: dict[object, tuple[Op, str]] = {}


class BlockPlan:
    """How a call of a block is read."""

    __slots__ = ("block", "arguments", "references", "shown")

    def __init__(self, block: Definition):
        self.block = block
        self.arguments: dict[str, Value] = {}
        self.references: list[Reference] = []
        self.shown: list[str] = []


class Expansion:
    """One network being expanded. Everything it finds wrong goes to ``diagnostics``."""

    def __init__(self, library: Library, diagnostics: Collector, budget: int = BUDGET):
        self.library = library
        self.diagnostics = diagnostics
        self.budget = budget
        self.steps = 20 * budget + 10_000
        self.ops = registry()
        self.layers: list[Layer] = []
        self.calls: list[Call] = []  # the call that made each layer
        self.names: dict[str, Layer] = {}
        self.places: dict[str, Place] = {}
        self.lost: set[str] = set()  # labels whose tensor a fault took away
        self.heads: dict[str, Layer] = {}
        self.shapes: dict[Statement, Shape | None] = {}  # None where turns or calls differ
        self._labelled: dict[object, bool] = {}
        self._noted: set[object] = set()

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
            if parameter.name in given and not _alike(given[parameter.name], value):
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
            claims.append(
                Claim(head.quantity, head.of, head.printed, head.source, head.conventions, head.wrong)
            )
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

    # Reporting -------------------------------------------------------------------------------

    def report(self, diagnostic: Diagnostic, frame: Frame) -> None:
        """Collect a diagnostic, with the trail that led to it."""
        trail = frame.notes()
        if trail:
            diagnostic.notes = (*diagnostic.notes, *trail)
        self.diagnostics.add(diagnostic)

    def step(self, node: Call | Repeat | Reference | Assertion | Chain) -> None:
        """Count a step of work, so that no text makes the expansion run on and on."""
        self.steps -= 1
        if self.steps < 0:
            self.diagnostics.add(
                Diagnostic("limit", "the network takes too many steps to expand", node.span,
                           help=f"it may have {self.budget:,} layers: --budget sets another number")
            )  # fmt: skip
            raise TooManyErrors

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

    def place(self, label: str, here: Here, tensor: Layer | None, first: int) -> None:
        """Enter what a label names."""
        full = here.scope.prefix + label
        here.frame.labels[label] = (full, tensor)
        if tensor is None:
            self.lost.add(full)
            return
        if full in self.places and self.places[full].last > here.frame.start:
            statement = here.frame.body_labels().get(label)
            if statement is not None and statement.label_span is not None and not here.repeated:
                self.report(
                    Diagnostic("name", f"two places are called `{full}`", statement.label_span,
                               help="the turns of a labelled repeat are called label_1, label_2, …"),
                    here.frame,
                )  # fmt: skip
        self.places[full] = Place(tensor, first, len(self.layers))

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

    def op_plan(self, call: Call, op: type[Op]) -> OpPlan:
        """Match the arguments of a call with an op's signature. Raises Fault."""
        plan = OpPlan(op)
        names = list(op.positional)
        for node in call.positional:
            takes = names and getattr(op.attributes[names[0]], "takes_tensor", False)
            if isinstance(node, Reference) and not takes:
                if not op.merge:
                    raise fault(
                        "argument", f"`{op.name}` takes no tensor by name", node,
                        f"write `@{node.path} -> {op.name} …`",
                    )  # fmt: skip
                plan.references.append(node)
                continue
            if not names:
                wanted = ", ".join(op.positional) or "none"
                raise fault(
                    "argument", f"`{op.name}` takes no further value", node,
                    f"its values without a name: {wanted}; by name: "
                    + (", ".join(n for n in op.attributes if n not in op.positional) or "none"),
                )  # fmt: skip
            self.attach(plan, names.pop(0), node, node.span, False)
        for argument in call.named:
            if argument.name == "like" and op.weighted:
                plan.like = argument
                continue
            if argument.name not in op.attributes:
                help = did_you_mean(argument.name, op.attributes)
                help.append("it has " + (", ".join(op.attributes) or "none"))
                raise fault(
                    "argument", f"`{op.name}` has no `{argument.name}`", argument, *help
                )
            if argument.name in plan.spans:
                raise fault("argument", f"`{argument.name}` is given twice", argument)
            self.attach(plan, argument.name, argument.value, argument.span, False)
        plan.given = list(plan.spans)
        for name, argument in call.defaults.get(op.name, {}).items():
            if name not in plan.spans and name in op.attributes:
                self.attach(plan, name, argument.value, argument.span, True)
        for name, attribute in op.attributes.items():
            if attribute.required and name not in plan.spans:
                raise Fault(
                    Diagnostic(
                        "argument", f"`{op.name}` needs `{name}`, {attribute.help}", call.span,
                        help=f"as in `{op.example}`" if "\n" not in op.example else (),
                    )
                )  # fmt: skip
        return plan

    @staticmethod
    def attach(plan: OpPlan, name: str, node: Value, span: Span, default: bool) -> None:
        plan.spans[name] = (span, default)
        if isinstance(node, Literal):
            plan.fixed[name] = node.value
        else:
            plan.moving.append((name, plan.op.attributes[name], node))

    def instance(
        self, call: Call, plan: OpPlan, here: Here, current: Layer | None
    ) -> tuple[Op, str]:
        """The op with its values, and what reports call it. Raises Fault."""
        if plan.moving:
            moved = {
                name: attribute_value(node, attribute, here, current)
                for name, attribute, node in plan.moving
            }
            # 1 and yes are equal to Python, but not to a spec.
            key: object = tuple([(value.__class__, value) for value in moved.values()])
        else:
            moved, key = {}, None
        found = plan.instances.get(key)
        if found is None:
            try:
                op = plan.op(**plan.fixed, **moved)
            except Problem as problem:
                raise self.problem(problem, call, plan, [current]) from None
            found = plan.instances[key] = (op, op.describe(plan.given))
        return found

    def problem(
        self,
        problem: Problem,
        call: Call,
        plan: OpPlan,
        inputs: list[Layer | None],
        spans: list[Span] | None = None,
    ) -> Fault:
        """What an op refuses, as a fault at the place to blame."""
        others: list[tuple[Span, str]] = []
        label = ""
        span = call.span
        shapes = [str(layer.output) if layer is not None else "?" for layer in inputs]
        if problem.branch is not None and spans is not None:
            span, label = spans[0], shapes[0]
            differing = [i for i in range(1, len(spans)) if shapes[i] != shapes[0]][:4]
            others = [(spans[i], shapes[i]) for i in differing]
        else:
            if problem.about in plan.spans:
                span, default = plan.spans[problem.about]
                if default:
                    others = [(span, "set here")]
                    span = call.span
            if problem.code in ("shape", "fit") and inputs[0] is not None:
                label = f"on {shapes[0]}"
        return Fault(
            Diagnostic(problem.code, problem.message, span, label=label, others=others,
                       notes=problem.notes, help=problem.help)
        )  # fmt: skip

    def layer(
        self,
        call: Call,
        op: Op,
        text: str,
        inputs: tuple[Layer, ...],
        here: Here,
        plan: OpPlan,
        spans: list[Span] | None = None,
    ) -> Layer:
        """Create a layer. Raises Fault if the op refuses its inputs."""
        try:
            facts = op.facts(tuple([layer.facts.output for layer in inputs]))
        except Problem as problem:
            found = self.problem(problem, call, plan, list(inputs), spans)
            if problem.code != "fit":
                here.scope.enter(type(op), None, here.repeated)
                raise found from None
            # Refused under round=exact: report it, and go on as floor would.
            self.report(found.diagnostic, here.frame)
            op = op.with_attributes(round="floor")  # type: ignore[arg-type]
            facts = op.facts(tuple([layer.facts.output for layer in inputs]))
        else:
            if facts.misfits:
                self.note_misfit(call, plan, facts, inputs[0], here)
        layers = self.layers
        if len(layers) >= self.budget:
            self.diagnostics.add(
                Diagnostic("limit", f"more than {self.budget:,} layers", call.span,
                           help="--budget sets another number")
            )  # fmt: skip
            raise TooManyErrors
        layer = Layer("", op, inputs, facts, here.frame.path, text)
        layer.index = len(layers)
        layers.append(layer)
        self.calls.append(call)
        here.scope.enter(op.__class__, layer, here.repeated)
        here.group.members.append(layer)
        if plan.like is not None:
            self.share(layer, plan.like, here)
        return layer

    def note_misfit(
        self, call: Call, plan: OpPlan, facts: Facts, layer: Layer, here: Here
    ) -> None:
        key = (id(call), id(facts))
        if key in self._noted:
            return
        self._noted.add(key)
        message, notes, help = fit_words(facts.misfits)
        kept = "x".join(str(f.output) for f in facts.misfits)
        if len({f.output for f in facts.misfits}) == 1:
            kept = str(facts.misfits[0].output)
        span = call.span
        if "stride" in plan.spans and not plan.spans["stride"][1]:
            span = plan.spans["stride"][0]
        self.report(
            Diagnostic(
                "fit", f"{message}, taken as {kept}", span, severity=NOTE,
                label=f"on {layer.output}", notes=notes,
                help=[*help, "round=exact makes this an error"],
            ),
            here.frame,
        )  # fmt: skip

    def share(self, layer: Layer, like: Argument, here: Here) -> None:
        """``like=other``: use the parameters of another layer."""
        node = like.value
        path = node.path if isinstance(node, Reference) else (
            node.text if isinstance(node, Name) else None)  # fmt: skip
        if path is None:
            raise fault("argument", "`like` is the label of a layer", like)
        frame = here.frame
        first, _, rest = path.partition(".")
        known = frame.labels.get(first)
        full = frame.prefix + path if known is None else known[0] + (f".{rest}" if rest else "")
        other = self.names.get(full)
        if other is None or other is layer:
            if full in self.lost:
                return
            raise fault(
                "name", f"no layer above is called `{path}`", like,
                *did_you_mean(path, [*frame.labels, *self.names]),
            )  # fmt: skip
        owner = other.owner
        if other.op.name != layer.op.name:
            raise fault(
                "argument", f"`{path}` is `{other.op.name}`, this is `{layer.op.name}`", like
            )
        mine = [(t.name, t.shape) for t in layer.facts.tensors or ()]
        theirs = [(t.name, t.shape) for t in owner.facts.tensors or ()]
        if mine != theirs:
            a = ", ".join(f"{n} {'x'.join(map(str, s))}" for n, s in mine)
            b = ", ".join(f"{n} {'x'.join(map(str, s))}" for n, s in theirs)
            raise fault("shape", f"the parameters differ: {a} here, {b} there", like)
        layer.owner = owner

    # Merges ----------------------------------------------------------------------------------

    def merge(
        self, call: Call, plan: OpPlan, here: Here, current: Layer | None
    ) -> Layer | None:
        """``add``, ``mul``, ``concat`` of branches or of named tensors."""
        if bool(call.branches) == bool(plan.references):
            message = (
                f"`{call.name}` has branches and named tensors: give one or the other"
                if call.branches else f"`{call.name}` has nothing to join"
            )  # fmt: skip
            raise Fault(
                Diagnostic("syntax", message, call.name_span,
                           help=f"write branches indented below, each behind `|`, or "
                                f"`{call.name} @a @b`")
            )  # fmt: skip
        op, text = self.instance(call, plan, here, current)
        tensors: list[Layer | None]
        if plan.references:
            tensors = [here.frame.tensor(reference) for reference in plan.references]
            spans = [reference.span for reference in plan.references]
        else:
            tensors, spans = self.branches(call, here, current)
        if any(tensor is None for tensor in tensors):
            here.scope.enter(type(op), None, here.repeated)
            # The others show what the shape would be, if they agree.
            known = {t.output: t for t in tensors if t is not None}
            return next(iter(known.values())) if len(known) == 1 and op.name != "concat" else None
        inputs = tuple([t for t in tensors if t is not None])
        try:
            return self.layer(call, op, text, inputs, here, plan, spans)
        except Fault as error:
            self.report(error.diagnostic, here.frame)
            return inputs[0] if op.name != "concat" else None

    def branches(
        self, call: Call, here: Here, current: Layer | None
    ) -> tuple[list[Layer | None], list[Span]]:
        """The branches of a merge; a ``shortcut`` among them is worked out after its siblings."""
        frame = here.frame
        frame.depth += 1
        if frame.depth > DEEPEST:
            raise Fault(Diagnostic("limit", f"nested more than {DEEPEST} deep", call.span))
        tensors: list[Layer | None] = [None] * len(call.branches)
        later = []
        for index, branch in enumerate(call.branches):
            if call.name == "add" and _shortcut_in(branch.body) is not None:
                later.append(index)
                continue
            inner = here.within(here.group)
            inner.history = list(here.history)
            tensors[index] = self.statements(branch.body, inner, current)
        for index in later:
            body = call.branches[index].body
            sibling = next((i for i in range(len(tensors)) if i not in later), None)
            shortcut = _shortcut_in(body)
            assert shortcut is not None
            if sibling is None:
                raise Fault(
                    Diagnostic("syntax", "`shortcut` needs a sibling branch to follow",
                               shortcut.span)
                )  # fmt: skip
            inner = here.within(here.group)
            inner.history = list(here.history)
            arriving = current
            for statement in body.statements[:-1]:
                arriving = self.statement(statement, inner, arriving)
            last = body.statements[-1]
            for item in last.chain.items[:-1]:
                arriving = self.item(item, inner, arriving)
            try:
                tensors[index] = self.shortcut(
                    shortcut, inner, arriving, tensors[sibling], current, last.label
                )
            except Fault as error:
                self.report(error.diagnostic, frame)
        frame.depth -= 1
        return tensors, [branch.span for branch in call.branches]

    def shortcut(
        self,
        call: Call,
        here: Here,
        arriving: Layer | None,
        sibling: Layer | None,
        start: Layer | None,
        label: str | None,
    ) -> Layer | None:
        """The skip of a residual unit: nothing, or a projection (see ops.merging.Shortcut)."""
        op = self.ops["shortcut"]
        plan = call.cache.get(op)
        if plan is None:
            plan = call.cache[op] = self.op_plan(call, op)
        assert isinstance(plan, OpPlan)
        settings: Any = self.instance(call, plan, here, arriving)[0]
        scope = here.scope
        if label is None:
            label = self._shortcut_label(here)
        full = scope.prefix + label
        inner_scope = Scope(full + ".", full, self.names)
        group = Group("statement", full)
        inner = Here(
            here.frame, inner_scope, group, here.history, False, here.turn, here.statement
        )
        first = len(self.layers)
        result = arriving
        convolution, norm = self.ops["conv"], self.ops["bn"]
        if arriving is not None and sibling is not None:
            wanted = sibling.output
            agree = arriving.output == wanted
            strides = _strides(sibling, start, len(wanted) - 1)
            stride: Any = strides[0] if len(set(strides)) == 1 else strides
            if not agree and settings.kind == "A":
                values = {"kind": settings.kind, "stride": stride, "channels": wanted.channels}
                result = self._made(call, op, values, arriving, inner, plan)
                text = "shortcut kind=A"
            elif not agree or settings.kind == "C":
                values = {
                    "kernel": 1, "filters": wanted.channels, "stride": stride,
                    "bias": settings.bias,
                }  # fmt: skip
                result = self._made(call, convolution, values, arriving, inner, plan)
                text = result.text
                if settings.norm:
                    result = self._made(call, norm, {}, result, inner, plan)
                    text += ", bn"
            group.text = text if group.members else ""
        inner_scope.close()
        self.place(label, here, result, first)
        if group.members:
            here.group.members.append(group)
        # By its text a shortcut may be a convolution, whatever the values make of it.
        scope.absorb(_projection(), here.repeated)
        return result

    def _shortcut_label(self, here: Here) -> str:
        """``shortcut``, or ``shortcut2`` where the body has several."""
        body = here.statement.chain if here.statement is not None else None
        count = (
            sum(c.name == "shortcut" for c in all_calls(body)) if body is not None
            else here.frame.definition.body.call_counts().get("shortcut", 1)
        )  # fmt: skip
        if count <= 1 and not here.repeated and here.scope.prefix + "shortcut" not in self.places:
            return "shortcut"
        return here.scope.number_block("shortcut")[len(here.scope.prefix) :]

    def _made(
        self, call: Call, op: type[Op], values: dict[str, Any], source: Layer, here: Here,
        plan: OpPlan,
    ) -> Layer:  # fmt: skip
        """A layer of a shortcut."""
        key = ("made", op, tuple(values.items()))
        instance = call.cache.get(key)
        if instance is None:
            try:
                instance = call.cache[key] = op(**values)
            except Problem as problem:
                raise self.problem(problem, call, plan, [source]) from None
        assert isinstance(instance, Op)
        return self.layer(call, instance, instance.describe(values), (source,), here, plan)

    # Blocks ----------------------------------------------------------------------------------

    def block_plan(self, call: Call, block: Definition, positional: Iterable[Value],
                   named: Iterable[Argument]) -> BlockPlan:  # fmt: skip
        """Match the arguments of a call with a block's parameters. Raises Fault."""
        plan = BlockPlan(block)
        names = [p.name for p in block.parameters]
        rest = list(names)
        for node in positional:
            if isinstance(node, Reference):
                plan.references.append(node)
                continue
            if not rest:
                raise fault(
                    "argument", f"`{block.name}` takes no further value", node,
                    "its parameters: " + (", ".join(names) or "none"),
                )  # fmt: skip
            plan.arguments[rest.pop(0)] = node
        for argument in named:
            if argument.name not in names:
                help = did_you_mean(argument.name, names)
                help.append("its parameters: " + (", ".join(names) or "none"))
                raise fault(
                    "argument", f"`{block.name}` has no parameter `{argument.name}`", argument,
                    *help,
                )  # fmt: skip
            if argument.name in plan.arguments:
                raise fault("argument", f"`{argument.name}` is given twice", argument)
            plan.arguments[argument.name] = argument.value
        for parameter in block.parameters:
            if parameter.default is None and parameter.name not in plan.arguments:
                raise Fault(
                    Diagnostic(
                        "argument", f"`{block.name}` needs `{parameter.name}`", call.span,
                        others=[(parameter.span, "declared here")],
                    )
                )  # fmt: skip
        return plan

    def block(
        self, call: Call, block: Block, here: Here, current: Layer | None, sole: str | None
    ) -> Layer | None:
        """A call of a block."""
        plan = call.cache.get(block)
        if plan is None:
            plan = call.cache[block] = self.block_plan(call, block, call.positional, call.named)
        assert isinstance(plan, BlockPlan)
        frame = here.frame
        if frame.depth >= DEEPEST:
            raise Fault(
                Diagnostic("limit", f"blocks nested more than {DEEPEST} deep", call.span,
                           help="a block that calls itself never ends")
            )  # fmt: skip
        arguments = {n: parameter_value(v, here, current) for n, v in plan.arguments.items()}
        tensors = self.block_inputs(call, block, plan, here, current)
        inputs: dict[str, Layer | None] = dict(zip(block.inputs, tensors, strict=False))
        if not block.inputs:
            inputs["input"] = tensors[0]
        labelled = self.labelled(block, arguments)
        scope, own, repeated = here.scope, None, here.repeated
        if labelled and sole is None and not self.only_call(call, block, here):
            prefix = scope.number_block(block.name)
            scope = own = Scope(prefix + ".", None, self.names)
            repeated = False
        elif labelled and scope.open:
            scope.taken.update(block.body.labels)
        path = (*frame.path, (block.name, sole))
        inner_frame = Frame(
            self, block, {}, inputs, scope.prefix, frame, call, path, frame.asserts, frame.is_part
        )
        group = Group("block", own.prefix[:-1] if own is not None else None)
        inner = Here(inner_frame, scope, group, [], repeated)
        start = tensors[0]
        self.bind(block, arguments, inner, start)
        group.text = _block_text(block.name, plan, arguments, inner_frame.env, block)
        inner.push(start)
        result = self.statements(block.body, inner, start)
        if own is not None:
            own.close()
            here.scope.absorb(own, here.repeated)
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if sole is not None else "")
        if len(block.inputs) > 1:
            here.push(result)
        return result

    def bind(
        self, block: Definition, arguments: dict[str, Any], here: Here, start: Layer | None
    ) -> None:
        """Put the values of the parameters into the environment of a block."""
        env = here.frame.env
        for parameter in block.parameters:
            if parameter.name in arguments:
                env[parameter.name] = arguments[parameter.name]
            elif parameter.default is not None:
                env[parameter.name] = parameter_value(parameter.default, here, start)

    def block_inputs(
        self, call: Call, block: Block, plan: BlockPlan, here: Here, current: Layer | None
    ) -> list[Layer | None]:
        """The tensors a block starts from: those given, else the last ones of the main path."""
        wanted = max(1, len(block.inputs))
        if plan.references:
            if len(plan.references) != wanted:
                raise Fault(
                    Diagnostic(
                        "argument", f"`{block.name}` takes {wanted} "
                        f"{'tensor' if wanted == 1 else 'tensors'}, not {len(plan.references)}",
                        plan.references[-1].span,
                        help=["its inputs: " + ", ".join(block.inputs)] if block.inputs else (),
                    )
                )  # fmt: skip
            return [here.frame.tensor(reference) for reference in plan.references]
        if wanted == 1:
            return [current]
        history = here.history
        latest = [current] if not history or history[-1] is not current else []
        latest += reversed(history)
        if len(latest) < wanted:
            raise Fault(
                Diagnostic(
                    "argument",
                    f"`{block.name}` takes the last {wanted} tensors of the path; "
                    f"there {'is' if len(latest) == 1 else 'are'} {len(latest)}",
                    call.span, help=f"name them, as in `{block.name} … @a @b`",
                )
            )  # fmt: skip
        return list(latest[:wanted])

    def labelled(self, block: Block, arguments: dict[str, Any]) -> bool:
        """Whether a block gives labels, itself or in the unlabelled blocks that it calls."""
        bound = tuple((k, v) for k, v in arguments.items() if isinstance(v, Callee))
        key = (block, bound)
        if key not in self._labelled:
            self._labelled[key] = False  # for a block that calls itself
            assert block.file is not None
            found = bool(block.body.labels)
            for name in block.body.call_counts():
                if found:
                    break
                if name in ("shortcut", "use"):
                    found = True
                    break
                callee = arguments.get(name)
                inner = (
                    callee.block if isinstance(callee, Callee)
                    else block.file.blocks.get(name)
                    or (self.library.block(name) if name not in self.ops else None)
                )  # fmt: skip
                found = inner is not None and self.labelled(inner, {})
            self._labelled[key] = found
        return self._labelled[key]

    def only_call(self, call: Call, block: Definition, here: Here) -> bool:
        """Whether this is the only call of a block in its labelled statement or body, and its
        labels are still free there."""
        if here.repeated:
            return False
        if here.statement is not None:
            chain = here.statement.chain
            count = sum(c.name == call.name for c in all_calls(chain))
        else:
            count = here.frame.definition.body.call_counts().get(call.name, 0)
        if count != 1:
            return False
        prefix, places = here.scope.prefix, self.places
        return not any(
            prefix + label in places or prefix + label in self.names for label in block.body.labels
        )

    # Used networks ---------------------------------------------------------------------------

    def use(self, call: Call, here: Here, current: Layer | None, sole: str | None) -> Layer | None:
        """``use vgg16 as=base until=pool5 frozen=yes classes=10``."""
        frame = here.frame
        if not call.positional or isinstance(call.positional[0], Reference):
            raise Fault(
                Diagnostic("use", "`use` names no network", call.span, help="as in `use vgg16`")
            )
        first = call.positional[0]
        if isinstance(first, Name):
            name = first.text
        elif isinstance(first, Literal) and isinstance(first.value, str):
            name = first.value
        else:
            raise fault("use", "`use` needs the name of a network", first)
        net = call.cache.get("net")
        if net is None:
            try:
                net = self.library.net_for_use(name, frame.file, first.span)
            except SpecError as error:
                for diagnostic in error.diagnostics:
                    self.report(diagnostic, frame)
                raise Unknown from None
            call.cache["net"] = net
        assert isinstance(net, Net)
        at: Frame | None = frame
        while at is not None:
            if at.definition is net:
                raise fault("use", f"`{net.name}` uses itself", first)
            at = at.trail
        special = {a.name: a for a in call.named if a.name in ("as", "until", "frozen")}
        others = [a for a in call.named if a.name not in special]
        plan = call.cache.get(net)
        if plan is None:
            plan = call.cache[net] = self.block_plan(call, net, call.positional[1:], others)
        assert isinstance(plan, BlockPlan)
        arguments = {n: parameter_value(v, here, current) for n, v in plan.arguments.items()}
        frozen = False
        if "frozen" in special:
            value = evaluate(special["frozen"].value, here, current)
            if not isinstance(value, bool):
                raise fault("value", f"`frozen` is yes or no, not {show(value)}", special["frozen"])
            frozen = value
        label = _path(special.get("as"))
        until = _path(special.get("until"))
        if plan.references:
            tensors = [frame.tensor(reference) for reference in plan.references]
        else:
            tensors = [current]
        if len(tensors) != len(net.inputs):
            names = ", ".join(head.name for head in net.inputs)
            raise fault("use", f"`{net.name}` has {len(net.inputs)} inputs: {names}", call)
        asserts = all(
            t is not None and t.output == head.sizes
            for t, head in zip(tensors, net.inputs, strict=True)
        )
        scope, own = here.scope, None
        if label is not None:
            scope = own = Scope(f"{scope.prefix}{label}.", None, self.names)
        elif sole is None and not self.only_call(call, net, here):
            scope = own = Scope(scope.number_block(net.name) + ".", None, self.names)
        elif scope.open:
            scope.taken.update(net.body.labels)
        inputs: dict[str, Layer | None] = {
            head.name: tensor for head, tensor in zip(net.inputs, tensors, strict=True)
        }
        path = (*frame.path, (net.name, label or sole))
        inner_frame = Frame(
            self, net, {}, inputs, scope.prefix, frame, call, path, asserts, True
        )
        group = Group("use", own.prefix[:-1] if own is not None else None)
        inner = Here(inner_frame, scope, group, [], False, None, None)
        self.bind(net, arguments, inner, tensors[0])
        for parameter in net.parameters:
            if parameter.name in arguments and parameter.default is not None:
                default = parameter_value(parameter.default, inner, tensors[0])
                if not _alike(arguments[parameter.name], default):
                    inner_frame.asserts = False
        group.text = _block_text(net.name, plan, arguments, inner_frame.env, net)
        inner.push(tensors[0])
        start = len(self.layers)
        result = self.statements(net.body, inner, tensors[0])
        if own is not None:
            own.close()
            here.scope.absorb(own, here.repeated)
        if until is not None:
            result, group = self.cut(scope.prefix + until, special["until"], group, start, result)
        if frozen:
            for layer in self.layers[start:]:
                layer.frozen = True
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if sole is not None else "")
        if label is not None:
            self.place(label, here, result, start)
        return result

    def cut(
        self, path: str, argument: Argument, group: Group, start: int, result: Layer | None
    ) -> tuple[Layer | None, Group]:
        """Drop the layers behind a place of a used network."""
        from ..graph import _pruned

        place = self.places.get(path)
        if place is None and path in self.names and self.names[path].index >= start:
            layer = self.names[path]
            place = Place(layer, layer.index, layer.index + 1)
        if place is None or place.first < start:
            if result is None:
                return None, group
            known = [n for n, p in self.places.items() if p.first >= start]
            raise fault(
                "use", f"it has no place called `{path}`", argument, *did_you_mean(path, known)
            )
        gone = self.layers[place.last :]
        del self.layers[place.last :], self.calls[place.last :]
        for layer in gone:
            self.names.pop(layer.name, None)
        for name in [n for n, p in self.places.items() if p.last > place.last and p.first >= start]:
            del self.places[name]
        return place.tensor, _pruned(group, set(self.layers[start:]))

    # What is switched off --------------------------------------------------------------------

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


# Helpers --------------------------------------------------------------------------------------


def _alike(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _path(argument: Argument | None) -> str | None:
    if argument is None:
        return None
    node = argument.value
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Reference):
        return node.path
    raise fault("argument", f"`{argument.name}` is a name", argument)


def _shortcut_in(body: Body) -> Call | None:
    """The ``shortcut`` that ends a branch."""
    if not body.statements:
        return None
    last = body.statements[-1].chain.items[-1]
    return last if isinstance(last, Call) and last.name == "shortcut" else None


def _strides(layer: Layer, start: Layer | None, axes: int) -> tuple[int, ...]:
    """The product of the strides on the way from a tensor to a layer, an axis."""
    strides = [1] * axes
    while layer is not start and layer.inputs:
        windows = layer.facts.windows
        if isinstance(windows, tuple) and len(windows) == axes:
            strides = [s * w.stride for s, w in zip(strides, windows, strict=True)]
        layer = layer.inputs[0]
    return tuple(strides)


def _projection() -> Scope:
    scope = Scope("", None, {})
    scope.total = 2
    scope.weighted = 1
    return scope


def _block_text(
    name: str, plan: BlockPlan, arguments: dict[str, Any], env: dict[str, Any], block: Definition
) -> str:
    """A call of a block with its values: ``bottleneck 128 stride=2``."""
    words = [name]
    for parameter in block.parameters:
        if parameter.name not in arguments:
            continue
        value = show(arguments[parameter.name])
        if parameter.default is None:
            words.append(value)
        elif not (
            isinstance(parameter.default, Literal)
            and _alike(parameter.default.value, arguments[parameter.name])
        ):
            words.append(f"{parameter.name}={value}")
    return " ".join(words)


def _common(group: Group) -> str:
    """What the texts of the turns of a repeat have in common, word by word."""
    texts = [m.text.split() for m in group.members if isinstance(m, Group)]
    if not texts or not all(texts) or len({t[0] for t in texts}) != 1:
        return ""
    return " ".join(w for w in texts[0] if all(w in t for t in texts))


