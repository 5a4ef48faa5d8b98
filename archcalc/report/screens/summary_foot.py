"""The foot of a summary, below its table: facts of the whole, and the conventions behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from math import prod

from ...analysis.summary import Summary
from ..lines import Line, clean
from ..published import figure_lines, telling
from ..sheet import UNBROKEN, Space
from ..words import counted_besides, macs_of, marks_explained, unit_for
from .memory_foot import fits_lines, memory_lines, training_lines

# The most layers without a rule that are named.
MOST_NAMES = 12

# How a module was run, in words.
_RUNGS = {
    "meta": "run once without values",
    "gradients": "run once without values, with gradients",
    "cpu": "run once in memory",
}
# A quantity without a rule, in words.
_UNCOUNTED = {
    "params": "parameters",
    "macs": "operations",
    "backward": "operations backward",
    "rf": "receptive field",
    "saved": "kept bytes",
}


def facts(
    summary: Summary,
    space: Space,
    verbose: bool,
    memory: bool,
    breakdown: bool = True,
    exact: Sequence[str] = (),
) -> Iterator[tuple[str, Line]]:
    """Facts about the whole, each behind a word; a line without one goes on with the fact before.

    memory  those of memory too, if asked for
    breakdown  what training holds too, if asked for
    exact   totals that do not fit into the table
    """
    training = summary.optimizer is not None
    for word, lines in (
        ("total", [[(text, "sum")] for text in space.wrapped(exact, space.width)]),
        ("counter", [line for text in _counter(summary) for line in _sentence(text, space)]),
        ("memory", memory_lines(summary, space, verbose) if memory else ()),
        ("training", training_lines(summary, space) if breakdown else ()),
        ("fits", fits_lines(summary, space)),
        ("buffers", _sentence(_buffers(summary), space)),
        ("frozen", _sentence(_frozen(summary), space)),
        ("unused", _sentence(_unused(summary, verbose), space)),
        ("heads", [[(text, "")] for text in space.wrapped(_heads(summary), space.width)]),
        ("published", _published(summary, space, verbose)),
        ("uncounted", _uncounted(summary, space, training or (memory and verbose), verbose)),
        (_how(summary), [line for text in _traced(summary) for line in _sentence(text, space)]),
    ):
        for number, line in enumerate(lines):
            yield word if number == 0 else "", line


def _sentence(text: str, space: Space) -> list[Line]:
    return [[(part, "")] for part in space.broken(text, space.width)] if text else []


def _counter(summary: Summary) -> Iterator[str]:
    """How another tool counts the layers, where one is asked for."""
    figures, counter = summary.counter_figures, summary.graph.counter
    if figures is not None and counter is not None:
        for sentence in counter.sentences(figures.values()):
            yield clean(sentence)


def _buffers(summary: Summary) -> str:
    counts = summary.counts
    if not counts.buffers:
        return ""
    norms = all(layer.op.is_norm for layer in summary.layers if layer.facts.buffers)
    what = "batch-norm statistics" if norms else "values stored but not learned"
    both = counts.params + counts.buffers
    return f"{counts.buffers:,} {what} · with them, as Keras counts, {both:,}"


def _frozen(summary: Summary) -> str:
    counts = summary.counts
    held = counts.params - counts.trainable
    return f"{held:,} parameters are held fixed · trainable {counts.trainable:,}" if held else ""


def _unused(summary: Summary, verbose: bool) -> str:
    """Learned tensors of a module that no output needs: they are not in the table."""
    traced = summary.graph.metadata.traced
    if traced is None or not traced.unused:
        return ""
    names = [clean(name) for name, _ in traced.unused]
    more = len(names) - MOST_NAMES
    if more > 0 and not verbose:
        names = [*names[:MOST_NAMES], f"and {more} more with -v"]
    values = sum([prod(sizes) for _, sizes in traced.unused])
    return f"{values:,} parameters that no output needs, not in the table · {', '.join(names)}"


def _how(summary: Summary) -> str:
    """What the foot calls the way a module came: traced, or read from a file."""
    traced = summary.graph.metadata.traced
    return "read from" if traced is not None and traced.rung == "file" else "traced"


def _traced(summary: Summary) -> Iterator[str]:
    """How a module was run, and what was not seen of it."""
    traced = summary.graph.metadata.traced
    if traced is None:
        return
    mode = "training mode" if traced.training else "eval mode"
    if traced.rung == "file":
        parts = [os.path.basename(traced.target), traced.why, "nothing was run"]
        yield " · ".join([clean(part) for part in parts if part])
    else:
        yield f"{mode} · {_RUNGS[traced.rung]}{': ' if traced.why else ''}{clean(traced.why)}"
    for note in traced.notes:
        yield clean(note)


def _heads(summary: Summary) -> list[str]:
    parts = [
        # Outputs that a module returns side by side have no names but their numbers, from 0.
        f"{f'output {name}:' if name[:1].isdigit() else clean(name)} "
        f"{extra['params']:,} parameters, {extra['macs']:,} MACs"
        for name, extra in summary.outputs.items()
        if name != "main"
    ]
    if parts and not summary.with_heads:
        parts.append("not in the table: --with-heads adds them")
    return parts


def _published(summary: Summary, space: Space, verbose: bool) -> list[Line]:
    shown = summary.published_figures if verbose else telling(summary.published_figures)
    lines = [line for figure in shown for line in figure_lines(figure, space)]
    rest = len(summary.published_figures) - len(shown)
    if rest:
        # Under nothing there is no more.
        figures = "figures" if rest > 1 else "figure"
        lines.append([(f"{rest} more with -v" if shown else f"{rest} {figures} with -v", "aside")])
    return lines


def _uncounted(summary: Summary, space: Space, saved: bool, verbose: bool) -> list[Line]:
    layers: dict[str, list[str]] = {}
    for record in summary.missing(saved):
        layers.setdefault(record["quantity"], []).append(clean(record["layer"]))
    texts = []
    for quantity, names in layers.items():
        more = len(names) - MOST_NAMES
        if more > 0 and not verbose:
            names = [*names[:MOST_NAMES], f"and {more} more with -v"]
        long = summary.fields.too_long if quantity == "rf" else []
        if long and not any(layer.facts.windows is None for layer in summary.layers):
            texts.append(
                f"the windows of {clean(long[0].name)} differ from unit to unit, and repeat too late to be "
                f"followed: the receptive field is not known of {', '.join(names)}"
            )
            continue
        texts.append(f"no rule for the {_UNCOUNTED[quantity]} of {', '.join(names)}")
    blocked = summary.memory.training.blocked if saved else []
    if blocked:
        names = [clean(layer.name) for layer in blocked]
        texts.append(
            f"no gradient goes back through {', '.join(names)}: training has other outputs, and "
            "what they keep is not counted"
        )
    lines: list[Line] = []
    for text in texts:
        lines += space.of(space.width or UNBROKEN).hanging([("? ", "warn")], text, 2)
    return lines


def conventions(summary: Summary, shown: set[str], fields: list[str], memory: bool) -> list[str]:
    """The conventions behind what is on this screen, and nothing else.

    shown   the columns that are there; ``fields`` are the cells of the receptive field's
    memory  facts about memory are there
    """
    parts = []
    if "macs" in shown:
        parts.append(macs_of(counted_besides(summary.layers), summary.batch))
    if any(layer.facts.misfits for layer in summary.layers):
        parts.append("sizes floored")
    if memory or "memory" in shown:
        unit = unit_for(summary.scaled(summary.memory.activations))
        what = f"outputs in {unit}, " if "memory" in shown else ""
        parts.append(f"memory: {what}{summary.dtype}, batch {summary.batch:,}")
    if "rf" in shown:
        images = all(len(source.output) == 3 for source in summary.graph.inputs)
        where = " in the first input seen" if len(summary.graph.inputs) > 1 else ""
        unit = "pixels" if images else "positions"
        parts.append(f"RF: receptive field{where}, in {unit}")
        parts += marks_explained(fields)
    if "what" in shown and any(layer.shared for layer in summary.layers):
        parts.append("like=: the parameters of that layer, counted there")
    if "output" in shown and summary.layout == "chw":
        parts.append("shapes channels first")
    graph = summary.graph
    if graph.changed and graph.metadata.title is not None:
        parts.append("not the network as declared: published figures left out")
    return parts
