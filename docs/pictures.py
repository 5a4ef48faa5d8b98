"""Draws pictures of the README and of docs/ from real output: ``docs/pictures.py`` (``--check`` compares)."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from generated import write_or_compare

from archcalc import load, sweep
from archcalc.report.screens.rf import rf_sheets
from archcalc.report.screens.summary import summary_sheets
from archcalc.report.sheet import Space, screen
from archcalc.report.terminal import svg

HERE = Path(__file__).parent


def pictures() -> dict[str, str]:
    """All pictures, by file name."""
    vgg16, resnet18 = load("vgg16").summary(), load("resnet18").summary()
    wide, wider = Space(110, True), Space(120, True)
    table = summary_sheets(vgg16, wide)
    fields = rf_sheets(resnet18, resnet18.layers, wider)
    return {
        "summary_vgg16.svg": svg(screen(table, wide), "archcalc summary vgg16"),
        "rf_resnet18.svg": svg(screen(fields, wider), "archcalc rf resnet18"),
        "volumes_alexnet.svg": load("alexnet").draw(style="volumes"),
        "levels_unet.svg": load("unet").draw(style="unet"),
        **searches(),
        "roofline_mobilenet_v2.svg": load("mobilenet_v2").time("t4", dtype="fp16").plot().decode(),
    }


def searches() -> dict[str, str]:
    """The two searches of sweep.md."""
    mobilenet = sweep(
        "mobilenet_v2",
        {"width": "0.5..1.4:0.05", "expansion": "2..8", "input": "96..256:16"},
        where="params <= 3M and macs <= 150M",
        pareto="-params,-macs",
        plot="params,macs",
    )
    microcontroller = sweep(
        "mobilenet",
        {"width": "0.125..1:0.125", "input": "48..224:8", "classes": 2},
        dtype="int8",
        where="peak <= 256KiB and param_bytes <= 1MiB",
        pareto="peak,-macs",
        plot="peak,macs",
    )
    return {
        "sweep_mobilenet_v2.svg": mobilenet.plot().decode(),
        "sweep_microcontroller.svg": microcontroller.plot().decode(),
    }


def picture_of_page() -> None:
    """Draw the page of a network as a browser shows it. Its letters are those of the machine, so the picture
    is not compared; without Chromium and playwright it stays as it is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None or not (find_spec("playwright") and find_spec("PIL")):
        print("page_resnet50.png stays as it is: there is no Chromium, no playwright or no Pillow")
        return
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "resnet50.html"
        file.write_text(load("resnet50").page(), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": 1360, "height": 900})
        shown.goto(f"{file.as_uri()}#conv3_1")
        shown.wait_for_selector("html[data-ready]")
        shown.locator("tr.chosen [data-quantity]").nth(1).click()
        shown.mouse.move(0, 0)
        picture = (
            Image.open(BytesIO(shown.screenshot())).convert("RGB").quantize(192, dither=Image.Dither.NONE)
        )
        picture.save(HERE / "page_resnet50.png", optimize=True)
        browser.close()


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    if "--check" not in sys.argv:
        picture_of_page()
    return write_or_compare({HERE / name: text for name, text in pictures().items()})


if __name__ == "__main__":
    sys.exit(main())
