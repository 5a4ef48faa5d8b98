"""The editor of `archcalc serve` with long texts, odd signs, slow answers, and a server that goes away."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from browser import browser
from editor import Tab, serving

from archcalc.serving.answering import answer

SMALL = "net a\n  input 8x8x3\n  conv 3x3 4\n"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with serving("8x8x3 -> conv 3x3 4") as address:
        yield address


# Long texts ---------------------------------------------------------------------------------------


def test_a_key_in_a_long_text_changes_one_line_of_the_page(chromium: Any, served: str) -> None:
    """Defeats a mirror that is built anew, all its lines, with each key and each answer."""
    with Tab(chromium, served) as tab:
        tab.type(SMALL + "# a comment\n" * 5000 + "  relu")
        tab.page.evaluate(
            "() => { window.changed = 0; const add = each => { window.changed += each.addedNodes.length; };"
            " const seen = new MutationObserver(found => found.forEach(add));"
            " seen.observe(behind, { childList: true, subtree: true }); }"
        )
        for key in ("Space", "#", "x", "Enter", *["Backspace"] * 4):
            tab.page.keyboard.press(key)
        tab.idle()
        assert tab.spec.endswith("  relu #")
        assert tab.text("#behind .ghost >> nth=-1") == "6x6x4"
        assert 0 < tab.page.evaluate("changed") < 60
        assert tab.page.evaluate("behind.innerText.replaceAll(/6x6x4/g, '').split('\\n').length") >= 5000


@pytest.mark.slow
def test_answers_grow_with_the_layers_alone() -> None:
    """Defeats a rule for the lines or the record that takes the square, and so sixteen times as long."""
    took: dict[tuple[str, int], float] = {}
    for count in (400, 1600, 400, 1600):
        text = "net a\n  input 32x32x3\n" + "  conv 3x3 4 pad=1\n" * count
        for what in ("lines", "page"):
            start = time.process_time()
            found = answer({"text": text + " " * len(took), "parameters": {}, "what": what})
            spent = time.process_time() - start
            assert len(found["shapes"]) == count
            took[what, count] = min(spent, took.get((what, count), spent))
    for what in ("lines", "page"):
        assert took[what, 1600] < 10 * took[what, 400], took


@pytest.mark.slow
def test_a_network_of_thousands_of_layers_is_drawn_in_parts(chromium: Any, served: str) -> None:
    """In a row they would be laid out for a minute, and nothing could be typed meanwhile."""
    with Tab(chromium, served) as tab:
        tab.type("net a\n  input 32x32x3\n" + "  conv 3x3 4 pad=1\n" * 4990)
        assert tab.text("h1") == "a"
        assert tab.page.locator("#graph .item").count() < 60
        assert "738,484" in tab.text("#totals")
        rows = tab.page.locator("#table tbody tr")
        assert (
            rows.nth(1).inner_text().startswith("▸\tconv1 … conv1600")
            or "conv1 …" in rows.nth(1).inner_text()
        )
        # More than there may be: one message, and the network that was drawn stays.
        tab.type("net a\n  input 32x32x3\n" + "  conv 3x3 4 pad=1\n" * 6000)
        assert "5,000" in tab.text("#diagnostics")
        assert "738,484" in tab.text("#totals")
        assert tab.faults == []


@pytest.mark.slow
def test_a_very_long_line_and_much_text_at_once(chromium: Any, served: str) -> None:
    """100 kB in one line, and 100 kB in many; what is too long has one message."""
    with Tab(chromium, served) as tab:
        tab.type(SMALL + "# " + "long " * 20_000)
        assert "6x6x4" in tab.text("#behind .ghost >> nth=0")
        tab.type(SMALL + "# more of it\n" * 8000)
        assert "6x6x4" in tab.text("#behind .ghost >> nth=0")
        assert tab.page.locator("#diagnostics li").count() == 0
        tab.type(SMALL + f"# {'too ' * 250}\n" * 1050)
        assert "1,048,576 characters" in tab.text("#diagnostics")
        # Thousands of faults, one on each line.
        tab.type("net a\n  input 8x8x3\n" + "  convv 3x3\n" * 3000)
        assert tab.page.locator("#diagnostics li").count() > 0
        tab.type(SMALL)
        assert tab.page.locator("#diagnostics li").count() == 0
        assert tab.faults == []


# Signs, undo, and where things stand ----------------------------------------------------------------


def test_marks_stand_below_their_words_behind_any_signs(chromium: Any, served: str) -> None:
    """Behind a sign outside of the first plane, which a browser counts twice, and behind tabs."""
    with Tab(chromium, served) as tab:
        for line in (
            '  note "🙂🙂" convv',
            "  relu # \t -> convv",
            "  relu ->\tconvv 3x3 4",
            '  note "née 漢字"  convv',
            "  conv 3x3 4 # 🙂",
        ):
            tab.type(f"net a\n  input 8x8x3\n{line}\n  relu\n")
            for mark in tab.page.locator("#behind mark").all():
                assert mark.inner_text() == "convv", line
            button = tab.page.locator("#diagnostics button")
            if button.count():
                button.first.click()
                assert (
                    tab.page.evaluate("spec.value.slice(spec.selectionStart, spec.selectionEnd)") == "convv"
                )
            behind = tab.page.evaluate("[...behind.children].map(each => each.firstChild?.textContent ?? '')")
            assert len(behind) == tab.spec.count("\n") + 1
        assert tab.faults == []


def test_undo_goes_back_through_all_that_was_typed(chromium: Any, served: str) -> None:
    """Keys, Tab, Enter, and a paste; answers that come meanwhile take nothing from it."""
    with Tab(chromium, served) as tab:
        before = tab.spec
        tab.type(SMALL)
        tab.page.keyboard.press("Control+End")
        for key in ("Tab", "r", "e", "l", "u", "Enter", "f", "c"):
            tab.page.keyboard.press(key)
            tab.idle()
        assert tab.spec == SMALL + "  relu\n  fc"
        for _ in range(20):
            tab.page.keyboard.press("Control+z")
        assert tab.spec == before
        tab.idle()
        assert tab.text("#behind").replace("6x6x4", "").rstrip() == before.rstrip()


@pytest.mark.parametrize(("width", "dark"), [(390, False), (800, True), (1600, False)])
def test_the_text_and_its_mirror_stand_at_the_same_place(
    chromium: Any, served: str, width: int, dark: bool
) -> None:
    """Each letter of the mirror lies on that of the editor; defeats another font, tab or line height. What
    shows is the picture: the mirror in colour hides the text, so that no letter of the text looks out."""
    with Tab(chromium, served, width, dark) as tab:
        tab.type(
            f"net a\n\tinput 8x8x3\n  conv 3x3 4  # née 漢字 🙂 {'wide ' * 40}\n" + "  relu\n" * 60 + "\tfc 3"
        )
        for left, above in ((0, 0), (200, 0), (0, 400), (0, 99_999)):
            tab.page.evaluate("place => spec.scrollTo(...place)", [left, above])
            tab.page.wait_for_timeout(100)
            tab.page.add_style_tag(content="#behind .ghost, #behind mark { visibility: hidden }")
            tab.page.evaluate("spec.blur()")
            shots = []
            for ink, mirror in (("red", "transparent"), ("transparent", "red")):
                rules = f"#spec {{ color: {ink} !important }} #behind {{ color: {mirror} !important }}"
                tab.page.add_style_tag(content=rules)
                shots.append(tab.page.locator("#editor").screenshot())
            assert alike(*shots) > 0.96, (left, above)


def alike(one: bytes, other: bytes) -> float:
    """The part of the red of two pictures that they have in common."""
    import io

    numpy = pytest.importorskip("numpy")
    image = pytest.importorskip("PIL.Image")
    red = []
    for data in (one, other):
        values = numpy.asarray(image.open(io.BytesIO(data)).convert("RGB")).astype(int)
        red.append((values[..., 0] - values[..., 1] > 60)[:-12, :-18])  # without the scroll bars
    both = (red[0] & red[1]).sum()
    return float(both / max(1, (red[0] | red[1]).sum()))


# Links ------------------------------------------------------------------------------------------


def test_back_and_forward_go_from_spec_to_spec(chromium: Any, served: str) -> None:
    """And each has what was typed in it; an address that holds a spec is kept in step with it."""
    with Tab(chromium, served) as tab:
        tab.type(SMALL)
        tab.page.click("#link")
        first = tab.page.url
        tab.page.click("#link")
        tab.page.goto(first.split("#")[0] + "#spec=bmV0IGIKICBpbnB1dCA4eDh4MwogIGZjIDIK")
        tab.page.locator("h1", has_text="b").wait_for()
        assert tab.spec == "net b\n  input 8x8x3\n  fc 2\n"
        tab.type("net c\n  input 8x8x3\n  fc 3\n")
        assert tab.page.url != first
        tab.page.go_back()
        tab.page.wait_for_function("() => spec.value.startsWith('net a')")
        tab.idle()
        assert tab.text("h1") == "a"
        assert tab.page.url == first
        tab.page.go_forward()
        tab.page.wait_for_function("() => spec.value.startsWith('net c')")
        tab.idle()
        assert tab.text("h1") == "c"
        other = tab.context.new_page()
        other.goto(tab.page.url)
        other.wait_for_selector("html[data-ready]")
        assert other.input_value("#spec").startswith("net c")
        other.goto(first.split("#")[0] + "#spec=!!")
        other.locator("#diagnostics", has_text="the link holds no spec that can be read").wait_for()
        assert tab.faults == []


# Slow answers, and none -----------------------------------------------------------------------------


def test_lines_are_answered_while_the_network_is_computed(chromium: Any, served: str) -> None:
    """Defeats one queue for both: a network that takes seconds would hold up each key."""
    with Tab(chromium, served) as tab:
        held: list[Any] = []

        def slow(route: Any) -> None:
            if json.loads(route.request.post_data)["what"] == "page" and not held:
                held.append(route)
            else:
                route.continue_()

        tab.page.route("**/answer", slow)
        tab.page.evaluate("t => { spec.value = t; spec.dispatchEvent(new Event('input')); }", SMALL)
        for _ in range(100):
            tab.page.wait_for_timeout(20)
            if held:
                break
        assert held
        tab.page.evaluate(
            "t => { spec.value = t; spec.dispatchEvent(new Event('input')); }", SMALL.replace("4", "7")
        )
        tab.page.wait_for_function(
            "() => behind.querySelector('.ghost')?.textContent === '6x6x7'", timeout=10_000
        )
        held[0].continue_()
        tab.idle()
        assert "6x6x7" in tab.text("#table")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_server_that_is_started_again_gets_what_was_typed(chromium: Any) -> None:
    """The tab says that nobody answers, and goes to the new address with its spec."""
    port = str(free_port())
    with serving("--port", port) as address:
        tab = Tab(chromium, address)
        tab.type(SMALL)
    with tab:
        tab.page.focus("#spec")
        tab.page.keyboard.press("Control+End")
        tab.page.keyboard.type("  relu")
        tab.page.locator("#lost", has_text="the server does not answer").wait_for()
        with serving("--port", port) as other:
            assert other != address
            tab.page.locator("#lost", has_text="was started again").wait_for(timeout=20_000)
            tab.page.fill("#elsewhere", "http://evil.example/")
            tab.page.click("#move button")
            assert tab.page.url == address
            tab.page.fill("#elsewhere", other)
            tab.page.click("#move button")
            tab.page.wait_for_url(f"{other}**")
            tab.page.wait_for_selector("html[data-ready]")
            tab.idle()
            assert tab.spec == SMALL + "  relu"
            assert tab.text("h1") == "a"


def test_a_server_that_comes_back_is_asked_again(chromium: Any, served: str) -> None:
    """Without a key: defeats a tab that stays lost until somebody types."""
    with Tab(chromium, served) as tab:
        tab.page.route("**/answer", lambda route: route.abort())
        tab.page.focus("#spec")
        tab.page.keyboard.press("Control+End")
        tab.page.keyboard.type(" -> relu")
        tab.page.locator("#lost").wait_for()
        tab.page.unroute("**/answer")
        tab.page.locator("#lost").wait_for(state="detached", timeout=20_000)
        tab.idle()
        assert "relu" in tab.text("#table")


# Targets ------------------------------------------------------------------------------------------


def test_a_target_can_stand_on_standard_input() -> None:
    import urllib.request

    with serving("-", text="net given k=3\n  input 8x8x3\n  conv 3x3 k\n") as address:
        assert "net given k=3" in urllib.request.urlopen(address).read().decode()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.arch"], "there is no file missing.arch"),
        (["missing.onnx"], "there is no file missing.onnx"),
        (["missing.keras"], "there is no file missing.keras"),
        (["nosuchnet"], "no network of the zoo is called `nosuchnet`"),
        (["lenet5", "vgg16"], "`vgg16` is one word too many"),
    ],
)
def test_a_target_that_is_not_there_has_one_message(words: list[str], message: str) -> None:
    refused(words, message)


def test_a_port_in_use_has_one_message() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(["--port", port], f"port {port} cannot be used")


def refused(words: list[str], message: str) -> None:
    command = [sys.executable, "-m", "archcalc", "serve", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("error[") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_answers_leave_without_delay(monkeypatch: Any) -> None:
    """A socket that is not marked as TCP keeps Nagle's delay, 40 ms between the head of an answer and its
    body: asyncio turns it off for marked ones alone."""
    uvicorn = pytest.importorskip("uvicorn")
    pytest.importorskip("starlette")
    from click.testing import CliRunner

    from archcalc.cli import serve

    seen: list[int] = []
    monkeypatch.setattr(
        uvicorn.Server, "run", lambda self, sockets: seen.extend(each.proto for each in sockets)
    )
    assert CliRunner().invoke(serve.command, []).exit_code == 0
    assert seen == [socket.IPPROTO_TCP]
