"""The bodies that an expansion stands in, and where in them it stands."""

from __future__ import annotations

from typing import Any

from ..diagnostics import fault, nearest
from ..graph import Called, Group, Layer
from ..ops.attributes import show
from .building import GraphBuilder
from .definitions import Definition, File
from .naming import NameScope
from .problems import Problems
from .syntax import Call, Reference, Statement
from .words import Callee, Words


class Frame:
    """A body being expanded: a net's, or a block's for one call.

    env      the values of the parameters
    inputs   the tensors it starts from, by name
    labels   the labels met so far: full name and tensor (None behind a fault)
    start    number of layers when it began: what is older is outside
    prefix   what stands before the names given here
    trail    the frame that called, with the call
    asserts  whether shape assertions hold here: the input and the parameters are the declared ones
    is_part  whether it stands inside a used network
    """

    def __init__(
        self,
        builder: GraphBuilder,
        words: Words,
        problems: Problems,
        definition: Definition,
        inputs: dict[str, Layer | None],
    ):
        assert definition.file is not None
        self.builder = builder
        self.words = words
        self.problems = problems
        self.definition = definition
        self.file: File = definition.file
        self.env: dict[str, Any] = {}
        self.inputs = inputs
        self.labels: dict[str, tuple[str, Layer | None]] = {}
        self.start = len(builder.layers)
        self.prefix = ""
        self.trail: Frame | None = None
        self.call: Call | None = None
        self.path: tuple[tuple[str, str | None], ...] = ()
        self.asserts = True
        self.is_part = False

    def inner(
        self, definition: Definition, inputs: dict[str, Layer | None], call: Call, label: str | None
    ) -> Frame:
        """Return the body of a definition that is called here; ``label`` is the label of the call."""
        frame = Frame(self.builder, self.words, self.problems, definition, inputs)
        frame.trail = self
        frame.call = call
        frame.path = (*self.path, (definition.name, label))
        frame.asserts = self.asserts
        frame.is_part = self.is_part
        return frame

    @property
    def called(self) -> Called:
        """What the graph knows of the call whose body this is."""
        inputs = {name: tensor for name, tensor in self.inputs.items() if tensor is not None}
        return Called(self.definition.name, self.env, inputs)

    def body_labels(self) -> dict[str, Statement]:
        """Return the labels written in this body."""
        return self.definition.body.labels

    def lookup(self, name: str) -> Callee | None:
        """Return the block or layer that a word means here, parameters apart."""
        return self.words.lookup(name, self.file)

    def tensor(self, reference: Reference) -> Layer | None:
        """Return the tensor that ``@path`` names; None behind an earlier fault. Raises PlacedError."""
        path = reference.path
        first, _, rest = path.partition(".")
        if not rest and first in self.inputs:
            return self.inputs[first]
        found = self.labels.get(first)
        if found is not None and not rest:
            return found[1]
        builder = self.builder
        full = f"{found[0]}.{rest}" if found is not None else self.prefix + path
        place = builder.places.get(full)
        if place is not None and place.first >= self.start:
            return place.tensor
        # Layers without a label are numbered through the whole network, so only its own text can
        # know them; below a label they are at home everywhere.
        if found is not None or self.trail is None:
            layer = builder.names.get(full)
            if layer is not None and layer.index >= self.start:
                return layer
        if self.is_lost(first, full):
            return None
        if found is None and first in self.body_labels():
            raise fault("name", f"`{first}` is defined further down", reference)
        candidates = [*self.inputs, *self.labels]
        if found is not None:
            below = found[0] + "."
            mine = [n for n in (*builder.places, *builder.names) if n.startswith(below)]
            candidates += [f"{first}.{n[len(below) :]}" for n in mine]
        elif self.trail is None:
            candidates += [*builder.places, *builder.names]
        alike = [name for name in dict.fromkeys(candidates) if name.lower() == path.lower()]
        if len(alike) == 1 and alike[0] != path:  # case does not matter
            return self.tensor(Reference(reference.span, alike[0]))
        near = nearest(path, candidates)
        help = [f"did you mean `@{near}`?"] if near else []
        if not near and found is None and self.trail is not None:
            help.append("a block knows its inputs and its own labels")
        raise fault("name", f"no tensor here is called `{path}`", reference, *help)

    def is_lost(self, first: str, full: str) -> bool:
        """Tell whether a place is missing because of an earlier fault: it was lost itself, or stands in
        something that was cut short."""
        if full in self.builder.lost:
            return True
        if not self.problems.errors:
            return False
        if first in self.labels or first.rstrip("0123456789").rstrip("_") in self.words.ops:
            return True
        repeat, _, number = first.rpartition("_")
        return number.isdigit() and repeat in self.body_labels()

    def notes(self) -> list[str]:
        """Tell how the expansion got here, innermost first."""
        lines: list[str] = []
        frame: Frame | None = self
        while frame is not None and frame.call is not None:
            bound = ", ".join(f"{k}={show(v)[:40]}" for k, v in list(frame.env.items())[:6])
            where = f" ({bound})" if bound else ""
            lines.append(f"while expanding `{frame.definition.name}`{where}, called at {frame.call.span}")
            frame = frame.trail
        if len(lines) > 5:
            lines[3:-1] = [f"… {len(lines) - 4} more …"]
        return lines


class Recent:
    """The last tensors of a main path: what a block of several inputs takes by default. A branch
    goes on from a copy, which costs nothing however long the path is."""

    def __init__(self, last: Any = None):
        self.last: Any = last  # (tensor, what was last before it), or None

    def copy(self) -> Recent:
        return Recent(self.last)

    def push(self, tensor: Layer | None) -> None:
        """Enter a tensor, unless it is the last one entered."""
        if self.last is None or self.last[0] is not tensor:
            self.last = (tensor, self.last)

    def take(self, current: Layer | None, wanted: int) -> list[Layer | None]:
        """Return the tensor that arrives and those before it, latest first; fewer if there are no more."""
        at = self.last
        found = [current] if at is None or at[0] is not current else []
        while at is not None and len(found) < wanted:
            found.append(at[0])
            at = at[1]
        return found[:wanted]


class Here:
    """Where in a body the expansion stands, besides the tensor that arrives.

    scope      gives the names
    group      takes the layers
    recent     the last tensors of the path
    repeated   an unlabelled repeat stands between here and the scope
    turn       of the innermost repeat of this body: its index, and how many there are
    statement  the innermost labelled one
    """

    def __init__(
        self,
        frame: Frame,
        scope: NameScope,
        group: Group,
        recent: Recent,
        repeated: bool = False,
        turn: tuple[int, int] | None = None,
        statement: Statement | None = None,
    ):
        self.frame = frame
        self.scope = scope
        self.group = group
        self.recent = recent
        self.repeated = repeated
        self.turn = turn
        self.statement = statement

    def within(self, group: Group, recent: Recent) -> Here:
        """Return the same place, inside a group."""
        return Here(self.frame, self.scope, group, recent, self.repeated, self.turn, self.statement)

    def place(self, label: str, tensor: Layer | None, first: int) -> None:
        """Enter what a label of this body stands for: the layers from ``first`` on."""
        full = self.scope.prefix + label
        self.frame.labels[label] = (full, tensor)
        self.frame.builder.place(full, tensor, first)

    def call_counts(self) -> dict[str, int]:
        """Tell how often each name is called in the labelled statement or body that this stands in."""
        return (self.statement or self.frame.definition.body).call_counts()

    def shortcut_label(self) -> str:
        """``shortcut``, or ``shortcut2`` where the statement or body has several."""
        scope = self.scope
        if self.call_counts().get("shortcut", 0) <= 1 and not self.repeated and scope.free("shortcut"):
            return "shortcut"
        return scope.number_block("shortcut")[len(scope.prefix) :]
