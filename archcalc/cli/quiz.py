"""`archcalc quiz`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ..diagnostics import fail
from ..report.answer import Answer, Pieces
from ..report.formats import of_suffix
from ..report.quizzes import QuizFile, QuizFolder, QuizSettings, named, names
from .answer import reported, write_answer
from .completion import counters, targets
from .help import Command
from .options import (
    OutputOptions,
    columns_option,
    first_given,
    format_is_stated,
    format_option,
    no_columns,
    no_folder,
    not_in_format,
    ops_option,
    path_option,
    width_option,
)
from .target import one_target
from .whole_folder import into_folder

if TYPE_CHECKING:
    from ..questions.posed import PosedQuiz


# Questions about a network, where nobody says how many.
USUAL_COUNT = 8
# Variants of a quiz at most.
MOST_VARIANTS = 10_000


class QuizOptions(OutputOptions):
    """The words and options of `archcalc quiz`."""

    words: tuple[str, ...]
    solutions: bool
    force: bool
    seed: int
    variants: int
    count: int | None
    choices: int | None
    counter: str | None
    without_faults: bool


@click.command("quiz", cls=Command)
@click.argument("words", metavar="TARGET | QUIZ | TEMPLATE", nargs=-1, shell_complete=targets)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, metavar="N", help="What is drawn.  [default: 1]"
)
@click.option(
    "--count",
    type=click.IntRange(1, 200),
    metavar="N",
    help="Of a network: how many questions.  [default: 8]",
)
@click.option(
    "--choices",
    type=click.IntRange(2, 26),
    metavar="N",
    help="Of a network: a multiple choice of as many options, whose wrong ones are misconceptions.",
)
@click.option(
    "--counter",
    metavar="NAME",
    shell_complete=counters,
    help="Of a network: MACs and FLOPs as another tool counts them, as in fvcore.",
)
@click.option("--without-faults", is_flag=True, help="With --counter: what the tool means to count.")
@click.option(
    "--variants",
    type=click.IntRange(1, MOST_VARIANTS),
    default=1,
    metavar="N",
    help="Variants with other values, each with a key of its own.  [default: 1]",
)
@click.option("--solutions", is_flag=True, help="Also what is right, and how it comes about.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@ops_option
@columns_option
@format_option(*names())
@width_option("by default those of COLUMNS, of the terminal, or 80")
@path_option("a file, or to a folder with a file for each variant")
@reported(QuizOptions)
def command(options: QuizOptions) -> int:
    """Set questions: a quiz in the format that a platform or a printer takes.

    A TARGET is a network of the zoo, a chain or a spec: layers and quantities are chosen that are
    worth asking. A QUIZ is a TOML file, as `archcalc check` reads it; a TEMPLATE is one with values
    that are drawn, k = [3, 5, 7]. The same seed writes the same bytes.

    --format toml writes the key of each variant, and `archcalc check KEYS/ SHEETS` marks a class by
    them.
    """
    (path,) = one_target(options.words)
    options.format = _format_of_file(options)
    form = named(options.format) if options.format in names() else None
    no_columns(options)
    quiz = _posed(path, options)
    settings = QuizSettings(options.solutions)
    if form is not None and (isinstance(form, QuizFolder) or _into_folder(options)):
        if options.output is None:
            raise fail("usage", f"--format {options.format} writes a folder: name it with --output")
        into_folder(options.output, form.files(quiz, settings), options.force)
        return 0
    if _into_folder(options):
        raise not_in_format("a folder", options, f"--format {', '.join(names())} write one")
    _refuse_overwrite(options)
    from ..report.records.quizzes import quiz_record
    from ..report.screens.quiz import quiz_sheets, quiz_table

    answer = Answer(
        lambda: quiz_record(quiz, options.solutions),
        lambda: quiz_table(quiz),
        lambda space: quiz_sheets(quiz, options.solutions),
        {options.format: lambda page: _whole(form.pieces(quiz, quiz.variants, settings))}
        if isinstance(form, QuizFile)
        else {},
    )
    write_answer(answer, options)
    return 0


def _posed(path: str, options: QuizOptions) -> PosedQuiz:
    """The quiz that is asked for. Raises SpecError."""
    from ..answers.conventions import WITHOUT_FAULTS
    from ..answers.quiz_reading import quiz_text
    from ..questions.network import posed_network
    from ..questions.templates import QuizTemplate
    from ..questions.variants import posed_variants

    if options.without_faults and options.counter is None:
        raise fail("usage", "--without-faults goes with --counter", "as in --counter thop --without-faults")
    if not path.lower().endswith(".toml"):
        count = options.count or USUAL_COUNT
        counter = options.counter or ""
        if options.without_faults:
            counter += WITHOUT_FAULTS
        return posed_network(path, count, options.seed, options.variants, options.choices or 0, counter)
    option = first_given(count=options.count, choices=options.choices, counter=options.counter)
    if option:
        raise fail("usage", f"{option} is for a network: {path} says what it asks itself")
    return posed_variants(QuizTemplate.of(quiz_text(path), path), options.seed, options.variants)


def _format_of_file(options: QuizOptions) -> str:
    """The format: that of a quiz that the name of the file asks for, where nothing else does, and no format
    of all commands. Raises SpecError where several are meant."""
    suffix = os.path.splitext(options.output or "")[1].lower()
    if not suffix or format_is_stated() or of_suffix(suffix) is not None:
        return options.format
    meant = [name for name in names() if suffix in named(name).suffixes]
    if len(meant) > 1:
        several = " or ".join([f"--format {name}" for name in meant])
        raise fail("usage", f"{options.output} may be of several formats", several)
    return meant[0] if meant else options.format


def _into_folder(options: QuizOptions) -> bool:
    """Whether the output is a folder: it ends like one, is one, or has no ending."""
    path = options.output
    return path is not None and (
        path.endswith(("/", os.sep)) or os.path.isdir(path) or not os.path.splitext(path)[1]
    )


def _refuse_overwrite(options: QuizOptions) -> None:
    """Refuse to write over a file without ``--force``. Raises SpecError."""
    if options.output is None:
        return
    no_folder(options.output)
    if not options.force and os.path.isfile(options.output):
        raise fail("file", f"{options.output} is there already", "--force writes over it")


def _whole(pieces: Iterable[str | bytes]) -> Pieces:
    """A file as an answer has it: text, or bytes where there are any."""
    found = list(pieces)
    texts = [piece for piece in found if isinstance(piece, str)]
    if len(texts) == len(found):
        return texts
    return b"".join([piece.encode() if isinstance(piece, str) else piece for piece in found])
