"""The colours of pages, light, dark and on paper, and their font: CSS that every page begins with."""

from __future__ import annotations

from collections.abc import Mapping

from .kinds import KINDS

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
    **{name: kind.light for name, kind in KINDS.items()},
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
    **{name: kind.dark for name, kind in KINDS.items()},
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
