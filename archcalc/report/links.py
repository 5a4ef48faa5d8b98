"""Links to papers, for terminals that have them (OSC 8)."""

from __future__ import annotations

import os
import re

ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
# What terminals that show links say of themselves.
_VARIABLES = ("VTE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION", "WEZTERM_PANE", "KONSOLE_VERSION")
_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "rio")
_TERMS = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty")


def terminal_has_links() -> bool:
    """Whether the terminal is one of those known to show links."""
    known = os.environ
    return (
        any(known.get(name) for name in _VARIABLES)
        or known.get("TERM_PROGRAM") in _PROGRAMS
        or known.get("TERM", "").startswith(_TERMS)
    )


def linked(text: str) -> str:
    """A text whose arXiv numbers are links to the papers."""
    return ARXIV.sub(r"\033]8;;https://arxiv.org/abs/\1\033\\\g<0>\033]8;;\033\\", text)
