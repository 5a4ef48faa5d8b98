"""What an expansion carries: its state, the bodies it stands in, how calls are read."""

from __future__ import annotations

from typing import Any

from ..graph import Claim, Group, Layer, Place
from ..ops import PENDING, registry
from ..ops.attributes import Attribute, show
from ..ops.base import Op
from ..shape import Shape
from .diagnostics import Collector, Diagnostic, TooManyErrors, fault, nearest
from .library import Library
from .naming import Scope
from .source import Span
from .syntax import (
    Argument,
    Assertion,
    Block,
    Body,
    Call,
    Chain,
    Definition,
    File,
    Item,
    Reference,
    Repeat,
    Statement,
    Value,
)

# Layers of a network, unless --budget says otherwise.
BUDGET = 50_000
# Blocks within blocks, merges within merges: more is a block that calls itself.
DEEPEST = 50


class Callee:
    """A block or a layer as a value: what a block parameter may be."""

    __slots__ = ("name", "block")

    def __init__(self, name: str, block: Block | None):
        self.name = name
        self.block = block  # None for a layer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callee) and (self.name, self.block) == (other.name, other.block)

    def __hash__(self) -> int:
        return hash((self.name, self.block))

    def __str__(self) -> str:
        return self.name


class Frame:
    """A body being expanded: a net's, or a block's for one call."""

    __slots__ = (
        "expansion", "definition", "file", "env", "inputs", "labels", "start", "prefix", "trail",
        "call", "path", "asserts", "depth", "is_part",
    )  # fmt: skip

    def __init__(
        self,
        expansion: State,
        definition: Definition,
        env: dict[str, Any],
        inputs: dict[str, Layer | None],
        prefix: str,
        trail: Frame | None,
        call: Call | None,
        path: tuple[tuple[str, str | None], ...],
        asserts: bool,
        is_part: bool,
    ):
        assert definition.file is not None
        self.expansion = expansion
        self.definition = definition
        self.file: File = definition.file
        self.env = env
        self.inputs = inputs
        self.labels: dict[str, tuple[str, Layer | None]] = {}
        self.start = len(expansion.layers)
        self.prefix = prefix
        self.trail = trail
        self.call = call
        self.path = path
        self.asserts = asserts
        self.is_part = is_part
        self.depth: int = trail.depth + 1 if trail is not None else 0

    def body_labels(self) -> dict[str, Statement]:
        """The labels written in this body."""
        return self.definition.body.labels

    def lookup(self, name: str) -> Callee | None:
        """The block or layer that a word means here, parameters apart."""
        block = self.file.blocks.get(name)
        if block is not None:
            return Callee(name, block)
        if name in self.expansion.ops or name in PENDING:
            return Callee(name, None)
        block = self.expansion.library.block(name)
        return Callee(name, block) if block is not None else None

    def tensor(self, reference: Reference) -> Layer | None:
        """The tensor that ``@path`` names; None behind an earlier fault. Raises Fault."""
        path = reference.path
        first, _, rest = path.partition(".")
        if not rest and first in self.inputs:
            return self.inputs[first]
        found = self.labels.get(first)
        if found is not None and not rest:
            return found[1]
        expansion = self.expansion
        full = f"{found[0]}.{rest}" if found is not None else self.prefix + path
        place = expansion.places.get(full)
        if place is not None and place.first >= self.start:
            return place.tensor
        layer = expansion.names.get(full)
        if layer is not None and layer.index >= self.start:
            return layer
        if full in expansion.lost or (found is not None and expansion.diagnostics.errors):
            return None
        if found is None and first in self.body_labels():
            raise fault("name", f"`{first}` is defined further down", reference)
        candidates = [*self.inputs, *self.labels]
        if found is not None:
            mine = [n for n in (*expansion.places, *expansion.names) if n.startswith(found[0])]
            candidates += [path.partition(".")[0] + n[len(found[0]) :] for n in mine]
        near = nearest(path, candidates)
        raise fault(
            "name", f"no tensor here is called `{path}`", reference,
            *([f"did you mean `@{near}`?"] if near else []),
        )  # fmt: skip

    def notes(self) -> list[str]:
        """How the expansion got here, innermost first."""
        lines: list[str] = []
        frame: Frame | None = self
        while frame is not None and frame.call is not None:
            bound = ", ".join(f"{k}={show(v)}" for k, v in list(frame.env.items())[:6])
            where = f" ({bound})" if bound else ""
            lines.append(
                f"while expanding `{frame.definition.name}`{where}, called at {frame.call.span}"
            )
            frame = frame.trail
        if len(lines) > 5:
            lines[3:-1] = [f"… {len(lines) - 4} more …"]
        return lines


class Here:
    """Where in a body the expansion stands, besides the tensor that arrives."""

    __slots__ = ("frame", "scope", "group", "history", "repeated", "turn", "statement")

    def __init__(
        self,
        frame: Frame,
        scope: Scope,
        group: Group,
        history: list[Layer | None],
        repeated: bool = False,
        turn: tuple[int, int] | None = None,
        statement: Statement | None = None,
    ):
        self.frame = frame
        self.scope = scope
        self.group = group
        self.history = history  # tensors of the main path: what default block inputs take
        self.repeated = repeated  # an unlabelled repeat stands between here and the scope
        self.turn = turn  # of the innermost repeat of this body
        self.statement = statement  # the innermost labelled one

    def within(self, group: Group) -> Here:
        """The same place, inside a group."""
        return Here(
            self.frame, self.scope, group, self.history, self.repeated, self.turn, self.statement
        )

    def push(self, tensor: Layer | None) -> None:
        """Enter a tensor of the main path, unless it is the last one entered."""
        history = self.history
        if not history or history[-1] is not tensor:
            history.append(tensor)


class OpPlan:
    """How a call of a layer is read: found out once a call, used for every expansion of it."""

    __slots__ = ("op", "fixed", "moving", "references", "given", "spans", "like", "instances")

    def __init__(self, op: type[Op]):
        self.op = op
        self.fixed: dict[str, Any] = {}
        self.moving: list[tuple[str, Attribute, Value]] = []
        self.references: list[Reference] = []
        self.given: list[str] = []
        self.spans: dict[str, tuple[Span, bool]] = {}  # and whether it is a default's
        self.like: Argument | None = None
        self.instances: dict[object, tuple[Op, str]] = {}


class BlockPlan:
    """How a call of a block is read."""

    __slots__ = ("block", "arguments", "references", "shown")

    def __init__(self, block: Definition):
        self.block = block
        self.arguments: dict[str, Value] = {}
        self.references: list[Reference] = []
        self.shown: list[str] = []


class State:
    """What the parts of an expansion share: the layers so far, the names, what was found wrong."""

    def __init__(self, library: Library, diagnostics: Collector, budget: int = BUDGET):
        self.library = library
        self.diagnostics = diagnostics
        self.budget = budget
        self.steps = 20 * budget + 10_000
        self.ops = registry()
        self.layers: list[Layer] = []
        self.calls: list[Call] = []  # the call that made each layer
        self.names: dict[str, Layer] = {}
        self.places: dict[str, Place] = {}
        self.lost: set[str] = set()  # labels whose tensor a fault took away
        self.heads: dict[str, Layer] = {}
        self.shapes: dict[Statement, Shape | None] = {}  # None where turns or calls differ
        self.claim_spans: dict[Claim, Span] = {}
        self.labelled_blocks: dict[object, bool] = {}
        self.noted: set[object] = set()

    def report(self, diagnostic: Diagnostic, frame: Frame) -> None:
        """Collect a diagnostic, with the trail that led to it."""
        trail = frame.notes()
        if trail:
            diagnostic.notes = (*diagnostic.notes, *trail)
        self.diagnostics.add(diagnostic)

    def step(self, node: Call | Repeat | Reference | Assertion | Chain) -> None:
        """Count a step of work, so that no text makes the expansion run on and on."""
        self.steps -= 1
        if self.steps < 0:
            self.diagnostics.add(
                Diagnostic("limit", "the network takes too many steps to expand", node.span,
                           help=f"it may have {self.budget:,} layers: --budget sets another number")
            )  # fmt: skip
            raise TooManyErrors

    def place(self, label: str, here: Here, tensor: Layer | None, first: int) -> None:
        """Enter what a label names."""
        full = here.scope.prefix + label
        here.frame.labels[label] = (full, tensor)
        if tensor is None:
            self.lost.add(full)
            return
        if full in self.places and self.places[full].last > here.frame.start:
            statement = here.frame.body_labels().get(label)
            if statement is not None and statement.label_span is not None and not here.repeated:
                self.report(
                    Diagnostic("name", f"two places are called `{full}`",
                               statement.label_span,
                               help="the turns of a labelled repeat are called label_1, label_2, …"),
                    here.frame,
                )  # fmt: skip
        self.places[full] = Place(tensor, first, len(self.layers))

    # Given by the class that walks the body; the other parts call them.

    def statements(self, body: Body, here: Here, current: Layer | None) -> Layer | None:
        """The statements of a body or branch; what the last one puts out."""
        raise NotImplementedError

    def statement(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None:
        """One statement. A side head leaves the path where it stood."""
        raise NotImplementedError

    def item(
        self,
        item: Item,
        here: Here,
        current: Layer | None,
        sole: str | None = None,
        label: str | None = None,
    ) -> Layer | None:
        """One item. ``sole`` is the label of the statement or turn that consists of it alone;
        ``label`` the one that names the turns of a repeat."""
        raise NotImplementedError
