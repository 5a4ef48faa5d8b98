"""What an expansion carries: its state, the bodies it stands in, how calls are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..graph import Group, Label, Layer, PublishedFigure
from ..ops import registry
from ..ops.attributes import Attribute, show
from ..ops.base import Op
from ..shape import Shape
from .definitions import Block, Definition, File
from .diagnostics import Collector, Diagnostic, TooManyProblemsError, fault, nearest
from .lexer import LONGEST_PATH
from .library import Library, normal
from .naming import Scope
from .source import Span
from .spelling import ops_called
from .syntax import Argument, Body, Call, Item, Reference, Statement, Value

# Layers that a network may have, unless --budget says otherwise.
BUDGET = 50_000
# Statements, turns and calls that it may take for each layer of the budget: blocks within blocks
# need several a layer, and what needs more makes no layers at all.
STEPS_A_LAYER = 4
# Items within items: blocks, merges, repeats. The expansion is recursive, and Python's stack small.
DEEPEST = 64


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

    __slots__ = (
        "state",
        "definition",
        "file",
        "env",
        "inputs",
        "labels",
        "start",
        "prefix",
        "trail",
        "call",
        "path",
        "asserts",
        "is_part",
    )

    def __init__(
        self,
        state: State,
        definition: Definition,
        env: dict[str, Any],
        inputs: dict[str, Layer | None],
        trail: Frame | None = None,
        call: Call | None = None,
        path: tuple[tuple[str, str | None], ...] = (),
        asserts: bool = True,
        is_part: bool = False,
    ):
        assert definition.file is not None
        self.state = state
        self.definition = definition
        self.file: File = definition.file
        self.env = env
        self.inputs = inputs
        self.labels: dict[str, tuple[str, Layer | None]] = {}
        self.start = len(state.layers)
        self.prefix = ""
        self.trail = trail
        self.call = call
        self.path = path
        self.asserts = asserts
        self.is_part = is_part

    def body_labels(self) -> dict[str, Statement]:
        """The labels written in this body."""
        return self.definition.body.labels

    def lookup(self, name: str) -> Callee | None:
        """The block or layer that a word means here, parameters apart."""
        return self.state.lookup(name, self.file)

    def tensor(self, reference: Reference) -> Layer | None:
        """The tensor that ``@path`` names; None behind an earlier fault. Raises Fault."""
        path = reference.path
        first, _, rest = path.partition(".")
        if not rest and first in self.inputs:
            return self.inputs[first]
        found = self.labels.get(first)
        if found is not None and not rest:
            return found[1]
        state = self.state
        full = f"{found[0]}.{rest}" if found is not None else self.prefix + path
        place = state.places.get(full)
        if place is not None and place.first >= self.start:
            return place.tensor
        # Layers without a label are numbered through the whole network, so only its own text can
        # know them; below a label they are at home everywhere.
        if found is not None or self.trail is None:
            layer = state.names.get(full)
            if layer is not None and layer.index >= self.start:
                return layer
        if self.is_lost(first, full):
            return None
        if found is None and first in self.body_labels():
            raise fault("name", f"`{first}` is defined further down", reference)
        candidates = [*self.inputs, *self.labels]
        if found is not None:
            below = found[0] + "."
            mine = [n for n in (*state.places, *state.names) if n.startswith(below)]
            candidates += [f"{first}.{n[len(below) :]}" for n in mine]
        elif self.trail is None:
            candidates += [*state.places, *state.names]
        alike = [name for name in dict.fromkeys(candidates) if name.lower() == path.lower()]
        if len(alike) == 1 and alike[0] != path:  # case does not matter
            return self.tensor(Reference(reference.span, alike[0]))
        near = nearest(path, candidates)
        help = [f"did you mean `@{near}`?"] if near else []
        if not near and found is None and self.trail is not None:
            help.append("a block knows its inputs and its own labels")
        raise fault("name", f"no tensor here is called `{path}`", reference, *help)

    def is_lost(self, first: str, full: str) -> bool:
        """Whether a place is missing because of an earlier fault: it was lost itself, or stands in
        something that was cut short."""
        state = self.state
        if full in state.lost:
            return True
        if not state.diagnostics.errors:
            return False
        if first in self.labels or first.rstrip("0123456789").rstrip("_") in state.ops:
            return True
        repeat, _, number = first.rpartition("_")
        return number.isdigit() and repeat in self.body_labels()

    def notes(self) -> list[str]:
        """How the expansion got here, innermost first."""
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

    __slots__ = ("last",)

    def __init__(self, last: Any = None):
        self.last: Any = last  # (tensor, what was last before it), or None

    def copy(self) -> Recent:
        return Recent(self.last)

    def push(self, tensor: Layer | None) -> None:
        """Enter a tensor, unless it is the last one entered."""
        if self.last is None or self.last[0] is not tensor:
            self.last = (tensor, self.last)

    def take(self, current: Layer | None, wanted: int) -> list[Layer | None]:
        """The tensor that arrives and those before it, latest first; fewer if there are no more."""
        at = self.last
        found = [current] if at is None or at[0] is not current else []
        while at is not None and len(found) < wanted:
            found.append(at[0])
            at = at[1]
        return found[:wanted]


class Here:
    """Where in a body the expansion stands, besides the tensor that arrives."""

    __slots__ = ("frame", "scope", "group", "recent", "repeated", "turn", "statement")

    def __init__(
        self,
        frame: Frame,
        scope: Scope,
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
        self.repeated = repeated  # an unlabelled repeat stands between here and the scope
        self.turn = turn  # of the innermost repeat of this body
        self.statement = statement  # the innermost labelled one

    def within(self, group: Group, recent: Recent) -> Here:
        """The same place, inside a group."""
        return Here(self.frame, self.scope, group, recent, self.repeated, self.turn, self.statement)


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
        self.steps = STEPS_A_LAYER * budget + 1_000
        self.left = self.steps
        self.depth = 0
        self.ops = registry()
        self.layers: list[Layer] = []
        self.calls: list[Call] = []  # the call that made each layer
        self.names: dict[str, Layer] = {}
        self.places: dict[str, Label] = {}
        self.claimed: set[str] = set()  # labels in full, of what is switched off too
        self.lost: set[str] = set()  # labels whose tensor a fault took away
        self.heads: dict[str, Layer] = {}
        self.shapes: dict[Statement, Shape | None] = {}  # None where turns or calls differ
        # Where the part being used ends (`until`), and whether the expansion has got there.
        self.until: str | None = None
        self.until_from = 0
        self.reached = False
        self.guesses: dict[Item, Callee | None] = {}  # of calls whose name is unknown
        self.figure_spans: dict[PublishedFigure, Span] = {}
        self.labelled_blocks: dict[object, bool] = {}
        self.noted: set[object] = set()

    def report(self, diagnostic: Diagnostic, frame: Frame) -> None:
        """Collect a diagnostic, with the trail that led to it."""
        if not self.diagnostics.knows(diagnostic):
            diagnostic.add_notes(frame.notes())
            self.diagnostics.add(diagnostic)

    def puts_out(self, statement: Statement, shape: Shape) -> None:
        """Note what a statement puts out, for whoever reads the spec beside its shapes."""
        known = self.shapes.setdefault(statement, shape)
        if known is not None and known != shape:
            self.shapes[statement] = None

    def give_up(self, diagnostic: Diagnostic, frame: Frame) -> TooManyProblemsError:
        """Collect what makes it pointless to go on."""
        self.report(diagnostic, frame)
        return TooManyProblemsError()

    def spend(self, span: Span) -> None:
        """Count a statement, turn or call, so that no text makes the expansion run on and on."""
        self.left -= 1
        if self.left < 0:
            self.diagnostics.add(
                Diagnostic(
                    "limit",
                    f"the network takes more than {self.steps:,} statements, turns and calls",
                    span,
                    help="--budget sets another number",
                )
            )
            raise TooManyProblemsError

    def lookup(self, name: str, file: File) -> Callee | None:
        """The block or layer that a word means in a file."""
        block = file.blocks.get(name)
        if block is not None:
            return Callee(name, block)
        if name in self.ops:
            return Callee(name, None)
        block = self.library.block(name)
        if block is not None:
            return Callee(name, block)
        called = ops_called(name)
        if called:
            return Callee(called[0].name, None)
        # Case does not matter where one block alone is called so.
        plain = normal(name)
        alike = [word for word in (*file.blocks, *self.library.blocks) if normal(word) == plain]
        return self.lookup(alike[0], file) if len(alike) == 1 else None

    def place(self, label: str, here: Here, tensor: Layer | None, first: int) -> None:
        """Enter what a label names."""
        full = here.scope.prefix + label
        self.claimed.add(full)
        here.frame.labels[label] = (full, tensor)
        if tensor is None:
            self.lost.add(full)
        else:
            self.places[full] = Label(tensor, first, len(self.layers))

    def bounded(self, name: str, span: Span, frame: Frame) -> None:
        """Refuse a full name that is too long: each layer below it would hold it again."""
        if len(name) > LONGEST_PATH:
            message = f"a name of more than {LONGEST_PATH} letters, with those that it stands in"
            raise self.give_up(Diagnostic("limit", message, span), frame)

    def scope(self, prefix: str, label: str | None = None) -> Scope:
        """A scope for the names of this network."""
        return Scope(prefix, label, self.names, self.claimed)

    def shortcut_label(self, here: Here) -> str:
        """``shortcut``, or ``shortcut2`` where the statement or body has several."""
        counts = (here.statement or here.frame.definition.body).call_counts()
        if counts.get("shortcut", 0) <= 1 and not here.repeated and here.scope.free("shortcut"):
            return "shortcut"
        return here.scope.number_block("shortcut")[len(here.scope.prefix) :]

    if TYPE_CHECKING:
        # What the parts that stand on this one write, for each of them to call.

        def statements(self, body: Body, here: Here, current: Layer | None) -> Layer | None: ...

        def statement(self, statement: Statement, here: Here, current: Layer | None) -> Layer | None: ...

        def item(
            self,
            item: Item,
            here: Here,
            current: Layer | None,
            sole: str | None = None,
            label: str | None = None,
        ) -> Layer | None: ...

        def share_all(self, first: int, like: Argument, here: Here) -> str: ...

        def ghost_statement(self, statement: Statement, here: Here) -> None: ...

        def ghost(
            self, item: Item, here: Here, sole: str | None = None, label: str | None = None
        ) -> None: ...

        def ghost_shortcut(self, here: Here, label: str | None) -> None: ...

        def holds(self, node: Value, here: Here, current: Layer | None) -> bool | None: ...
