"""What a reader chooses on a page: columns, rows that are summed, the view of the graph; paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, browser

import archcalc
from archcalc.analysis.scope import Row
from archcalc.report.page import page
from archcalc.report.words import binary


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Pages by the name of the network, each written once."""
    folder = tmp_path_factory.mktemp("pages")

    def written(name: str) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(archcalc.load(name).page(), encoding="utf-8")
        return path

    return written


def heads(opened: Opened) -> list[str]:
    """The heads of the table."""
    return [text.strip() for text in opened.page.locator("#table thead th").all_inner_texts()]


def line(opened: Opened, name: str) -> Any:
    """The row of an item."""
    named = opened.page.locator(f'[data-choose][title="{name}"]')
    return opened.page.locator("#table tbody tr").filter(has=named)


# Columns -----------------------------------------------------------------------------------------


def test_a_reader_chooses_the_columns(chromium: Any, pages: Any) -> None:
    """Each is there when it is chosen and gone when it is not, with its figures and its total. Defeats heads
    that move on their own: cells are counted too."""
    net = archcalc.load("googlenet")
    with Opened(chromium, pages("googlenet")) as opened:
        opened.page.click("#columns summary")
        for label in ("what", "memory", "MACs"):
            opened.page.get_by_label(label, exact=True).uncheck()
        opened.page.get_by_label("FLOPs", exact=True).check()
        assert heads(opened) == ["layer", "output", "parameters", "RF", "FLOPs"]
        assert {len(row) for row in opened.rows()} == {5}
        (row,) = [row for row in opened.rows() if row[0].endswith("loss3")]
        flops = [Row(layer, net.summary()).flops for layer in net.summary().layers if layer.name == "loss3"]
        assert row[1:] == ["1000", "1,025,000", "all", f"{flops[0]:,}"]
        assert f"{net.summary().totals['flops']:,}" in opened.text("#table tfoot")
        opened.page.get_by_role("button", name="As at first").click()
        assert heads(opened) == ["layer", "what", "output", "parameters", "MACs", "memory, MiB", "RF"]
        assert opened.faults == []


def test_the_address_holds_the_columns(chromium: Any, pages: Any) -> None:
    """A link shows the columns that were chosen, beside the layer; one of no column is left out."""
    with Opened(chromium, pages("vgg16")) as opened:
        assert opened.page.evaluate("location.hash") == ""
        opened.page.click("#columns summary")
        opened.page.get_by_label("what", exact=True).uncheck()
        opened.page.get_by_label("biases", exact=True).check()
        line(opened, "conv4_3").click()
        address = opened.page.evaluate("location.hash")
        assert address == "#conv4_3&columns=output,parameters,operations,memory,field,biases"
        opened.page.goto("about:blank")
        opened.page.goto(f"{pages('vgg16').as_uri()}{address},nonsense")
        opened.page.wait_for_selector("html[data-ready]")
        assert heads(opened)[-1] == "biases"
        assert "what" not in heads(opened)
        assert "conv4_3" in (opened.page.locator("#table tr.chosen").text_content() or "")
        opened.page.evaluate("location.hash = '#%E0%A4%A&columns=%E0'")
        assert opened.faults == []


def test_the_choice_of_columns_is_left_by_escape(chromium: Any, pages: Any) -> None:
    with Opened(chromium, pages("vgg16"), 390) as opened:
        opened.page.locator("#columns summary").focus()
        opened.page.keyboard.press("Enter")
        box = opened.page.locator("#column-choices").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Space")
        assert opened.page.evaluate("document.activeElement.value") == "what"
        opened.page.keyboard.press("Escape")
        assert opened.page.locator("#column-choices").is_hidden()
        assert opened.page.evaluate("document.activeElement.tagName") == "SUMMARY"


# Rows that are summed ----------------------------------------------------------------------------


def test_rows_that_are_selected_are_summed(chromium: Any, pages: Any) -> None:
    """Ctrl adds a row, Shift all to it; the sum and its part of the whole stand above the total, and its
    derivation is of those layers."""
    with Opened(chromium, pages("vgg16")) as opened:
        line(opened, "fc6").locator("[data-choose]").click()
        assert opened.page.locator("#table tr.sum").count() == 0
        line(opened, "fc7").click(modifiers=["Control"])
        fully = 102_764_544 + 16_781_312
        assert f"{100 * fully / 138_357_544:.1f}% {fully:,}" in opened.text("#table tr.sum")
        assert opened.page.evaluate("location.hash") == "#fc6,fc7"
        assert opened.page.locator("#graph .chosen").count() == 2
        line(opened, "fc8").click(modifiers=["Shift"])
        assert opened.text("#table tr.sum th") == "sum of 2 rows"
        line(opened, "conv5_3").click(modifiers=["Control"])
        assert opened.text("#table tr.sum th") == "sum of 3 rows"
        opened.page.locator("#table tr.sum .figure").first.click()
        assert opened.text("#derived") == "sum of 3 rows: parameters"
        total = 16_781_312 + 4_097_000 + 2_359_808
        assert f"parameters {total:,}: the sum over" in opened.text("#derivation")
        opened.page.keyboard.press("Escape")
        assert opened.page.locator("#table tr.sum").count() == 0
        assert opened.page.evaluate("location.hash") == ""


def test_a_layer_within_a_selected_block_counts_once(chromium: Any, pages: Any) -> None:
    """Defeats a sum of the figures of rows: a block and a layer of it share that layer."""
    net = archcalc.load("googlenet")
    summary = net.summary()
    layers = [layer for layer in summary.layers if layer.name.startswith("inception_3a.")]
    macs = sum([Row(layer, summary).macs or 0 for layer in layers])
    stored = sum([Row(layer, summary).activation_bytes for layer in layers])
    with Opened(chromium, pages("googlenet")) as opened:
        opened.page.locator('button[aria-label="Open inception_3a"]').click()
        line(opened, "inception_3a").locator("[data-choose]").click()
        line(opened, "concat").first.click(modifiers=["Control"])
        cells = opened.page.locator("#table tr.sum td").all_inner_texts()
        assert cells[3].split()[-1] == f"{macs:,}"
        assert cells[4].split()[-1] == binary(stored, "MiB")
        assert cells[5] == ""


def test_several_are_selected_without_a_keyboard(chromium: Any, pages: Any) -> None:
    """By taps alone, and by the keyboard alone; what is selected says so to a screen reader."""
    with Opened(chromium, pages("vgg16"), 390) as opened:
        opened.page.click("#several")
        assert opened.page.get_attribute("#several", "aria-pressed") == "true"
        for name in ("conv1_1", "conv1_2"):
            button = line(opened, name).locator("[data-choose]")
            button.focus()
            opened.page.keyboard.press("Enter")
            assert button.get_attribute("aria-pressed") == "true"
        assert "38,720" in opened.text("#table tr.sum")
        opened.page.locator("#graph .item", has_text="conv1_1").dispatch_event("pointerdown")
        opened.page.locator("#graph .item", has_text="conv1_1").dispatch_event("pointerup")
        assert opened.page.locator("#table tr.sum").count() == 0
        opened.page.click("#several")
        assert button.get_attribute("aria-pressed") is None


def test_the_output_of_a_row_is_derived_where_it_is_made(chromium: Any, pages: Any) -> None:
    """Of `conv 7x7 …, relu` that is the convolution. Defeats the last layer, whose shape is the one that
    arrives; a convolution that keeps the shape is not passed over."""
    with Opened(chromium, pages("googlenet")) as opened:
        line(opened, "conv1").locator('[data-quantity="output"]').click()
        assert "(224 − 7 + 2·3) / 2" in opened.text("#derivation")
    with Opened(chromium, pages("vgg16")) as opened:
        line(opened, "conv1_2").locator('[data-quantity="rf"]').click()
        assert "3 + (3 − 1) · 1 = 5" in opened.text("#derivation")


def test_the_memory_of_a_row_is_derived_by_its_own_name(chromium: Any, pages: Any) -> None:
    """Defeats `activation_bytes`, the quantity behind the sum, which no column has."""
    with Opened(chromium, pages("resnet50")) as opened:
        for name in ("conv3_1", "bn"):
            line(opened, name).first.locator("[data-quantity]").nth(3).click()
            assert opened.text("#derivation").startswith("memory ")
            assert "activation_bytes" not in opened.text("#derivation")


def test_figures_beyond_all_floats_keep_their_digits(chromium: Any, tmp_path: Path) -> None:
    """Of a batch that nobody has: table, sums, derivation and bars. Defeats numbers of sixteen digits, as a
    script has them, and a sum of them where each alone has all its digits."""
    batch = 999_999_937
    net = archcalc.load("vgg16")
    summary = net.summary(batch=batch)
    path = tmp_path / "page.html"
    path.write_text("".join(page(summary)), encoding="utf-8")
    macs = {layer.name: Row(layer, summary).macs for layer in summary.layers}
    with Opened(chromium, path) as opened:
        assert f"{15_470_264_320 * batch:,}" in opened.text("#totals")
        assert f"{15_470_264_320 * batch:,}" in opened.text("#table tfoot")
        for row in opened.rows():
            if row[0].lstrip("▸▾ \n") in ("conv1_2", "fc7"):
                assert row[4] == f"{macs[row[0].lstrip('▸▾ ' + chr(10))]:,}"
        line(opened, "conv1_2").locator("[data-quantity]").nth(2).click()
        line(opened, "conv2_2").locator("[data-quantity]").nth(2).click(modifiers=["Control"])
        both = f"{macs['conv1_2'] + macs['conv2_2']:,}"
        assert both in opened.text("#table tr.sum")
        assert f"MACs {both}: the sum" in opened.text("#derivation")
        assert f"most in conv1_2: {macs['conv1_2']:,}" in opened.text("#depth")
        opened.page.click('[data-sort="operations"]')
        assert opened.rows()[0][0] == "conv1_2"
        assert opened.faults == []


def test_a_total_with_unknown_parts_says_so(chromium: Any, tmp_path: Path) -> None:
    """Where a layer has no rule the total is what is known at least, as on the terminal, and no share of it
    is stated. Defeats a total that looks like the whole."""
    path = tmp_path / "page.html"
    path.write_text(archcalc.load("mask_rcnn_resnet50_fpn").page(), encoding="utf-8")
    with Opened(chromium, path) as opened:
        cells = opened.page.locator("#table tfoot td").all_inner_texts()
        assert [cell.startswith("≥ ") for cell in cells[2:5]] == [False, True, False]
        assert [text.startswith("≥ ") for text in opened.page.locator("#totals dd").all_inner_texts()] == [
            False,
            True,
            False,
            False,
        ]
        line(opened, "inner5").locator("[data-choose]").click()
        line(opened, "p5").locator("[data-choose]").click(modifiers=["Control"])
        cells = opened.page.locator("#table tr.sum td").all_inner_texts()
        assert ["%" in cell for cell in cells[2:5]] == [True, False, True]


def test_nothing_serious_while_choices_are_open(chromium: Any, pages: Any) -> None:
    """For a reader without a mouse or a screen: axe finds nothing in the open menu of columns, among pressed
    names and sums."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with Opened(chromium, pages("vgg16"), 800) as opened:
        opened.page.click("#several")
        for name in ("conv1_1", "conv1_2"):
            line(opened, name).locator("[data-choose]").click()
        opened.page.click("#columns summary")
        opened.page.evaluate("document.querySelector('meta[http-equiv]').remove()")
        found = axe.Axe().run(opened.page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_a_unit_says_what_it_sees_of_each_input(chromium: Any, tmp_path: Path) -> None:
    """Defeats a window on the first input alone."""
    spec = tmp_path / "two.arch"
    text = """\
net two
  input image: 32x32x3
  input depth: 32x32x1
  a: @image -> conv 3x3 4 pad=1
  b: @depth -> conv 5x5 4 pad=2
  concat @a @b
  conv 3x3 4
"""
    path = tmp_path / "page.html"
    spec.write_text(text, encoding="utf-8")
    path.write_text(archcalc.load(str(spec)).page(), encoding="utf-8")
    with Opened(chromium, path) as opened:
        words = opened.text("#field p[aria-live]")
        assert "5x5 positions of image: 14 … 18 x 14 … 18" in words
        assert "7x7 of depth: 13 … 19 x 13 … 19" in words
        shown = opened.page.locator("#steps figcaption").all_inner_texts()
        assert {"image", "depth"} <= {caption.split()[0] for caption in shown}


# The graph ---------------------------------------------------------------------------------------


def transform(opened: Opened) -> list[float]:
    """Where the graph is, and its scale."""
    text = opened.page.locator("#graph > svg > g").get_attribute("transform") or ""
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


def test_two_fingers_scale_the_graph(chromium: Any, pages: Any) -> None:
    """By touches of the browser itself: what is between the fingers stays between them, and what is larger is
    as much larger as they are further apart. Defeats a scale about the corner. One finger leaves it alone."""
    with Opened(chromium, pages("vgg16"), 390, height=844, touch=True) as opened:
        box = opened.page.locator("#graph").bounding_box()
        assert box is not None
        session = opened.context.new_cdp_session(opened.page)
        x, y = box["x"] + 150, box["y"] + 200

        def touch(kind: str, *apart: float) -> None:
            points = [{"x": x + by, "y": y, "id": number} for number, by in enumerate(apart)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        before = transform(opened)
        touch("touchStart", -30)
        touch("touchStart", -30, 30)
        for apart in (36, 42, 48, 54, 60):
            touch("touchMove", -apart, apart)
        touch("touchEnd")
        after = transform(opened)
        assert after[2] == pytest.approx(before[2] * 2, rel=0.05)
        for at, middle in enumerate((150 - 1, 200 - 1)):  # within the border
            held = (middle - before[at]) / before[2]
            assert (middle - after[at]) / after[2] == pytest.approx(held, abs=6)
        touch("touchStart", 0)
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 60}]}
        )
        touch("touchEnd")
        assert transform(opened) == after
        assert opened.page.evaluate("window.visualViewport.scale") == 1
        assert opened.faults == []


def test_an_opened_block_stays_under_the_mouse(chromium: Any, pages: Any) -> None:
    """Defeats a graph that jumps when it is laid out anew."""
    with Opened(chromium, pages("googlenet")) as opened:
        item = opened.page.locator("#graph .item", has_text="inception_3a")
        before = item.bounding_box()
        item.click()
        after = opened.page.locator("#graph .item.opened").bounding_box()
        assert before is not None
        assert after is not None
        assert abs(before["x"] + before["width"] / 2 - after["x"] - after["width"] / 2) < 40
        assert abs(before["y"] - after["y"]) < 30


@pytest.mark.parametrize("across", [False, True])
def test_lines_leave_boxes_straight(chromium: Any, pages: Any, across: bool) -> None:
    """Every edge begins and ends on the border of a box, in the direction of the graph. Defeats an arrow that
    comes to a box from its side."""
    with Opened(chromium, pages("googlenet")) as opened:
        opened.page.locator("#graph .item", has_text="inception_3a").click()
        if across:
            opened.page.click("#turn")
        boxes = opened.page.eval_on_selector_all(
            "#graph .item:not(.opened) > rect",
            "all => all.map(one => ['x', 'y', 'width', 'height'].map(name => +one.getAttribute(name)))",
        )
        paths = opened.page.eval_on_selector_all(
            "#graph .edge path", "all => all.map(one => one.getAttribute('d'))"
        )
        along, beside = (0, 1) if across else (1, 0)
        starts = {round(box[along] + box[2 + along], 3): box for box in boxes}
        ends = {round(box[along], 3): box for box in boxes}
        assert len(paths) > 20
        for path in paths:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            assert round(points[0][along], 3) in starts
            assert round(points[-1][along], 3) in ends
            assert points[0][beside] == points[1][beside]
            assert points[-1][beside] == points[-2][beside]


# Paper -------------------------------------------------------------------------------------------


def test_paper_has_light_colours(chromium: Any, pages: Any) -> None:
    """For readers whose screen is dark too. Defeats maps that were painted in the colours of the screen."""
    with Opened(chromium, pages("vgg16"), dark=True) as opened:

        def colours() -> list[str]:
            return [
                str(opened.page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{style}"))
                for selector, style in (
                    ("body", "color"),
                    ("#map-drawing .plate", "fill"),
                    ("#input-drawing .frame", "stroke"),
                    ("#steps .plate", "fill"),
                    ("#graph .weighted rect", "fill"),
                )
            ]

        screen = colours()
        opened.page.emulate_media(media="print", color_scheme="dark")
        paper = colours()
        white, rule, blue = "rgb(255, 255, 255)", "rgb(153, 153, 153)", "rgb(214, 230, 248)"
        assert paper == ["rgb(0, 0, 0)", white, rule, white, blue]
        assert not set(screen) & set(paper)


@pytest.mark.parametrize("across", [False, True])
def test_a_long_graph_prints_in_parts(chromium: Any, pages: Any, across: bool) -> None:
    """In letters that can be read, each box whole on one part and no box on none. Defeats a chain of
    twenty-four boxes one below the other on one sheet."""
    with Opened(chromium, pages("vgg16")) as opened:
        if across:
            opened.page.click("#turn")
        opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        parts = opened.page.eval_on_selector_all(
            "#graph .sheets > svg",
            """all => all.map(one => ({
                view: one.getAttribute("viewBox").split(" ").map(Number),
                scale: Number(one.getAttribute("width")) / one.viewBox.baseVal.width,
                boxes: [...one.querySelectorAll(".item > rect")].map(box =>
                    ["x", "y", "width", "height"].map(name => Number(box.getAttribute(name))))}))""",
        )
        assert len(parts) > 1
        seen = []
        for part in parts:
            assert part["scale"] > 0.6
            low, long = part["view"][0 if across else 1], part["view"][2 if across else 3]
            for number, box in enumerate(part["boxes"]):
                at, size = box[0 if across else 1], box[2 if across else 3]
                if at < low + long and low < at + size:
                    assert low < at
                    assert at + size < low + long
                    seen.append(number)
        assert sorted(seen) == list(range(opened.page.locator("#graph > svg .item").count()))
        opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert opened.page.locator("#graph .sheets").count() == 0


def test_paper_holds_all_and_no_button(chromium: Any, pages: Any, tmp_path: Path) -> None:
    """The text of a printed page, as another program reads it: every layer and the total, and nothing that is
    to be clicked."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    with Opened(chromium, pages("vgg16"), dark=True) as opened:
        path = tmp_path / "page.pdf"
        opened.page.pdf(path=str(path), prefer_css_page_size=True, format="A4")
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    summary = archcalc.load("vgg16").summary()
    for layer in summary.layers:
        if layer.op.name in ("conv", "maxpool", "fc"):
            assert text.count(layer.name) >= 2, layer.name  # in the graph and in the table
    assert "138,357,544" in text
    for word in ("Search", "Columns", "Whole graph", "Copy", "choose a unit", "can be dropped"):
        assert word not in text
    assert text.count("\f") <= 6
