"""Draws pictures of the README and of docs/ from real output: ``docs/pictures.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from pathlib import Path

from generated import write_or_compare

from archcalc import load
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
    }


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({HERE / name: text for name, text in pictures().items()})


if __name__ == "__main__":
    sys.exit(main())
