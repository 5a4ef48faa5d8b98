"""Writing answers to standard output or a file, and what is wrong to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TypeVar, cast

from ..diagnostics import NOTE, Diagnostic, SpecError, fail
from ..report.answer import Answer, Page, Pieces
from ..report.formats import named, names
from ..report.lines import encoding_of, speaks_utf8
from ..report.sheet import Space
from .options import Options, OutputOptions, format_of
from .streams import ElsewhereError, flush, write_bytes, write_err, write_out, write_screen, write_screen_err

Given = TypeVar("Given", bound=Options)


def reported(kind: type[Given]) -> Callable[[Callable[[Given], int]], Callable[..., int]]:
    """Hand a command its options as an object of a type, and turn a SpecError into what a user
    reads on standard error, and exit code 2. A file's name says the format of an answer, where
    nothing else does; not that of errors, which do not go there."""

    def wrap(function: Callable[[Given], int]) -> Callable[..., int]:
        @wraps(function)
        def run(**given: object) -> int:
            options = kind(**given)
            try:
                options.format = format_of(options.format, options.output)
                return function(options)
            except SpecError as error:
                report_diagnostics(
                    [d for d in error.diagnostics if options.verbose or d.severity != NOTE],
                    options.diagnostics_format,
                )
                return 2
            except (EOFError, BrokenPipeError) as error:
                # click would take them for the end of what somebody types, and for a reader who left.
                raise ElsewhereError(error) from error

        return run

    return wrap


def report_diagnostics(diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Write diagnostics to standard error in the format of the answer."""
    if not diagnostics:
        return
    from ..report.diagnostics import diagnostic_lines

    flush()
    # A picture, or a format that there is not, has no words of its own for errors.
    writer = named(form if form in names() else "table")
    text = writer.diagnostics(diagnostics, not speaks_utf8(sys.stderr))
    if text is None:
        write_screen_err(diagnostic_lines(diagnostics, Space(encoding=encoding_of(sys.stderr))))
    else:
        write_err(text)


def write_answer(answer: Answer, options: OutputOptions) -> None:
    """Write an answer in the format asked for, to standard output or a file. Only that form of it
    is made. Raises SpecError."""
    page = Page(None if options.output else sys.stdout, options.width, options.columns)
    special = answer.special_formats.get(options.format)
    if special is not None:
        write(special(page), options.output)
        return
    writer = named(options.format)
    lines = writer.screen(answer, page)
    if lines is not None:
        write_screen(lines)
    else:
        write(writer.pieces(answer, page), options.output)


def write(answer: Pieces, output: str | None) -> None:
    """Write text in pieces, or the bytes of a picture, as they are: all of it or nothing. Raises
    SpecError."""
    if output is not None:
        into_file(output, [answer] if isinstance(answer, bytes) else answer)
    elif isinstance(answer, bytes):
        write_bytes(answer)
    else:
        write_out("".join(cast("Iterable[str]", answer)))


# Signs of text that are written at once.
_AT_ONCE = 1 << 16


def write_as_it_comes(answer: Answer, options: OutputOptions) -> None:
    """Write an answer as ``write_answer`` does, to standard output while it is made: what is too long to be
    held. An error comes before all else, or never. Raises SpecError."""
    page = Page(None if options.output else sys.stdout, None, options.columns)
    special = answer.special_formats.get(options.format)
    pieces: Iterable[str | bytes] = (
        special(page) if special is not None else named(options.format).pieces(answer, page)  # type: ignore[assignment]
    )
    if options.output is not None:
        into_file(options.output, pieces)
        return
    texts: list[str] = []
    length = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            write_bytes(piece)
            continue
        texts.append(piece)
        length += len(piece)
        if length >= _AT_ONCE:
            write_out("".join(texts))
            texts, length = [], 0
    write_out("".join(texts))


def no_png_for_a_terminal(options: OutputOptions) -> None:
    """Refuse a PNG where nobody could look at it. Raises SpecError."""
    if options.format == "png" and options.output is None and sys.stdout.isatty():
        raise fail("usage", "a PNG is not for the terminal", "--output FILE.png")


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
