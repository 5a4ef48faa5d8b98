"""What formats of quizzes write of a question: its points, its solution, its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from ..answers.durations import TIME
from ..answers.vocabulary import FACTORS
from .answer import Answer, Page
from .formats import named
from .lines import clean, plain
from .screens.check_words import format_points, format_value
from .screens.solutions import solution_sheets
from .sheet import PAGE, Sheet, Space, screen
from .working import Legend, WorkingBlock

if TYPE_CHECKING:
    from ..answers.quiz_item import QuizItem
    from ..questions.posed import PosedQuestion
    from .pictures.graph import Picture

# What lines of a text begin with that stand as they are.
_FIXED = " " * 4
# A letter that stands for a number.
_SYMBOL = re.compile(r"[^\W\d_]")
# Rows of a network that a picture beside a question shows one by one.
_MOST_ROWS = 16
# Of what has been worked out: among many variants the same values are drawn again.
_SOLUTIONS: WeakKeyDictionary[QuizItem, Sequence[str]] = WeakKeyDictionary()


def right_text(question: PosedQuestion) -> str:
    """The right value for a reader, in the layout of the question: ``34,944``, ``55x55x96``; in the unit that
    is asked for, too."""
    text = format_value(question.value, question.item.asked.conventions["layout"])
    scale, unit = question.question.stated_unit
    if not scale:
        return text
    number = exact_decimal(Fraction(question.value, FACTORS[scale]))
    if unit == TIME:
        return f"{text}, which is {number} {scale}" if not text.endswith(f" {scale}") else text
    return f"{text}, which is {number} {scale}{'B' if unit == 'bytes' else unit}"


def exact_decimal(value: Fraction) -> str:
    """A fraction whose denominator divides a power of ten, with all of its digits."""
    with localcontext() as context:
        context.prec = 400
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def points_text(question: PosedQuestion) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{format_points(question.points)} point{'s' if question.points != 1 else ''}"


def solution_lines(question: PosedQuestion, width: int | None = None) -> Sequence[str]:
    """How the right value comes about, line by line, as `archcalc explain` shows it; as wide as it needs to
    be, where no width is said."""
    known = _SOLUTIONS.get(question.item) if width is None else None
    if known is not None:
        return known
    space = PAGE.of(width)
    lines = screen([_unheaded(sheet) for sheet in solution(question, space)], space)
    texts = [plain(line).rstrip() for line in lines]
    while texts and not texts[-1]:
        texts.pop()
    if width is None:
        _SOLUTIONS[question.item] = tuple(texts)
    return texts


def solution_document(question: PosedQuestion, form: str) -> str:
    """How the right value comes about, in a format for documents: ``html``, ``latex``, ``markdown``."""
    sheets = solution(question)
    answer = Answer(lambda: None, lambda: ([], iter(())), lambda space: sheets)
    return "".join(named(form).pieces(answer, Page()))


def figure_svg(question: PosedQuestion) -> str:
    """The picture of the network, drawn by Graphviz. Raises SpecError where that is not installed."""
    from .pictures.dot import dot_text
    from .pictures.graphviz import drawn

    picture = _picture(question)
    boxes = sum(1 for _ in picture.root.boxes())
    return drawn(boxes, dot_text(picture, "LR", with_legend=False), "svg").decode()


def figure_tikz(question: PosedQuestion) -> str:
    """The picture of the network as commands of TikZ, laid out by Graphviz. Raises SpecError where that is
    not installed."""
    from .pictures.tikz import tikz_text

    return tikz_text(_picture(question), with_legend=False)


def _picture(question: PosedQuestion) -> Picture:
    """The network folded to a size that a sheet has room for, without any figure that may be asked for."""
    from .pictures.graph import Picture
    from .screens.folding import Folding

    asked = question.item.asked
    depth = Folding(asked.graph, asked.graph.select(False)).best(few=_MOST_ROWS)
    return Picture(asked.graph, depth, layout=asked.conventions["layout"], figures=False)


def hint_lines(question: PosedQuestion) -> list[str]:
    """The formulas in symbols and what these mean; empty where there are none, or where they are what is
    asked for."""
    if question.item.letters is not None:
        return []
    blocks = [block for sheet in solution(question) for block in sheet.blocks]
    steps = [step for block in blocks if isinstance(block, WorkingBlock) for step in block.steps]
    formulas = [step.texts[0].strip() for step in steps]
    formulas = [text for text in formulas if _SYMBOL.search(text)]
    meanings = [part for block in blocks if isinstance(block, Legend) for part in block.parts]
    return [*formulas, *([" · ".join(meanings)] if formulas and meanings else [])]


def solution(question: PosedQuestion, space: Space = PAGE) -> Sequence[Sheet]:
    """How the right value comes about, as sheets."""
    return solution_sheets(question.item.diagnosis, space)


def _unheaded(sheet: Sheet) -> Sheet:
    return Sheet(sheet.name, sheet.title, sheet.aside, sheet.label, *sheet.blocks, headed=False)


def choice_letter(number: int) -> str:
    """The letter of an option, counted from 0."""
    return chr(ord("a") + number)


class QuestionBlock(NamedTuple):
    """A part of the text of a question: a paragraph, or lines that stand as they are, such as a matrix.

    text   of a paragraph, on one line
    lines  as they stand, in letters of one width; empty for a paragraph
    """

    text: str
    lines: list[str]

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """A paragraph in parts, each with whether it is code: what stands between backticks."""
        parts = self.text.split("`")
        if len(parts) % 2 == 0:  # one that is not closed is a sign like others
            parts[-2:] = ["`".join(parts[-2:])]
        return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def text_blocks(question: PosedQuestion) -> list[QuestionBlock]:
    """The text of a question in blocks: lines that begin with four spaces stand as they are; all others
    are paragraphs, parted by empty lines."""
    found: list[QuestionBlock] = []
    paragraph: list[str] = []
    for line in [*question.text.splitlines(), ""]:
        fixed = line.startswith(_FIXED) and bool(line.strip())
        if paragraph and (fixed or not line.strip()):
            found.append(QuestionBlock(" ".join(paragraph), []))
            paragraph = []
        if fixed:
            text = clean(line.removeprefix(_FIXED).expandtabs().rstrip())
            if not found or not found[-1].lines:
                found.append(QuestionBlock("", []))
            found[-1].lines.append(text)
        elif line.strip():
            paragraph.append(clean(line.expandtabs().strip()))
    return found
