"""Published figures that say by which tool they were counted: ``report macs 4.11G as fvcore``."""

from __future__ import annotations

import pytest
from calling import call

import archcalc


def checked(tail: str):  # type: ignore[no-untyped-def]
    """The one published figure of a small network, checked."""
    text = f"net a\n  input 16x16x3\n  report {tail}\n  conv 3x3 8 pad=1\n  relu\n"
    (found,) = archcalc.load("-", stdin=text).summary().published_figures
    return found


@pytest.mark.parametrize(
    ("tail", "computed"),
    [
        ("macs 55_296 as fvcore", 55_296),
        ("macs 61_440 as ptflops", 55_296 + 2_048 + 2 * 2_048),  # a module and its function, both
        ('macs 57_344 as "ptflops-aten"', 55_296 + 2_048),
        ("flops 59_392 as mmcv", 55_296 + 2 * 2_048),  # it calls MACs so
        ("flops 110_592 as thop", 2 * 55_296),  # it calls them MACs
        ("flops 110_592 as flopcounter", 2 * 55_296),
    ],
)
def test_the_figure_is_what_the_tool_prints(tail: str, computed: int) -> None:
    """Defeats: a word behind ``as`` that changes nothing, and FLOPs that are always twice the MACs."""
    found = checked(tail)
    assert (found.computed, found.agrees, found.how) == (computed, True, "exact")
    assert found.to_dict()["counter"] == tail.split(" as ")[1].strip('"')


def test_ours_is_not_the_tools() -> None:
    """Defeats: a check that passes whichever of the two agrees."""
    found = checked("macs 55_296 as ptflops")
    assert (found.computed, found.agrees) == (61_440, False)


def test_the_code_may_be_written_in_two_ways() -> None:
    """The pool before the classifier as a module, which fvcore counts, or as a mean, which it does not.
    Defeats: a figure of torchvision's module that is compared with the code that archcalc exports."""
    text = "net a\n  input 8x8x3\n  report macs {} as fvcore\n  conv 3x3 4 pad=1\n  gap\n  fc 10\n"
    products, pool = 8 * 8 * 27 * 4 + 40, 8 * 8 * 4
    for printed in (products, products + pool):
        (found,) = archcalc.load("-", stdin=text.format(printed)).summary().published_figures
        assert (found.computed, found.agrees) == (printed, True)
    (found,) = archcalc.load("-", stdin=text.format(products + 1)).summary().published_figures
    assert (found.computed, found.agrees) == (products + pool, False)


def test_a_tool_that_there_is_not() -> None:
    """Defeats: a misspelt name that passes for a convention."""
    text = "net a\n  input 16x16x3\n  report macs 1 as {}\n  conv 3x3 8\n"
    wrong = {
        "fvcor": "did you mean `fvcore`?",
        "flopcounter": "`flopcounter` counts FLOPs, and no MACs",
        "fvcore bias": "a tool counts in one way, and in no other",
        "bias fvcore": "a tool counts in one way, and in no other",
        '"no-such"': "no way of counting is called `no-such`",
    }
    for word, message in wrong.items():
        found = call("summary", "-", stdin=text.format(word))
        assert found.code == 2, word
        assert message in found.err, found.err
