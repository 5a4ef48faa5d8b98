"""The screens of `archcalc practice`: a question, what is said of an answer, and the summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ...answers.assumptions import CUT_OFF
from ...answers.misconceptions import CATALOGUE
from ...answers.verdict import UNREADABLE, WRONG, Verdict
from ...questions.keys import key_text
from ...questions.practice import FIRST, FORMULA, HELPED, LEADING, LEFT, NOT, Practice, PracticeTurn
from ...questions.wording import subject_text
from ..explaining_calls import command_text, explain_words
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, clean_line, hanging
from ..posed_questions import choice_letter, right_text, text_blocks
from ..sheet import Sheet, Space, TableBlock, TextBlock, screen
from .check_words import SIGNS, details, format_answer, format_verdict, format_working, signs_of
from .solutions import solution_sheets

MARGIN = 3
# The edge of a screen that is wider.
EDGE = 80
COLUMNS = "number quantity of target asks text right outcome tries hints misconceptions explain".split()
# What the outcomes are called above their columns, and in a list.
HEADS = {FIRST: "at once", HELPED: "helped", NOT: "not", LEFT: "left"}
_HELP = (
    ("an answer", "a number, a volume such as 28x28x6, a matrix such as 1 0; 2 3, or a formula in letters"),
    ("h, hint", "the next hint: a question that leads on, the formula, the worked solution"),
    ("s, skip", "the worked solution, and on to the next question"),
    ("an empty line", "the question again; a second one in a row skips it"),
    ("q, quit", "leave, with a summary; so does the end of the input"),
    ("?, help", "this list"),
)


def opening_lines(practice: Practice, space: Space) -> Iterator[Line]:
    """What stands above the first question."""
    space = _bounded(space)
    count = f"{practice.count} question{'s' if practice.count > 1 else ''}"
    about = f"seed {practice.seed}, at most {count}"
    yield from space.heading("practice", clean_line(practice.pool.title), about, EDGE)
    yield from space.hanging([], "h is a hint, s skips, q leaves, ? says more.", 0, "aside")


def help_lines(letters: Collection[str], space: Space) -> Iterator[Line]:
    """What may be typed; ``letters`` are those that are answers here, and no commands."""
    space = _bounded(space)
    for words, meaning in _HELP:
        letter, comma, word = words.partition(", ")
        shown = word if comma and letter in letters else words
        yield from space.hanging([("   ", "")], f"{shown}: {meaning}", MARGIN + 3)


def turn_lines(turn: PracticeTurn, space: Space) -> Iterator[Line]:
    """A question."""
    space = _bounded(space)
    yield []
    start: Line = [(f"{turn.number}".ljust(MARGIN), "title")]
    if len(str(turn.number)) >= MARGIN:
        start = [(f"{turn.number} ", "title")]
    again = ", once more" if turn.again else ""
    yield from space.hanging(start, f"{turn.kind.words}{again}", MARGIN, "title")
    posed = turn.question.question
    if posed.text and posed.target not in posed.text:  # it stands alone here, without those before it
        yield from space.hanging([("   ", "")], clean_line(subject_text(posed.target, posed.second)), MARGIN)
    for block in text_blocks(turn.question):
        if block.lines:
            yield from ([(f"     {line}", "")] for line in block.lines)
        else:
            yield from space.hanging([("   ", "")], block.text, MARGIN)
    for number, choice in enumerate(turn.question.choices):
        yield [(f"   {choice_letter(number)})  {clean(choice.text)}", "")]


def verdict_lines(turn: PracticeTurn, verdict: Verdict, space: Space) -> Iterator[Line]:
    """What is said of an answer: nothing that gives the right one away, as long as another try follows."""
    space = _bounded(space)
    within = space.of(space.width - MARGIN if space.width is not None else None)
    layout = verdict.asked.conventions["layout"]
    sign, role = SIGNS[verdict.kind]
    mark = space.shown(sign)
    start: Line = [(mark.ljust(MARGIN), role)]
    if turn.ended:
        sentence = format_verdict(verdict, space, layout)
    elif verdict.kind == WRONG and verdict.readings and verdict.readings[0].kind == CUT_OFF:
        sentence = [("wrong, ", ""), (verdict.readings[0].words, "title")]
    elif verdict.kind == WRONG and not verdict.readings:
        sentence = [("wrong", "")]  # a remark may hold the right value
    else:
        sentence = format_verdict(verdict, space, layout)
    yield from hanging(start, within.folded(sentence, within.width or EDGE), MARGIN)
    rows: list[Line] = []
    if turn.ended and verdict.right:
        rows = list(details(verdict, within, layout))
        working = format_working(verdict.working, within)
        if not rows and working:
            rows = [[(part, "")] for part in within.broken(working, within.width)]
    elif turn.ended and verdict.readings:
        rows = list(details(verdict, within, layout, taught=True))
    for row in rows:
        yield [("   ", ""), *row]
    if not turn.ended:
        more = "Write it in another way." if verdict.kind == UNREADABLE else "Another try; h is a hint."
        yield from space.hanging([("   ", "")], more, MARGIN, "aside")


def hint_lines(turn: PracticeTurn, hint: str, space: Space) -> Iterator[Line]:
    """A hint that is not the solution."""
    space = _bounded(space)
    if hint == LEADING:
        yield from space.hanging([("   ", "")], turn.leading, MARGIN)
        return
    assert hint == FORMULA
    signs = signs_of(space)
    letters: set[str] = set()
    for line in turn.formula:
        label = f"{line.of}: " if line.of else ""
        symbols = "".join([name for name, _ in signs.tokens(line.made)])
        letters |= set(re.findall(r"[^\W\d]+", symbols))
        yield from space.hanging([("   ", "")], f"{label}{symbols}", MARGIN)
    known = [part for part in _legend(turn) if part.split()[0] in letters]
    for text in space.wrapped(known, _width(space) - MARGIN):
        yield [(f"   {text}", "aside")]


def _legend(turn: PracticeTurn) -> list[str]:
    """The meanings of the letters of a formula."""
    from ..working import Legend

    sheets = solution_sheets(turn.question.item.diagnosis, Space())
    return [
        part
        for sheet in sheets
        for block in sheet.blocks
        if isinstance(block, Legend)
        for part in block.parts
    ]


def solution_screen(turn: PracticeTurn, space: Space) -> Iterator[Line]:
    """The right value, and how it comes about as `archcalc explain` shows it."""
    space = _bounded(space)
    yield from space.hanging([("   ", "")], f"Right is {right_text(turn.question)}.", MARGIN, "title")
    yield []
    within = space.of(_width(space) - MARGIN)
    lines = list(screen(solution_sheets(turn.question.item.diagnosis, within), within))
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    for line in lines:
        for part in (
            within.folded(line, _width(within)) if within.width_of_line(line) > _width(within) else [line]
        ):
            yield [("   ", ""), *part] if part else []


def practice_sheets(practice: Practice, space: Space) -> list[Sheet]:
    """The summary: how each kind went, the misconceptions that were seen, and what to read."""
    turns = practice.turns
    title = "nothing was asked"
    if turns:
        first = sum(turn.outcome == FIRST for turn in turns)
        title = f"{first} of {len(turns)} right at once"
    blocks: list[Any] = [TableBlock(_grid(turns, space))] if turns else []
    if space.drawn:
        blocks.append(TextBlock(lambda space: _reading(turns, _bounded(space))))
    else:
        blocks.append(TextBlock(lambda space: _reading(turns, space)))
    return [Sheet("practice", title, f"seed {practice.seed}", "practice", *blocks)]


def _grid(turns: Sequence[PracticeTurn], space: Space) -> Grid:
    outcomes = [one for one in HEADS if one != LEFT or any(turn.outcome == LEFT for turn in turns)]
    columns = [Column(""), *[Column(HEADS[one], right=True) for one in outcomes]]
    counted: dict[str, Counter[str]] = {}
    for turn in turns:
        counted.setdefault(turn.kind.words, Counter())[turn.outcome] += 1
    left = None
    if space.width is not None:
        left = space.width - sum([2 + len(HEADS[one]) for one in outcomes]) - 1
    rows: list[list[Cell]] = []
    for words, counts in counted.items():
        first, *more = space.broken(words, left)
        rows.append([(first, ""), *[_count(counts[one]) for one in outcomes]])
        rows += [[(f" {part}", ""), *[("", "") for _ in outcomes]] for part in more]
    total: Counter[str] = Counter(turn.outcome for turn in turns)
    return Grid(columns, rows, [[("all", "sum"), *[(f"{total[one]:,}", "sum") for one in outcomes]]])


def _count(number: int) -> Cell:
    return (f"{number:,}", "") if number else ("0", "aside")


def _reading(turns: Sequence[PracticeTurn], space: Space) -> Iterator[Line]:
    seen = Counter([id for turn in turns for id in turn.misconceptions])
    if seen:
        yield [("Seen", "title")]
        for id, number in seen.most_common():
            belief = CATALOGUE[id]
            times = f", {number} times" if number > 1 else ""
            yield from space.hanging([("  ", "")], clean(f"{belief.name}{times}: {belief.why}"), 4)
        yield []
    commands = to_read(turns)
    if commands:
        yield [("To read", "title")]
        for command in commands:  # on one line each, to be copied
            yield [(f"  {clean_line(command)}", "")]


def to_read(turns: Sequence[PracticeTurn]) -> list[str]:
    """The calls that explain what was not right at once, of each kind the last one."""
    found = {
        turn.kind: command_text(explain_words(turn.question))
        for turn in turns
        if turn.outcome in (HELPED, NOT)
    }
    return list(dict.fromkeys(found.values()))


def practice_table(practice: Practice) -> FlatTable:
    """A record per question."""

    def records() -> Iterator[list[Any]]:
        for turn in practice.turns:
            yield [
                turn.number,
                turn.kind.quantity,
                turn.kind.of,
                turn.question.question.target,
                turn.question.item.asked.name,
                turn.question.text,
                key_text(turn.question),
                turn.outcome,
                "; ".join([format_answer(verdict) for verdict in turn.verdicts]),
                len(turn.hints),
                "; ".join(turn.misconceptions),
                command_text(explain_words(turn.question)),
            ]

    return COLUMNS, records()


def _bounded(space: Space) -> Space:
    return space.of(_width(space))


def _width(space: Space) -> int:
    return min(space.width or EDGE, EDGE)
