"""`archcalc report`: what a page holds, and what it does in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, browser
from calling import call

import archcalc
from archcalc.analysis.receptive import windows_of_unit
from archcalc.analysis.scope import Row
from archcalc.language.library import Library
from archcalc.report.formats.html import STYLE
from archcalc.report.page import embedded
from archcalc.report.page.network import page_record
from archcalc.report.palette import PALETTE
from archcalc.report.words import amount, binary

WIDTHS = (390, 800, 1600)
HOSTILE = """\
net "</script><script>document.title='taken'</script>" hostile:
  title "<img src=x onerror=alert(1)> & \\u2028 <!-- -->"
  input 8x8x3
  conv 3x3 4
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Pages by the name of the network, each written once."""
    folder = tmp_path_factory.mktemp("pages")

    def written(name: str) -> Path:
        path = folder / f"{re.sub(r'[^a-z0-9]+', '_', name)}.html"
        if not path.exists():
            path.write_text(archcalc.load(name).page(), encoding="utf-8")
        return path

    return written


def record_of(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(embedded(page_record(archcalc.load(name).summary())))
    return record


# The data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vgg16", "googlenet", "mobilenet_v2"])
def test_columns_sum_to_the_totals(name: str) -> None:
    """Defeats a record that leaves out a layer, or counts shared parameters twice."""
    check_sums(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_columns_of_the_zoo_sum_to_the_totals(name: str) -> None:
    check_sums(name)


def check_sums(name: str) -> None:
    record = record_of(name)
    summary = archcalc.load(name).summary()
    for at, quantity in enumerate(record["quantities"]):
        figures = [layer["figures"][at] for layer in record["layers"]]
        if quantity["summed"] and None not in figures:
            # The storage of the input is part of what a network holds.
            given = 0 if quantity["name"] == "activation_bytes" else sum(figures[: record["inputs"]])
            assert sum(figures) - given == record["totals"][at], quantity["name"]
    assert record["totals"][0] == summary.totals["params"]


def test_each_figure_has_its_derivation() -> None:
    """Defeats texts that are numbered in another order than the quantities."""
    record = record_of("googlenet")
    for layer in record["layers"][record["inputs"] :]:
        for at, quantity in enumerate(record["quantities"]):
            text = record["texts"][layer["derivations"][at]]
            value = layer["figures"][at]
            assert text.startswith(f"{quantity['name']} {'?' if value is None else f'{value:,}'}"), layer[
                "name"
            ]


@pytest.mark.slow
def test_every_layer_stands_in_one_box() -> None:
    """Defeats a folding that leaves out what is attached to an opened block."""
    for name in ("resnet50", "googlenet", "densenet121", "vit_b_16"):
        record = record_of(name)
        found: list[int] = []

        def walk(members: list[dict[str, Any]], found: list[int] = found) -> None:
            for member in members:
                walk(member.get("members", []))
                found += member.get("layers", [])

        walk(record["members"])
        assert sorted(found) == list(range(len(record["layers"])))


def test_a_page_holds_nothing_that_is_a_tag() -> None:
    assert "<" not in embedded({"name": "</script>", "<!--": "<"})


@pytest.mark.parametrize(
    ("name", "most"), [("vgg16", 400_000), pytest.param("resnet152", 1_000_000, marks=pytest.mark.slow)]
)
def test_size(name: str, most: int) -> None:
    assert len(archcalc.load(name).page().encode()) < most


@pytest.mark.slow
def test_size_of_the_largest() -> None:
    assert len(archcalc.load("nasnet_large").page().encode()) < 3_000_000


def test_colours_of_pages_are_one_fact() -> None:
    """Defeats a page, or a format, with colours of its own: each name has one value for each scheme."""
    page = archcalc.load("lenet5").page()
    style = page[page.index("<style>") : page.index("</style>")]
    assert PALETTE in style
    assert STYLE.startswith(PALETTE)
    for css in (style.replace(PALETTE, ""), STYLE.replace(PALETTE, "")):
        assert re.findall(r"#[0-9a-f]{3,6};", css) == []
        assert set(re.findall(r"var\(--(\w+)\)", css)) - {"part", "edge", "high", "tallest"} <= set(
            re.findall(r"--(\w+):", PALETTE)
        )


def test_same_bytes_twice() -> None:
    assert archcalc.load("lenet5").page() == archcalc.load("lenet5").page()


# In a browser ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_opens_without_a_fault(chromium: Any, pages: Any, width: int, dark: bool) -> None:
    """At each width and in each scheme: no error, no request, no page wider than the screen, and nothing that
    axe calls serious."""
    with Opened(chromium, pages("googlenet"), width, dark) as opened:
        assert opened.faults == []
        assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert len(opened.requests) == 1
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        axe = pytest.importorskip("axe_playwright_python.sync_playwright")
        opened.page.evaluate("document.querySelector('meta[http-equiv]').remove()")
        found = axe.Axe().run(opened.page).response["violations"]
        serious = [
            (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == []


def test_table_has_the_figures_of_the_summary(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("vgg16")) as opened:
        (row,) = [row for row in opened.rows() if row[0].endswith("fc6")]
        assert row[3:5] == ["102,764,544", "102,760,448"]
        assert "138,357,544" in opened.text("#table tfoot")


def test_a_block_opens_in_graph_and_table(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("googlenet")) as opened:
        before = opened.page.locator("#graph .item").count()
        opened.page.locator("#graph .item", has_text="inception_3a").click()
        assert opened.page.locator("#graph .item").count() > before
        assert any(row[0].endswith("concat") for row in opened.rows())
        opened.page.locator('button[aria-label="Fold inception_3a"]').click()
        assert opened.page.locator("#graph .item").count() == before
        assert opened.faults == []


def test_row_and_box_mark_each_other(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("googlenet")) as opened:
        opened.page.locator("#table tr", has_text="inception_4a").hover()
        marked = opened.page.locator("#graph .marked")
        assert "inception_4a" in (marked.text_content() or "")
        opened.page.locator("#graph .item", has_text="inception_3b").hover()
        assert "inception_3b" in (opened.page.locator("#table tr.marked").text_content() or "")


def test_a_figure_shows_its_derivation(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("alexnet")) as opened:
        row = opened.page.locator("#table tbody tr", has_text="conv1").first
        row.locator(".figure", has_text="34,944").click()
        text = opened.text("#derivation")
        assert "(11 · 11 · 3 + 1) · 96 = 34,944" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_clicked_figure_shows_its_derivation_in_sight(chromium: Any, pages: Any, width: int) -> None:
    """Defeats a derivation below the foot of the screen, and a page that jumps when a figure is clicked."""
    with Opened(chromium, pages("vgg16"), width) as opened:
        figure = opened.page.locator("#table tbody .figure", has_text="36,928")
        figure.scroll_into_view_if_needed()
        before = figure.bounding_box()
        figure.click()
        assert figure.bounding_box() == before
        box = opened.page.locator("#derived").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 1000 - box["height"]
        assert "conv1_2" in opened.text("#derived")


def test_an_address_names_a_layer(chromium: Any, pages: Any) -> None:
    """A link points at a layer within a folded block, and Escape leaves it."""
    with Opened(chromium, pages("googlenet")) as opened:
        opened.page.evaluate("location.hash = 'inception_4e.concat'")
        opened.page.wait_for_selector("#graph .chosen")
        assert "concat" in (opened.page.locator("#table tr.chosen").text_content() or "")
        opened.page.locator("#table tbody tr", has_text="inception_3a").first.click()
        assert opened.page.evaluate("location.hash") == "#inception_3a"
        opened.page.keyboard.press("Escape")
        assert opened.page.evaluate("location.hash") == ""
        assert "whole network" in opened.text("#derived")


def test_memory_of_a_folded_block_is_what_its_layers_store(chromium: Any, pages: Any) -> None:
    """Rows of the topmost level sum to the total. Defeats the memory of the last layer alone."""
    net = archcalc.load("resnet50")
    summary = net.summary()
    layers = [layer for layer in summary.layers if layer.name.startswith("conv3_2.")]
    expected = sum([Row(layer, summary).activation_bytes for layer in layers])
    with Opened(chromium, pages("resnet50")) as opened:
        (row,) = [row for row in opened.rows() if row[0].endswith("conv3_2")]
        assert row[5] == binary(expected, "MiB")
        assert opened.page.locator('[data-sort="memory"]').inner_text() == "memory, MiB"


def test_bytes_are_rounded_as_python_rounds_them(chromium: Any, pages: Any) -> None:
    """Defeats `toFixed`, which takes the larger of two neighbours: 6.125 MiB are 6.12. And a fraction as a
    float, which has not all digits of a large number."""
    ties = [odd * 2**17 for odd in range(1, 200, 2)]  # an eighth of a MiB more than a whole number of them
    values = [0, 1, 5, 6, 1023, 1024, 1029, 2**20 - 1, 2**20, 2**20 + 5243, 2**50 + 1, *ties, *ties[:40:3]]
    values += [value + by for value in ties for by in (-1, 1)] + [7**power for power in range(1, 19)]
    with Opened(chromium, pages("vgg16")) as opened:
        found = opened.page.evaluate(
            """values => values.map(value => [words_js.bytes(value), words_js.binary(value, "MiB", 1),
                ...["bytes", "KiB", "MiB"].map(unit => words_js.binary(value, unit))])""",
            values,
        )
        for value, texts in zip(values, found, strict=True):
            in_units = [binary(value, unit) for unit in ("bytes", "KiB", "MiB")]
            assert texts == [amount(value), binary(value, "MiB", 1), *in_units], value
        assert (binary(6 * 2**20 + 2**17, "MiB"), binary(12 * 2**20 + 2**18, "MiB", 1)) == ("6.12", "12.2")
        row = next(row for row in opened.rows() if row[0].endswith("conv2_1"))
        assert row[5] == "6.12"


def test_conventions_change_columns_and_totals(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("vgg16")) as opened:
        opened.page.select_option("#as-operations", label="FLOPs")
        assert "30,940,528,640" in opened.text("#table tfoot")
        assert "30,940,528,640" in opened.text("#totals")


def test_search_and_sort(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("vgg16")) as opened:
        opened.page.fill("#search", "fc 4096")
        assert [row[0] for row in opened.rows()] == ["fc6", "fc7"]
        opened.page.fill("#search", "")
        opened.page.click('[data-sort="parameters"]')
        assert opened.rows()[0][0] == "fc6"
        opened.page.click('[data-sort="parameters"]')
        assert opened.rows()[-1][0] == "fc6"


@pytest.mark.parametrize(
    ("name", "layer", "unit"),
    [("resnet18", "conv3_1.relu1", (5, 27)), ("fcn8s", "", (0, 0)), ("googlenet", "", (2, 6))],
)
def test_units_see_what_rf_says(
    chromium: Any, pages: Any, name: str, layer: str, unit: tuple[int, int]
) -> None:
    """The window that the page follows is that of `rf --at`. Defeats a page that scales the map."""
    net = archcalc.load(name)
    with Opened(chromium, pages(name)) as opened:
        options = opened.page.eval_on_selector_all(
            "#map option", "all => all.map(one => [one.value, one.text])"
        )
        value, text = next(
            (each for each in options if each[1].startswith(f"{layer} ")), options[len(options) // 2]
        )
        opened.page.select_option("#map", value=value)
        at = net.layer(text.split(" ")[0])
        unit = tuple(min(position, size - 1) for position, size in zip(unit, at.output.spatial, strict=True))
        for axis, position in enumerate(unit):
            box = opened.page.locator('#field input[type="number"]').nth(axis)
            box.fill(str(position))
            box.dispatch_event("change")
        windows = windows_of_unit(net.graph, at, unit)
        assert windows is not None
        ends = windows[net.graph.inputs[0]]
        expected = " x ".join(f"{low} … {high}" for low, high in ends)
        assert f": {expected}" in opened.text("#field p[aria-live]")


def test_keyboard_alone(chromium: Any, pages: Any) -> None:
    """A box is reached, opened and closed, and a unit moved, without a mouse."""
    with Opened(chromium, pages("googlenet")) as opened:
        box = opened.page.locator("#graph .item", has_text="inception_3a")
        box.focus()
        opened.page.keyboard.press("Enter")
        assert opened.page.locator('#graph [aria-expanded="true"]').count() == 1
        opened.page.locator("#map-drawing").focus()
        before = opened.text("#field p[aria-live]")
        opened.page.keyboard.press("ArrowLeft")
        assert opened.text("#field p[aria-live]") != before


def test_hostile_names_stay_text(chromium: Any, tmp_path: Path) -> None:
    """Defeats a page that joins names into HTML: a name ends no script, and a title opens no tag."""
    net = archcalc.load("8x8x3 -> conv 3x3 4 -> relu")
    hostile = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    net.graph.metadata.name = hostile
    net.graph.metadata.title = f"<!-- {hostile}"
    net.graph.layers[0].name = hostile
    net.graph.layers[0].text = hostile
    path = tmp_path / "page.html"
    path.write_text(net.page(), encoding="utf-8")
    with Opened(chromium, path) as opened:
        assert opened.faults == []
        assert opened.page.title() == hostile
        assert opened.text("h1") == hostile
        assert opened.page.locator("img").count() == 0
        assert hostile in [row[0].lstrip("▸▾ \n") for row in opened.rows()]


def test_endless_names_do_not_widen_the_page(chromium: Any, tmp_path: Path) -> None:
    """Defeats a name that is broken at spaces alone, in a heading or below a chart."""
    net = archcalc.load("8x8x3 -> conv 3x3 4 -> relu")
    endless = "\u202e" + "x" * 10_000 + "\"'<b>["
    net.graph.metadata.name = net.graph.metadata.title = endless
    net.graph.layers[0].name = net.graph.layers[0].text = endless
    path = tmp_path / "page.html"
    path.write_text(net.page(), encoding="utf-8")
    for width in (390, 1600):
        with Opened(chromium, path, width) as opened:
            assert opened.faults == []
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nasnet_large", "resnet152"])
def test_large_networks_are_usable_soon(chromium: Any, pages: Any, name: str) -> None:
    with Opened(chromium, pages(name)) as opened:
        took = opened.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        assert took < 3000, took


def test_a_notebook_holds_a_page_once() -> None:
    """In a frame without access to the notebook. Defeats the whole page as text beside it, which IPython
    writes of every ``str``."""
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    page = archcalc.load("8x8x3 -> conv 3x3 4").page()
    bundle, _ = formatters.DisplayFormatter().format(page)
    assert len(bundle["text/plain"]) < 100
    assert 'sandbox="allow-scripts"' in bundle["text/html"]
    assert "allow-same-origin" not in bundle["text/html"]
    assert "<script" not in bundle["text/html"].partition("srcdoc=")[2]


def test_a_page_is_html(tmp_path: Path) -> None:
    """Defeats HTML in a file that is called a PDF."""
    answer = call("report", "lenet5", "-o", str(tmp_path / "a.pdf"))
    assert (answer.code, answer.out) == (2, "")
    assert "`.pdf` is the suffix of no page" in answer.err
    assert not (tmp_path / "a.pdf").exists()
