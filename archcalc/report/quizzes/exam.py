"""LaTeX of the class `exam`: sheets to print, on which ``\\printanswers`` shows the solutions.

The class is documented at https://ctan.org/pkg/exam. All of a file is ASCII.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..lines import ASCII, clean_line
from ..platform_answers import feedback_text, right_words
from ..posed_questions import QuestionBlock, figure_tikz, points_text, solution_lines, text_blocks
from ..tex import tex
from . import QuizFile, QuizSettings

# Lines of tables, of which TeX's letters have none; signs of formulas it sets as such.
_RULES = {code: sign for code, sign in ASCII.items() if unicodedata.name(chr(code)).startswith("BOX")}
_PREAMBLE = """\
\\documentclass[addpoints]{exam}
\\usepackage[T1]{fontenc}
\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}
\\sloppy
"""


class Format(QuizFile):
    """``--format exam``: each variant begins a page, its questions counted anew. The solutions stand in
    the file; they are printed where it says so, as it does with ``--solutions``."""

    suffixes = (".tex",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """A document. Raises SpecError for a question with a picture where Graphviz is not installed."""
        yield _PREAMBLE
        if any(question.figure for variant in variants for question in variant.questions):
            yield "\\usepackage{tikz}\n"
        yield "\\printanswers\n" if settings.solutions else "%\\printanswers\n"
        yield "\\begin{document}\n"
        for number, variant in enumerate(variants):
            if number:
                yield "\\newpage\n"
            yield from _variant(quiz, variant)
        yield "\\end{document}\n"


def _variant(quiz: PosedQuiz, variant: QuizVariant) -> Iterator[str]:
    yield f"\\begin{{center}}\\textbf{{\\large {tex(clean_line(quiz.title))}}}\\end{{center}}\n"
    if len(quiz.variants) > 1:
        yield f"\\noindent Variant: {tex(variant.name)}\n\n"
    yield "\\noindent Name: \\enspace\\hrulefill\n"
    # Sheets are marked by the ids of the questions, and not by where these stand.
    yield "\\renewcommand{\\questionlabel}{}\n"
    yield "\\begin{questions}\n"
    for question in variant.questions:
        yield from _question(question)
    yield "\\end{questions}\n"


def _question(question: PosedQuestion) -> Iterator[str]:
    name = tex(clean_line(question.id))
    yield f"\\question{_points(question)} \\textbf{{{name}}}\\enspace\n"
    for block in text_blocks(question):
        yield from _block(block)
    if question.figure:
        yield f"\\begin{{center}}\n{figure_tikz(question)}\\end{{center}}\n"
    if question.choices:
        yield "\\begin{choices}\n"
        for choice in question.choices:
            command = "\\CorrectChoice" if choice.right else "\\choice"
            yield f"{command} {tex(choice.text)}\n"
        yield "\\end{choices}\n"
    yield "\\begin{solution}[3cm]\n" if not question.choices else "\\begin{solution}\n"
    yield f"\\textbf{{{tex(right_words(question))}}}\n\n"
    yield "{\\footnotesize\\ttfamily\\raggedright\n"
    for line in solution_lines(question):
        yield _fixed(line)
    yield "\\par}\n"
    for choice in question.choices:
        if choice.reading is not None:
            yield f"\\par {tex(choice.text)}: {tex(feedback_text(choice.reading))}\n"
    yield "\\end{solution}\n"


def _block(block: QuestionBlock) -> Iterator[str]:
    if not block.lines:
        parts = [f"\\texttt{{{tex(text)}}}" if code else tex(text) for text, code in block.parts]
        yield f"{''.join(parts)}\\par\n"
        return
    yield "{\\ttfamily\\raggedright\n"
    for line in block.lines:
        yield _fixed(line)
    yield "\\par}\n"


def _fixed(line: str) -> str:
    """A line as it stands, in letters of one width."""
    return f"\\mbox{{}}{tex(line.translate(_RULES)).replace(' ', '~')}\\\\\n"


def _points(question: PosedQuestion) -> str:
    """The class counts whole and half points; others stand in words."""
    whole, rest = divmod(question.points, 1)
    if rest * 2 == 1:
        return f"[{whole or ''}\\half]"
    return f" ({points_text(question)})" if rest else f"[{whole}]"
