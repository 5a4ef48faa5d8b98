"""Networks used as parts of others."""

from __future__ import annotations

from ..graph import Group, Label, Layer
from ..ops.attributes import show
from .blocks import Blocks, alike, block_text, called
from .definitions import Net
from .diagnostics import SpecError, UnknownSizeError, did_you_mean, fault
from .frames import BlockPlan, Frame, Here, Recent
from .naming import Scope
from .syntax import Argument, Call, Literal, Name, Reference
from .values import evaluate, parameter_value

# Arguments that `use` has besides the parameters of the network.
OF_USE = ("as", "until", "frozen", "like")


class Uses(Blocks):
    """The part of an expansion that takes in other networks."""

    def use(self, call: Call, here: Here, current: Layer | None, sole: str | None) -> Layer | None:
        """``use vgg16 as=base until=pool5 frozen=yes classes=10``."""
        frame = here.frame
        net = self.used_net(call, frame)
        special = {a.name: a for a in call.named if a.name in OF_USE}
        plan = call.cache.get(net)
        if plan is None:
            others = [a for a in call.named if a.name not in special]
            plan = call.cache[net] = self.block_plan(call, net, call.positional[1:], others)
        assert isinstance(plan, BlockPlan)
        arguments = {n: parameter_value(v, here, current) for n, v in plan.arguments.items()}
        frozen: object = False
        if "frozen" in special:
            frozen = evaluate(special["frozen"].value, here, current)
            if not isinstance(frozen, bool):
                raise fault("value", f"`frozen` is yes or no, not {show(frozen)}", special["frozen"].value)
        label = self.place_of(special.get("as"))
        until = self.place_of(special.get("until"))
        if label is not None and (here.repeated or not here.scope.free(label)):
            raise fault("name", f"two places are called `{label}`", special["as"].value)
        if plan.references:
            tensors = [frame.tensor(reference) for reference in plan.references]
        else:
            tensors = [current]
        if len(tensors) != len(net.inputs):
            names = ", ".join(head.name for head in net.inputs)
            count = f"{len(net.inputs)} input" + "s" * (len(net.inputs) != 1)
            raise fault(
                "use",
                f"`{net.name}` has {count}, {names}, and gets {len(tensors)}",
                call,
                f"name the tensors, as in `use {net.name} @a @b`",
            )
        asserts = all(
            t is not None and t.output == head.sizes for t, head in zip(tensors, net.inputs, strict=True)
        )
        inputs: dict[str, Layer | None] = {
            head.name: tensor for head, tensor in zip(net.inputs, tensors, strict=True)
        }
        path = (*frame.path, (net.name, label or sole))
        inner_frame = Frame(self, net, {}, inputs, frame, call, path, asserts, True)
        group = Group("use", called=called(inner_frame))
        inner = Here(inner_frame, here.scope, group, Recent())
        self.bind(net, arguments, inner, tensors[0])
        for parameter in net.parameters:
            if parameter.name in arguments and parameter.default is not None:
                default = parameter_value(parameter.default, inner, tensors[0])
                if not alike(arguments[parameter.name], default):
                    inner_frame.asserts = False
        own = self.use_scope(call, net, inner, here, sole, label)
        if own is not None:
            group.name = own.prefix[:-1]
        group.text = block_text(net.name, arguments, net)
        inner.recent.push(tensors[0])
        start = len(self.layers)
        outer = (self.until, self.until_from)
        if until is not None:
            self.until, self.until_from = inner_frame.prefix + until, start
        result = self.statements(net.body, inner, tensors[0])
        if own is not None:
            own.close()
            here.scope.absorb(own, here.repeated)
        if until is not None:
            full, self.reached = inner_frame.prefix + until, False
            self.until, self.until_from = outer
            result, group = self.cut(full, until, special["until"], group, start, result)
        if frozen:
            for layer in self.layers[start:]:
                layer.frozen = True
        if "like" in special and result is not None and not self.reached:
            group.text += self.share_all(start, special["like"], here)
        if group.members:
            here.group.members.append(group)
            here.group.text = here.group.text or (group.text if sole is not None else "")
        if label is not None:
            self.place(label, here, result, start)
        return result

    def used_net(self, call: Call, frame: Frame) -> Net:
        """The network that a ``use`` names. Raises Fault, or Unknown where it was reported."""
        net = call.cache.get("net")
        if net is None:
            name = network_name(call)
            if name is None:
                at = call.positional[0] if call.positional else call
                raise fault("use", "`use` needs the name of a network", at, "as in `use vgg16`")
            try:
                net = self.library.net_for_use(name, frame.file, call.positional[0].span)
            except SpecError as error:
                for diagnostic in error.diagnostics:
                    self.report(diagnostic, frame)
                raise UnknownSizeError from None
            call.cache["net"] = net
        assert isinstance(net, Net)
        at_frame: Frame | None = frame
        while at_frame is not None:
            if at_frame.definition is net:
                raise fault("use", f"`{net.name}` uses itself", call.positional[0])
            at_frame = at_frame.trail
        return net

    def use_scope(
        self, call: Call, net: Net, inner: Here, here: Here, sole: str | None, label: str | None
    ) -> Scope | None:
        """As ``block_scope``, for a network; ``as=`` gives its names a prefix."""
        if label is None:
            return self.block_scope(call, net, inner, here, sole)
        full = here.scope.prefix + label
        self.bounded(full, call.span, here.frame)
        own = self.scope(full + ".")
        own.taken.update(net.body.labels)
        inner.scope = own
        inner.repeated = False
        inner.frame.prefix = own.prefix
        return own

    @staticmethod
    def place_of(argument: Argument | None) -> str | None:
        """The place that ``as=`` or ``until=`` names. Raises Fault."""
        if argument is None:
            return None
        path = place_name(argument)
        if path is None or (argument.name == "as" and "." in path):
            raise fault("use", f"`{argument.name}` is a name", argument.value)
        return path

    def cut(
        self, full: str, path: str, argument: Argument, group: Group, start: int, result: Layer | None
    ) -> tuple[Layer | None, Group]:
        """Drop the layers behind a place of a used network."""
        place = self.places.get(full)
        if place is None and full in self.names and self.names[full].index >= start:
            layer = self.names[full]
            place = Label(layer, layer.index, layer.index + 1)
        if place is None or place.first < start:
            if result is None or full in self.lost:
                return None, group
            prefix = len(full) - len(path)
            known = [n[prefix:] for n, p in self.places.items() if p.first >= start]
            raise fault("use", f"it has no place called `{path}`", argument.value, *did_you_mean(path, known))
        gone = self.layers[place.last :]
        del self.layers[place.last :], self.calls[place.last :]
        for layer in gone:
            self.names.pop(layer.name, None)
        for name in [n for n, p in self.places.items() if p.last > place.last and p.first >= start]:
            del self.places[name]
        return place.tensor, group.with_layers({layer: layer for layer in self.layers[start:]})


def network_name(call: Call) -> str | None:
    """The name that a ``use`` gives; None if it gives none."""
    node = call.positional[0] if call.positional else None
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    return None


def place_name(argument: Argument) -> str | None:
    """The name or path that an argument gives; None if it is neither."""
    node = argument.value
    if isinstance(node, Name):
        return node.text
    return node.path if isinstance(node, Reference) else None
