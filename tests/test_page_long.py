"""Pages of networks with thousands of layers in a row: they are drawn in parts, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, browser

import archcalc

# A row of 300 convolutions, in its middle a side head, and two ends.
LONG = (
    "net long\n  input 16x16x4\n"
    + "".join([f"  a{number}: conv 3x3 4 pad=1\n" for number in range(150)])
    + "  out side: conv 1x1 2\n"
    + "".join([f"  b{number}: conv 3x3 4 pad=1\n" for number in range(150)])
)
# Within a block, a row of 200.
INSIDE = "block deep\n" + "  conv 3x3 4 pad=1\n" * 200 + "net outer\n  input 16x16x4\n  deep\n  fc 3\n"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


def opened(running: Any, folder: Path, text: str) -> Opened:
    path = folder / "long.html"
    path.write_text(archcalc.load("-", stdin=text).page(), encoding="utf-8")
    return Opened(running, path)


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.slow
def test_parts_of_a_long_row_sum_to_the_total(chromium: Any, tmp_path: Path) -> None:
    """Defeats a part that lacks its first or last layer, or counts one twice."""
    with opened(chromium, tmp_path, LONG) as page:
        rows = page.rows()
        assert len(rows) < 20
        assert "a0 … a39" in rows[1][0]
        total = number(page.text("#table tfoot td:nth-of-type(3)"))
        assert sum(number(row[3]) for row in rows) == total
        assert total == archcalc.load("-", stdin=LONG).summary().totals["params"]
        # Opened, the row of a part and those of its layers say the same.
        page.page.locator("#table tbody tr").nth(1).locator(".fold").first.click()
        inside = page.rows()[2:42]
        assert [row[0].split("\n")[0] for row in inside] == [f"a{at}" for at in range(40)]
        assert sum(number(row[3]) for row in inside) == number(rows[1][3])
        assert page.faults == []


@pytest.mark.slow
def test_a_layer_of_a_long_row_is_found(chromium: Any, tmp_path: Path) -> None:
    """By a link and by a search; the part in which it stands is opened."""
    with opened(chromium, tmp_path, LONG) as page:
        page.page.evaluate("window.location.hash = 'b77'")
        page.page.locator("#graph .item.chosen", has_text="b77").wait_for()
        assert page.page.locator("#table tr.chosen").inner_text().strip().startswith("b77")
        page.page.fill("#search", "b149")
        assert [row[0].split("\n")[0] for row in page.rows()] == ["b149"]
        assert page.faults == []


def test_a_long_row_within_a_block_is_in_parts_too(chromium: Any, tmp_path: Path) -> None:
    """Opened, a block of two hundred would be drawn for a minute."""
    with opened(chromium, tmp_path, INSIDE) as page:
        assert page.page.locator("#graph .item").count() < 20
        while not any("conv1 … conv40" in row[0] for row in page.rows()):
            page.page.click("#more", timeout=5000)
        assert page.page.locator("#graph .item").count() < 250
        assert page.faults == []
