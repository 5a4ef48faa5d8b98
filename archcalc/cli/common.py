"""What commands share: options, targets, writing the answer, reporting what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..report.lines import Line, plain, terminal_width, write
from ..spec.diagnostics import NOTE, WARNING, Diagnostic, SpecError, fail

if TYPE_CHECKING:
    from ..network import Network

F = TypeVar("F", bound=Callable[..., Any])

ALL_FORMATS = ("table", "plain", "json", "csv")


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format``; ARCHCALC_FORMAT sets it for good."""
    return click.option(
        "--format", "form", type=click.Choice(formats or ALL_FORMATS), default="table",
        envvar="ARCHCALC_FORMAT", help="How to write the answer.  [default: table]",
    )  # fmt: skip


def output_options(function: F) -> F:
    """``--output`` and ``--width``."""
    function = click.option(
        "--width", type=click.IntRange(40, 10_000), metavar="N",
        help="Columns of the screen; by default the terminal's, and as many as needed elsewhere.",
    )(function)  # fmt: skip
    return click.option(
        "--output", "-o", metavar="FILE", type=click.Path(dir_okay=False),
        help="Write to a file: the whole of it or nothing.",
    )(function)  # fmt: skip


def network_options(function: F) -> F:
    """The options that say which network is meant."""
    options = [
        click.option("--input", "inputs", multiple=True, metavar="HxWxC",
                     help="Another input size; NAME=HxWxC where there are several inputs."),
        click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
                     help="Another value for a parameter, as in classes=10."),
        click.option("--until", metavar="LAYER", help="Only up to and including this layer or label."),
        click.option("--freeze", metavar="LAYER",
                     help="Hold the parameters up to and including this layer fixed."),
        click.option("--budget", type=click.IntRange(1, 10_000_000), metavar="N",
                     help="The most layers a network may have.  [default: 50,000]"),
        click.option("--layout", type=click.Choice(["hwc", "chw"]), default="hwc",
                     help="Order of the axes in shapes.  [default: hwc]"),
        click.option("-v", "--verbose", is_flag=True, help="Say more: notes, all published figures."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


# Failing ----------------------------------------------------------------------------------------


def reported(function: F) -> F:
    """Turn a SpecError into what a user reads on standard error, and exit code 2."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except SpecError as error:
            keep = [
                d for d in error.diagnostics if d.severity != NOTE or options.get("verbose")
            ]
            say(keep, options.get("form", "table"))
            return 2

    return run  # type: ignore[return-value]


def say(diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Write diagnostics to standard error in the format of the answer."""
    if not diagnostics:
        return
    from ..report import diagnostics as look

    sys.stdout.flush()
    if form == "json":
        sys.stderr.write(look.json_diagnostics(diagnostics) + "\n")
    elif form in ("plain", "csv"):
        for text in look.plain_diagnostics(diagnostics):
            sys.stderr.write(text + "\n")
    else:
        write(look.diagnostic_lines(diagnostics), sys.stderr)


# Targets ----------------------------------------------------------------------------------------


def one_target(words: Sequence[str], more: int = 0) -> list[str]:
    """The target, and up to ``more`` words behind it. Raises SpecError or a usage error."""
    if not words:
        raise click.UsageError("Missing argument 'TARGET'.")
    if "-" in words[1:] or (words[0] == "-" and len(words) > 1 + more):
        # What is left of an unquoted chain once the shell has taken `>` for a redirection.
        raise fail(
            "target", "the shell took the `>` of `->` for itself",
            'quote the chain: archcalc summary "32x32x3 -> conv 5x5 10 pad=2"',
        )  # fmt: skip
    if len(words) > 1 + more:
        raise click.UsageError(f"Got unexpected extra argument ({words[1 + more]})")
    return list(words)


def load_network(target: str, options: dict[str, Any]) -> Network:
    """The network that the target and the options mean. Raises SpecError."""
    from ..network import load
    from ..spec.expand import BUDGET

    stdin = _standard_input() if target == "-" else None
    network = load(
        target,
        _inputs(options["inputs"]),
        budget=options["budget"] or BUDGET,
        stdin=stdin,
        **_settings(options["settings"]),
    )
    if options["until"]:
        network = network.until(options["until"])
    if options["freeze"]:
        network = network.freeze(options["freeze"])
    return network


def _standard_input() -> str:
    from ..spec.library import decoded

    return decoded(sys.stdin.buffer.read(), "standard input")


def _inputs(given: Sequence[str]) -> Any:
    if not given:
        return None
    named = dict(text.split("=", 1) for text in given if "=" in text)
    plain_ones = [text for text in given if "=" not in text]
    if named and plain_ones or len(plain_ones) > 1:
        raise fail("argument", "give several inputs by name", "as in --input image=224x224x3")
    return named or plain_ones[0]


def _settings(given: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.isidentifier():
            raise fail("argument", f"`--set {text}` is not NAME=VALUE", "as in --set classes=10")
        if name in found:
            raise fail("argument", f"`{name}` is set twice")
        if name in ("target", "input", "budget", "stdin", "library"):
            raise fail("argument", f"the network has no parameter `{name}`")
        found[name] = value
    return found


def remarks(
    network: Network, target: str, verbose: bool, extra: Iterable[Diagnostic] = ()
) -> list[Diagnostic]:
    """Warnings, and notes where they are wanted: of one-liners, and with -v."""
    wanted = {WARNING, NOTE} if verbose or "->" in target else {WARNING}
    return [d for d in (*network.diagnostics, *extra) if d.severity in wanted]


# Answering --------------------------------------------------------------------------------------


def width_for(options: dict[str, Any]) -> int | None:
    """Columns to lay out for: what was asked, the terminal's, or as many as needed."""
    if options.get("width"):
        return int(options["width"])
    return None if options.get("output") else terminal_width(sys.stdout)


def answer(lines: Iterable[Line], output: str | None) -> None:
    """Write a screen."""
    if output is None:
        write(lines)
    else:
        into_file(output, (plain(line) + "\n" for line in lines))


def answer_text(pieces: Iterable[str], output: str | None, ends: str = "") -> None:
    """Write text as it is."""
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece + ends)
    else:
        into_file(output, (piece + ends for piece in pieces))


def into_file(path: str, pieces: Iterator[str]) -> None:
    """Replace a file whole, or leave it as it was. Raises SpecError."""
    import tempfile

    folder = os.path.dirname(os.path.abspath(path))
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".archcalc-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            for piece in pieces:
                file.write(piece)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        why = (error.strerror or "unwritable").lower()
        raise fail("file", f"cannot write {path}: {why}") from None


def chosen(names: str | None, known: dict[str, str]) -> list[str] | None:
    """The columns that ``--columns`` names. ``known`` maps what may be written to what is meant.
    Raises SpecError."""
    if names is None:
        return None
    found = []
    for name in names.split(","):
        meant = known.get(name.strip().lower())
        if meant is None:
            from ..spec.diagnostics import did_you_mean

            raise fail(
                "argument", f"there is no column `{name.strip()}`",
                *did_you_mean(name.strip(), known),
                "columns: " + ", ".join(dict.fromkeys(known)),
            )  # fmt: skip
        if meant not in found:
            found.append(meant)
    return found


def flat_answer(
    table: Any, form: str, columns: str | None, output: str | None
) -> None:
    """Write a flat table as plain text or CSV, with the columns asked for."""
    from ..report.flat import csv_lines, plain_lines

    header, records = table
    kept = chosen(columns, {name: name for name in header})
    if kept is not None:
        at = [header.index(name) for name in kept]
        everything = records
        records = ([record[index] for index in at] for record in everything)
        header = kept
    lines = csv_lines if form == "csv" else plain_lines
    answer_text(lines((header, records)), output, "\n")
