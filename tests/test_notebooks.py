"""Notebooks: a real kernel runs one, and a browser shows what it put out, in the theme of the notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import browser

import archcalc

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "notebook.ipynb"
# Where a theme is stated, the dark one and the light one: by JupyterLab, VS Code and Colab.
HOSTS = (
    ('<body data-jp-theme-light="false">', '<body data-jp-theme-light="true">'),
    ('<body data-vscode-theme-kind="vscode-dark">', '<body data-vscode-theme-kind="vscode-light">'),
    ('<html theme="dark"><body>', '<html theme="light"><body>'),
)
# What a browser has of the system. Playwright would set it for a frame too, whatever stands around it.
SYSTEMS = {"light": (), "dark": ("--force-dark-mode",)}
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}


@pytest.fixture(scope="module", params=SYSTEMS)
def shown(request: Any) -> Iterator[Any]:
    """A system's colours, and a page of a browser that has them."""
    with browser(*SYSTEMS[request.param]) as running:
        yield request.param, running.new_context(color_scheme="null").new_page()


class Tags(HTMLParser):
    """The tags of a piece of HTML, each closed in its turn, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outputs(notebook: Any) -> list[dict[str, Any]]:
    """What the code cells show, one for each."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            (output,) = cell.outputs
            assert output.output_type == "execute_result", output
            found.append(dict(output.data))
    return found


@pytest.mark.slow
def test_a_real_notebook() -> None:
    """Every report has HTML of its own, and every drawing is a picture. Defeats an error in a formatter, of
    which IPython prints the traceback in the place of a picture, and a page that a notebook holds twice."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    import nbformat

    notebook = nbformat.read(EXAMPLE, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    net, drawing, volumes, page, *reports, number = outputs(notebook)
    assert "11,689,512" in Tags(net["text/html"]).text
    for picture in (drawing, volumes):
        assert "image/svg+xml" in picture or "text/vnd.mermaid" in picture
    assert volumes["image/svg+xml"].startswith("<svg ")
    assert "text/html" not in volumes
    assert "srcdoc=" in page["text/html"]
    assert len(page["text/plain"]) < 100
    assert number["text/plain"] == "1814073344"
    assert len(reports) == 9
    for report in reports:
        tags = Tags(report["text/html"])
        assert {"table", "pre"} & set(tags.tags)
        # The text is what a terminal shows, and no `<ExplanationReport object at 0x…>`.
        assert " object at " not in report["text/plain"]


def test_the_example_holds_no_outputs() -> None:
    """Defeats an example that somebody ran and saved: its outputs would be those of another version."""
    cells = json.loads(EXAMPLE.read_text(encoding="utf-8"))["cells"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells if "outputs" in cell)


def test_reports_say_what_they_are_about() -> None:
    """A derivation names its layer, its legend and its source; a table has its conventions below it. Defeats
    HTML that drops what has no place in a table."""
    net = archcalc.load("alexnet")
    html = Tags(net.explain("conv1", "params")._repr_html_()).text
    for part in ("conv1", "227x227x3", "34,944", "one bias per filter", "F kernel", "arXiv:1603.07285"):
        assert part in html, part
    html = Tags(net._repr_html_()).text
    for part in ("MACs of conv and fc, no bias", "fp32, batch 1", "peak", "AlexNet, one group"):
        assert part in html, part
    # The option of a command helps nobody here.
    assert "with -v" not in Tags(archcalc.load("resnet18")._repr_html_()).text
    html = Tags(archcalc.load("resnet18").receptive_field("conv3_1")._repr_html_()).text
    assert "conv3_1.add" in html
    assert "resnet basic" not in html


HOSTILE = (
    'net evil "</iframe></div><script>parent.hit = 1</script>\\" onload=x"\n  input 8x8x3\n  conv 3x3 4\n'
)


@pytest.mark.slow
def test_a_page_in_the_theme_of_the_notebook(shown: Any, tmp_path: Path) -> None:
    """The page has the colours of the notebook, whatever the system has. Defeats a white page in a dark
    notebook, a frame that may reach what is around it, and a name that ends the frame."""
    system, page = shown
    html = archcalc.load("-", stdin=HOSTILE).page()._repr_html_()
    path = tmp_path / "output.html"
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for scheme, start in [("dark", dark) for dark, _ in HOSTS] + [("light", light) for _, light in HOSTS]:
        requests.clear()
        path.write_text(f"<!DOCTYPE html>{start}{html}", encoding="utf-8")
        page.goto(path.as_uri())
        inside = page.frame_locator("iframe")
        inside.locator("html[data-ready]").wait_for(timeout=20_000)
        assert inside.locator("#name").inner_text() == "evil"
        assert "<script>" in inside.locator("#title").inner_text()
        body = inside.locator("body")
        colour = body.evaluate("body => getComputedStyle(body).backgroundColor")
        assert colour == PAPER[scheme], (system, start)
        assert page.evaluate("window.hit") is None
        reach = "() => { try { return parent.document.title } catch (error) { return error.name } }"
        assert body.evaluate(reach) == "SecurityError"
        assert requests in ([path.as_uri()], [path.as_uri(), "about:srcdoc"])
        height = page.evaluate("document.querySelector('iframe').getBoundingClientRect().height")
        assert 600 < height < 800


def test_without_a_theme_a_page_follows_the_system(shown: Any, tmp_path: Path) -> None:
    """Defeats a frame that is light wherever no theme is stated."""
    system, page = shown
    path = tmp_path / "output.html"
    path.write_text("<!DOCTYPE html>" + archcalc.load("8x8x3 -> conv 3x3 4").page()._repr_html_(), "utf-8")
    page.goto(path.as_uri())
    body = page.frame_locator("iframe").locator("html[data-ready] body")
    assert body.evaluate("body => getComputedStyle(body).backgroundColor") == PAPER[system]


def test_a_derivation_is_copied_out_of_the_frame(shown: Any, tmp_path: Path) -> None:
    """A click on a figure, and on *Copy*. Defeats a frame that the browser keeps from the clipboard, and a
    link to a layer that leaves the page."""
    _, page = shown
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    path = tmp_path / "output.html"
    path.write_text("<!DOCTYPE html>" + archcalc.load("8x8x3 -> conv 3x3 4").page()._repr_html_(), "utf-8")
    page.goto(path.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("#table tbody tr", has_text="conv1").get_by_text("112").click()
    assert "conv1" in inside.locator("#derived").inner_text()
    inside.locator("#copy").click()
    inside.locator("#copied", has_text="copied").wait_for(timeout=5_000)
    assert (faults, page.url) == ([], path.as_uri())


@pytest.mark.slow
def test_a_graph_that_is_drawn_before_its_frame_is_shown(shown: Any, tmp_path: Path) -> None:
    """JupyterLab puts an output in its place after its scripts ran. Defeats a graph beside its place, and one
    that leaves the place where a reader has put it."""
    _, page = shown
    html = archcalc.load("resnet18").page()._repr_html_()
    path = tmp_path / "output.html"
    path.write_text(f"<!DOCTYPE html><div id=output style='width:0'>{html}</div>", "utf-8")
    page.goto(path.as_uri())
    page.frame_locator("iframe").locator("html[data-ready]").wait_for(state="attached", timeout=20_000)
    inside = page.frame_locator("iframe").locator("body")
    middle = """() => {
      const middle = (box) => (box.left + box.right) / 2;
      const place = document.getElementById("graph").getBoundingClientRect();
      return middle(document.querySelector("#graph svg > g").getBoundingClientRect()) - middle(place);
    }"""
    for width in (900, 600):
        page.evaluate(f"document.getElementById('output').style.width = '{width}px'")
        page.wait_for_timeout(100)
        assert abs(inside.evaluate(middle)) < 40, width
    page.frame_locator("iframe").locator("#in").click()
    moved = inside.evaluate("document.querySelector('#graph svg > g').getAttribute('transform')")
    page.evaluate("document.getElementById('output').style.width = '900px'")
    page.wait_for_timeout(100)
    assert inside.evaluate("document.querySelector('#graph svg > g').getAttribute('transform')") == moved
