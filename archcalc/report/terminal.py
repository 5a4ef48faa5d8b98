"""The terminal, drawn by rich. This file alone imports rich, and only when a screen is drawn."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, TypeVar

from .lines import Line, clean, encoding_of, in_encoding, plain, trimmed, width_at_hand

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import Progress
    from rich.segment import Segment

T = TypeVar("T")

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
    "option": "cyan",
    "warn": "bold yellow",
    "spec": "none",
}
# Rows of a terminal, of which a screen takes as many as it needs.
HEIGHT = 25
# Papers, which are links where the terminal has them.
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def width_of_line(line: Line) -> int:
    """Columns that a line takes."""
    return sum([width_of(text) for text, _ in line])


def folded(line: Line, width: int) -> Iterator[Line]:
    """A line broken at its spaces, and inside a word where that is wider than a line."""
    if width_of_line(line) <= width and all(text.isprintable() for text, _ in line):
        yield trimmed([(text, role) for text, role in line if text])
        return
    from rich.console import Console
    from rich.text import Text

    # A space is a role of no style: each part is a span, by which it is found again.
    text = Text.assemble(*[(part, role or " ") for part, role in line])
    for number, row in enumerate(text.wrap(Console(width=width, height=HEIGHT), width, overflow="fold")):
        parts = [(row.plain[span.start : span.end], str(span.style).strip()) for span in row.spans]
        if number and parts:
            parts[0] = parts[0][0].lstrip(" "), parts[0][1]
        yield trimmed(parts)


def ready(lines: Iterable[Line], stream: IO[str]) -> Callable[[], None]:
    """Make all lines of a screen, and return what writes them to a stream, in signs that it can show and
    with colour if it is a terminal. That raises OSError."""
    from rich.segment import Segment

    console = _console(stream)
    encoding = encoding_of(stream)
    if encoding is not None:
        lines = ([(in_encoding(text, encoding), role) for text, role in trimmed(line)] for line in lines)
    # There may be many lines: as few segments as there are changes of style.
    if console.color_system is None:
        made = [Segment(plain(line) + "\n") for line in lines]
    else:
        made = [part for line in lines for part in Segment.simplify(_segments(line, console))]
    return lambda: _print(made, console)


def _segments(line: Line, console: Console) -> Iterator[Segment]:
    """The segments of a line, and its end."""
    from rich.segment import Segment
    from rich.style import Style

    for text, role in trimmed(line):
        style = console.get_style(STYLES.get(role, "none"))
        at = 0
        for paper in ARXIV.finditer(text) if "arXiv:" in text else ():
            yield Segment(text[at : paper.start()], style)
            yield Segment(paper[0], style + Style(link=f"https://arxiv.org/abs/{paper[1]}"))
            at = paper.end()
        yield Segment(text[at:], style)
    yield Segment.line()


# Segments that are written at once: what rich makes of them is several times as large.
_AT_ONCE = 2000


def _print(segments: Sequence[Segment], console: Console) -> None:
    from rich.segment import Segments

    for at in range(0, len(segments), _AT_ONCE):
        console.print(Segments(segments[at : at + _AT_ONCE]), end="", soft_wrap=True)


# A picture that fetches nothing: rich's own asks a server for its font.
_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, monospace; white-space: pre; }}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def svg(lines: Iterable[Line], title: str) -> str:
    """A screen as a picture of a terminal."""
    # Not every viewer keeps spaces at the edge of a text: they are texts of their own.
    made = [
        [(part, role) for text, role in trimmed(line) for part in re.findall(r" +|\S+(?: \S+)*", text)]
        for line in lines
    ]
    console = _console(
        io.StringIO(),
        width=max(map(width_of_line, made)),
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        no_color=False,
        record=True,
    )
    _print([segment for line in made for segment in _segments(line, console)], console)
    found = console.export_svg(title=title, code_format=_SVG, unique_id="screen")
    return "\n".join([line.strip() for line in found.splitlines()]) + "\n"


def _console(stream: IO[str], **settings: Any) -> Console:
    """A console that takes nobody's words for markup, and obeys the environment as rich does."""
    from rich.console import Console
    from rich.theme import Theme

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise  # the error of the pipe itself: the caller knows what it means

    usual = {"width": width_at_hand(stream), "height": HEIGHT}
    settings = {**usual, **settings}
    return Terminal(file=stream, theme=Theme(STYLES), markup=False, emoji=False, highlight=False, **settings)


# A call that takes fewer seconds shows no progress.
PATIENCE = 1.0


class Waiting:
    """``with Waiting("verifying vgg16"):`` shows a bar on standard error while a block takes longer
    than a second, if that is a terminal. It is gone at the end, however the block ends."""

    def __init__(self, words: str, total: int | None = None, unit: str = ""):
        self._words = clean(words)
        self._total = total
        self._unit = unit
        self._done = 0
        self._bar: Progress | None = None

    def __enter__(self) -> Waiting:
        from threading import RLock, Timer

        from ..interrupts import Undone

        self._lock = RLock()
        self._finished = not sys.stderr.isatty()
        self._timer = Timer(PATIENCE, self._show)
        self._timer.daemon = True
        self._undone = Undone(self._hide)
        self._undone.__enter__()
        if not self._finished:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._undone.__exit__(kind, error, traceback)

    def step(self, words: str | None = None, done: int = 0) -> None:
        """Say what comes now, and how many things are done."""
        if words is not None:
            self._words = clean(words)
        self._done = done
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=self._words, completed=done)

    def _show(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        console = _console(sys.stderr)
        with self._lock:
            if self._finished or not console.is_interactive:
                return
            number = "{task.completed:,.0f}" + (" of {task.total:,.0f}" if self._total else "")
            bar = Progress(
                TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
                BarColumn(),
                *([TextColumn(f"{number} {self._unit}", markup=False)] if self._unit else []),
                TimeElapsedColumn(),
                console=console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            bar.add_task(self._words, total=self._total, completed=self._done)
            bar.start()
            self._bar = bar

    def _hide(self) -> None:
        self._finished = True
        self._timer.cancel()
        # A signal may come while the bar is made: it waits for that, but not for ever.
        held = self._lock.acquire(timeout=PATIENCE)
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if held:
            self._lock.release()


def watched(
    items: Iterable[T],
    words: str,
    unit: str,
    total: int | None = None,
    named: Callable[[T], str] | None = None,
) -> Iterator[T]:
    """The items, with a bar as of ``Waiting`` while they are gone through; ``named`` names each."""
    with Waiting(words, total, unit) as waiting:
        for number, item in enumerate(items):
            waiting.step(named(item) if named is not None else None, number)
            yield item
            waiting.step(done=number + 1)
