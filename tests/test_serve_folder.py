"""`archcalc serve --export`: a folder in which Python runs in the browser."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from browser import browser

import archcalc


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@contextlib.contextmanager
def folder_served(folder: Any) -> Iterator[str]:
    """The address of a plain web server for a folder."""
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map: ClassVar = {
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".mjs": "text/javascript",
        }

        def log_message(self, format: str, *args: Any) -> None:
            pass

    made = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def written(folder: Any, text: str, place: str = "pyodide/") -> None:
    from archcalc.serving.exporting import exported

    for name, data in exported(text, place).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_a_folder_holds_the_licences_of_others(tmp_path: Any) -> None:
    written(tmp_path, "8x8x3 -> relu")
    for name in ("rich", "dagre"):
        assert "Permission is hereby granted" in (tmp_path / "licenses" / f"{name}.txt").read_text()


def test_a_folder_without_pyodide_says_so(chromium: Any, tmp_path: Any) -> None:
    written(tmp_path, "8x8x3 -> relu")
    with folder_served(tmp_path) as address:
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]", timeout=20_000)
        assert "Pyodide cannot be loaded from ./pyodide/" in page.inner_text("#diagnostics")
        page.close()


@pytest.mark.slow
@pytest.mark.parametrize("absolute", [False, True])
def test_a_folder_answers_with_python_in_the_browser(chromium: Any, tmp_path: Any, absolute: bool) -> None:
    """A folder of Pyodide is named by ARCHCALC_PYODIDE; it lies below the page, or at an address."""
    pyodide = os.environ.get("ARCHCALC_PYODIDE")
    if not pyodide:
        pytest.skip("ARCHCALC_PYODIDE names no folder of Pyodide")
    (tmp_path / "pyodide").symlink_to(pyodide)
    with folder_served(tmp_path) as address:
        written(tmp_path, "8x8x3 -> conv 3x3 4", f"{address}pyodide/" if absolute else "pyodide/")
        page = chromium.new_page()
        page.goto(address)
        page.locator("#state", has_text="Python starts").wait_for()
        begun = time.perf_counter()
        page.wait_for_selector("html[data-ready]", timeout=120_000)
        print(f"start {time.perf_counter() - begun:.1f} s")
        assert "6x6x4" in page.inner_text("#behind")
        source, numbers, _ = archcalc.load("googlenet").excerpt()
        page.fill("#spec", "\n".join([source.line(number) for number in numbers]))
        page.locator("h1", has_text="googlenet").wait_for(timeout=60_000)
        assert "6,998,552" in page.inner_text("#totals")
        begun = time.perf_counter()
        answered = int(page.get_attribute("html", "data-answered") or 0)
        page.focus("#spec")
        page.keyboard.type("\n")
        page.wait_for_selector(f'html[data-answered="{answered + 1}"]', timeout=30_000)
        print(f"keystroke {time.perf_counter() - begun:.2f} s")
        page.close()
