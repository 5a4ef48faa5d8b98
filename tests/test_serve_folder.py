"""`archcalc serve --export`: a folder in which Python runs in the browser."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from browser import browser
from test_serve import PASTED

import archcalc
from archcalc.language.library import Library
from archcalc.serving.answering import answer


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@contextlib.contextmanager
def folder_served(folder: Any, policy: str = "") -> Iterator[str]:
    """The address of a plain web server for a folder, with a Content-Security-Policy of its own."""
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map: ClassVar = {
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".mjs": "text/javascript",
        }

        def end_headers(self) -> None:
            if policy:
                self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    made = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def written(folder: Any, text: str, place: str = "pyodide/", seconds: float = 20) -> None:
    from archcalc.serving.exporting import exported

    for name, data in exported(text, place, seconds=seconds).items():
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


# What a folder of Pyodide is for the page: a module that starts Python. This one knows two answers, and never
# comes to an end with a text that says so.
LIKE_PYODIDE = """
export async function loadPyodide() {
  return {
    unpackArchive() {},
    runPython: () => (question) => {
      const { text, what } = JSON.parse(question);
      while (text.includes("endless")) {
        // on and on
      }
      const shapes = { 1: text.length + "x1" };
      return JSON.stringify({ nets: [], net: null, diagnostics: [], shapes, parameters: {}, what });
    },
  };
}
"""


def test_python_that_takes_too_long_is_ended_and_starts_again(chromium: Any, tmp_path: Any) -> None:
    """Defeats a worker that computes on, and a page that waits for it forever."""
    written(tmp_path, "one", seconds=1.5)
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide" / "pyodide.mjs").write_text(LIKE_PYODIDE)
    with folder_served(tmp_path) as address:
        page = chromium.new_page()
        page.goto(address)
        page.locator("#behind .ghost", has_text="3x1").wait_for()
        page.fill("#spec", "endless")
        page.locator("#diagnostics", has_text="takes longer than 1.5 seconds").wait_for()
        assert page.locator("#behind .ghost").count() == 0
        page.fill("#spec", "other")
        page.locator("#behind .ghost", has_text="5x1").wait_for()
        assert page.inner_text("#diagnostics") == ""
        page.close()


POLICIES = [
    ("default-src 'self'", "#unstarted", "The scripts of this page do not run"),
    ("script-src 'self' 'unsafe-inline'; worker-src 'none'", "#diagnostics", "lacks worker-src 'self'"),
    (
        "script-src 'unsafe-inline'; worker-src 'self'",
        "#diagnostics",
        "the Content-Security-Policy of this site",
    ),
]


@pytest.mark.parametrize(("policy", "place", "message"), POLICIES)
def test_what_a_site_forbids_is_named(
    chromium: Any, tmp_path: Any, policy: str, place: str, message: str
) -> None:
    """Defeats an empty page, and a page that says forever that Python starts."""
    written(tmp_path, "one")
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide" / "pyodide.mjs").write_text(LIKE_PYODIDE)
    with folder_served(tmp_path, policy) as address:
        page = chromium.new_page()
        page.goto(address)
        page.locator(place, has_text=message).wait_for(timeout=15_000)
        page.close()


def test_a_page_opened_from_disk_says_what_it_needs(chromium: Any, tmp_path: Any) -> None:
    written(tmp_path, "one")
    page = chromium.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.locator("#diagnostics", has_text="python -m http.server").wait_for(timeout=15_000)
    page.close()


ANSWERED = """
import json, sys
sys.path[:] = [sys.argv[1], *sys.path]
from archcalc.serving.answering import answer
import archcalc
assert archcalc.__file__.startswith(sys.argv[1])
print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
"""


@pytest.mark.slow
def test_the_archive_answers_as_the_whole_does(tmp_path: Any) -> None:
    """With no package besides it, as in a browser; of networks of the zoo, and of texts of all tools. Defeats
    a part that is left out and needed."""
    written(tmp_path, "one")
    zipfile.ZipFile(tmp_path / "archcalc.zip").extractall(tmp_path / "unpacked")
    zoo = [*{str(path): path for path in Library().zoo.values()}.values()]
    texts = [*PASTED, *[Path(str(path)).read_text() for path in zoo]]
    questions: list[dict[str, Any]] = [
        {"text": text, "parameters": {}, "what": what} for text in texts for what in ("lines", "page")
    ]
    questions += [
        {"text": text, "parameters": {}, "what": "derivation", "layer": layer, "quantity": quantity}
        for text in texts[:12]
        for layer in (None, 1)
        for quantity in ("params", "macs", "memory", "output", "rf")
    ]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ANSWERED, str(tmp_path / "unpacked")],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == json.loads(json.dumps([answer(question) for question in questions]))
    assert sum("shapes" in each for each in found) > 60
    assert (tmp_path / "archcalc.zip").stat().st_size < 1.8e6


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
