"""RMS norms that are written out: ``x * rsqrt(mean(x²) + eps) * weight``."""

from __future__ import annotations

from .recording import Operation, Value
from .rewriting import SAME, Rewriting, floating, number


def find_norms(graph: Rewriting) -> None:
    """Put ``rms_norm`` in the place of those that are written out."""
    for operation in graph.recording.operations:
        if operation.name in ("rsqrt", "sqrt"):
            _Norm(graph, operation).put()


class _Norm:
    """A root that may be that of an RMS norm."""

    def __init__(self, graph: Rewriting, root: Operation):
        self.graph = graph
        self.root = root
        self.parts = [root]

    def put(self) -> None:
        """Replace the norm, if it is one."""
        found = self._mean()
        scaled = found and self._scaled(*found[:1])
        if found is None or not scaled:
            return
        x, axes, eps = found
        if axes > 1:
            return  # no layer has it over several axes: its parts have one each
        shape = x.sizes[len(x.sizes) - axes :]
        last, weight = self._weighted(scaled, shape)
        x = self._given(x, last.output)
        arguments = {"input": x, "normalized_shape": shape, "weight": weight, "eps": eps}
        call, source = last.call, last.source
        norm = Operation("aten.rms_norm.default", "rms_norm", arguments, call, source)
        self.graph.replace(self.parts, norm, last, [])

    def _mean(self) -> tuple[Value, int, float | None] | None:
        """What the mean of the squares is taken of, over how many last axes, and what is added to it."""
        graph = self.graph
        at = graph.maker(self.root.arguments.get("self"))
        eps: float | None = None
        if at is not None and at.name == "add":
            one, other = at.arguments.get("self"), at.arguments.get("other")
            if number(one) is not None:
                one, other = other, one
            constant = number(other)
            if constant is None or at.arguments.get("alpha", 1) != 1:
                return None
            eps = float(constant)
            self.parts.append(at)
            at = graph.maker(one)
        if at is None or at.name != "mean" or not at.arguments.get("keepdim"):
            return None
        self.parts.append(at)
        square = graph.maker(at.arguments.get("self"))
        if square is None:
            return None
        self.parts.append(square)
        x = square.arguments.get("self")
        is_square = (
            square.name == "square"
            or (square.name == "pow" and number(square.arguments.get("exponent")) == 2)
            or (square.name == "mul" and square.arguments.get("other") is x)
        )
        dims = at.arguments.get("dim") or ()
        if not is_square or not isinstance(x, Value):
            return None
        rank = len(x.sizes)
        if sorted(dim % rank for dim in dims) != list(range(rank - len(dims), rank)) or not dims:
            return None
        inner = [part.output for part in self.parts[1:]]
        if not all(graph.only_reader(value) for value in inner):
            return None
        return x, len(dims), eps

    def _scaled(self, x: Value) -> Operation | None:
        """The operation that scales the tensor by its root."""
        value, name = self.root.output, "mul" if self.root.name == "rsqrt" else "div"
        reader = self.graph.only_reader(value)
        if reader is not None and reader.name == "reciprocal" and name == "div":
            self.parts.append(reader)
            value, name = reader.output, "mul"
            reader = self.graph.only_reader(value)
        if reader is None or reader.name != name:
            return None
        pair = reader.arguments.get("self"), reader.arguments.get("other")
        if pair != (x, value) and (name == "div" or pair != (value, x)):
            return None
        self.parts.append(reader)
        return reader

    def _given(self, x: Value, output: Value) -> Value:
        """What the norm is given, where it works on that in a type with more digits."""
        before = self.graph.maker(x)
        if before is not None and before.name in SAME and self.graph.read_by_only(x, self.parts):
            given = before.inputs[0]
            if given.dtype == output.dtype and floating(given):
                self.parts.append(before)
                return given
        return x

    def _weighted(self, scaled: Operation, shape: tuple[int, ...]) -> tuple[Operation, Value | None]:
        """The last operation of the norm, and its weight, if it has one."""
        at, passed = scaled, []
        reader = self.graph.only_reader(at.output)
        while reader is not None and reader.name in SAME and floating(reader.output):
            passed.append(reader)
            at = reader
            reader = self.graph.only_reader(at.output)
        if reader is not None and reader.name == "mul":
            pair = (reader.arguments.get("self"), reader.arguments.get("other"))
            for weight, other in (pair, pair[::-1]):
                known = isinstance(weight, Value) and not weight.depends and weight.sizes == shape
                if known and other is at.output:
                    self.parts += [*passed, reader]
                    return reader, weight
        return scaled, None
