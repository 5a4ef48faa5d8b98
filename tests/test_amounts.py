"""Amounts as they are written: one parser, and the forms that each reader permits.

Defeats readers of which each has a regular expression of its own: 1K that is 1024 to one and 1000 to
the other, digits that a float rounds, a scale that one of them does not know.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from archcalc.amounts import BYTE_SIZES, CONDITION_NUMBERS, FIGURES, SPEC_NUMBERS, AmountForm
from archcalc.analysis.published_figures import compare, figure_value

FORMS = {"figure": FIGURES, "condition": CONDITION_NUMBERS, "bytes": BYTE_SIZES, "spec": SPEC_NUMBERS}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("138M", {"figure": 138 * 10**6, "condition": 138 * 10**6}),
        ("0.27m", {"figure": 270_000, "condition": 270_000}),
        ("1.8B", {"figure": 1_800_000_000, "bytes": Fraction(9, 5)}),
        ("8b", {"figure": 8 * 10**9, "bytes": 8}),
        ("2KiB", {"condition": 2048, "bytes": 2048}),
        ("2kb", {"condition": 2000, "bytes": 2000}),
        ("84.7%", {"figure": Fraction(847, 10)}),
        ("1_000.5", {"figure": Fraction(2001, 2), "condition": Fraction(2001, 2), "spec": Fraction(2001, 2)}),
        ("1,024 KB", {"bytes": 1_024_000}),
        ("1.5e6", {"figure": 1_500_000, "condition": 1_500_000, "spec": 1_500_000}),
        ("1e-3", {"figure": Fraction(1, 1000), "condition": Fraction(1, 1000), "spec": Fraction(1, 1000)}),
        ("1e31", {"figure": 10**31, "condition": 10**31}),
        ("1e99999999999", {}),
        (".5 GiB", {"bytes": 2**29}),
        ("24.GB", {"bytes": 24 * 10**9}),
        ("0.1", dict.fromkeys(("figure", "condition", "spec"), Fraction(1, 10))),
        ("123456789012345678901", dict.fromkeys(("figure", "condition", "spec"), 123456789012345678901)),
        ("7x7", {}),
        ("1__0", {}),
        ("-1", {}),
        ("²K", {}),
        ("K", {}),
        ("", {}),
    ],
)
def test_forms(text: str, values: dict[str, Fraction]) -> None:
    read = {name: form.value(text) for name, form in FORMS.items()}
    # A number alone is a size in bytes to no one: whoever asks for one looks at the scale.
    if BYTE_SIZES.read(text) is not None and BYTE_SIZES.read(text).scale == "":  # type: ignore[union-attr]
        read["bytes"] = None
    assert {name: value for name, value in read.items() if value is not None} == values


@pytest.mark.parametrize(
    ("text", "places"), [("138M", 0), ("1.50", 2), ("1.5e6", -5), ("2e3", -3), ("1.25e-3", 5)]
)
def test_the_last_digit(text: str, places: int) -> None:
    amount = FIGURES.read(text)
    assert amount is not None
    assert amount.places == places


def test_figures_with_a_power_of_ten() -> None:
    """1.5e6 says 1.5M. Defeats a step of a tenth, for which 1,512,000 is another number."""
    assert figure_value("1.5e6") == 1_500_000
    assert [compare(printed, 1_512_000) for printed in ("1.5M", "1.5e6")] == ["rounded"] * 2
    assert [compare(printed, 1_580_000) for printed in ("1.5M", "1.5e6")] == ["truncated"] * 2
    assert [compare(printed, 1_400_000) for printed in ("1.5M", "1.5e6")] == [None] * 2


def test_a_form_permits_what_it_says_and_no_more() -> None:
    strict = AmountForm({"k": 1000}, separators="'")
    assert strict.value("1'000k") == 1_000_000
    assert [strict.value(text) for text in ("1_000", "1e3", "1.", ".5", "5 k", "5M")] == [None] * 6
