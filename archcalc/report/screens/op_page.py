"""A page of the reference: what is to be said of a layer, or of a block of the library. Said once,
here; how it looks on a terminal and in Markdown stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...analysis.receptive import FieldExtent, Fields
from ...analysis.summary import Summary
from ...graph import Graph
from ...language.definitions import BlockDefinition
from ...language.excerpt import comment_of, excerpt
from ...ops.attributes import Attribute, show
from ...ops.base import Op
from ...ops.facts import OperationCounts
from ...shape import Shape
from ..words import count, field_size, volume
from .op_rules import NO_RULE, STORAGES, NamedFormulas, Sample, format_window

# Headings in the order of the reference.
GROUPS = (
    "convolution",
    "pooling",
    "regions",
    "enlarging",
    "fully connected",
    "normalisation",
    "bias and scale",
    "activation",
    "merge",
    "rearrangement",
    "sequence",
)
BLOCKS = "blocks"


def place_of(group: str) -> int:
    """Where a group stands in the reference; one that is new stands last."""
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


class ReferenceArgument(NamedTuple):
    """An argument of a layer or block, as the reference shows it: nothing but its default, of
    a block's."""

    name: str
    default: str
    type: str = ""
    letter: str = ""
    help: str = ""


class ReferencePage:
    """A page.

    summary, doc   the first line of its docstring, and the paragraphs behind
    signature      how it is written
    facts          word and lines: one entry a rule
    example        a one-liner, or lines of a spec
    result         what comes out of it, worked out
    text           a block's own text
    """

    def __init__(
        self,
        name: str,
        group: str,
        doc: str,
        signature: str,
        arguments: Sequence[ReferenceArgument],
        facts: Sequence[tuple[str, Sequence[str]]],
        example: str,
        result: Sequence[str],
        text: str = "",
    ):
        paragraphs = [" ".join(part.split()) for part in doc.split("\n\n")]
        self.name = name
        self.group = group
        self.summary, *self.doc = paragraphs
        self.signature = signature
        self.arguments = arguments
        self.facts = [(word, [line for line in lines if line]) for word, lines in facts]
        self.facts = [(word, lines) for word, lines in self.facts if lines]
        self.example = example
        self.result = result
        self.text = text


# Layers -----------------------------------------------------------------------------------------


def op_page(op: type[Op], graph: Graph | None) -> ReferencePage:
    """The page of an op; ``graph`` is its example's network, None where it has none."""
    sample = Sample.of(op, graph)
    facts: list[tuple[str, Sequence[str]]] = [("shapes", [op.shapes])]
    if sample is not None:
        facts += [
            ("output", _lines(sample.with_options(sample.format_output, paddings=True))),
            ("parameters", _lines(sample.with_options(sample.format_tensors)) or ["none"]),
            ("window", _lines(sample.with_options(format_window))),
        ]
    macs = "; its mul_add are MACs" if op.matrix_product else ""
    facts.append(("counts", [op.format_counting() + macs]))
    if sample is not None:
        facts.append(("storage", [STORAGES[op.storage]]))
    saved = _format_saved(op, sample)
    facts.append(("backward", [saved if saved.startswith(NO_RULE) else f"keeps {saved}"]))
    facts += [("source", [op.source]), ("elsewhere", [", ".join((*op.synonyms, *op.elsewhere))])]
    return ReferencePage(
        op.name,
        op.group,
        op.documentation() or op.name,
        signature(op),
        [_argument(op, name) for name in _order(op)],
        facts,
        op.example,
        _results(op, graph) if graph is not None else [],
    )


def _format_saved(op: type[Op], sample: Sample | None) -> str:
    if sample is not None:
        return sample.with_options(sample.format_saved_rule)[""]
    return "what the layers keep that it stands for" if op.expanded else NO_RULE


def _lines(formulas: NamedFormulas) -> list[str]:
    return [f"{name} {text}".strip() for name, text in formulas.items()]


def _order(op: type[Op]) -> list[str]:
    """Attributes as the signature has them."""
    shown = [name for name, attribute in op.attributes.items() if not attribute.rare]
    return [*op.positional, *(name for name in shown if name not in op.positional)]


def _argument(op: type[Op], name: str) -> ReferenceArgument:
    attribute = op.attributes[name]
    default = "required" if attribute.required else default_of(attribute)
    help = attribute.help
    if not all(word in help for word in attribute.words):
        help += f": {', '.join(attribute.words)}"
    return ReferenceArgument(name, default, attribute.short, attribute.symbol, help)


def signature(op: type[Op]) -> str:
    """How it is written: ``conv KERNEL FILTERS stride=1 pad=0 …``."""
    words = [op.name]
    for name in _order(op):
        given = name.upper() if name in op.positional else None
        words.append(given or f"{name}={default_of(op.attributes[name])}")
    return " ".join(words)


def default_of(attribute: Attribute) -> str:
    """The default as a spec writes it; ``…`` where there is none."""
    if attribute.default is None:
        return "…"
    # A word is written without quotes.
    return str(attribute.default) if attribute.words else show(attribute.default)


def summary_of_op(op: type[Op]) -> str:
    """The op in one line."""
    return op.documentation().partition("\n")[0]


def _results(op: type[Op], graph: Graph) -> list[str]:
    """The figures of the example's layers of this op: of all its layers, where the op leaves none."""
    fields = Fields(graph)
    found = []
    for layer in [layer for layer in graph.layers if type(layer.op) is op] or graph.layers:
        facts = layer.facts
        come_to = _come_to(layer.output, facts.params, facts.macs, fields.main(layer))
        tensors = [f"{t.name} {'x'.join(map(str, t.shape))}" for t in facts.tensors or ()]
        found += [f"{layer.name}: {come_to}", ", ".join(tensors), _operations(facts.operations)]
        torch_code = layer.op.torch_code(*[at.output for at in layer.inputs])
        found.append(f"PyTorch: {torch_code.module or torch_code.apply}" if torch_code is not None else "")
    return [line for line in found if line]


def _come_to(output: Shape, params: int | None, macs: int | None, seen: FieldExtent | None) -> str:
    field = field_size(seen)
    return f"{volume(output)}, {count(params)} parameters, {count(macs)} MACs" + (
        f", receptive field {field}" if field else ""
    )


def _operations(operations: OperationCounts | None) -> str:
    if operations is None:
        return "operations: no rule"
    counts = {name: value for name, value in operations.to_dict().items() if value}
    return "operations: " + (", ".join(f"{n} {v:,}" for n, v in counts.items()) or "none")


# Blocks -----------------------------------------------------------------------------------------


def block_page(block: BlockDefinition, load: Callable[[str], Graph]) -> ReferencePage:
    """The page of a block of the library; ``load`` gives the network of its example."""
    assert block.file is not None
    comment = comment_of(block.file, block)
    source = block.file.source
    lines = [source.line(number) for number in excerpt(block.file, block)]
    lines = [line for line in lines if not line.startswith("#")]  # that is the page
    arguments = [
        ReferenceArgument(p.name, "required" if p.default is None else p.default.span.text)
        for p in block.parameters
    ]
    return ReferencePage(
        block.name,
        BLOCKS,
        comment.text,
        " ".join(
            [block.name] + [a.name if a.default == "required" else f"{a.name}={a.default}" for a in arguments]
        ),
        arguments,
        [("source", [comment.source.rstrip(".")])],
        comment.example,
        _totals(load(comment.example)) if comment.example else [],
        "\n".join(lines).strip(),
    )


def _totals(graph: Graph) -> list[str]:
    """The figures of a block's example."""
    summary = Summary(graph)
    seen = summary.fields.main(graph.output)
    return [_come_to(graph.output.output, summary.counts.params, summary.counts.macs, seen)]
