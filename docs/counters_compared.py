"""Writes docs/counters_compared.md from the profiles: ``python docs/counters_compared.py`` (``--check``
compares)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from generated import write_or_compare

from archcalc import Network, load
from archcalc.counters import Counted, CountedLayer, Profile, count, profile, profiles
from archcalc.counters.modules import as_module

PATH = Path(__file__).parent / "counters_compared.md"

# By the head of a column, what is counted.
NETWORKS = {
    "ResNet-50": "resnet50",
    "ViT-B/16": "vit_b_16",
    "ConvNeXt-T": "convnext_tiny",
    "MobileNetV3-L": "mobilenet_v3_large",
    "LSTM": "20x64 -> lstm 32 biases=two",
    "transposed": "8x8x16 -> tconv 4x4 8 stride=2 pad=1",
}
UNITS = ("MACs", "FLOPs")

HEAD = """\
# What the counters count

The same network has many numbers of operations, for each tool counts something else, and most count
some layers wrong. This page sets the counters side by side, each as it prints, to the unit. `python
docs/counters_compared.py` writes it from the profiles in `archcalc/counters/profiles/`; `python -m
benchmarks.counters` runs the real tools beside them.

```sh
archcalc explain resnet50 macs --tools        # this comparison, for a network of yours
archcalc reconcile resnet50 4.11G 8.2G        # which of them printed a figure that you have
archcalc summary resnet50 --counter fvcore    # the whole table as one of them counts
```

## Side by side

Batch 1, evaluation mode, on a CPU. The networks are those of the zoo, with their activations, global
pools and attention written as modules of PyTorch, as torchvision writes most of them. `LSTM` is
`{LSTM}`, `transposed` is
`{transposed}`. A figure with `*` holds a fault of the tool, which is named below;
one with `†` leaves out a layer that multiplies and that the tool does not know.
"""
USE = """\
## Which to use when

"""
USES = (
    (
        "a table beside other papers",
        "`archcalc`, `flopcounter-meta`, `deepspeed-macs`",
        "MACs of convolutions and matrix products: what torchvision publishes, however the code is written",
    ),
    (
        "figures beside those that fvcore printed",
        "`fvcore`",
        "norms are in it, the products of attention are not: say so",
    ),
    (
        "figures beside those of mmclassification or mmdetection",
        "`mmcv`",
        "it prints MACs with norms and activations, and calls them FLOPs",
    ),
    (
        "transposed convolutions",
        "any but `thop`, `torchinfo`, `torchscan`",
        "those take the positions of the output",
    ),
    ("linear layers over a sequence", "any but `torchinfo`", "that takes one position"),
    (
        "attention",
        "`flopcounter-meta`, `deepspeed`",
        "others leave out its products, or all of it where PyTorch's module computes it",
    ),
    (
        "recurrent layers",
        "`flopcounter-meta`, `deepspeed`, `ptflops`",
        "`fvcore`, `torchscan`, and FlopCounterMode on a CPU, count an LSTM as 0",
    ),
)
# Of 40 networks of torchvision and 20 of timm, those of which a profile counts in the traced module what its
# tool prints, to the unit: measured by `python -m benchmarks.counters --kept`.
EQUAL: dict[str, tuple[int, int]] = {
    "fvcore": (58, 60),
    "ptflops": (58, 60),
    "ptflops-aten": (58, 60),
    "thop": (58, 60),
    "torchinfo": (58, 60),
    "torchscan": (57, 59),
    "torchscan-macs": (57, 59),
    "deepspeed": (58, 60),
    "deepspeed-macs": (58, 60),
    "calflops": (58, 60),
    "calflops-macs": (58, 60),
    "flopcounter": (57, 59),
}
MEASURED = """\
## Beside the real tools

`benchmarks/counters.json` keeps what the tools print of 40 networks of torchvision and 20 of timm. `python -m
benchmarks.counters --kept` compares the profiles with that on the traced modules, to the unit; without
`--kept` it runs the tools again. {equal} of {of} figures are equal:

"""
UNEQUAL = """\
All that differ are of `swin_v2_t` and `edgenext_xx_small`, and all for one reason. These networks run modules
on tensors that depend on no input: the small network that makes the position biases of Swin V2 out of a table
of distances, and the convolution over the sines and cosines of EdgeNeXt. Their results are the same for every
picture. A graph of layers begins at the input and does not have them; the tools count every module that
runs. What they count of these stands in no profile:

| network | MACs that no input reaches |
| --- | --: |
| `swin_v2_t` | 18,662,400 |
| `edgenext_xx_small` | 3,145,728 |

What else of the code decides a tool's figure is recorded where a module is traced: whether `a @ b`,
`a.matmul(b)`, `torch.matmul` or `torch.einsum` is written, whether a softmax is `F.softmax` or a method,
which class is around a layer, whether a view lies in memory in its order, and what stands on the first axis.
One thing is not: ptflops and calflops lay the sizes of the two factors of `torch.mul(a, b)` side by side from
the first axis, where PyTorch does so from the last. Where the second has fewer axes they count too much.

"""
QUOTE = """\
## How to quote a figure

Six things decide a figure: the variant of the network, the size of its input, whether a multiply-add is
one operation or two, which layers are counted, who counted, and how it was rounded. A sentence that holds
them needs no question:

> NETWORK, VARIANT, CLASSES, takes NUMBER MACs (or FLOPs, two for each MAC) for one input of SIZE, counting
> KINDS OF OPERATIONS, as counted by TOOL VERSION.

"""


def counted(by: Profile, target: str) -> Counted:
    """What a profile counts of a network whose layers are modules where they may be."""
    graph = load(target).graph
    writing = {layer.op.name: form for layer in graph.main() if (form := as_module(layer)) is not None}
    return count(by, graph, writing=writing)


def multiplies(target: str, names: Sequence[str]) -> bool:
    """Whether one of some layers of a network has MACs."""
    return any(layer.facts.macs for layer in load(target).graph.main() if layer.name in names)


def faults(by: Profile, layers: Sequence[CountedLayer]) -> list[str]:
    """The faults by which a profile counts these layers."""
    return list(dict.fromkeys([term.fault for layer in layers for term in layer.terms if term.fault]))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: bool) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(heads)} |\n"
    yield f"| --- |{(' --: |' if numbers else ' --- |') * (len(heads) - 1)}\n"
    for row in rows:
        yield f"| {' | '.join([cell.replace('|', chr(92) + '|') for cell in row])} |\n"
    yield "\n"


def quoted(network: Network, figure: int, unit: str, kinds: str, tool: str) -> str:
    """A figure in a sentence that needs no question."""
    metadata = network.graph.metadata
    size = "x".join([str(size) for size in network.graph.inputs[0].output])
    return (
        f"> {metadata.title}, {metadata.parameters['classes']} classes, takes {figure:,} {unit} for one "
        f"input of {size}, counting {kinds}, as counted by {tool}.\n\n"
    )


def page() -> Iterator[str]:
    """The page in pieces."""
    yield HEAD.format_map(NETWORKS) + "\n"
    met: dict[str, list[str]] = {}
    rows: dict[str, list[list[str]]] = {unit: [] for unit in UNITS}
    for unit in UNITS:
        plain = [load(target).summary().totals[unit.lower()] for target in NETWORKS.values()]
        rows[unit].append(["**archcalc**", *[f"{number:,}" for number in plain]])
    for name in profiles():
        by = profile(name)
        cells = []
        for target in NETWORKS.values():
            found = counted(by, target)
            wrong = faults(by, found.layers)
            met[name] = list(dict.fromkeys([*met.get(name, []), *wrong]))
            marks = "*" * bool(wrong) + "†" * multiplies(target, found.uncounted)
            cells.append(f"{found.figure:,}{marks}")
        rows[by.unit].append([f"`{name}`", *cells])
    for unit in UNITS:
        yield f"### {unit}\n\n"
        yield from table(["counter", *NETWORKS], rows[unit], True)
    yield "## What each counts\n\n"
    described = []
    for name in profiles():
        by = profile(name)
        described.append([f"`{name}`", f"{by.tool} {by.version}".strip(), f"{by.prints}", by.title])
    yield from table(["counter", "tool", "prints", "what it counts"], described, False)
    yield "## Whose figure is at fault\n\n"
    yield "Of the figures above, these hold more or less than the tool means to count:\n\n"
    for name, wrong in met.items():
        by = profile(name)
        if wrong:
            yield f"- `{name}`: {'; '.join([by.faults[fault] for fault in wrong])}\n"
    yield "\n`--without-faults` counts by the tool's rule alone.\n\n"
    yield USE
    yield from table(["for", "use", "because"], USES, False)
    equal, of = [sum(column) for column in zip(*EQUAL.values(), strict=True)]
    yield MEASURED.format(equal=equal, of=of)
    shares = [[f"`{name}`", f"{its[0]} of {its[1]}"] for name, its in EQUAL.items()]
    yield from table(["counter", "equal"], shares, True)
    yield UNEQUAL
    yield QUOTE
    resnet = load("resnet50")
    macs = resnet.summary().totals["macs"]
    kinds = "the multiply-adds of convolutions and fully connected layers without biases"
    yield quoted(resnet, macs, "MACs", kinds, "archcalc")
    by = profile("fvcore")
    figure = counted(by, "resnet50").figure
    yield quoted(resnet, figure, "MACs", by.title, f"{by.tool} {by.version}, which calls them flops")


if __name__ == "__main__":
    sys.exit(write_or_compare({PATH: "".join(page())}))
