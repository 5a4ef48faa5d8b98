"""``python -m benchmarks.counters``: the real tools on 40 networks of torchvision and 20 of timm, and
archcalc's profiles of the tools beside them: of the traced module, and of the spec where the zoo has the
network, its code written in one of the ways that `archcalc reconcile` tries. The share that is equal is
printed for each tool, then each difference.

The tools' figures are kept in benchmarks/counters.json: a measurement, with the versions of the tools. A
network that is kept with the same versions is not run again; ``--kept`` runs no tool at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from . import real_counters

KEPT = Path(__file__).parent / "counters.json"

TORCHVISION = (
    *("alexnet", "convnext_small", "convnext_tiny", "densenet121", "densenet161", "densenet169"),
    *("densenet201", "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3"),
    *("efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5", "mnasnet1_0"),
    *("mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_400mf"),
    *("regnet_y_400mf", "regnet_y_800mf"),
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnext50_32x4d", "shufflenet_v2_x0_5"),
    *("shufflenet_v2_x1_0", "squeezenet1_0", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn"),
    *("vgg16", "vit_b_16", "vit_b_32", "wide_resnet50_2"),
)
TIMM = (
    *("convnext_atto", "deit_tiny_patch16_224", "edgenext_xx_small", "fbnetc_100", "ghostnet_100"),
    *("lcnet_050", "levit_128s", "mixer_s16_224", "mobilenetv3_small_050", "mobilenetv4_conv_small"),
    *("mobilevit_xxs", "pit_ti_224", "poolformer_s12", "regnetx_002", "repvgg_a0", "resmlp_12_224"),
    *("resnet26d", "rexnet_100", "skresnet18", "tf_efficientnet_lite0"),
)
# The networks of the zoo that torchvision calls otherwise.
IN_THE_ZOO = {
    "alexnet": "alexnet_torchvision",
    "googlenet": "googlenet_torchvision",
    "mnasnet1_0": "mnasnet",
    "resnext50_32x4d": "resnext50",
    "shufflenet_v2_x1_0": "shufflenet_v2",
}
Results = dict[str, dict[str, int | str]]


class Comparison(NamedTuple):
    """A figure of a tool beside that of its profile; as text why there is none."""

    network: str
    way: str
    tool: str
    printed: int
    counted: int | str

    @property
    def equal(self) -> bool:
        """Whether both are the same, to the unit."""
        return self.printed == self.counted


def asked(only: list[str]) -> list[tuple[str, str]]:
    """The corpus and the name of each network, or of those that are named."""
    every = [*[("torchvision", name) for name in TORCHVISION], *[("timm", name) for name in TIMM]]
    return [(corpus, name) for corpus, name in every if not only or name in only]


def kept(versions: dict[str, str] | None) -> Results:
    """The figures that are kept; with versions, those that were measured with the same ones alone."""
    if not KEPT.exists():
        return {}
    found = json.loads(KEPT.read_text(encoding="utf-8"))
    return found["networks"] if versions in (None, found["versions"]) else {}


def keep(results: Results, versions: dict[str, str]) -> None:
    """Write what was measured, a line for each network."""
    lines = [f"  {json.dumps(name)}: {json.dumps(results[name])}" for name in sorted(results)]
    head = f'{{"versions": {json.dumps(versions)},\n"networks": {{\n'
    KEPT.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


# ---- what the profiles count


def counted(network: Any, printed: dict[str, int], written: bool) -> dict[str, int | str]:
    """The figures of a network by profiles; as text why a profile has none.

    Args:
        network: The network.
        printed: What the tools print, by the names of their profiles.
        written: Whether its code may be written in any of the ways that `archcalc reconcile` tries: then the
            nearest figure is given. Of a traced module the code is known.
    """
    from archcalc.counters import count_layer, profile
    from archcalc.counters.counting import written_forms
    from archcalc.reconciling.writings import writings_of

    graph = network.graph
    layers = graph.main()
    forms = [written_forms(graph, layers)]
    if written:
        forms = [dict([*one.forms.items(), *one.added]) for one in writings_of(graph, forms[0])]
    found: dict[str, int | str] = {}
    for name, figure in printed.items():
        by = profile(name)
        try:
            figures = [sum([count_layer(by, *one).figure for one in ways.items()]) for ways in forms]
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
            continue
        found[name] = min(figures, key=lambda one: abs(one - figure))
    return found


def profiled(corpus: str, name: str, printed: dict[str, int]) -> dict[str, dict[str, int | str]]:
    """The figures by profiles, of the traced module and, where the zoo has it, of the spec."""
    from archcalc import load, trace
    from archcalc.language.library import Library

    from .corpora import of_timm, of_torchvision

    def traced() -> dict[str, int | str]:
        model = (of_torchvision if corpus == "torchvision" else of_timm)(name)
        module = model.build().eval()
        return counted(trace(module, *model.inputs(module)[0]), printed, False)

    library = Library()
    library.read_zoo()
    found = {"traced": real_counters.apart(traced)}
    spec = IN_THE_ZOO.get(name, name)
    if corpus == "torchvision" and spec in library.zoo:
        found["spec"] = real_counters.apart(lambda: counted(load(spec, library=library), printed, True))
    return {
        way: dict.fromkeys(printed, result) if isinstance(result, str) else result
        for way, result in found.items()
    }


def compared(corpus: str, name: str, printed: dict[str, int | str]) -> Iterator[Comparison]:
    """Each figure that a tool prints of a network beside its profile's."""
    from archcalc.counters import profiles

    known = {tool: n for tool, n in printed.items() if tool in profiles() and isinstance(n, int)}
    for way, found in profiled(corpus, name, known).items():
        for tool, figure in known.items():
            yield Comparison(f"{corpus} {name}", way, tool, figure, found[tool])


# ---- the report


def report(comparisons: list[Comparison]) -> Iterator[str]:
    """The shares that are equal, then each difference."""
    tools = list(dict.fromkeys([each.tool for each in comparisons]))
    ways = list(dict.fromkeys([each.way for each in comparisons]))
    yield f"{'equal to the unit':20}" + "".join([f"{way:>16}" for way in ways])
    for tool in [*tools, ""]:
        cells = []
        for way in ways:
            of = [each for each in comparisons if each.way == way and tool in ("", each.tool)]
            cells.append(f"{sum([each.equal for each in of])} of {len(of)}")
        yield f"{tool or 'all':20}" + "".join([f"{cell:>16}" for cell in cells])
    for each in comparisons:
        if isinstance(each.counted, str):
            yield f"{each.network} ({each.way}), {each.tool}: {each.printed:,}; {each.counted}"
        elif not each.equal:
            difference = each.printed - each.counted
            more = f"{difference:+,} beside the profile"
            yield f"{each.network} ({each.way}), {each.tool}: {each.printed:,}, {more}"


def main(arguments: list[str]) -> int:
    """Run the tools, and compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counters", description=__doc__)
    parser.add_argument("networks", nargs="*", metavar="NAME", help="these networks alone")
    parser.add_argument("--kept", action="store_true", help="run no tool: compare with what is kept")
    parser.add_argument("--measure", action="store_true", help="run the tools, and compare nothing")
    parser.add_argument("--again", action="store_true", help="run the tools again where figures are kept")
    parser.add_argument("--sources", type=Path, help="a folder for the source archives of DeepSpeed and mmcv")
    options = parser.parse_args(arguments)
    versions = real_counters.versions()
    results = kept(None if options.kept else versions)
    names = asked(options.networks)
    if not options.kept:
        missing = [pair for pair in names if options.again or "/".join(pair) not in results]
        for corpus, name, figures in real_counters.measured(missing, options.sources):
            results[f"{corpus}/{name}"] = figures
            keep(results, versions)
            print(f"{corpus} {name}: measured", file=sys.stderr, flush=True)
    if options.measure:
        return 0
    comparisons: list[Comparison] = []
    for corpus, name in names:
        comparisons += compared(corpus, name, results.get(f"{corpus}/{name}", {}))
    print("\n".join(report(comparisons)))
    return 0 if all(each.equal for each in comparisons) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
