"""The editor of `archcalc serve` in a browser: what is typed, links, and what a tab keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import browser
from editor import Tab, serving, settled
from test_serve import TWO


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of a server in a process of its own."""
    with serving("lenet5") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


def test_what_is_typed_is_computed(chromium: Any, served: str) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    assert "lenet5" in page.inner_text("h1")
    page.fill("#spec", "net mine k=8\n  input 32x32x3\n  conv 5x5 k\n  fc 10\n")
    settled(page, 2)
    assert page.inner_text("h1") == "mine"
    assert "28x28x8" in page.inner_text("#behind")
    assert "63,338" in page.inner_text("#table tfoot")
    # A slider changes the parameter.
    page.fill('#parameters input[type="text"]', "4")
    page.locator('#parameters input[type="text"]').dispatch_event("change")
    settled(page, 3)
    assert "28x28x4" in page.inner_text("#behind")
    # An error is said at its place, and what was drawn stays.
    page.fill("#spec", "net mine\n  input 32x32x3\n  convv 5x5 8\n")
    settled(page, 4)
    assert "line 3" in page.inner_text("#diagnostics")
    assert "those of the last text without errors" in page.inner_text("#diagnostics")
    assert page.locator("#behind mark.error").inner_text() == "convv"
    assert page.inner_text("h1") == "mine"
    assert faults == []
    page.close()


def test_two_tabs_do_not_disturb_each_other(chromium: Any, served: str) -> None:
    pages = [chromium.new_page() for _ in range(2)]
    for number, page in enumerate(pages):
        page.goto(served)
        page.wait_for_selector("html[data-ready]", timeout=20_000)
        page.fill("#spec", f"net tab{number}\n  input 8x8x3\n  conv 3x3 {number + 2}\n")
    for number, page in enumerate(pages):
        settled(page, 2)
        assert page.inner_text("h1") == f"tab{number}"
        assert f"6x6x{number + 2}" in page.inner_text("#behind")
        page.close()


def test_a_link_holds_the_spec(chromium: Any, served: str) -> None:
    page = chromium.new_page()
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    page.fill("#spec", "# née <b>\nnet a\n  input 8x8x3\n  conv 3x3 2\n")
    page.click("#link")
    address = page.url
    page.close()
    other = chromium.new_page()
    other.goto(address)
    other.wait_for_selector("html[data-ready]", timeout=20_000)
    assert other.input_value("#spec").startswith("# née <b>\n")
    other.close()


def test_the_editor_stands_beside_the_graph(chromium: Any, served: str) -> None:
    """On a wide screen; on a narrow one nothing is wider than the screen."""
    page = chromium.new_page(viewport={"width": 1600, "height": 1000})
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    editor, graph = (page.locator(name).bounding_box() for name in ("#editor-section", "#graph-section"))
    assert editor["x"] + editor["width"] <= graph["x"]
    assert abs(editor["y"] - graph["y"]) < 5
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_keys_of_the_editor(chromium: Any, served: str) -> None:
    """Tab indents and can be undone; Escape is the way out for those who have keys alone."""
    page = chromium.new_page()
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    page.fill("#spec", "net a\n  input 8x8x3\n")
    page.focus("#spec")
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.keyboard.type("relu")
    page.keyboard.press("Enter")
    page.keyboard.type("fc 2")
    assert page.input_value("#spec") == "net a\n  input 8x8x3\n  relu\n  fc 2"
    page.keyboard.press("Shift+Tab")
    assert page.input_value("#spec").endswith("\nfc 2")
    page.keyboard.press("Control+z")
    assert page.input_value("#spec").endswith("\n  fc 2")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "spec"
    page.close()


def test_a_network_is_chosen_and_a_page_loaded_again_is_as_it_was(chromium: Any, served: str) -> None:
    page = chromium.new_page()
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    page.fill("#spec", TWO)
    settled(page, 2)
    assert page.inner_text("h1") == "a"
    page.select_option("#net", "b")
    settled(page, 3)
    assert page.inner_text("h1") == "b"
    page.reload()
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    settled(page, 1)
    assert page.input_value("#spec") == TWO
    assert page.inner_text("h1") == "b"
    # A long spec in a link, and the way back from it.
    page.fill("#spec", f"{TWO}# {'x' * 50_000}\n")
    page.click("#link")
    address = page.url
    page.close()
    other = chromium.new_page()
    other.goto(address)
    other.wait_for_selector("html[data-ready]", timeout=20_000)
    assert len(other.input_value("#spec")) > 50_000
    assert other.inner_text("h1") == "b"
    other.close()


def test_the_text_and_what_stands_behind_it_scroll_together(chromium: Any, served: str) -> None:
    """To the last line and the end of the longest; defeats scroll bars of one of them."""
    page = chromium.new_page()
    page.goto(served)
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    page.fill("#spec", "net a\n  input 8x8x3\n" + "  relu\n" * 80 + f"  conv 3x3 4 # {'long ' * 60}\n")
    settled(page, 2)
    page.evaluate("spec.scrollTo(99999, 99999)")
    page.wait_for_timeout(200)
    same = page.evaluate("[spec.scrollTop - behind.scrollTop, spec.scrollLeft - behind.scrollLeft]")
    assert same == [0, 0]
    page.evaluate("spec.scrollTo(0, 99999)")
    page.wait_for_timeout(200)
    shape = page.locator("#behind .ghost").last
    assert shape.inner_text() == "6x6x4"
    assert shape.bounding_box()["x"] + 20 < page.evaluate("spec.getBoundingClientRect().right")
    page.close()


def test_the_editor_has_names_for_all_its_parts(chromium: Any, served: str) -> None:
    """For a reader without a mouse or a screen; with faults, with parameters, and without the server."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with Tab(chromium, served) as tab:

        def serious() -> list[str]:
            found = axe.Axe().run(tab.page).response["violations"]
            return [each["id"] for each in found if each["impact"] in ("serious", "critical")]

        tab.type("net a k=3\n  input 8x8x3\n  conv 3x3 k\n")
        assert serious() == []
        tab.type("net a k=3\n  input 8x8x3\n  convv 3x3 k\n")
        assert serious() == []
        tab.page.route("**/answer", lambda route: route.abort())
        tab.page.keyboard.type("# ")
        tab.page.locator("#lost").wait_for()
        assert serious() == []
