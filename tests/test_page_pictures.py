"""How pages look: the boxes and colours of their parts, and pictures of them, kept in ``golden/page/``.

After a change that was meant, write them anew and look at the pictures:

    python tests/test_page_pictures.py && git diff --stat tests/golden/page
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from browser import Opened, browser

import archcalc

GOLDEN = Path(__file__).parent / "golden" / "page"
NETS = ("vgg16", "googlenet")
SCHEMES = ("light", "dark")
WIDTHS = (390, 800, 1600)
# The size of a picture: the head of the page, the graph, the table's first rows.
WIDE, HIGH = 800, 1400
# Sides of the cells whose mean colours are compared, how far these may be apart, of 255, and how many of all
# may be: letters of another version of the browser differ at their edges alone.
CELL, APART, MOST = 4, 24, 0.001

# Parts that stand where they stand whatever the letters are: left edge and width.
PARTS = (
    "header",
    "#graph-section",
    "#graph",
    "#table-section",
    "#table",
    "#derivation-section",
    "#field-section",
    "#map-drawing",
    "#depth-section",
    "#facts-section",
)
COLOURS = (
    ("body", "backgroundColor"),
    ("body", "color"),
    ("#title", "color"),
    ("#totals div", "backgroundColor"),
    ("#totals div", "borderTopColor"),
    ("section", "borderTopColor"),
    ("#graph .weighted rect", "fill"),
    ("#graph .free rect", "fill"),
    ("#graph .edge path", "stroke"),
    ("#table thead button", "color"),
    ("#table td.part", "backgroundImage"),
    ("#table tr.chosen", "backgroundColor"),
    ("#map-drawing .seen", "fill"),
    ("#map-drawing .plate", "fill"),
    ("#depth .bars", "fill"),
    (".good", "color"),
    (".bad", "color"),
)


FAULTS = (
    "td.part { background: none }",
    "#graph .free { visibility: hidden }",
    "#graph .edge text { fill: transparent; stroke: transparent }",
    "#table thead { position: relative; left: 4px }",
    "#totals { margin-top: 16px }",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures")
    write_pages(made)
    return made


def write_pages(folder: Path) -> None:
    for name in NETS:
        (folder / f"{name}.html").write_text(archcalc.load(name).page(), encoding="utf-8")


def opened(running: Any, folder: Path, name: str, width: int = WIDE, scheme: str = "light") -> Opened:
    return Opened(running, folder / f"{name}.html", width, scheme == "dark", HIGH)


def letters(page: Opened) -> str:
    """The font that the browser takes for the letters of the page, as it says itself."""
    session = page.context.new_cdp_session(page.page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "#table thead"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return ", ".join(sorted({font["familyName"] for font in fonts}))


def boxes(page: Opened) -> dict[str, list[float]]:
    """Left edge and width of each part."""
    found = {}
    for selector in PARTS:
        box = page.page.locator(selector).first.bounding_box()
        assert box is not None, selector
        found[selector] = [round(box["x"], 1), round(box["width"], 1)]
    return found


def colours(page: Opened) -> dict[str, str]:
    """The colours of the page's parts, a row being chosen."""
    page.page.locator("#table tbody tr [data-choose]").nth(1).click()
    page.page.mouse.move(0, 0)
    script = "([selector, style]) => getComputedStyle(document.querySelector(selector))[style]"
    return {
        f"{selector} {style}": page.page.evaluate(script, [selector, style]) for selector, style in COLOURS
    }


def picture(page: Opened) -> bytes:
    page.page.mouse.move(0, 0)
    shot: bytes = page.page.screenshot(clip={"x": 0, "y": 0, "width": WIDE, "height": HIGH})
    return shot


# Both pictures in cells, by the browser itself: no library reads PNGs for the tests.
_COMPARE = """
async ([one, other, cell, apart]) => {
  const read = async (text) => {
    const image = new Image();
    image.src = `data:image/png;base64,${text}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  };
  const [first, second] = [await read(one), await read(other)];
  if (first.width !== second.width || first.height !== second.height) {
    return { share: 1, first: [0, 0] };
  }
  const mean = (data, left, top, channel) => {
    let sum = 0;
    for (let y = top; y < top + cell; y += 1) {
      for (let x = left; x < left + cell; x += 1) {
        sum += data.data[4 * (y * data.width + x) + channel];
      }
    }
    return sum / cell / cell;
  };
  const differ = [];
  let all = 0;
  for (let top = 0; top + cell <= first.height; top += cell) {
    for (let left = 0; left + cell <= first.width; left += cell) {
      all += 1;
      const far = [0, 1, 2].some((channel) =>
        Math.abs(mean(first, left, top, channel) - mean(second, left, top, channel)) > apart);
      if (far) differ.push([left, top]);
    }
  }
  return { share: differ.length / all, first: differ[0] ?? null };
}
"""


def compared(running: Any, one: bytes, other: bytes) -> tuple[float, Any]:
    """The share of cells that differ, and the first of them: left and upper edge."""
    page = running.new_page()
    try:
        texts = [b64encode(shot).decode() for shot in (one, other)]
        found = page.evaluate(_COMPARE, [*texts, CELL, APART])
    finally:
        page.close()
    return found["share"], found["first"]


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / "parts.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_parts_stand_where_they_stood(chromium: Any, folder: Path, width: int) -> None:
    """Defeats a rule of CSS that moves a part at another width than the one that was looked at. What depends
    on letters is not compared."""
    with opened(chromium, folder, "googlenet", width) as page:
        assert boxes(page) == golden()["boxes"][str(width)]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_stands_on_one_line(chromium: Any, folder: Path, width: int) -> None:
    """Defeats a name a little lower than its figures, in rows that nothing folds."""
    script = """row => [...row.querySelectorAll("[data-choose], td.what, td.right button")].map(part => {
        const letters = document.createRange();
        letters.selectNodeContents(part.firstChild);
        return Math.round(letters.getBoundingClientRect().top);
    }).filter(top => top > 0)"""
    with opened(chromium, folder, "googlenet", width) as page:
        for row in page.page.locator("#table tbody tr").all()[:6]:
            tops = row.evaluate(script)
            assert len(tops) >= 6
            assert max(tops) - min(tops) <= 1, row.text_content()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_parts_have_their_colours(chromium: Any, folder: Path, scheme: str) -> None:
    """Defeats a rule that takes a colour from a part in one scheme alone."""
    with opened(chromium, folder, "vgg16", scheme=scheme) as page:
        assert colours(page) == golden()["colours"][scheme]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", NETS)
def test_pages_look_as_they_did(chromium: Any, folder: Path, name: str, scheme: str) -> None:
    """Pixel by pixel there is always a difference; by cells there is none unless something moved. With other
    letters nothing can be compared: then it is skipped, with their name."""
    with opened(chromium, folder, name, scheme=scheme) as page:
        mine, theirs = letters(page), golden()["letters"]
        if mine != theirs:
            pytest.skip(f"the letters here are of {mine}, those of the pictures of {theirs}")
        share, first = compared(chromium, picture(page), (GOLDEN / f"{name}-{scheme}.png").read_bytes())
        assert share <= MOST, f"{share:.2%} of the cells differ, the first at {first}"


def test_a_fault_shows_in_a_picture(chromium: Any, folder: Path) -> None:
    """What the comparison is to find, it finds: bars, boxes and shapes that are gone, heads and a page that
    moved. Two pictures of one page do not differ."""
    with opened(chromium, folder, "vgg16") as page:
        sound = picture(page)
        assert compared(chromium, sound, picture(page)) == (0, None)
        for fault in FAULTS:
            style = page.page.add_style_tag(content=fault)
            share, _ = compared(chromium, sound, picture(page))
            assert share > MOST, fault
            style.evaluate("element => element.remove()")


def smaller(shot: bytes) -> bytes:
    """A picture in fewer colours, so that it takes little room."""
    from PIL import Image

    made = BytesIO()
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def renew() -> None:
    """Write the goldens anew; without a browser, or Pillow, they stay."""
    if not find_spec("PIL"):
        print("golden/page stays as it is: there is no Pillow")
        return
    GOLDEN.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory() as name, browser() as running:
            folder = Path(name)
            write_pages(folder)
            parts: dict[str, Any] = {"boxes": {}, "colours": {}}
            for width in WIDTHS:
                with opened(running, folder, "googlenet", width) as page:
                    parts["boxes"][str(width)] = boxes(page)
                    parts["letters"] = letters(page)
            for scheme in SCHEMES:
                for net in NETS:
                    with opened(running, folder, net, scheme=scheme) as page:
                        shot = picture(page)
                        path = GOLDEN / f"{net}-{scheme}.png"
                        if not path.exists() or compared(running, shot, path.read_bytes())[0] > 0:
                            path.write_bytes(smaller(shot))
                        if net == "vgg16":
                            parts["colours"][scheme] = colours(page)
            text = json.dumps(parts, indent=2, sort_keys=True)
            (GOLDEN / "parts.json").write_text(f"{text}\n", encoding="utf-8")
    except pytest.skip.Exception as reason:
        print(f"golden/page stays as it is: {reason}")


if __name__ == "__main__":
    renew()
