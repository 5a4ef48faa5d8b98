"""Calls of layers: arguments, shapes, shared parameters."""

from __future__ import annotations

from ..graph import Layer
from ..ops.attributes import OpError, Size
from ..ops.base import Facts, Op
from ..ops.sliding import fit_words
from ..shape import Shape
from .diagnostics import NOTE, Diagnostic, PlacedError, did_you_mean, fault
from .frames import Here, OpPlan, State
from .source import Span
from .syntax import Argument, Call, Literal, Name, Reference, Value
from .values import attribute_value


class Layers(State):
    """The part of an expansion that makes layers."""

    def op_plan(self, call: Call, op: type[Op]) -> OpPlan:
        """Match the arguments of a call with an op's signature. Raises Fault."""
        plan = OpPlan(op)
        names = list(op.positional)
        for node in call.positional:
            takes = names and getattr(op.attributes[names[0]], "takes_tensor", False)
            if isinstance(node, Reference) and not takes:
                if not (op.merge or op.several):
                    raise fault(
                        "argument",
                        f"`{op.name}` takes no tensor by name",
                        node,
                        f"write `@{node.path} -> {op.name} …`",
                    )
                plan.references.append(node)
                continue
            if not names:
                wanted = ", ".join(op.positional) or "none"
                raise fault(
                    "argument",
                    f"`{op.name}` takes no further value",
                    node,
                    f"its values without a name: {wanted}; by name: "
                    + (", ".join(n for n in op.attributes if n not in op.positional) or "none"),
                )
            self.attach(plan, names.pop(0), node, node.span, False)
        for argument in call.named:
            if argument.name == "like" and op.weighted:
                plan.like = argument
                continue
            if argument.name not in op.attributes:
                help = did_you_mean(argument.name, op.attributes)
                help.append("it has " + (", ".join(op.attributes) or "none"))
                raise fault("argument", f"`{op.name}` has no `{argument.name}`", argument, *help)
            if argument.name in plan.spans:
                raise fault("argument", f"`{argument.name}` is given twice", argument)
            self.attach(plan, argument.name, argument.value, argument.span, False)
        plan.given = list(plan.spans)
        for name, argument in call.defaults.get(op.name, {}).items():
            if name not in plan.spans and name in op.attributes:
                self.attach(plan, name, argument.value, argument.span, True)
        for name, attribute in op.attributes.items():
            if attribute.required and name not in plan.spans:
                raise PlacedError(
                    Diagnostic(
                        "argument",
                        f"`{op.name}` needs `{name}`, {attribute.help}",
                        call.span,
                        help=f"as in `{op.example}`" if "\n" not in op.example else (),
                    )
                )
        return plan

    @staticmethod
    def attach(plan: OpPlan, name: str, node: Value, span: Span, default: bool) -> None:
        plan.spans[name] = (span, default)
        if isinstance(node, Literal):
            plan.fixed[name] = node.value
        else:
            plan.moving.append((name, plan.op.attributes[name], node))

    def instance(self, call: Call, plan: OpPlan, here: Here, current: Layer | None) -> tuple[Op, str]:
        """The op with its values, and what reports call it. Raises Fault."""
        if plan.moving:
            moved = {
                name: attribute_value(node, attribute, here, current) for name, attribute, node in plan.moving
            }
            # 1 and yes are equal to Python, but not to a spec.
            key: object = tuple([(value.__class__, value) for value in moved.values()])
        else:
            moved, key = {}, None
        found = plan.instances.get(key)
        if found is None:
            try:
                op = plan.op(**plan.fixed, **moved)
            except OpError as problem:
                raise self.problem(problem, call, plan, [current]) from None
            found = plan.instances[key] = (op, op.describe(plan.given))
        return found

    def problem(
        self,
        problem: OpError,
        call: Call,
        plan: OpPlan,
        inputs: list[Layer | None],
        spans: list[Span] | None = None,
    ) -> PlacedError:
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
        help = problem.help
        if problem.code == "shape" and inputs[0] is not None and len(inputs) == 1:
            help += other_axes(plan.fixed.get(problem.about or ""), inputs[0])
            help += kernel_first(call, plan.op)
        return PlacedError(
            Diagnostic(
                problem.code,
                problem.message,
                span,
                label=label,
                others=others,
                notes=problem.notes,
                help=help,
            )
        )

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
        except OpError as problem:
            found = self.problem(problem, call, plan, list(inputs), spans)
            if problem.code != "fit":
                here.scope.enter(type(op), None, here.repeated)
                raise found from None
            # Refused under round=exact: report it, and go on as floor would.
            self.report(found.diagnostic, here.frame)
            op = op.with_attributes(round="floor")
            facts = op.facts(tuple([layer.facts.output for layer in inputs]))
        else:
            if facts.misfits:
                self.note_misfit(call, plan, facts, inputs[0], here)
        layers = self.layers
        if len(layers) >= self.budget:
            raise self.give_up(
                Diagnostic(
                    "limit",
                    f"the network has more than {self.budget:,} layers",
                    call.span,
                    help="--budget sets another number",
                ),
                here.frame,
            )
        layer = Layer("", op, inputs, facts, here.frame.path, text)
        layer.index = len(layers)
        layers.append(layer)
        self.calls.append(call)
        here.scope.enter(op.__class__, layer, here.repeated)
        here.group.members.append(layer)
        if plan.like is not None:
            self.share(layer, plan.like, here)
        return layer

    def note_misfit(self, call: Call, plan: OpPlan, facts: Facts, layer: Layer, here: Here) -> None:
        key = (id(call), id(facts))
        if key in self.noted:
            return
        self.noted.add(key)
        message, notes, help = fit_words(facts.misfits)
        sizes = [window.output for _, window in facts.misfits]
        kept = str(sizes[0]) if len(set(sizes)) == 1 else "x".join(map(str, sizes))
        span = call.span
        if "stride" in plan.spans and not plan.spans["stride"][1]:
            span = plan.spans["stride"][0]
        self.report(
            Diagnostic(
                "fit",
                f"{message}, taken as {kept}",
                span,
                severity=NOTE,
                label=f"on {layer.output}",
                notes=notes,
                help=[*help, "round=exact makes this an error"],
            ),
            here.frame,
        )

    def share(self, layer: Layer, like: Argument, here: Here) -> None:
        """``like=other`` on a layer: use the parameters of another one."""
        path, full, known = self.liked(like, here)
        frame = here.frame
        other = self.names.get(full) if known else None
        if other is None or other is layer or other in frame.inputs.values():
            if frame.is_lost(path.partition(".")[0], full):
                return
            if full in self.places:
                inside = [n for n in self.names if n.startswith((f"{full}.", f"{full}_"))]
                same = [n for n in inside if self.names[n].op.name == layer.op.name]
                raise fault(
                    "name",
                    f"`{path}` stands for several layers, none of them called so",
                    like.value,
                    *([f"as in `like={path}{same[0][len(full) :]}`"] if same else []),
                )
            raise fault(
                "name", f"no layer above is called `{path}`", like.value, *did_you_mean(path, frame.labels)
            )
        self.take_parameters(layer, other, path, like)
        layer.text += f" like={path}"

    def share_all(self, first: int, like: Argument, here: Here) -> str:
        """``like=other`` on a block or network, whose layers are those from ``first`` on: use the
        parameters of what another label stands for, layer for layer. In words of the spec."""
        path, full, known = self.liked(like, here)
        if self.diagnostics.errors:
            return ""  # what was lost is not missed here, and one complaint a text is enough
        place = self.places.get(full) if known else None
        if place is None or place.last > first:
            raise fault(
                "name",
                f"nothing above is called `{path}`",
                like.value,
                *did_you_mean(path, here.frame.labels),
            )
        mine = [layer for layer in self.layers[first:] if layer.facts.tensors]
        theirs = [layer for layer in self.layers[place.first : place.last] if layer.facts.tensors]
        if len(mine) != len(theirs):
            raise fault(
                "argument",
                f"`{path}` has {len(theirs)} layers with parameters, this has {len(mine)}",
                like.value,
            )
        for layer, other in zip(mine, theirs, strict=True):
            self.take_parameters(layer, other, other.name, like)
            layer.text += f" like={other.name}"
        return f" like={path}"

    def liked(self, like: Argument, here: Here) -> tuple[str, str, bool]:
        """What ``like=`` names: as written, in full, and whether it can be known here."""
        node = like.value
        path = node.path if isinstance(node, Reference) else (node.text if isinstance(node, Name) else None)
        if path is None:
            raise fault("argument", "`like` is the label of a layer", like.value)
        frame = here.frame
        first, _, rest = path.partition(".")
        known = frame.labels.get(first)
        full = frame.prefix + path if known is None else known[0] + (f".{rest}" if rest else "")
        return path, full, known is not None or frame.trail is None

    @staticmethod
    def take_parameters(layer: Layer, other: Layer, path: str, like: Argument) -> None:
        """Make the parameters of another layer this one's too: all that it has. Raises Fault.

        The other may have more, a bias; and it may be another op, an embedding of which an output
        layer takes the table.
        """
        owner = other.owner
        mine = [(t.name, t.shape) for t in layer.facts.tensors or ()]
        theirs = [(t.name, t.shape) for t in owner.facts.tensors or ()]
        missing = {name for name, _ in set(mine) - set(theirs)}
        more = missing == {"bias"}
        if missing and other.op.name != layer.op.name and not more:
            raise fault("argument", f"`{path}` is `{other.op.name}`, this is `{layer.op.name}`", like.value)
        if missing:
            a = ", ".join(f"{n} {'x'.join(map(str, s))}" for n, s in mine)
            b = ", ".join(f"{n} {'x'.join(map(str, s))}" for n, s in theirs)
            raise fault(
                "shape",
                f"the parameters differ: {a} here, {b} there",
                like,
                *(["a bias of its own is a layer: `bias=no like=… -> bias`"] if more else []),
            )
        if layer.op.held_fixed and not owner.held:
            raise fault(
                "argument",
                f"`{path}` is trained, and what shares its parameters cannot be frozen",
                like,
                f"`frozen=yes` belongs on `{path}`",
            )
        layer.owner = owner


def kernel_first(call: Call, op: type[Op]) -> tuple[str, ...]:
    """Help where the number of filters may have been written before the kernel, as Keras has it."""
    values = [at.value for at in call.positional if isinstance(at, Literal)]
    if op.positional[:2] != ("kernel", "filters") or len(values) != 2:
        return ()
    if type(values[0]) is not int or type(values[1]) is not int or values[0] <= values[1]:
        return ()
    return (f"the kernel comes before the filters: `{op.name} {values[1]} {values[0]}`",)


def other_axes(value: object, arriving: Layer) -> tuple[str, ...]:
    """Help where a size has one number an axis of an input whose channels, or whose batch, were
    forgotten or written by mistake."""
    while arriving.inputs and arriving.inputs[0].output == arriving.output:
        arriving = arriving.inputs[0]
    shape = arriving.output
    if arriving.inputs or not isinstance(value, Size):
        return ()
    if len(value) == len(shape) > 1:
        return (
            (
                f"{shape} is read as {shape[0]} positions of {shape[1]} channels; a map of one "
                f"channel is written {shape}x1",
            )
            if len(shape) == 2
            else (f"the last size is the channels; one channel is written {shape}x1",)
        )
    if len(value) == len(shape) - 2:
        rest = Shape(shape[1:])
        if len(rest) == 3 and rest[0] in (1, 3, 4) and rest[1] == rest[2]:
            rest = Shape((*rest[1:], rest[0]))
        return (f"sizes have no batch: write {rest}, and --batch {shape[0]}",)
    return ()
