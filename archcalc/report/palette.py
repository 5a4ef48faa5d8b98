"""The colours of pages, light, dark and on paper, and their font: CSS that every page begins with."""

from __future__ import annotations

from collections.abc import Mapping

_LIGHT = {
    "ink": "#1b1f24",
    "aside": "#57606a",
    "rule": "#d1d9e0",
    "paper": "#ffffff",
    "plate": "#f6f8fa",
    "accent": "#0b57a4",
    "chosen": "#fff3c4",
    "good": "#1a7f37",
    "bad": "#b3261e",
    "warn": "#7a5200",
    "cyan": "#0b6e82",
    "magenta": "#8b2b8b",
    "bar": "#4f7fb5",
    "input": "#e7e9ec",
    "weighted": "#d6e6f8",
    "free": "#f1f1f1",
    "merge": "#fde6d3",
    "block": "#e3f1df",
    "repeat": "#ece2f5",
    "output": "#e7e9ec",
}
_DARK = {
    "ink": "#e6e9ec",
    "aside": "#a3adb8",
    "rule": "#3d444d",
    "paper": "#14171a",
    "plate": "#1d2126",
    "accent": "#7cb7f5",
    "chosen": "#4a3f12",
    "good": "#4ac26b",
    "bad": "#ff8a80",
    "warn": "#e3b341",
    "cyan": "#5cc8dd",
    "magenta": "#e29be2",
    "bar": "#6f9fd5",
    "input": "#2b3036",
    "weighted": "#1f3a56",
    "free": "#26292d",
    "merge": "#4d3420",
    "block": "#213a24",
    "repeat": "#382a48",
    "output": "#2b3036",
}
# Paper takes the light colours, whatever the reader's system has, with darker ink and no plates.
_PRINT = {
    **_LIGHT,
    "ink": "#000000",
    "aside": "#333333",
    "rule": "#999999",
    "plate": "#ffffff",
    "chosen": "#ffffff",
}


def _root(scheme: str, colours: Mapping[str, str]) -> str:
    lines = [f"  --{name}: {colour};" for name, colour in colours.items()]
    return "\n".join([":root {", f"  color-scheme: {scheme};", *lines, "}"])


PALETTE = f"""\
{_root("light dark", _LIGHT)}
@media (prefers-color-scheme: dark) {{
{_root("light dark", _DARK)}
}}
@media print {{
{_root("light", _PRINT)}
}}
body {{
  font-family: system-ui, sans-serif;
  color: var(--ink);
  background: var(--paper);
}}
"""
