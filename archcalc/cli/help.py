"""Help, laid out and written as every other screen is; click says what there is to say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

import click

from ..report.lines import USUAL, Line, width_at_hand
from ..report.terminal import width_of
from .streams import write_screen

# Columns of the first column of a list at most, and between the two.
FIRST, BETWEEN = 30, 2
_OPTION = re.compile(r"(?<!\S)(--?[\w-]+)")
_DEFAULTS = re.compile(r"(  \[.+\])$")


class HelpLines(click.HelpFormatter):
    """Takes what click says, and makes lines of a screen of it."""

    def __init__(self) -> None:
        super().__init__(width=min(width_at_hand(sys.stdout), USUAL) - 2)
        self.lines: list[Line] = []

    def _indented(self, *parts: tuple[str, str]) -> None:
        self.lines.append([(" " * self.current_indent, ""), *parts])

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        from ..report.wrapping import broken

        head = f"{prefix or 'Usage: '}{prog} "
        for number, part in enumerate(broken(args, self.width - len(head))):
            self._indented((head if not number else " " * len(head), "title"), (part, ""))

    def write_heading(self, heading: str) -> None:
        self._indented((f"{heading}:", "title"))

    def write_paragraph(self) -> None:
        if self.lines:
            self.lines.append([])

    def write_text(self, text: str) -> None:
        from ..report.wrapping import broken

        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write_paragraph()
            for part in broken(" ".join(paragraph.split()), self.width - self.current_indent):
                self._indented((part, ""))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = FIRST, col_spacing: int = BETWEEN
    ) -> None:
        from ..report.terminal import folded

        rows = list(rows)
        most = min(col_max, self.width * 2 // 5)
        wide = min(max(width_of(first) for first, _ in rows), most) + col_spacing
        for first, second in rows:
            width_left = wide - width_of(first)
            start = [(part, "option" if _OPTION.fullmatch(part) else "") for part in _OPTION.split(first)]
            if not first.startswith("-"):
                start = [(first, "option")]
            if width_left < col_spacing:
                for line in folded(start, self.width - self.current_indent):
                    self._indented(*line)
                start, width_left = [], wide
            text: Line = [
                (part, "aside" if number else "") for number, part in enumerate(_DEFAULTS.split(second))
            ]
            for line in folded(text, self.width - wide - 2):
                self._indented(*start, (" " * width_left, ""), *line)
                start, width_left = [], wide


def show_help(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Write the help of a command, and end."""
    if wanted and not context.resilient_parsing:
        formatter = HelpLines()
        context.command.format_help(context, formatter)
        write_screen(formatter.lines)
        context.exit()


class Command(click.Command):
    """A command whose help is a screen."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = show_help
        return option
