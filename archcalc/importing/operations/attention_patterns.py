"""Attention that is written out: products of queries and keys, softmax, products with values."""

from __future__ import annotations

from typing import Any

from .recording import Operation, Value
from .rewriting import SAME, Rewriting, floating, last_axis, number

PRODUCTS = ("matmul", "bmm", "baddbmm", "einsum")
SCORES = (*PRODUCTS, "mul", "div", "add", "masked_fill", "where", "view", "reshape", "unflatten", "flatten")
VIEWS = ("view", "reshape", "unflatten", "flatten", "unsqueeze", "squeeze", "_unsafe_view")


def find_attention(graph: Rewriting) -> None:
    """Put ``scaled_dot_product_attention`` in the place of attention that is written out.

    Its arguments are those of PyTorch's own, the scale always a number. ``attn_mask`` is a tuple where
    several are added; ``excluded`` holds masks of which ``True`` takes a pair out, as ``masked_fill`` does;
    ``softmax`` says what the code calls for that, as the operation's ``called`` says it of the products.
    """
    for operation in graph.recording.operations:
        if operation.name in ("softmax", "_softmax") and operation not in graph.gone:
            _Attention(graph, operation).put()


class _Attention:
    """A softmax that may be that of attention."""

    def __init__(self, graph: Rewriting, softmax: Operation):
        self.graph = graph
        self.softmax = softmax
        self.parts = [softmax]
        self.before: list[Operation] = []
        self.scale = 1.0
        self.scaled = False  # whether what is left of the scores is multiplied before the softmax
        self.added: list[tuple[Value, tuple[int, ...]]] = []
        self.excluded: list[tuple[Value, tuple[int, ...]]] = []

    def put(self) -> None:
        """Replace the attention, if it is one."""
        scores = self.softmax.arguments.get("self")
        if not isinstance(scores, Value) or len(scores.sizes) < 2 or not last_axis(self.softmax, scores):
            return
        product = self._scores(scores)
        ahead = None if product is None else self._weights(self.softmax.output)
        if product is None or ahead is None:
            return
        last, dropout = ahead
        pair, values = self._queries_and_keys(product), self._values(last)
        if pair is None or values is None:
            return
        query, key, value = self._unscaled(pair[0]), self._unscaled(pair[1]), values
        if not key.depends or not value.depends:
            return
        key, value = self._widened(key, query), self._widened(value, query)
        if not query.sizes[:-2] == key.sizes[:-2] == value.sizes[:-2]:
            return
        leading = (*query.sizes[:-1], key.sizes[-2])
        added = tuple([self._fitted(mask, sizes, leading) for mask, sizes in self.added])
        excluded = tuple([self._fitted(mask, sizes, leading) for mask, sizes in self.excluded])
        arguments: dict[str, Any] = {
            "query": query,
            "key": key,
            "value": value,
            "attn_mask": None if not added else added[0] if len(added) == 1 else added,
            "dropout_p": dropout,
            "is_causal": False,
            "scale": self.scale,
            "enable_gqa": False,
        }
        if excluded:
            arguments["excluded"] = excluded
        arguments["softmax"] = "nn.Softmax" if self.softmax.call.kind == "Softmax" else self.softmax.called
        called = " ".join(dict.fromkeys([product.called, last.called]))
        name = "scaled_dot_product_attention"
        made = Operation(f"aten.{name}.default", name, arguments, last.call, last.source, called=called)
        self.graph.replace(self.parts, made, last, self.before)

    def _take(self, operation: Operation | None) -> bool:
        """Take an operation in if what it gives is read by those alone that are in."""
        if operation is None or not self.graph.read_by_only(operation.output, self.parts):
            return False
        self.parts.append(operation)
        return True

    # ---- from the softmax back to the products

    def _scores(self, value: Value) -> Operation | None:
        """The product of queries and keys; what is done to it before the softmax is taken in."""
        while True:
            operation = self.graph.maker(value)
            if operation is None or not self._take(operation):
                return None
            if operation.name in PRODUCTS:
                return operation
            inner = self._inner(operation)
            if inner is None:
                return None
            value = inner

    def _inner(self, operation: Operation) -> Value | None:
        """What one operation on the scores is done to; None where attention has no such operation."""
        arguments, name = operation.arguments, operation.name
        one, other = arguments.get("self"), arguments.get("other")
        sizes = operation.output.sizes
        if name in SAME and isinstance(one, Value) and floating(one):
            return one
        if name in VIEWS and isinstance(one, Value) and one.sizes[-2:] == sizes[-2:]:
            return one
        if name in ("mul", "div"):
            if number(one) is not None and name == "mul":
                one, other = other, one
            constant = number(other)
            if not constant or arguments.get("rounding_mode"):
                return None
            self.scaled = True
            self.scale = self.scale * constant if name == "mul" else self.scale / constant
            return one if isinstance(one, Value) else None
        if name == "add" and arguments.get("alpha", 1) == 1 and not self.scaled:
            for inner, mask in ((one, other), (other, one)):
                made = self.graph.maker(inner)
                if made is None or not isinstance(inner, Value) or not isinstance(mask, Value):
                    continue
                if inner.sizes == sizes and (made.name in SCORES or made.name in SAME):
                    self.added.append((mask, sizes))
                    return inner
            return None
        if name == "masked_fill" and isinstance(one, Value) and one.sizes == sizes:
            self.excluded.append((arguments["mask"], sizes))
            return one
        if name == "where" and isinstance(one, Value) and one.sizes == sizes:
            outside = number(other)
            if outside is not None and outside < -1000:
                self.added.append((arguments["condition"], sizes))
                return one
        return None

    def _unscaled(self, value: Value) -> Value:
        """What queries or keys are before they are multiplied by a number."""
        operation = self.graph.maker(value)
        if operation is not None and operation.name in ("mul", "div"):
            one, constant = operation.arguments.get("self"), number(operation.arguments.get("other"))
            if not isinstance(one, Value) or not constant or operation.arguments.get("rounding_mode"):
                return value
            if one.sizes == value.sizes and self._take(operation):
                self.scale = self.scale * constant if operation.name == "mul" else self.scale / constant
                return one
        return value

    def _queries_and_keys(self, product: Operation) -> tuple[Value, Value] | None:
        """Queries and keys, each with its width as the last axis."""
        arguments = product.arguments
        if product.name == "einsum":
            return self._of_einsum(product)
        if product.name == "baddbmm":
            if arguments.get("beta", 1) != 1 or self.scaled:
                return None
            self.added.append((arguments["self"], product.output.sizes))
            self.scale *= float(arguments.get("alpha", 1))
            query, turned = arguments["batch1"], arguments["batch2"]
        else:
            query, turned = arguments["self"], arguments.get("other", arguments.get("mat2"))
        if len(turned.sizes) < 2 or len(query.sizes) != len(turned.sizes):
            return None
        turned = self._unscaled(turned)  # a part of the scale, after the axes were exchanged
        return query, self._turned(turned, product)

    def _turned(self, value: Value, beside: Operation) -> Value:
        """A value with its last two axes exchanged: what it was before they were, if they were."""
        operation = self.graph.maker(value)
        rank = len(value.sizes)
        if operation is not None and isinstance(operation.arguments.get("self"), Value):
            dims = {operation.arguments.get("dim0"), operation.arguments.get("dim1")}
            if operation.name in ("transpose", "swapaxes", "swapdims") or operation.name == "mT":
                wanted = {rank - 1, rank - 2}
                if operation.name == "mT" or {d % rank for d in dims if isinstance(d, int)} == wanted:
                    inner = operation.arguments["self"]
                    self._take(operation)
                    return inner  # type: ignore[no-any-return]
        return self._moved(value, (*range(rank - 2), rank - 1, rank - 2), beside)

    def _moved(self, value: Value, order: tuple[int, ...], beside: Operation) -> Value:
        """A value with its axes in another order, by an operation of our own where that is needed."""
        if order == tuple(range(len(order))):
            return value
        sizes = tuple([value.sizes[axis] for axis in order])
        arguments = {"self": value, "dims": order}
        made = self.graph.new("permute", "aten.permute.default", arguments, beside, sizes)
        self.before.append(made)
        return made.output

    # ---- from the softmax on to the products with values

    def _weights(self, value: Value) -> tuple[Operation, float] | None:
        """The product with the values, and the share that dropout takes before it."""
        dropout = 0.0
        while True:
            guarded = self._guarded(value)
            if guarded is not None:
                value = guarded
                continue
            reader = self.graph.only_reader(value)
            if reader is None or len(reader.outputs) != 1:
                return None
            self.parts.append(reader)
            first = reader.inputs[0]
            if reader.name in ("matmul", "bmm") and first is value:
                return reader, dropout
            if reader.name == "einsum" and reader.arguments["tensors"][0] is value:
                return reader, dropout
            if first is not value:
                return None
            sizes = reader.output.sizes
            if reader.name in ("dropout", "feature_dropout"):
                dropout = float(reader.arguments["p"]) if reader.arguments["train"] else 0.0
            elif reader.name in SAME and floating(reader.output):
                pass
            elif reader.name not in VIEWS or sizes[-2:] != value.sizes[-2:]:
                return None
            value = reader.output

    def _guarded(self, value: Value) -> Value | None:
        """Weights with zeros in the place of those that are no number, as those are of a row that is hidden
        whole; None where nobody puts any there."""
        readers = self.graph.readers.get(value, {})
        if len(readers) != 2 or value in self.graph.outputs:
            return None
        test, choice = readers
        given = (choice.arguments.get("condition"), choice.arguments.get("other"))
        if (test.name, choice.name) != ("isnan", "where") or given != (test.output, value):
            return None
        if number(choice.arguments.get("self")) != 0 or self.graph.only_reader(test.output) is not choice:
            return None
        self.parts += [test, choice]
        return choice.output

    def _values(self, product: Operation) -> Value | None:
        """The values, if the product is one of weights and values."""
        if product.name == "einsum":
            found = _einsum(product)
            if found is None:
                return None
            weights, values, output = found
            batch, i, j = weights[:-2], weights[-2], weights[-1]
            width = [letter for letter in values if letter not in weights]
            if len(width) != 1 or set(values) != {*batch, j, *width} or output != f"{batch}{i}{width[0]}":
                return None
            order = tuple([values.index(letter) for letter in f"{batch}{j}{width[0]}"])
            return self._moved(product.arguments["tensors"][1], order, product)
        value = product.arguments.get("other", product.arguments.get("mat2"))
        return value if isinstance(value, Value) and len(value.sizes) == len(product.output.sizes) else None

    def _of_einsum(self, product: Operation) -> tuple[Value, Value] | None:
        found = _einsum(product)
        if found is None:
            return None
        queries, keys, output = found
        batch, i, j = output[:-2], output[-2], output[-1]
        width = [letter for letter in queries if letter not in output]
        if len(width) != 1 or set(queries) != {*batch, i, *width} or set(keys) != {*batch, j, *width}:
            return None
        query, key = [self._unscaled(value) for value in product.arguments["tensors"]]
        ordered = [
            self._moved(
                value, tuple([letters.index(letter) for letter in f"{batch}{row}{width[0]}"]), product
            )
            for value, letters, row in ((query, queries, i), (key, keys, j))
        ]
        return ordered[0], ordered[1]

    def _widened(self, value: Value, query: Value) -> Value:
        """Keys or values for as many heads as there are of queries, where one head stands for all."""
        leading, wanted = value.sizes[:-2], query.sizes[:-2]
        pairs = zip(leading, wanted, strict=True)
        if leading == wanted or not all(size in (1, heads) for size, heads in pairs):
            return value
        sizes = (*wanted, *value.sizes[-2:])
        arguments = {"self": value, "size": sizes, "implicit": False}
        made = self.graph.new("expand", "aten.expand.default", arguments, self.softmax, sizes)
        self.before.append(made)
        return made.output

    # ---- masks

    def _fitted(self, mask: Value, sizes: tuple[int, ...], wanted: tuple[int, ...]) -> Value:
        """A mask that was added to scores of some sizes, for scores of others, of which only the leading axes
        are cut differently."""
        if sizes == wanted:
            return mask
        wide = (*sizes[:-2], *mask.sizes[-2:]) if len(mask.sizes) > 1 else (*sizes[:-2], 1, *mask.sizes)
        beside = self.softmax
        expand = self.graph.new(
            "expand", "aten.expand.default", {"self": mask, "size": wide, "implicit": False}, beside, wide
        )
        narrow = (*wanted[:-2], *wide[-2:])
        cut = self.graph.new(
            "reshape", "aten.reshape.default", {"self": expand.output, "shape": narrow}, beside, narrow
        )
        self.before += [expand, cut]
        return cut.output


def _einsum(operation: Operation) -> tuple[str, str, str] | None:
    """The letters of the axes of an einsum of two tensors: of both, and of what it gives."""
    equation = operation.arguments["equation"].replace(" ", "")
    inputs, arrow, output = equation.partition("->")
    sides = inputs.split(",")
    if not arrow or len(sides) != 2 or "." in equation or len(output) < 2:
        return None
    one, other = sides
    if any(len(set(side)) != len(side) for side in (one, other, output)):
        return None
    return one, other, output
