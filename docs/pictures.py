"""Draws the README's pictures from real output: ``python docs/pictures.py`` (``--check`` compares)."""

from __future__ import annotations

import sys
from pathlib import Path

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
    }


def main() -> int:
    """Write the pictures, or compare them with what is there."""
    stale = []
    for name, text in pictures().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"out of date: {', '.join(stale)}; run python docs/pictures.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
