"""The options of a multiple choice where a sheet lists them: they are the words of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A line of a list: `- b) 672`, `(B) 672`, `b. 672`.
_LISTED = re.compile(r"\s{0,20}[-*+]?\s{0,4}\(?([A-Za-z])[).:]\s{1,4}(\S.{0,200})")


def without_options(text: str, options: Sequence[Sequence[str]]) -> str:
    """A text with blank lines where all options of a question stand one below the other. A single one of
    them stays: it may be what a student answers."""
    lines = text.split("\n")
    listed = [_option(line) for line in lines]
    wanted = {tuple([_bare(option) for option in some]) for some in options}
    at = 0
    while at < len(lines):
        first = listed[at]
        if first is None or first[0] != "a":
            at += 1
            continue
        run: list[tuple[int, str]] = []
        for number in range(at, len(lines)):
            if listed[number] is None and lines[number].strip():
                break
            found = listed[number]
            if found is None:
                continue
            letter, value = found
            if letter != chr(ord("a") + len(run)):
                break
            run.append((number, value))
        if tuple([value for _, value in run]) in wanted:
            for number, _ in run:
                lines[number] = ""
        at = run[-1][0] + 1
    return "\n".join(lines)


def _option(line: str) -> tuple[str, str] | None:
    found = _LISTED.fullmatch(line.rstrip())
    return None if found is None else (found[1].lower(), _bare(found[2]))


def _bare(text: str) -> str:
    """An option without what sets its digits apart, and without marks of Markdown."""
    return re.sub(r"[\s,*`\\]", "", text).casefold()
