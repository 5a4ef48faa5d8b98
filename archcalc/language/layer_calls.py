"""How a call of a layer is read: its arguments, the op that they make, what the op refuses."""

from __future__ import annotations

from typing import Any

from ..arithmetic import key_of
from ..diagnostics import Diagnostic, PlacedError, did_you_mean, fault
from ..graph import Layer
from ..ops.attributes import Attribute, OpError, Size
from ..ops.base import Op
from ..shape import Shape
from ..source import Span
from .frames import Here
from .syntax import Argument, Call, Literal, Reference, Value
from .values import attribute_value


class LayerCall:
    """A call of a layer, matched with the op's signature once and used for every expansion of it.

    fixed       the arguments that are written out
    moving      those that each expansion computes
    references  the tensors that are named
    given       the names of the arguments, house rules apart
    spans       where each argument stands, and whether that is a house rule
    like        the argument ``like=``
    """

    __slots__ = ("call", "op", "fixed", "moving", "references", "given", "spans", "like", "_instances")

    def __init__(self, call: Call, op: type[Op]):
        """Raises PlacedError where the arguments do not fit the signature."""
        self.call = call
        self.op = op
        self.fixed: dict[str, Any] = {}
        self.moving: list[tuple[str, Attribute, Value]] = []
        self.references: list[Reference] = []
        self.spans: dict[str, tuple[Span, bool]] = {}
        self.like: Argument | None = None
        # With each op and its text the values of the key, which are kept as long as it is.
        self._instances: dict[object, tuple[Op, str, dict[str, Any]]] = {}
        self._match_positional()
        self._match_named()
        self.given = list(self.spans)
        for name, argument in call.defaults.get(op.name, {}).items():
            if name not in self.spans and name in op.attributes:
                self._take(name, argument.value, argument.span, True)
        for name, attribute in op.attributes.items():
            if attribute.required and name not in self.spans:
                raise fault(
                    "argument",
                    f"`{op.name}` needs `{name}`, {attribute.help}",
                    call,
                    *([f"as in `{op.example}`"] if "\n" not in op.example else []),
                )

    @classmethod
    def of(cls, call: Call, op: type[Op]) -> LayerCall:
        """Return the call as read before, else read now. Raises PlacedError."""
        found = call.cache.get(op)
        if found is None:
            found = call.cache[op] = cls(call, op)
        assert isinstance(found, LayerCall)
        return found

    def _match_positional(self) -> None:
        op = self.op
        names = list(op.positional)
        for node in self.call.positional:
            takes = names and getattr(op.attributes[names[0]], "takes_tensor", False)
            if isinstance(node, Reference) and not takes:
                if not (op.merge or op.several):
                    raise fault(
                        "argument",
                        f"`{op.name}` takes no tensor by name",
                        node,
                        f"write `@{node.path} -> {op.name} …`",
                    )
                self.references.append(node)
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
            self._take(names.pop(0), node, node.span, False)

    def _match_named(self) -> None:
        op = self.op
        for argument in self.call.named:
            if argument.name == "like" and op.weighted:
                self.like = argument
                continue
            if argument.name not in op.attributes:
                help = did_you_mean(argument.name, op.attributes)
                help.append("it has " + (", ".join(op.attributes) or "none"))
                raise fault("argument", f"`{op.name}` has no `{argument.name}`", argument, *help)
            if argument.name in self.spans:
                raise fault("argument", f"`{argument.name}` is given twice", argument)
            self._take(argument.name, argument.value, argument.span, False)

    def _take(self, name: str, node: Value, span: Span, default: bool) -> None:
        self.spans[name] = (span, default)
        if isinstance(node, Literal):
            self.fixed[name] = node.value
        else:
            self.moving.append((name, self.op.attributes[name], node))

    def instance(self, here: Here, current: Layer | None) -> tuple[Op, str]:
        """Return the op with its values, and what reports call it. Raises PlacedError."""
        if self.moving:
            moved = {
                name: attribute_value(node, attribute, here, current) for name, attribute, node in self.moving
            }
            # 1 and yes are equal to Python, but not to a spec.
            key: object = tuple([(value.__class__, key_of(value)) for value in moved.values()])
        else:
            moved, key = {}, None
        found = self._instances.get(key)
        if found is None:
            try:
                op = self.op(**self.fixed, **moved)
            except OpError as problem:
                raise self.refusal(problem, [current]) from None
            found = op, op.describe(self.given), moved
            self._keep(key, found, here)
        return found[0], found[1]

    def kept(self, key: object) -> Op | None:
        """Return an op that was made for this call beside its own, by the key that it was kept under."""
        found = self._instances.get(key)
        return None if found is None else found[0]

    def keep(self, key: object, op: Op, values: dict[str, Any], here: Here) -> None:
        """Keep such an op, which has these values."""
        self._keep(key, (op, "", values), here)

    def _keep(self, key: object, made: tuple[Op, str, dict[str, Any]], here: Here) -> None:
        self._instances[key] = made
        here.frame.builder.forgets.append(self.forget)

    def forget(self) -> None:
        """Let go of the ops that were made."""
        self._instances.clear()

    def refusal(
        self, problem: OpError, inputs: list[Layer | None], spans: list[Span] | None = None
    ) -> PlacedError:
        """Return what an op refuses, as a fault at the place to blame."""
        others: list[tuple[Span, str]] = []
        label = ""
        span = self.call.span
        shapes = [str(layer.output) if layer is not None else "?" for layer in inputs]
        if problem.branch is not None and spans is not None:
            span, label = spans[0], shapes[0]
            differing = [i for i in range(1, len(spans)) if shapes[i] != shapes[0]][:4]
            others = [(spans[i], shapes[i]) for i in differing]
        else:
            if problem.blamed in self.spans:
                span, default = self.spans[problem.blamed]
                if problem.within is not None:
                    span = _part(span, self.fixed.get(problem.blamed), problem.within)
                if default:
                    others = [(span, "set here")]
                    span = self.call.span
            if problem.code in ("shape", "fit") and inputs[0] is not None:
                label = f"on {shapes[0]}"
        help = problem.help
        if problem.code == "shape" and inputs[0] is not None and len(inputs) == 1:
            help += _other_axes(self.fixed.get(problem.blamed or ""), inputs[0])
            help += self._kernel_first()
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

    def _kernel_first(self) -> tuple[str, ...]:
        """Return help where the number of filters may stand before the kernel, as Keras has it."""
        values = [at.value for at in self.call.positional if isinstance(at, Literal)]
        if self.op.positional[:2] != ("kernel", "filters") or len(values) != 2:
            return ()
        if type(values[0]) is not int or type(values[1]) is not int or values[0] <= values[1]:
            return ()
        return (f"the kernel comes before the filters: `{self.op.name} {values[1]} {values[0]}`",)


def _other_axes(value: object, arriving: Layer) -> tuple[str, ...]:
    """Return help where a size has one number per axis of an input whose channels were forgotten, or
    whose batch was written by mistake."""
    if not isinstance(value, Size) or len(value) not in (len(arriving.output), len(arriving.output) - 2):
        return ()
    while arriving.inputs and arriving.inputs[0].output == arriving.output:
        arriving = arriving.inputs[0]
    shape = arriving.output
    if arriving.inputs:
        return ()
    if len(value) == len(shape) > 1:
        if len(shape) == 2:
            return (
                f"{shape} is read as {shape[0]} positions of {shape[1]} channels; a map of one "
                f"channel is written {shape}x1",
            )
        return (f"the last size is the channels; one channel is written {shape}x1",)
    if len(value) == len(shape) - 2:
        rest = Shape(shape[1:])
        if len(rest) == 3 and rest[0] in (1, 3, 4) and rest[1] == rest[2]:
            rest = Shape((*rest[1:], rest[0]))
        return (f"sizes have no batch: write {rest}, and --batch {shape[0]}",)
    return ()


def _part(span: Span, value: object, within: tuple[int, int]) -> Span:
    """The stretch of a text that is written out as one string; all of it where it is written otherwise."""
    at = span.text.find(value) if isinstance(value, str) else -1
    start, end = within
    return span if at < 0 else Span(span.source, span.start + at + start, span.start + at + end)
