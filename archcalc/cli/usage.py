"""A call that is wrong, in the words and the form of every other error."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import click

from ..diagnostics import Diagnostic, SpecError, fail, nearest

# A word that is cut where it is only repeated.
_LONG = re.compile(r"([^\s']{60})[^\s']+")


def no_command(word: str, commands: Iterable[str]) -> SpecError:
    """The error for a word that is no command: often a target without one."""
    from ..language.library import Library
    from ..language.zoo_path import normal
    from ..loading.targets import names_file

    zoo = {normal(name) for name in Library().zoo}
    if normal(word) in zoo or "->" in word or names_file(word):
        quoted = f'"{word}"' if "->" in word else word
        return fail("usage", f"`{word}` is a target, not a command", f"archcalc summary {quoted}")
    near = nearest(word, commands)
    return fail(
        "usage",
        f"no command is called `{word}`",
        *([f"did you mean `{near}`?"] if near else []),
        f"there are {', '.join(commands)}",
    )


def usage_diagnostics(error: click.ClickException | SpecError) -> Sequence[Diagnostic]:
    """The diagnostics of a wrong call."""
    if isinstance(error, SpecError):
        return error.diagnostics
    help = []
    message = error.format_message()
    if isinstance(error, click.exceptions.NoSuchOption):
        message = f"no option is called `{error.option_name}`"
        # The dashes, which all of them have, make no two options alike.
        bare = {name.lstrip("-"): f"`{name}`" for name in sorted(error.possibilities or ())}
        near = [bare[name] for name in bare if get_close_matches(error.option_name.lstrip("-"), [name])]
        if near:
            help.append(f"did you mean {' or '.join(near)}?")
    context = getattr(error, "ctx", None)
    if context is not None:
        help.append(f"{context.command_path} --help")
    message = _LONG.sub(r"\1…", message)
    message = message.replace("'", "`").replace("valid integer range", "whole number").rstrip(".")
    return [Diagnostic("usage", message[:1].lower() + message[1:], help=help)]


def form_asked_for(arguments: Sequence[str]) -> str:
    """The format of a call that could not be read: its last ``--format``, else ARCHCALC_FORMAT."""
    form = os.environ.get("ARCHCALC_FORMAT", "table")
    for index, argument in enumerate(arguments):
        if argument == "--format" and index + 1 < len(arguments):
            form = arguments[index + 1]
        elif argument.startswith("--format="):
            form = argument.partition("=")[2]
    return form
