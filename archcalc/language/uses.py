"""Networks used as parts of others."""

from __future__ import annotations

from typing import NamedTuple

from ..diagnostics import SpecError, UnknownSizeError, did_you_mean, fault
from ..graph import Group, Layer
from ..ops.attributes import show
from .block_calls import BlockCall, alike
from .blocks import BlockCalls, OpenBody, bind
from .building import GraphBuilder
from .definitions import Net
from .frames import Frame, Here, Recent
from .library import Library
from .naming import NameScope
from .problems import Budget, Problems
from .syntax import Argument, Call, Literal, Name, Reference
from .until import Until
from .values import evaluate, parameter_value

# Arguments that `use` has besides the parameters of the network.
OF_USE = ("as", "until", "frozen", "like")


class OpenUse(NamedTuple):
    """A used network while it is expanded.

    body    its body
    label   what ``as=`` calls it
    until   the argument ``until=`` and the path that it names
    frozen  whether its parameters are held fixed
    """

    body: OpenBody
    label: str | None
    until: tuple[Argument, str] | None
    frozen: bool


class NetworkUses(NamedTuple):
    """Enters and leaves the bodies of networks that others use."""

    library: Library
    builder: GraphBuilder
    blocks: BlockCalls
    until: Until
    budget: Budget
    problems: Problems

    def enter(self, call: Call, here: Here, current: Layer | None, sole: str | None) -> OpenUse:
        """Start ``use vgg16 as=base until=pool5 frozen=yes classes=10``. Raises PlacedError where
        the call does not fit the network."""
        frame = here.frame
        net = self._used_net(call, frame)
        special = {a.name: a for a in call.named if a.name in OF_USE}
        others = [a for a in call.named if a.name not in special]
        plan = BlockCall.of(call, net, call.positional[1:], others)
        arguments = plan.values(here, current)
        frozen = _is_frozen(special.get("frozen"), here, current)
        label = _place_of(special.get("as"))
        until = _place_of(special.get("until"))
        if label is not None and (here.repeated or not here.scope.free(label)):
            raise fault("name", f"two places are called `{label}`", special["as"].value)
        tensors = _input_tensors(plan, net, frame, current)
        inputs: dict[str, Layer | None] = {
            head.name: tensor for head, tensor in zip(net.inputs, tensors, strict=True)
        }
        inner_frame = frame.inner(net, inputs, call, label or sole)
        inner_frame.is_part = True
        inner_frame.asserts = all(
            t is not None and t.output == head.sizes for t, head in zip(tensors, net.inputs, strict=True)
        )
        inner = Here(inner_frame, here.scope, Group("use", called=inner_frame.called), Recent())
        bind(net, arguments, inner, tensors[0])
        for parameter in net.parameters:
            if parameter.name in arguments and parameter.default is not None:
                default = parameter_value(parameter.default, inner, tensors[0])
                if not alike(arguments[parameter.name], default):
                    inner_frame.asserts = False
        scope = self.scope(call, net, inner, here, sole, label)
        body = self.blocks.open(plan, arguments, here, inner, tensors[0], scope, special.get("like"), sole)
        if until is not None:
            self.until.begin(inner_frame.prefix + until)
        return OpenUse(body, label, (special["until"], until) if until is not None else None, frozen)

    def leave(self, use: OpenUse, result: Layer | None) -> Layer | None:
        """End a used network, whose body put out ``result``. Raises PlacedError where it has no
        place of the name that ``until=`` gives."""
        body = use.body
        group = body.inner.group
        self.blocks.close_scope(body)
        if use.until is not None:
            self.until.end()
            result, group = self._cut(body, *use.until, result)
        if use.frozen:
            for layer in self.builder.layers[body.first :]:
                layer.frozen = True
        self.blocks.enter_group(body, group, result)
        if use.label is not None:
            body.caller.place(use.label, result, body.first)
        return result

    def net(self, name: str, call: Call, frame: Frame) -> Net:
        """Return the network that ``use NAME`` means in a body. Raises SpecError."""
        return self.library.net_for_use(name, frame.file, call.positional[0].span)

    def _used_net(self, call: Call, frame: Frame) -> Net:
        """Return the network of a call. Raises PlacedError, or UnknownSizeError where the fault was
        reported."""
        net = call.cache.get("net")
        if net is None:
            name = network_name(call)
            if name is None:
                at = call.positional[0] if call.positional else call
                raise fault("use", "`use` needs the name of a network", at, "as in `use vgg16`")
            try:
                net = self.net(name, call, frame)
            except SpecError as error:
                for diagnostic in error.diagnostics:
                    self.problems.report(diagnostic, frame)
                raise UnknownSizeError from None
            call.cache["net"] = net
        assert isinstance(net, Net)
        at_frame: Frame | None = frame
        while at_frame is not None:
            if at_frame.definition is net:
                raise fault("use", f"`{net.name}` uses itself", call.positional[0])
            at_frame = at_frame.trail
        return net

    def scope(
        self, call: Call, net: Net, inner: Here, here: Here, sole: str | None, label: str | None
    ) -> NameScope | None:
        """As ``BlockCalls.scope``, for a network; ``as=`` gives its names a prefix."""
        if label is None:
            return self.blocks.scope(call, net, inner, here, sole)
        full = here.scope.prefix + label
        self.budget.check_name(full, call.span, here.frame)
        scope = self.builder.scope(full + ".")
        scope.taken.update(net.body.labels)
        inner.scope = scope
        inner.repeated = False
        inner.frame.prefix = scope.prefix
        return scope

    def _cut(
        self, body: OpenBody, argument: Argument, path: str, result: Layer | None
    ) -> tuple[Layer | None, Group]:
        """Drop the layers behind a place of a used network."""
        builder, first, group = self.builder, body.first, body.inner.group
        full = body.inner.frame.prefix + path
        place = self.until.place(full, first)
        if place is None:
            if result is None or full in builder.lost:
                return None, group
            prefix = len(full) - len(path)
            known = [n[prefix:] for n, p in builder.places.items() if p.first >= first]
            raise fault("use", f"it has no place called `{path}`", argument.value, *did_you_mean(path, known))
        builder.cut(place, first)
        return place.tensor, group.with_layers({layer: layer for layer in builder.layers[first:]})


def _is_frozen(argument: Argument | None, here: Here, current: Layer | None) -> bool:
    """Return the value of ``frozen=``. Raises PlacedError."""
    if argument is None:
        return False
    value = evaluate(argument.value, here, current)
    if not isinstance(value, bool):
        raise fault("value", f"`frozen` is yes or no, not {show(value)}", argument.value)
    return value


def _input_tensors(plan: BlockCall, net: Net, frame: Frame, current: Layer | None) -> list[Layer | None]:
    """Return the tensors that a used network reads. Raises PlacedError where they are not as many as its
    inputs."""
    tensors = [frame.tensor(reference) for reference in plan.references] or [current]
    if len(tensors) != len(net.inputs):
        names = ", ".join(head.name for head in net.inputs)
        count = f"{len(net.inputs)} input" + "s" * (len(net.inputs) != 1)
        raise fault(
            "use",
            f"`{net.name}` has {count}, {names}, and gets {len(tensors)}",
            plan.call,
            f"name the tensors, as in `use {net.name} @a @b`",
        )
    return tensors


def _place_of(argument: Argument | None) -> str | None:
    """Return the place that ``as=`` or ``until=`` names. Raises PlacedError."""
    if argument is None:
        return None
    path = place_name(argument)
    if path is None or (argument.name == "as" and "." in path):
        raise fault("use", f"`{argument.name}` is a name", argument.value)
    return path


def network_name(call: Call) -> str | None:
    """Return the name that a ``use`` gives; None if it gives none."""
    node = call.positional[0] if call.positional else None
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    return None


def place_name(argument: Argument) -> str | None:
    """Return the name or path that an argument gives; None if it is neither."""
    node = argument.value
    if isinstance(node, Name):
        return node.text
    return node.path if isinstance(node, Reference) else None
