"""Headless Chromium for tests of pages: a browser for each worker, a page for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# What keeps Chromium from calling anybody by itself.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


def program() -> str | None:
    """Where Chromium is."""
    named = os.environ.get("ARCHCALC_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@contextmanager
def browser(*more: str) -> Iterator[Any]:
    """A running browser, started with further options. Skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = program()
    if path is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=[*QUIET, *more])
        try:
            yield running
        finally:
            running.close()


class Opened:
    """A page in a browser, with what it wrote to the console and what it asked the network for."""

    def __init__(
        self,
        running: Any,
        path: Path,
        width: int = 1600,
        dark: bool = False,
        height: int = 1000,
        touch: bool = False,
    ):
        self.context = running.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
        )
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *ended: object) -> None:
        self.context.close()

    def text(self, selector: str) -> str:
        """The text of an element."""
        return str(self.page.inner_text(selector))

    def rows(self) -> list[list[str]]:
        """The cells of the table's rows."""
        found = self.page.eval_on_selector_all(
            "#table tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return [list(row) for row in found]
