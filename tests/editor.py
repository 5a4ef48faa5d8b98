"""The editor of `archcalc serve` in a browser: a server in a process of its own, and tabs of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def serving(*words: str, text: str | None = None) -> Iterator[str]:
    """The address of a server that is started with some words, and what stands on its standard input."""
    pytest.importorskip("uvicorn")
    pytest.importorskip("starlette")
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", "serve", *words],
        stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdin is not None:
            process.stdin.write(text or "")
            process.stdin.close()
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def settled(page: Any, number: int) -> None:
    """Wait until so many answers have come, and the network is drawn."""
    page.wait_for_function(
        "number => Number(document.documentElement.dataset.answered ?? 0) >= number"
        " && !document.documentElement.dataset.busy",
        arg=number,
        timeout=30_000,
    )


# Have a text in the clipboard, and all of the spec selected. (Many lines by insertText take minutes.)
COPY = """
(text) => {
  const from = document.body.appendChild(document.createElement("textarea"));
  from.value = text;
  from.select();
  document.execCommand("copy");
  from.remove();
  spec.focus();
  spec.select();
}
"""


class Tab:
    """A tab with the editor, and what it wrote to the console."""

    def __init__(self, running: Any, address: str, width: int = 1600, dark: bool = False):
        scheme = "dark" if dark else "light"
        self.context = running.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]", timeout=30_000)
        self.idle()

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *ended: object) -> None:
        self.context.close()

    def idle(self) -> None:
        """Wait until what is typed is answered and drawn."""
        self.page.wait_for_function("() => !document.documentElement.dataset.busy", timeout=30_000)

    def type(self, text: str) -> None:
        """Put a text in the place of the whole, by a paste, and wait until it is drawn."""
        self.page.evaluate(COPY, text)
        self.page.keyboard.press("Control+v")
        length = len(text.encode("utf-16-le")) // 2
        self.page.wait_for_function("length => spec.value.length === length", arg=length, timeout=30_000)
        self.idle()

    def text(self, selector: str) -> str:
        """The text of an element."""
        return str(self.page.inner_text(selector))

    @property
    def spec(self) -> str:
        """What stands in the editor."""
        return str(self.page.input_value("#spec"))
