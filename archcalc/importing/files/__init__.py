"""Networks in the files of other tools: one file here per format, found by being there.

A reader writes a spec in archcalc's own language, line by line, and says from which place of the file each
line is (``SpecWriter``). So every rule, screen and message is that of a spec, and a message points into the
user's own file. A file that holds operations on tensors, and not layers, becomes a graph (``ImportedGraph``),
as a traced module does. Nothing is run, and nothing is imported from a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ...diagnostics import Diagnostic, SpecError
from ...files import read_bytes
from ...graph import Origin
from ...ops import registry
from ...ops.attributes import RESERVED, OpError, Size, Word
from ...shape import Shape
from ...source import Source, Span

if TYPE_CHECKING:
    from ...graph import Graph
    from ...keras_listing import ListedLayer, ListedModel

# What a text on standard input is called.
STDIN = "<stdin>"
# So many bytes of a file tell which format it has.
_HEAD = 1 << 16
# No axis of an input is longer.
_LARGEST_SIZE = 10**12


class GivenFile:
    """A file of another tool, or a text on standard input, as it was given.

    Args:
        name: What messages call it: its path, or ``<stdin>``.
        text: Its text, where it is no file.
    """

    def __init__(self, name: str, text: str | None = None):
        self.name = name
        self._text = text

    @property
    def path(self) -> str | None:
        """Where it lies; None for standard input."""
        return self.name if self._text is None else None

    @property
    def suffix(self) -> str:
        """The end of its name, ``.cfg``; empty for standard input."""
        return os.path.splitext(self.name)[1].lower() if self._text is None else ""

    def head(self) -> bytes:
        """Return the first bytes of it. Raises OSError."""
        return (
            read_bytes(self.name, _HEAD)
            if self._text is None
            else self._text[:_HEAD].encode("utf-8", "replace")
        )

    def source(self) -> Source:
        """Return its text. Raises SpecError where it is none, or too long."""
        from ...texts import read

        return Source(self.name, read(self.name) if self._text is None else self._text)


class Request:
    """What a caller wants of a file besides its network.

    Attributes:
        inputs: Sizes of inputs as in ``--input``: one for the only one, or by name; None where none was
            given.
        settings: Values by name, as in ``--set``: ``net`` says which of several networks. A reader takes out
            those that it uses; what is left is refused.
        layout: The order of the axes in ``inputs``: ``hwc`` or ``chw``.
    """

    __slots__ = ("inputs", "settings", "layout")

    def __init__(self, inputs: Any = None, settings: Mapping[str, Any] | None = None, layout: str = "hwc"):
        self.inputs = inputs
        self.settings = dict(settings or {})
        self.layout = layout

    def sizes(self, name: str, count: int) -> tuple[int, ...] | None:
        """Return the sizes that the caller gives for an input, in the order of a spec.

        Args:
            name: Its name in the file.
            count: How many inputs there are: of one alone the size needs no name.

        Returns:
            The sizes; None where none are given, or none that whoever reads the spec takes.
        """
        given = self.inputs
        if isinstance(given, Mapping):
            given = given.get(name, given.get(identifier(name)))
        elif count > 1:
            given = None
        if isinstance(given, str):
            given = re.findall(r"[0-9]{1,15}", given)
        elif isinstance(given, int):
            given = [given]
        if not isinstance(given, (list, tuple)) or not given:
            return None
        try:
            sizes = tuple([int(size) for size in given])
        except (TypeError, ValueError):
            return None  # whoever reads the spec refuses it
        if not 1 <= min(sizes) <= max(sizes) <= _LARGEST_SIZE or len(sizes) > 8:
            return None
        return (*sizes[1:], sizes[0]) if self.layout == "chw" else sizes


class ImportedGraph:
    """A network that was read into a graph.

    Attributes:
        graph: The graph; each layer has its ``origin``.
        diagnostics: What is to be said besides.
    """

    __slots__ = ("graph", "diagnostics")

    def __init__(self, graph: Graph, diagnostics: Iterable[Diagnostic] = ()):
        self.graph = graph
        self.diagnostics = tuple(diagnostics)


class LineOrigin(NamedTuple):
    """What a line of a spec was written from.

    Attributes:
        span: The place in the file.
        name: What the file calls the layer; empty for a line that is none of its layers.
        kind: The word that the tool has for such a layer, ``Conv2D``.
        listed: The layer as Keras lists it; None of another tool.
    """

    span: Span
    name: str = ""
    kind: str = ""
    listed: ListedLayer | None = None


class TranslatedSource(Source):
    """A spec that was written from the file of another tool.

    Attributes:
        origins: For each line of the spec what it was written from.
        keras: The layers as Keras lists them; None of another tool.
    """

    __slots__ = ("origins", "keras")

    def __init__(self, name: str, text: str, origins: Iterable[LineOrigin], keras: ListedModel | None = None):
        super().__init__(name, text)
        self.origins = tuple(origins)
        self.keras = keras

    def origin(self, span: Span) -> LineOrigin:
        """Return what a place in the spec was written from."""
        line, _ = span.position
        return self.origins[min(line, len(self.origins)) - 1]

    def layer_origin(self, span: Span) -> Origin:
        """Return where the layer of a place in the spec is from, as an imported network states it."""
        found = self.origin(span)
        return Origin(found.name, found.kind, (self.name, found.span.position[0]), listed=found.listed)


def in_file(diagnostic: Diagnostic) -> Diagnostic:
    """Return a diagnostic that points into the file that a spec was written from; one of another spec as it
    is."""
    span = diagnostic.span
    if span is None or not isinstance(span.source, TranslatedSource):
        return diagnostic
    others = [
        (other.source.origin(other).span if isinstance(other.source, TranslatedSource) else other, label)
        for other, label in diagnostic.others
    ]
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        span.source.origin(span).span,
        severity=diagnostic.severity,
        label=diagnostic.label,
        others=others,
        notes=(*diagnostic.notes, f"read as `{span.source.line(span.position[0]).strip()}`"),
        help=diagnostic.help,
    )


class WrittenLayer:
    """A layer or input that a ``SpecWriter`` has written.

    Attributes:
        label: Its label in the spec.
        output: What it puts out.
    """

    __slots__ = ("label", "output")

    def __init__(self, label: str, output: Shape):
        self.label = label
        self.output = output


class SizeOf(Size):
    """The positions of another layer as an argument of an op: the spec names the layer, ``crop @label``.

    Attributes:
        layer: The layer.
    """

    layer: WrittenLayer

    def __new__(cls, layer: WrittenLayer) -> SizeOf:
        """Take the sizes of a layer."""
        sizes = super().__new__(cls, tuple(layer.output)[:-1])
        sizes.layer = layer
        return sizes


class SpecWriter:
    """Writes the spec of one network, with the place in the file that each line is from.

    Args:
        source: The file.
        name: What the network is called; characters that a name cannot have are replaced.
        tool: What wrote the file, for its title.

    Attributes:
        notes: What is to be known besides: what was not read, each with its place.
        last: The label that was written last; a layer that reads it needs no reference.
        keras: The layers as Keras lists them, where the file is one of Keras.
        listed: The one of these that is being written.
    """

    def __init__(self, source: Source, name: str, tool: str):
        self.source = source
        self.notes: list[Diagnostic] = []
        self.last = ""
        self.keras: ListedModel | None = None
        self.listed: ListedLayer | None = None
        self._labels: set[str] = set()
        self._numbers: dict[str, int] = {}
        whole = Span(source, 0, 0)
        shown = os.path.basename(source.name).replace("\\", "/").replace('"', "'")
        title = f"a network of {tool}" if source.name == STDIN else f"{shown}, a network of {tool}"
        self._lines = [(f'net {identifier(name)} "{title}"', LineOrigin(whole))]

    def line(self, text: str, span: Span, name: str = "", kind: str = "") -> None:
        """Write a statement of the network.

        Args:
            text: The statement.
            span: Its place in the file.
            name: What the file calls the layer.
            kind: The word that the tool has for such a layer.
        """
        self._lines.append((f"  {text}", LineOrigin(span, name, kind, self.listed)))

    def free(self, name: str) -> str:
        """Return a label that is not taken yet, as like a name as can be; it is taken now."""
        plain = label = identifier(name)
        while label in self._labels:
            self._numbers[plain] = number = self._numbers.get(plain, 1) + 1
            label = f"{plain}_{number}"
        self._labels.add(label)
        return label

    def input(self, name: str, shape: Sequence[int], span: Span) -> WrittenLayer:
        """Write an input.

        Args:
            name: Its name in the file.
            shape: Its size, channels last, without the batch.
            span: Its place in the file.

        Returns:
            The input.
        """
        label = self.free(name)
        self.line(f"input {label}: {'x'.join(map(str, shape))}", span)
        self.last = self.last or label  # the first of several is read where nothing else is named
        return WrittenLayer(label, Shape(shape))

    def layer(
        self,
        name: str,
        word: str,
        inputs: Sequence[WrittenLayer],
        span: Span,
        /,
        *,
        like: WrittenLayer | None = None,
        kind: str = "",
        what: str = "",
        part: str = "",
        **attributes: Any,
    ) -> WrittenLayer:
        """Write a layer of an op.

        Args:
            name: Its name in the file.
            word: The word of the op.
            inputs: What it reads.
            span: Its place in the file.
            like: The layer whose parameters it has.
            kind: The word that the tool has for such a layer, ``Conv2D``.
            what: What a refusal calls it, where that is more than its name.
            part: What part of the layer it is, where that comes to several; empty for the layer itself.
            attributes: The arguments of the op; None for one that is not given.

        Returns:
            The layer, with what it puts out.

        Raises:
            SpecError: Where the op refuses, at the place in the file.
        """
        text, output = self._op(word, inputs, span, what or name, attributes)
        label = self.free(f"{name}_{part}" if part else name)
        arriving = inputs[:1] if len(inputs) == 1 or registry()[word].takes_arriving else ()
        text += "".join([f" @{one.label}" for one in inputs[len(arriving) :]])
        if arriving and arriving[0].label != self.last:
            text = f"@{arriving[0].label} -> {text}"
        if like is not None:
            text += f" like={like.label}"
        self.line(f"{label}: {text}", span, name, kind)
        self.last = label
        return WrittenLayer(label, output)

    def then(
        self,
        before: WrittenLayer,
        word: str,
        span: Span,
        /,
        *,
        like: WrittenLayer | None = None,
        what: str = "",
        **attributes: Any,
    ) -> WrittenLayer:
        """Write a layer of an op behind the one that was written last, in the same statement.

        Args:
            before: The layer that was written last.
            word: The word of the op.
            span: Its place in the file.
            like: The layer whose parameters it has.
            what: What a refusal calls it; the label of the statement by default.
            attributes: The arguments of the op; None for one that is not given.

        Returns:
            The label of the statement, with what the layer puts out.

        Raises:
            SpecError: Where the op refuses, at the place in the file.
        """
        text, output = self._op(word, [before], span, what or before.label, attributes)
        line, origin = self._lines[-1]
        if like is not None:
            text += f" like={like.label}"
        self._lines[-1] = f"{line} -> {text}", origin
        return WrittenLayer(before.label, output)

    def outputs(self, layers: Sequence[WrittenLayer], span: Span) -> None:
        """Write what the network puts out: the first is its output, the others are side heads."""
        heads = {one.label: one for one in layers[1:] if one.label != layers[0].label}
        for one in heads.values():
            self.line(f"out {self.free(f'{one.label}_output')}: @{one.label} -> identity", span)
        if heads or layers[0].label != self.last:
            self.line(f"@{layers[0].label}", span)

    def _op(
        self, word: str, inputs: Sequence[WrittenLayer], span: Span, what: str, attributes: Mapping[str, Any]
    ) -> tuple[str, Shape]:
        """The text of an op, and what it puts out. Raises SpecError."""
        op_class = registry()[word]
        given = {key: value for key, value in attributes.items() if value is not None}
        try:
            op = op_class(**given)
            output = op.facts(tuple([one.output for one in inputs])).output
        except OpError as error:
            raise refused(f"{what}: {error}", span, *error.help) from None
        text = op.describe([key for key in given if op.argument(key) != op_class.attributes[key].default])
        for key, value in given.items():
            # A screen has no room for a text, which the spec needs whole.
            if isinstance(value, str) and not isinstance(value, Word):
                text = text.replace(f"{key}=…", f'{key}="{value}"')
            if isinstance(value, SizeOf):
                text = text.replace(str(value), f"@{value.layer.label}", 1)
        return text, output

    def sizes_of(
        self, word: str, inputs: Sequence[WrittenLayer], span: Span, what: str, **attributes: Any
    ) -> Shape:
        """Return what an op would put out, without writing it. Raises SpecError where it refuses."""
        return self._op(word, inputs, span, what, attributes)[1]

    def note(self, message: str, span: Span, *help: str) -> None:
        """Keep something that the reader could not express, for whoever reads the figures."""
        self.notes.append(Diagnostic("file", message, span, severity="note", help=help))

    def translated(self) -> TranslatedSource:
        """Return the spec."""
        text = "".join(f"{line}\n" for line, _ in self._lines)
        return TranslatedSource(self.source.name, text, [origin for _, origin in self._lines], self.keras)


class FileFormat:
    """A format of files; a file of this folder holds one, as the class ``Format``.

    Attributes:
        tool: What the tool is called.
        suffixes: Ends of names of its files.
    """

    tool = ""
    suffixes: tuple[str, ...] = ()

    def recognises(self, head: bytes) -> bool:
        """Tell whether a file of another name, or a text without one, is such a file.

        Args:
            head: Its first bytes; what is known of a large file.
        """
        raise NotImplementedError

    def network(self, file: GivenFile, request: Request) -> SpecWriter | ImportedGraph:
        """Read the network that a file holds.

        Args:
            file: The file.
            request: What the caller wants besides.

        Returns:
            The spec, with the place that each line is from; or the graph, of a file of operations.

        Raises:
            SpecError: For what is no such file, or what the language has no word for.
        """
        raise NotImplementedError


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of the formats that there are."""
    return tuple(
        sorted(
            name.removesuffix(".py")
            for place in __path__
            for name in os.listdir(place)
            if name.endswith(".py") and not name.startswith("_")
        )
    )


@cache
def formats() -> dict[str, FileFormat]:
    """Return the formats that there are, by name."""
    return {name: import_module(f"{__name__}.{name}").Format() for name in format_names()}


def by_suffix(path: str) -> FileFormat | None:
    """Return the format of a file by the end of its name; None where there is none."""
    suffix = os.path.splitext(path)[1].lower()
    return next((known for known in formats().values() if suffix in known.suffixes), None)


def by_content(head: bytes) -> FileFormat | None:
    """Return the format of a file by its first bytes; None where it is none of another tool."""
    head = head.removeprefix(b"\xef\xbb\xbf")  # a mark that editors put before a text
    return next((known for known in formats().values() if known.recognises(head)), None)


def identifier(name: str) -> str:
    """Return a name that the language takes, as like to the one given as can be."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:200]
    if plain in RESERVED and plain != "x":
        return f"{plain}_"
    return plain if re.match(r"[A-Za-z]", plain) else f"net_{plain}".rstrip("_")


def refused(message: str, span: Span, *help: str) -> SpecError:
    """Return the error for a place in a file."""
    return SpecError([Diagnostic("file", message, span, help=help)])
