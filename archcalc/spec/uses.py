"""Networks used as parts of others."""

from __future__ import annotations

from ..graph import Group, Layer, Place
from ..ops.attributes import show
from .blocks import Blocks, alike, block_text
from .diagnostics import Diagnostic, Fault, SpecError, Unknown, did_you_mean, fault
from .frames import BlockPlan, Frame, Here
from .naming import Scope
from .syntax import Argument, Call, Literal, Name, Net, Reference
from .values import evaluate, parameter_value


class Uses(Blocks):
    """The part of an expansion that takes in other networks."""

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
                if not alike(arguments[parameter.name], default):
                    inner_frame.asserts = False
        group.text = block_text(net.name, plan, arguments, inner_frame.env, net)
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


def _path(argument: Argument | None) -> str | None:
    if argument is None:
        return None
    node = argument.value
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Reference):
        return node.path
    raise fault("argument", f"`{argument.name}` is a name", argument)
