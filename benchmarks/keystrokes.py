"""From a keystroke in `archcalc serve` to the shape behind the line, in Chromium, beside a bare server.

The bare server is starlette with uvicorn too, and sends an answer of the same size that it need not compute:
what it takes is the way there and back. Both are measured by clocks of the browser, in turn.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
# Milliseconds between two keys: ten a second is fast typing.
PACE = 100

# The line behind which one is typed in: the last of the network.
LAST = "loss3: fc classes -> softmax"
# The shape of the line that is typed, when it is there; and what each question took.
WATCH = """
() => {
  const spec = document.getElementById("spec");
  const behind = document.getElementById("behind");
  window.taken = [];
  window.asked = [];
  let began = null;
  const shown = () => behind.querySelector(".here .ghost")?.textContent;
  const wanted = () => /(\\d+)$/.exec(spec.value.slice(0, spec.selectionEnd))?.[1];
  spec.addEventListener("input", (event) => { began = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (began !== null && shown() === wanted()) {
      window.taken.push(performance.now() - began);
      began = null;
    }
  }).observe(behind, { childList: true, subtree: true, characterData: true });
  const original = window.fetch;
  window.fetch = async (...words) => {
    const start = performance.now();
    const answer = await original(...words);
    const text = await answer.text();
    const { what } = JSON.parse(words[1].body);
    if (what === "lines") {
      window.asked.push([performance.now() - start, words[1].body.length, text.length]);
    }
    return { ok: answer.ok, status: answer.status, json: async () => JSON.parse(text) };
  };
}
"""
BARE = """
async (length) => {
  const body = "x".repeat(length);
  const start = performance.now();
  const answer = await fetch("answer", { method: "POST", body });
  await answer.json();
  return performance.now() - start;
}
"""


def program() -> str | None:
    """Where Chromium is."""
    named = os.environ.get("ARCHCALC_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@contextmanager
def server(*words: str) -> Iterator[str]:
    """A server in a process of its own. Gives the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def measure(keys: int, target: str = "googlenet") -> dict[str, list[float]]:
    """Type that many keys. Gives milliseconds: of keystrokes until the shape, of their questions, of the bare
    server."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {"keystroke": [], "question": [], "bare": []}
    with sync_playwright() as driver, server("archcalc", "serve", target) as address:
        running = driver.chromium.launch(executable_path=program(), args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        page.evaluate(WATCH)
        page.focus("#spec")
        page.evaluate(
            "words => spec.setSelectionRange(...Array(2).fill(spec.value.lastIndexOf(words)))", LAST
        )
        page.keyboard.press("End")
        page.keyboard.type("\nfc 1")
        warm, most = 6, 4
        length, size = typed(page, warm, most, found)
        with server("benchmarks.keystrokes", str(size)) as other:
            bare = running.new_page()
            bare.goto(other)
            for _ in range(warm):
                bare.evaluate(BARE, length)
            for each in found.values():
                each.clear()
            for _ in range(max(1, keys // 10)):
                page.bring_to_front()
                typed(page, 10, most, found)
                bare.bring_to_front()
                for _ in range(10):
                    found["bare"].append(bare.evaluate(BARE, length))
                    bare.wait_for_timeout(10)
        running.close()
    return found


def typed(page: Any, keys: int, most: int, found: dict[str, list[float]]) -> tuple[int, int]:
    """Type numbers, and delete them. Gives the lengths of the last question and its answer."""
    page.evaluate("taken.length = asked.length = 0")
    for _ in range(keys):
        digits = len(page.evaluate("spec.value.slice(0, spec.selectionEnd)").rpartition(" ")[2])
        page.keyboard.press("Backspace" if digits >= most else "1")
        page.wait_for_timeout(PACE)
    page.wait_for_timeout(600)
    found["keystroke"] += page.evaluate("taken")
    asked = page.evaluate("asked")
    found["question"] += [each[0] for each in asked]
    return asked[-1][1], asked[-1][2]


def percentile(values: list[float], part: float) -> float:
    """The value below which a part of the values lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def rows(keys: int) -> Iterator[tuple[str, str]]:
    """What the report says."""
    found = measure(keys)
    keystrokes, questions, bare = found["keystroke"], found["question"], found["bare"]
    middle, asked, way = (statistics.median(each) for each in (keystrokes, questions, bare))
    yield (
        "googlenet in serve: key to shape / a bare answer of its size",
        f"{middle / way:.1f} x   ({middle:.0f} / {way:.1f} ms, 95th percentile"
        f" {percentile(keystrokes, 0.95):.0f} ms)   under 50 ms",
    )
    yield (
        "googlenet in serve: the server's share of a keystroke",
        f"{asked / middle:.0%}   ({asked:.0f} ms of {middle:.0f})",
    )


def bare_server(size: int) -> None:
    """Serve an empty page, and an answer of a size."""
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Route

    answer = json.dumps("x" * (size - 2)).encode()

    async def page(request: Request) -> Response:
        return HTMLResponse("<!DOCTYPE html><title>bare</title>")

    async def answered(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    made = Starlette(routes=[Route("/", page), Route("/answer", answered, methods=["POST"])])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
        config = uvicorn.Config(made, log_level="error", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    bare_server(int(sys.argv[1]))
