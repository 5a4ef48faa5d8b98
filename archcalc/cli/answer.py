"""Writing answers to standard output or a file, and what is wrong to standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..diagnostics import NOTE, Diagnostic, SpecError, fail
from ..quantities import names
from ..report.lines import USUAL, Line, plain, speaks_utf8, width_at_hand
from .options import SHEETS, chosen, form_of
from .streams import ElsewhereError, flush, write_bytes, write_err, write_out, write_screen, write_screen_err

if TYPE_CHECKING:
    from ..report.flat import Table
    from ..report.sheet import Sheet

F = TypeVar("F", bound=Callable[..., Any])


def reported(function: F) -> F:
    """Turn a SpecError into what a user reads on standard error, and exit code 2. A file's name
    says the format of an answer, where nothing else does; not that of errors, which do not go
    there."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        asked = options["form"]
        try:
            if asked is not None:
                options["form"] = form_of(asked, options["output"])
            return function(*args, **options)
        except SpecError as error:
            notes = options.get("verbose")
            report_diagnostics([d for d in error.diagnostics if notes or d.severity != NOTE], asked)
            return 2
        except (EOFError, BrokenPipeError) as error:
            # click would take them for the end of what somebody types, and for a reader who left.
            raise ElsewhereError(error) from error

    return run  # type: ignore[return-value]


def report_diagnostics(diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Write diagnostics to standard error in the format of the answer."""
    if not diagnostics:
        return
    from ..report import diagnostics as formats

    flush()
    if form == "json":
        text = formats.json_diagnostics(diagnostics, not speaks_utf8(sys.stderr)) + "\n"
    elif form in ("plain", "csv"):
        text = "".join([line + "\n" for line in formats.plain_diagnostics(diagnostics)])
    else:
        write_screen_err(formats.diagnostic_lines(diagnostics))
        return
    write_err(text)


def width_for(options: dict[str, Any]) -> int:
    """Columns to lay out for: what was asked for, or what is at hand."""
    if options.get("width"):
        return int(options["width"])
    # A file is read anywhere, whatever terminal it is written from.
    return width_at_hand(io.StringIO() if options.get("output") else sys.stdout)


def answer(lines: Iterable[Line], output: str | None) -> None:
    """Write a screen. Raises SpecError where a file cannot be written."""
    context = click.get_current_context(silent=True)
    asked = context.params.get("width") if context is not None else None
    if asked is not None and asked < USUAL:
        # Screens are made for the usual width and narrow as far as they know how.
        from ..report.wrapping import fitted

        lines = fitted(lines, asked)
    if output is None:
        write_screen(lines)
    else:
        into_file(output, (plain(line) + "\n" for line in lines))


def answer_text(pieces: Iterable[str], output: str | None) -> None:
    """Write text as it is. Raises SpecError where a file cannot be written."""
    if output is None:
        write_out("".join(pieces))
    else:
        into_file(output, pieces)


def answer_json(value: Any, output: str | None) -> None:
    """Write a JSON value. Raises SpecError where a file cannot be written."""
    from ..report.formats.jsontext import json_pieces

    answer_text(json_pieces(value, ascii_only(output)), output)


def ascii_only(output: str | None) -> bool:
    """Whether an answer goes where only ASCII is sure to arrive."""
    return output is None and not speaks_utf8(sys.stdout)


def write_answer(
    options: dict[str, Any],
    record: Callable[[], Any],
    table: Callable[[], Table],
    sheets: Callable[[], Sequence[Sheet]],
    lines: Callable[[int | None], Iterable[Line]],
) -> None:
    """Write an answer in the format asked for: as JSON, as a flat table, as a document, or on the
    screen for so many columns. Only that form of it is made. Raises SpecError."""
    form, output = options["form"], options["output"]
    if form == "json":
        answer_json(record(), output)
    elif form in ("plain", "csv"):
        flat_answer(table(), form, options["columns"], output)
    elif form in SHEETS:
        answer_sheets(sheets(), form, output)
    else:
        answer(lines(width_for(options)), output)


def flat_answer(table: Table, form: str, columns: str | None, output: str | None) -> None:
    """Write a flat table as plain text or CSV, with the columns asked for. Raises SpecError."""
    from ..report.flat import csv_lines, plain_lines, with_columns

    called = {word: q.number or q.name for word, q in names().items()}
    known = {name: name for name in table[0]}
    known.update({w: name for w, name in called.items() if name in known and w not in known})
    kept = chosen(columns, known)
    if kept is not None:
        table = with_columns(table, kept)
    lines = csv_lines(table) if form == "csv" else plain_lines(table)
    answer_text((line + "\n" for line in lines), output)


def answer_sheets(sheets: Sequence[Sheet], form: str, output: str | None) -> None:
    """Write tables as Markdown or LaTeX. Raises SpecError where a file cannot be written."""
    if form == "latex":
        from ..report.formats.latex import latex

        answer_text(latex(sheets), output)
        return
    from ..report.formats.markdown import markdown

    answer_markdown(markdown(sheets), output)


def answer_markdown(pieces: Iterable[str], output: str | None) -> None:
    """Write Markdown. Raises SpecError where a file cannot be written."""
    if ascii_only(output):  # every sign has a name that Markdown knows
        pieces = (text.encode("ascii", "xmlcharrefreplace").decode() for text in pieces)
    answer_text(pieces, output)


def no_png_for_a_terminal(form: str, output: str | None) -> None:
    """Refuse a PNG where nobody could look at it. Raises SpecError."""
    if form == "png" and output is None and sys.stdout.isatty():
        raise fail("usage", "a PNG is not for the terminal", "--output FILE.png")


def answer_picture(data: bytes, form: str, output: str | None) -> None:
    """Write a picture's bytes as they are. Raises SpecError."""
    no_png_for_a_terminal(form, output)
    if output is not None:
        into_file(output, [data])
    else:
        write_bytes(data)


def into_file(path: str, pieces: Iterable[str | bytes]) -> None:
    """Replace a file whole, or leave it as it was. Text is written in UTF-8. Raises SpecError."""
    try:
        path = os.path.realpath(path)
        if os.path.exists(path) and not os.path.isfile(path):
            # A device or a pipe: there is nothing to keep, and nothing may take its place.
            data = b"".join(_encoded(pieces))
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(path, pieces)
    except OSError as error:
        why = (error.strerror or "unwritable").lower()
        raise fail("file", f"cannot write {path}: {why}") from None


def _encoded(pieces: Iterable[str | bytes]) -> Iterator[bytes]:
    made = iter(pieces)
    while True:
        try:
            piece = next(made, None)
        except OSError as error:
            raise ElsewhereError(error) from error  # it is not the writing that failed
        if piece is None:
            return
        yield piece if isinstance(piece, bytes) else piece.encode()


def _replace(path: str, pieces: Iterable[str | bytes]) -> None:
    from ..interrupts import Temporary

    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~_mask()
    with Temporary(os.path.dirname(path)) as temporary:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            file.writelines(_encoded(pieces))
        os.chmod(temporary, mode)
        os.replace(temporary, path)


def _mask() -> int:
    """The permissions that new files are not to have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
