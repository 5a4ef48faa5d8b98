"""The terminal, drawn by rich. This file alone imports rich, and only when a screen is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

from .lines import Line, as_shown, laid_out_for, trimmed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Role to style. A palette of 16 colours is the user's own, and so fits light and dark terminals;
# ``spec``, words of the language, looks like the rest.
STYLES = {
    "title": "bold",
    "sum": "bold",
    "aside": "dim",
    "params": "cyan",
    "macs": "magenta",
    "good": "green",
    "bad": "bold red",
    "second": "cyan",
    "warn": "bold yellow",
    "spec": "none",
}
# Papers, which are links where the terminal has them.
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def drawn(lines: Iterable[Line], stream: IO[str]) -> list[Text]:
    """Lines in signs that a stream can show."""
    with laid_out_for(stream):
        return [_text(line) for line in lines]


def write(texts: Sequence[Text], stream: IO[str]) -> None:
    """Write lines to a stream, with colour if it is a terminal. Raises OSError."""
    if texts:
        _console(stream).print(*texts, sep="\n", soft_wrap=True)


def _console(stream: IO[str]) -> Console:
    """A console that takes nobody's words for markup, and obeys the environment as rich does."""
    from rich.console import Console
    from rich.theme import Theme

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise  # the error of the pipe itself: the caller knows what it means

    return Terminal(
        file=stream, theme=Theme(STYLES, inherit=False), markup=False, emoji=False, highlight=False
    )


def _text(line: Line) -> Text:
    """A line as rich draws it."""
    from rich.text import Text

    text = Text.assemble(*[(as_shown(part), role) for part, role in trimmed(line)])
    text.highlight_regex(ARXIV, _link)
    return text


def _link(paper: str) -> str:
    return f"link https://arxiv.org/abs/{paper.partition(':')[2]}"
