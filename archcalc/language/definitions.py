"""The syntax tree of whole files: their blocks and networks."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..source import Source, Span
from .syntax import Body, Node, Value


class BlockParameter(Node):
    """A parameter of a block or a network, with its default."""

    __slots__ = ("name", "default")

    def __init__(self, span: Span, name: str, default: Value | None):
        super().__init__(span)
        self.name = name
        self.default = default


class Definition(Node):
    """What blocks and networks have in common. ``span`` is that of the name."""

    __slots__ = ("name", "parameters", "body", "file")

    def __init__(self, span: Span, name: str, parameters: tuple[BlockParameter, ...], body: Body):
        super().__init__(span)
        self.name = name
        self.parameters = parameters
        self.body = body
        self.file: File | None = None


class BlockDefinition(Definition):
    """``block name parameters | inputs``."""

    __slots__ = ("inputs",)

    def __init__(
        self,
        span: Span,
        name: str,
        parameters: tuple[BlockParameter, ...],
        inputs: tuple[str, ...],
        body: Body,
    ):
        super().__init__(span, name, parameters, body)
        self.inputs = inputs


class InputHead(Node):
    """``input 224x224x3`` or ``input words: 20``."""

    __slots__ = ("name", "sizes")

    def __init__(self, span: Span, name: str, sizes: tuple[int, ...]):
        super().__init__(span)
        self.name = name
        self.sizes = sizes


class ReportHead(Node):
    """``report params 138M "Table 2"``."""

    __slots__ = ("quantity", "of", "of_span", "printed", "source", "conventions", "wrong", "counter")

    def __init__(
        self,
        span: Span,
        quantity: str,
        of: str | None,
        of_span: Span | None,
        printed: str,
        source: str | None,
        conventions: tuple[str, ...],
        wrong: str | None,
        counter: str | None,
    ):
        super().__init__(span)
        self.quantity = quantity
        self.of = of
        self.of_span = of_span
        self.printed = printed
        self.source = source
        self.conventions = conventions
        self.wrong = wrong
        self.counter = counter


class Net(Definition):
    """``net name "title" parameters`` with its head lines."""

    __slots__ = ("title", "inputs", "papers", "notes", "family", "year", "reports")

    def __init__(
        self,
        span: Span,
        name: str,
        parameters: tuple[BlockParameter, ...],
        title: str | None,
        inputs: tuple[InputHead, ...],
        body: Body,
    ):
        super().__init__(span, name, parameters, body)
        self.title = title
        self.inputs = inputs
        self.papers: list[str] = []
        self.notes: list[str] = []
        self.family: str | None = None
        self.year: int | None = None
        self.reports: list[ReportHead] = []


class File:
    """The definitions of a file. ``remarks`` are the notes that came up while it was parsed."""

    __slots__ = ("source", "blocks", "nets", "remarks")

    def __init__(self, source: Source):
        self.source = source
        self.blocks: dict[str, BlockDefinition] = {}
        self.nets: dict[str, Net] = {}
        self.remarks: list[Diagnostic] = []
