"""Writes docs/counters.md from the profiles of ``archcalc/counters/profiles``.

``python docs/counters.py`` writes the file; with ``--check`` it only says whether it is that of today.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from generated import write_or_compare

from archcalc.counters import profile, profiles
from archcalc.counters.conditions import FORM_KEYS, SETTINGS
from archcalc.counters.formulas import NAMES

PATH = Path(__file__).parent / "counters.md"
HEAD = """\
# How other tools count

Two tools print different FLOPs of one network: one counts a multiply-add as one operation and another as
two, one counts biases, norms, activations or pools, and some have faults. `--counter NAME` gives the figures
of another tool beside archcalc's own, to the unit as the tool prints them:

```sh
archcalc summary resnet50 --counter fvcore          # a column, a total, and what is counted
archcalc explain resnet50 macs --counter ptflops    # term by term, with the tool's faults by name
archcalc compare resnet18 resnet50 --counter thop
archcalc check resnet50 macs=4.11G --counter fvcore
archcalc solve "32x32x3 -> conv 3x3 ? -> relu" --where "counter <= 300K" --counter macs-bias
archcalc draw lenet5 --counter fvcore
```

`--without-faults` counts what the tool means to count. In Python it is
`archcalc.load("resnet50").count("fvcore")`, which gives the figure and each layer's terms, and
`.counted_by("fvcore")`, whose summaries and explanations have the quantity `counter`. Figures of a batch are
those of one element, times the batch.

Tools look at the code: some see modules alone, others functions too. Of a spec that code is what `archcalc
export` writes; of a module, `archcalc summary torchvision.models:resnet50 --counter ptflops`, it is what ran.

## The counters that come with archcalc

| name | tool | version | unit | what it counts |
|---|---|---|---|---|
"""
OWN = """
## A profile of one's own

A profile is a TOML file; `--counter mine.toml` reads it.

```toml
title = "MACs with biases, and one operation per value of a ReLU"
unit = "MACs"
source = "our lecture"

[faults]
pools = "pools are forgotten"

[[rules]]
ops = ["conv", "dwconv", "fc", "linear"]
terms = { multiply-adds = "macs", biases = "bias_adds" }

[[rules]]
ops = ["relu"]
unless = { written = "function" }
terms = { activations = "values_out" }

[[rules]]
ops = ["maxpool", "avgpool"]
terms = { pooling = "values_out * kernel" }
faults = [{ fault = "pools", amount = "-values_out * kernel" }]
```

Of the rules that name an op, the first whose conditions hold counts; `ops = "*"` is of all. An op without a
rule counts nothing. `base = "fvcore"` puts the rules of that profile behind one's own. A formula has
`+ - * / ^`, brackets, `floor` and `ceil`, and must come to a whole number. Its names are

"""


def document() -> Iterator[str]:
    """The page in pieces."""
    yield HEAD
    read = [profile(name) for name in profiles()]
    for its in read:
        yield f"| `{its.name}` | {its.tool} | {its.version or '–'} | {its.unit} | {its.title} |\n"
    yield "\n## Their faults\n\n`--without-faults` leaves these out.\n\n"
    for its in read:
        if its.faults:
            yield f"- `{its.name}`: {'; '.join(its.faults.values())}\n"
    yield OWN
    for name, known in NAMES.items():
        yield f"- `{name}`: {known.means}\n"
    yield "\nand the attributes of the layer that are numbers, as `units`, `groups` or `heads`; "
    yield "yes is 1, no is 0.\n"
    yield "\nConditions, `when` and `unless`, ask for attributes of the layer "
    yield '(`mode = "nearest"`, `bias = true`), for\n'
    yield f"settings of the module ({', '.join([f'`{name}`' for name in SETTINGS])}), and for\n\n"
    for key, means in FORM_KEYS.items():
        yield f"- `{key}`: {means}\n"
    yield "\nA list is any of its values, and `*` in a text stands for any letters.\n"


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({PATH: "".join(document())})


if __name__ == "__main__":
    sys.exit(main())
