"""docs/time.md is true: its commands print what it shows, and its figures are those of the networks.
``python tests/test_time_doc.py`` writes the output and the table of devices again."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_readme import commands, run

import archcalc
from archcalc.devices import device, devices
from archcalc.devices.reading import read_devices
from archcalc.report.words import rate

WIDTH = 100
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "time.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
DEVICES = re.compile(r"(<!-- devices -->\n).*?(<!-- end -->)", re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    """Defeats output that was typed, or that the program has outgrown."""
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_python_is_true() -> None:
    """Defeats lines of Python that were typed."""
    text = TEXT.split("```python")[1].split("```")[0]
    assert (
        doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(text, {}, "guide", None, 0)).failed
        == 0
    )


def test_the_device_of_the_page_is_one() -> None:
    first, processor = read_devices(TEXT.split("```toml")[1].split("```")[0], "mine.toml")
    assert (first.peaks, processor.peaks) == ({"int8": 1_200_000_000_000}, {"fp32": 24_000_000_000})


def test_the_figures_of_the_text() -> None:
    """13.6 times fewer MACs, 2.5 times less time, 4.4 where it is fused; 576 multiply-adds; a fortieth."""
    resnet, mobile = archcalc.load("resnet50"), archcalc.load("mobilenet_v2")
    macs = resnet.summary().totals["macs"] / mobile.summary().totals["macs"]
    assert round(macs, 1) == 13.6
    for fused, ratio in ((False, 2.5), (True, 4.4)):
        times = [net.time("t4", dtype="fp16", fused=fused).totals.time for net in (resnet, mobile)]
        assert round(times[0] / times[1], 1) == ratio
    moved = [mobile.time("t4", dtype="fp16", fused=fused).totals.bytes for fused in (True, False)]
    assert 0.35 < moved[0] / moved[1] < 0.5
    assert mobile.time("t4", dtype="fp16").turn_of_all is None
    assert mobile.time("t4", dtype="fp16").totals.layers_by_bound["compute"] == 0
    fc6 = next(row for row in archcalc.load("vgg16").time("h100").rows if row.name == "fc6")
    assert 38 < fc6.memory / fc6.compute < 42
    assert fc6.compute_from == 41
    assert device("h100").balance("fp32").__round__() == 20
    assert 224 * 224 == 50_176
    assert 9 * 64 == 576


def test_the_table_of_devices_is_that_of_today() -> None:
    """Defeats a figure of the page that the file no longer has."""
    assert DEVICES.search(TEXT)[0] == "<!-- devices -->\n" + "".join(table()) + "<!-- end -->"  # type: ignore[index]


def table() -> Iterator[str]:
    """The devices as Markdown."""
    yield "| `--on` | device | memory | most operations a second | source |\n|---|---|---|---|---|\n"
    for each in devices():
        names = ", ".join([f"`{name}`" for name in (each.name, *each.aliases)])
        peaks = ", ".join([f"{dtype} {rate(peak, '')}" for dtype, peak in each.peaks.items()])
        title = each.title if each.year is None else f"{each.title} ({each.year})"
        yield f"| {names} | {title} | {rate(each.bandwidth, 'B/s')} | {peaks} | {each.source} |\n"


def write() -> None:
    """Put the real output behind every command, and the devices into the table."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    text = DEVICES.sub(lambda found: found[1] + "".join(table()) + found[2], TEXT)
    GUIDE.write_text(CONSOLE.sub(fill, text), encoding="utf-8")


if __name__ == "__main__":
    write()
