"""Products of tensors, and linear maps of any axes in Einstein's notation."""

from __future__ import annotations

import re
from math import prod
from string import ascii_lowercase

from .....ops.attributes import Size
from ..activations import activated
from ..calls import Call, Value, per_axis
from ..settings import shown
from ..vocabulary import LayerClass
from .norms import unit_length

_EQUATION = re.compile(
    r"(\.\.\.)?([a-zA-Z]{1,40})(\.\.\.)?,([a-zA-Z]{1,40})->(\.\.\.)?([a-zA-Z]{1,40})(\.\.\.)?"
)


class Dot(LayerClass):
    """The dot product of two tensors along an axis of each."""

    names = ("Dot",)
    signature = "axes, normalize=False"

    def write(self, call: Call) -> Value:
        values = [call.in_order(one) for one in call.values]
        settings, given = call.settings, call.settings.value("axes")
        if len(values) != 2:
            raise call.refused("it is of two tensors")
        pair = list(given) if isinstance(given, (list, tuple)) else [given, given]
        if len(pair) != 2:
            raise settings.wrong("axes", "an axis, or one of each tensor")
        axes = []
        for value, axis in zip(values, pair, strict=True):
            at = settings.axis_of("axes", axis, value.rank)
            axes.append(call.spec_axis(value, at))
        if settings.flag("normalize"):
            values = [
                unit_length(call, value, [axis], f"unit_{number + 1}")
                for number, (value, axis) in enumerate(zip(values, axes, strict=True))
            ]
        return products(call, values, axes)


def products(call: Call, values: list[Value], axes: list[int]) -> Value:
    """Write the products of two tensors, summed along an axis of each. Raises SpecError."""
    letters = iter(ascii_lowercase[1:])
    names = [
        ["a" if at == axis else next(letters) for at in range(len(value.shape))]
        for value, axis in zip(values, axes, strict=True)
    ]
    left = [one for one in names[0] + names[1] if one != "a"]
    if not left:
        first = call.op("reshape", values[0], part="row", shape=Size((1, values[0].shape.values)))
        second = call.op("reshape", values[1], part="other", shape=Size((1, values[1].shape.values)))
        put_out = call.op("matmul", first, second, transpose=True)
        return call.op("reshape", put_out, shape=1)
    equation = f"{''.join(names[0])},{''.join(names[1])}->{''.join(left)}"
    return call.op("einsum", *values, equation=equation)


class EinsumDense(LayerClass):
    """A learned tensor that is multiplied with what arrives, in Einstein's notation."""

    names = ("EinsumDense",)
    signature = "equation, output_shape, activation=None, bias_axes=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, call.in_order(call.x)
        text = settings.value("equation")
        found = _EQUATION.fullmatch(text.replace(" ", "")) if isinstance(text, str) else None
        if found is None or (found[1], found[3]) != (found[5], found[7]) or (found[1] and found[3]):
            raise settings.wrong("equation", "`[X],[Y]->[Z]`, `...[X],[Y]->...[Z]` or `[X]...,[Y]->[Z]...`")
        read, kernel, made = found[2], found[4], found[6]
        spare = [one for one in ascii_lowercase if one not in read + kernel + made]
        more = x.rank - len(read)
        if more < 0 or (more and not (found[1] or found[3])) or more > len(spare):
            raise settings.refused(
                "equation", f"{shown(text)} does not fit what arrives, which has {x.rank} axes with the batch"
            )
        elided = "".join(spare[:more])
        read, made = (elided + read, elided + made) if found[1] else (read + elided, made + elided)
        batch, read, made = read[0], read[1:], made[1:] if made[0] == read[0] else ""
        if not made or batch in kernel:
            raise settings.refused("equation", "the first axis is that of the batch, and stays")
        known = dict(zip(read, x.shape, strict=True))
        given = settings.value("output_shape")
        sizes = [*given] if isinstance(given, (list, tuple)) else [given]
        sizes = (
            [*[known[one] for one in elided[1:]], *sizes] if found[1] else [*sizes, *map(known.get, elided)]
        )
        if len(sizes) != len(made):
            raise settings.wrong("output_shape", f"the {len(made)} sizes of the output without the batch")
        for letter, size in zip(made, sizes, strict=True):
            if size is None and letter in known:
                continue
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise settings.wrong("output_shape", "sizes, of which those of what arrives may be None")
            if known.setdefault(letter, size) != size:
                raise settings.refused("output_shape", f"the axis `{letter}` has two sizes")
        if any(one not in known for one in kernel):
            raise settings.refused("equation", "the learned tensor has an axis of no known size")
        bias = settings.value("bias_axes")
        if bias is not None and (not isinstance(bias, str) or any(one not in made for one in bias)):
            raise settings.wrong("bias_axes", "letters of the output")
        put_out = self.linear(call, x, (read, kernel, made), known, bias or "")
        if put_out is None:
            shape = per_axis([int(known[one]) for one in kernel])
            weight = call.op("parameter", x, part="kernel", channels_first=False, shape=shape)
            put_out = call.op("einsum", x, weight, equation=f"{read},{kernel}->{made}")
            if bias:
                behind = made[min(made.index(one) for one in bias) :]
                shape = per_axis([int(known[one]) if one in bias else 1 for one in behind])
                added = call.op("parameter", x, part="bias", channels_first=False, shape=shape)
                put_out = call.op("map", put_out, added, part="biased", function="add")
        return activated(call, put_out)

    def linear(
        self, call: Call, x: Value, letters: tuple[str, str, str], sizes: dict[str, int], bias: str
    ) -> Value | None:
        """Write it as a linear map of the last axes; None where it is none."""
        read, kernel, made = letters
        summed = "".join([one for one in read if one not in made])
        new = "".join([one for one in made if one not in read])
        front = "".join([one for one in read if one in made])
        if not summed or not new or (read, made) != (front + summed, front + new):
            return None
        if sorted(kernel) != sorted(summed + new) or (bias and sorted(bias) != sorted(new)):
            return None
        if len(summed) > 1:
            merged = prod([int(sizes[one]) for one in summed])
            shape = per_axis([*[int(sizes[one]) for one in front], merged])
            x = call.op("reshape", x, part="merged", shape=shape)
        put_out = call.op("linear", x, units=prod([int(sizes[one]) for one in new]), bias=bool(bias))
        if len(new) > 1:
            put_out = call.op("reshape", put_out, shape=per_axis([int(sizes[one]) for one in made]))
        return put_out
