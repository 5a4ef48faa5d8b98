"""Layers that use the parameters of others: ``like=``."""

from __future__ import annotations

from ..diagnostics import did_you_mean, fault
from ..graph import Layer
from .building import GraphBuilder
from .frames import Here
from .syntax import Argument, Name, Reference


class SharedParameters:
    """Gives layers the parameters of others."""

    def __init__(self, builder: GraphBuilder):
        self._builder = builder

    def share(self, layer: Layer, like: Argument, here: Here) -> None:
        """``like=other`` on a layer: it uses the parameters of another one. Raises PlacedError."""
        path, full, known = _liked(like, here)
        frame, names = here.frame, self._builder.names
        other = names.get(full) if known else None
        if other is None or other is layer or other in frame.inputs.values():
            if frame.is_lost(path.partition(".")[0], full):
                return
            if full in self._builder.places:
                inside = [n for n in names if n.startswith((f"{full}.", f"{full}_"))]
                same = [n for n in inside if names[n].op.name == layer.op.name]
                raise fault(
                    "name",
                    f"`{path}` stands for several layers, none of them called so",
                    like.value,
                    *([f"as in `like={path}{same[0][len(full) :]}`"] if same else []),
                )
            raise fault(
                "name", f"no layer above is called `{path}`", like.value, *did_you_mean(path, frame.labels)
            )
        _take_parameters(layer, other, path, like)
        layer.text += f" like={path}"

    def share_all(self, first: int, like: Argument, here: Here) -> str:
        """``like=other`` on a block or network, whose layers are those from ``first`` on: they use
        the parameters of what another label stands for, layer for layer. The result is what the
        text of the call says of it. Raises PlacedError."""
        path, full, known = _liked(like, here)
        if here.frame.problems.errors:
            return ""  # what was lost is not missed here, and one complaint per text is enough
        layers = self._builder.layers
        place = self._builder.places.get(full) if known else None
        if place is None or place.last > first:
            raise fault(
                "name",
                f"nothing above is called `{path}`",
                like.value,
                *did_you_mean(path, here.frame.labels),
            )
        mine = [layer for layer in layers[first:] if layer.facts.tensors]
        theirs = [layer for layer in layers[place.first : place.last] if layer.facts.tensors]
        if len(mine) != len(theirs):
            raise fault(
                "argument",
                f"`{path}` has {len(theirs)} layers with parameters, this has {len(mine)}",
                like.value,
            )
        for layer, other in zip(mine, theirs, strict=True):
            _take_parameters(layer, other, other.name, like)
            layer.text += f" like={other.name}"
        return f" like={path}"


def _liked(like: Argument, here: Here) -> tuple[str, str, bool]:
    """Return what ``like=`` names: as written, in full, and whether it can be known here."""
    node = like.value
    path = node.path if isinstance(node, Reference) else (node.text if isinstance(node, Name) else None)
    if path is None:
        raise fault("argument", "`like` is the label of a layer", like.value)
    frame = here.frame
    first, _, rest = path.partition(".")
    known = frame.labels.get(first)
    full = frame.prefix + path if known is None else known[0] + (f".{rest}" if rest else "")
    return path, full, known is not None or frame.trail is None


def _take_parameters(layer: Layer, other: Layer, path: str, like: Argument) -> None:
    """Make the parameters of another layer this one's too: all that it has. Raises PlacedError.

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
    fixed = layer.op.held_fixed or set(layer.op.frozen_names) - set(owner.op.frozen_names)
    if fixed and not owner.held:
        raise fault(
            "argument",
            f"`{path}` is trained, and what shares its parameters cannot be frozen",
            like,
            f"`frozen=yes` belongs on `{path}`",
        )
    layer.owner = owner
