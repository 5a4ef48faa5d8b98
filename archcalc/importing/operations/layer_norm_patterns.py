"""Layer norms that are written out as TensorFlow does: ``x * s + (shift - mean * s)``, where ``s`` is
``rsqrt(variance + eps) * scale``."""

from __future__ import annotations

from .recording import Operation, Value
from .rewriting import Rewriting, number


def find_layer_norms(graph: Rewriting) -> None:
    """Put ``layer_norm`` in the place of those that are written out."""
    for operation in graph.recording.operations:
        if operation.name == "rsqrt" and operation not in graph.gone:
            _WrittenLayerNorm(graph, operation).put()


class _WrittenLayerNorm:
    """A root that may be that of a layer norm."""

    def __init__(self, graph: Rewriting, root: Operation):
        self.graph = graph
        self.root = root
        self.parts = [root]

    def put(self) -> None:
        """Replace the norm, if it is one."""
        found = self._statistics()
        if found is None:
            return
        x, mean, eps, axes = found
        shape = x.sizes[len(x.sizes) - axes :]
        factor, scale = self._factor(shape)
        sides = self._sides(x, mean, factor)
        if sides is None:
            return
        scaled, moved = sides
        last, shift = self._sum(scaled, moved, shape)
        if last is None or not self._closed(last):
            return
        arguments = {"input": x, "normalized_shape": shape, "weight": scale, "bias": shift, "eps": eps}
        norm = Operation("aten.layer_norm.default", "layer_norm", arguments, last.call, last.source)
        self.graph.replace(self.parts, norm, last, [])

    def _statistics(self) -> tuple[Value, Value, float, int] | None:
        """What the norm reads, its mean, what is added to the variance, and over how many last axes."""
        graph = self.graph
        added = graph.maker(self.root.arguments.get("self"))
        eps = None if added is None or added.name != "add" else number(added.arguments.get("other"))
        variance = None if added is None else graph.maker(added.arguments.get("self"))
        square = None if variance is None else graph.maker(variance.arguments.get("self"))
        if added is None or variance is None or square is None or eps is None:
            return None
        two = number(square.arguments.get("exponent")) == 2 or square.name == "square"
        difference = graph.maker(square.arguments.get("self"))
        if variance.name != "mean" or not two or difference is None or difference.name != "sub":
            return None
        x, mean = difference.arguments.get("self"), difference.arguments.get("other")
        center = graph.maker(mean)
        if not isinstance(x, Value) or not isinstance(mean, Value) or center is None:
            return None
        rank = len(x.sizes)
        for one, read in ((variance, square.output), (center, x)):
            dims = one.arguments.get("dim") or ()
            alike = sorted(dim % rank for dim in dims) == list(range(rank - len(dims), rank))
            if one.name != "mean" or one.arguments.get("self") is not read or not alike:
                return None
            if not one.arguments.get("keepdim") or not dims:
                return None
        self.parts += [added, variance, square, difference, center]
        return x, mean, float(eps), len(center.arguments["dim"])

    def _factor(self, shape: tuple[int, ...]) -> tuple[Value, Value | None]:
        """What values are multiplied by, and the scale in it, if there is one."""
        reader = self.graph.only_reader(self.root.output)
        if reader is not None and reader.name == "mul":
            pair = reader.arguments.get("self"), reader.arguments.get("other")
            scale = next((one for one in pair if one is not self.root.output), None)
            if isinstance(scale, Value) and _is_of(scale, shape):
                self.parts.append(reader)
                return reader.output, scale
        return self.root.output, None

    def _sides(self, x: Value, mean: Value, factor: Value) -> tuple[Operation, Operation] | None:
        """The products of the values, and of their mean, with the factor."""
        graph = self.graph
        scaled = moved = None
        for reader in graph.readers.get(factor, ()):
            if reader.name != "mul":
                return None
            pair = reader.arguments.get("self"), reader.arguments.get("other")
            other = pair[1] if pair[0] is factor else pair[0]
            maker = graph.maker(other)
            if other is x and scaled is None:
                scaled = reader
            elif other is mean and moved is None:
                moved = reader
            elif maker is not None and maker.name == "neg" and maker.arguments.get("self") is mean:
                moved = reader
                self.parts.append(maker)
            else:
                return None
        if scaled is None or moved is None:
            return None
        self.parts += [scaled, moved]
        return scaled, moved

    def _sum(
        self, scaled: Operation, moved: Operation, shape: tuple[int, ...]
    ) -> tuple[Operation | None, Value | None]:
        """The operation that puts both sides together, and the shift in one of them."""
        graph = self.graph
        negative = any(part.name == "neg" for part in self.parts)
        shift: Value | None = None
        side = moved
        reader = graph.only_reader(moved.output)
        if reader is not None and reader.name in ("add", "sub"):
            one, other = reader.arguments.get("self"), reader.arguments.get("other")
            given = other if one is moved.output else one
            fits = reader.name == "add" if negative else reader.name == "sub" and other is moved.output
            if isinstance(given, Value) and _is_of(given, shape) and fits:
                shift, side = given, reader
                self.parts.append(reader)
        last = graph.only_reader(side.output)
        if (
            last is None
            or graph.only_reader(scaled.output) is not last
            or last.arguments.get("alpha", 1) != 1
        ):
            return None, None
        pair = last.arguments.get("self"), last.arguments.get("other")
        plus = negative or shift is not None
        right = (
            {*pair} == {scaled.output, side.output} and last.name == "add"
            if plus
            else (last.name == "sub" and pair == (scaled.output, side.output))
        )
        if not right:
            return None, None
        self.parts.append(last)
        return last, shift

    def _closed(self, last: Operation) -> bool:
        """Whether nothing else reads what is made on the way."""
        return all(
            self.graph.read_by_only(part.output, self.parts) for part in self.parts if part is not last
        )


def _is_of(value: Value, shape: tuple[int, ...]) -> bool:
    """Whether a tensor has a value for each position that is normalised, and depends on no input."""
    front = len(value.sizes) - len(shape)
    return not value.depends and value.sizes[front:] == shape and all(n == 1 for n in value.sizes[:front])
