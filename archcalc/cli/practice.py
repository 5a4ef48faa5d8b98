"""`archcalc practice`."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from typing import IO, TYPE_CHECKING

import click

from ..diagnostics import fail
from ..interrupts import AwaitedInterrupt
from ..report.answer import Answer
from .answer import reported, write_answer
from .completion import targets_and_quizzes
from .help import Command
from .options import OutputOptions, first_given, ops_option, table_options
from .streams import write_err, write_out, write_screen, write_screen_err
from .target import one_target

if TYPE_CHECKING:
    from ..questions.pools import QuestionPool
    from ..questions.practice import Practice, PracticeTurn
    from ..report.lines import Line
    from ..report.sheet import Space

# Questions, where nobody says how many.
USUAL_COUNT = 12
MOST_COUNT = 1000
# Lines that are read for one question, and bytes of a line.
MOST_LINES = 100
LONGEST_LINE = 1 << 16
PROMPT = "> "
# What is typed instead of an answer.
HINT, SKIP, QUIT, HELP = ("h", "hint"), ("s", "skip"), ("q", "quit"), ("?", "help")


class PracticeOptions(OutputOptions):
    """The words and options of `archcalc practice`."""

    words: tuple[str, ...]
    seed: int | None
    count: int
    choices: int | None


@click.command("practice", cls=Command)
@click.argument("words", metavar="[TARGET | QUIZ | TEMPLATE]", nargs=-1, shell_complete=targets_and_quizzes)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="What is drawn; the same seed asks the same.  [default: another one each time]",
)
@click.option(
    "--count",
    type=click.IntRange(1, MOST_COUNT),
    default=USUAL_COUNT,
    metavar="N",
    help=f"Questions at most.  [default: {USUAL_COUNT}]",
)
@click.option(
    "--choices",
    type=click.IntRange(2, 26),
    metavar="N",
    help="Of a network: a multiple choice of as many options, whose wrong ones are misconceptions.",
)
@ops_option
@table_options()
@reported(PracticeOptions)
def command(options: PracticeOptions) -> int:
    """Practise: one question after the other, with hints, and what a wrong answer is consistent with.

    The questions are those of `archcalc quiz`: about a network of the zoo, a chain or a spec, of a QUIZ,
    or of a TEMPLATE with values that are drawn. Without any, a course goes from output sizes to
    receptive fields and formulas in letters. What went wrong comes back soon, with other numbers.

    Answers are lines of standard input, read as `archcalc check` reads them. Instead of one: h or hint, s
    or skip, q or quit, ? or help; an empty line shows the question again. At the end stands a
    summary; with --format json a record of every question. Where that goes to standard output, the
    questions go to standard error.
    """
    pool = _pool(options)
    from ..questions.practice import Practice

    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(2), "big")
    practice = Practice(pool, seed, options.count)
    interrupted = _Dialogue(practice, options).held()
    from ..report.records.practising import practice_record
    from ..report.screens.practice import practice_sheets, practice_table

    answer = Answer(
        lambda: practice_record(practice),
        lambda: practice_table(practice),
        lambda space: practice_sheets(practice, space),
    )
    write_answer(answer, options)
    return 130 if interrupted else 0


def _pool(options: PracticeOptions) -> QuestionPool:
    """The questions that are practised. Raises SpecError."""
    from ..answers.quiz_reading import quiz_text
    from ..questions.pools import NetworkPool, TemplatePool

    path = one_target(options.words)[0] if options.words else ""
    if path and not path.lower().endswith(".toml"):
        return NetworkPool(path, options.choices or 0)
    option = first_given(choices=options.choices)
    if option:
        whose = path or "the course"
        raise fail("usage", f"{option} is for a network: {whose} says what it asks itself")
    return TemplatePool(quiz_text(path), path, path) if path else TemplatePool.course()


class _Dialogue:
    """Questions and answers, line by line. What is typed is written too where no terminal shows it."""

    def __init__(self, practice: Practice, options: PracticeOptions):
        self.practice = practice
        self._beside = options.output is None and options.format != "table"
        self._stream: IO[str] = sys.stderr if self._beside else sys.stdout
        self._space = _space(self._stream, options.width)
        if sys.stdin is None:
            raise fail("file", "there is no standard input to read answers from")
        self._echoes = not sys.stdin.isatty()
        self._begun = False

    def held(self) -> bool:
        """Ask until all is asked, or somebody leaves; whether that was by Ctrl-C. Raises SpecError."""
        from ..report.screens.practice import opening_lines

        self._write(opening_lines(self.practice, self._space))
        try:
            with AwaitedInterrupt() as self._awaited:
                while (turn := self.practice.next()) is not None:
                    if not self._asked(turn):
                        break
                    self.practice.settled()
        except KeyboardInterrupt:
            self._write([[]])
            return True
        finally:
            self._write([[]])
        return False

    def _asked(self, turn: PracticeTurn) -> bool:
        """Ask a question until it is over; false where somebody leaves before."""
        from ..report.screens import practice as screens

        letters = _answering(turn)
        self._write(screens.turn_lines(turn, self._space))
        empty = lines = 0
        while not turn.ended:
            line, lines = self._read(), lines + 1
            if line is None:
                self._write([[]])
                return False
            word = line.strip()
            asked_for = _command(word, letters)
            empty = empty + 1 if not word else 0
            if asked_for == QUIT:
                return False
            if asked_for == HINT:
                self._hint(turn)
            elif asked_for == SKIP or empty > 1 or lines > MOST_LINES:
                turn.given_up()
                self._write(screens.solution_screen(turn, self._space))
            elif asked_for == HELP:
                self._write(screens.help_lines(letters, self._space))
            elif not word:
                self._write(screens.turn_lines(turn, self._space))
            else:
                self._answer(turn, word)
        return True

    def _hint(self, turn: PracticeTurn) -> None:
        from ..report.screens.practice import hint_lines, solution_screen

        hint = turn.hinted()
        made = solution_screen(turn, self._space) if turn.ended else hint_lines(turn, hint, self._space)
        self._write(made)

    def _answer(self, turn: PracticeTurn, text: str) -> None:
        from ..report.screens.practice import solution_screen, verdict_lines

        verdict = self.practice.answer(text)
        self._write(verdict_lines(turn, verdict, self._space))
        if turn.ended and not verdict.right:
            self._write(solution_screen(turn, self._space))

    # Lines -------------------------------------------------------------------------------------

    def _write(self, lines: Iterable[Line]) -> None:
        """Write lines that fit the width."""
        from ..report.lines import NARROWEST
        from ..report.wrapping import fitted

        shown = fitted(map(self._space.shown_line, lines), self._space.width or NARROWEST)
        (write_screen_err if self._beside else write_screen)(shown)

    def _read(self) -> str | None:
        """The next line; None at the end of the input. Raises SpecError and KeyboardInterrupt."""
        write = write_err if self._beside else write_out
        write(PROMPT)
        stream = sys.stdin.buffer
        try:
            with self._awaited:
                data = stream.readline(LONGEST_LINE)
        except OSError as error:
            why = (error.strerror or "unreadable").lower()
            raise fail("file", f"cannot read the answers: {why}") from None
        if len(data) == LONGEST_LINE and not data.endswith(b"\n"):
            raise fail("limit", f"a line of the answers is longer than {LONGEST_LINE:,} bytes")
        if not data:
            return None
        text = data.decode(sys.stdin.encoding or "utf-8", "replace").rstrip("\r\n")
        text = text if self._begun else text.removeprefix("\ufeff")
        self._begun = True
        if self._echoes:
            from ..report.lines import clean, in_encoding

            write(in_encoding(clean(text), self._space.encoding) + "\n")
        return text


def _answering(turn: PracticeTurn) -> set[str]:
    """The letters that are answers to a question: those of its options, or of its chain."""
    item = turn.question.item
    options = {chr(ord("a") + number) for number in range(len(item.options or turn.question.choices))}
    return options | set(item.letters.chain.names if item.letters is not None else ())


def _command(word: str, letters: Collection[str]) -> tuple[str, str] | None:
    """What is typed instead of an answer; None for an answer."""
    for letter, whole in (HINT, SKIP, QUIT, HELP):
        if word.lower() == whole or (word.lower() == letter and word not in letters):
            return letter, whole
    return None


def _space(stream: IO[str], width: int | None) -> Space:
    """The space of the dialogue."""
    from ..report.lines import encoding_of, width_at_hand
    from ..report.sheet import Space

    return Space(width or width_at_hand(stream), True, encoding_of(stream))
