"""`archcalc check`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..diagnostics import SpecError, fail
from ..loading.two_sizes import pair
from ..loading.unsized import depends, no_size, unsized
from ..quantities import on_device
from ..report.courses import VISIBILITIES
from .answer import report_diagnostics, reported
from .check_shared import CLASS_FORMATS, PICTURES, CheckOptions, given_conventions, refuse_overwrite
from .check_written import solutions, write_marked
from .completion import targets_and_layers
from .given_matrices import bias_option, flip_option, kernel_option
from .help import Command
from .options import (
    columns_option,
    counted_options,
    counter_options,
    first_given,
    format_option,
    network_options,
    no_columns,
    path_option,
    width_option,
)
from .target import is_network, lettered, load_network, one_target, remarks

if TYPE_CHECKING:
    from ..analysis.roofline import Device
    from ..answers.conventions import Conventions
    from ..answers.quiz_item import QuizItem
    from ..answers.sheets.layers import LayerSheet
    from ..network import Network
    from ..report.sheet import Sheet, Space


@click.command("check", cls=Command)
@click.argument(
    "words",
    metavar="TARGET [TARGET] ANSWER ... | TARGET SHEET | QUIZ SHEETS | TARGET --where CONDITION | "
    "LAYERS --on MATRIX ANSWER ...",
    nargs=-1,
    shell_complete=targets_and_layers,
)
@click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help='A budget of the network, as in "macs < 4.2G and params < 26M"; may be given again.',
)
@network_options
@counted_options
@counter_options
@click.option(
    "--convention",
    "conventions",
    multiple=True,
    metavar="NAME=CHOICE",
    help="How something is counted: rounding=strict, bias=no, layout=chw …",
)
@click.option("--hint", is_flag=True, help="One step that leads on, and no right values.")
@click.option("--solution", is_flag=True, help="Also how each right value comes about.")
@click.option("--audit", is_flag=True, help="Check a quiz: its key, and what it cannot detect.")
@click.option(
    "--assignment",
    metavar="NAME",
    help='Of grades: what the platform calls the assignment, as in "Quiz 5 (1234)" for Canvas.',
)
@click.option(
    "--autograder",
    metavar="FOLDER",
    type=click.Path(),
    help="Write a QUIZ as an autograder of Gradescope: setup.sh, run_autograder, and a zip to upload.",
)
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    help="Of gradescope: when students see the feedback on a question.",
)
@click.option(
    "--decisions",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="What a person decided, CSV or TOML: points, or how an answer is to be read; may be given again.",
)
@click.option(
    "--open",
    metavar="FILE",
    type=click.Path(),
    help="Write the answers that a person has to decide upon, CSV or TOML, for --decisions.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option(
    "--statistics",
    is_flag=True,
    help="Of a class: how hard its questions were, and how well they tell students apart; svg and png too.",
)
@click.option(
    "--part",
    metavar="K/N",
    help="Mark every Nth sheet of a class only, on one of several machines, and write a part.",
)
@click.option("--merge", is_flag=True, help="SHEETS are parts: write what a run in one piece writes.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes that mark a large class; by default as many as there are cores.",
)
@click.option(
    "--on",
    metavar="MATRIX",
    help="Mark values that layers put out for a matrix, as `archcalc apply` reads it; - for standard input. "
    "A device, as `archcalc time` has it, for answers on time, traffic and intensity, and with --where for "
    "conditions on them.",
)
@kernel_option
@bias_option
@flip_option
@click.option("--at", metavar="Y,X", help="With --on: the one cell that is asked for, counted from 0.")
@columns_option
@format_option(*CLASS_FORMATS, *PICTURES)
@width_option("by default the terminal's, and as many as needed elsewhere")
@path_option("a file, or a folder for gradescope and for a report per student")
@reported(CheckOptions)
def command(options: CheckOptions) -> int:
    """Mark answers, and say what a wrong one is consistent with; or check a network's budgets.

    An ANSWER is [LAYER.]QUANTITY=VALUE, as in output=32x32x10, conv1.params=35K or
    total.macs=768K, of the quantities that explain knows. Without LAYER a sum is that of the
    whole network, and what is no sum that of a chain's last layer. It may also be computed of
    quantities: "params(a) - params(b)=1234", of two TARGETs "params(A) / params(B)=8x". Of a chain
    in letters, "m x n x 3 -> conv f x f k", VALUE is a formula in these letters, as in
    params='k(3f^2 + 1)'. A SHEET is a layer table, CSV or Markdown. A QUIZ is a TOML file, or a
    folder with one for each variant; SHEETS are a student's sheet, a class list or a folder of
    sheets.

    With --on, layers are given a matrix, and values='1 2; 3 4' are those that the last one puts out,
    or pool1.values those of another; values[1,2] is one cell. They are marked cell by cell.

    With --where, conditions on the network are checked, as budgets in continuous integration. They
    name quantities as explain does, of the network or of a layer: "macs < 4.2G and conv1.params <
    10K"; and, or, not; numbers end in K, M, G, KiB, MiB, GiB.

    Exit code 1 where an answer is not right, or a condition does not hold or cannot be decided.
    """
    words = options.words
    if not words:
        example = 'archcalc check "32x32x3 -> conv 5x5 10 pad=2" output=32x32x10'
        raise fail("usage", "a TARGET is missing", f"as in {example}")
    if options.where:
        from .check_budgets import budgets_kept

        return budgets_kept(options)
    quiz = words[0].lower().endswith(".toml") or os.path.isdir(words[0])
    if options.on is not None and quiz:
        raise fail("usage", "--on is not for a QUIZ: it names its device itself", 'as in on = "t4"')
    if options.on is not None and not _of_device(words):
        from .check_matrices import marked_matrices

        return marked_matrices(options)
    if option := first_given(
        kernel=options.kernels, bias=options.biases, flip=options.flip, at=options.at is not None
    ):
        raise fail("usage", f"{option} goes with --on MATRIX")
    if options.hint and options.solution:
        raise fail("usage", "--hint and --solution are two ends of one thing")
    if options.autograder is not None and not words[0].lower().endswith(".toml"):
        raise fail("usage", f"--autograder is for a quiz, and `{words[0]}` is none", "name a TOML file")
    if quiz:
        if options.autograder is not None:
            from .check_autograder import write_autograder

            return write_autograder(options)
        if options.audit:
            from .check_audit import audited

            return audited(options)
        from .check_class import marked_class

        return marked_class(options)
    if options.decisions or options.open:
        raise fail("usage", "--decisions and --open go with a QUIZ and its SHEETS")
    if options.audit:
        raise fail("usage", f"--audit checks a quiz, and `{words[0]}` is none", "name a TOML file")
    if option := first_given(assignment=options.assignment, visibility=options.visibility):
        raise fail("usage", f"{option} is for a QUIZ and its SHEETS")
    if options.statistics:
        raise fail("usage", "--statistics is of a QUIZ and its SHEETS")
    if options.format in (*CLASS_FORMATS, *PICTURES):
        raise fail("usage", f"--format {options.format} is for a QUIZ and its SHEETS")
    no_columns(options)

    refuse_overwrite(options)
    target, *rest = one_target(words, more=len(words))
    if not rest or not _further(rest)[1]:
        raise fail(
            "usage",
            "there is nothing to check",
            f"as in archcalc check {_quoted(target)} params=760",
            f"or archcalc check {_quoted(target)} sheet.csv",
        )
    other = None
    chain = lettered(target, options)
    if chain is not None:
        from .check_letters import marked_letters

        return marked_letters(chain, rest, options)
    further, rest = _further(rest)
    if unsized(target) and not further:
        network, other = pair(target, lambda text: load_network(text, options))
    else:
        network = load_network(target, options)
    sheets = [word for word in rest if "=" not in word or os.path.isfile(word)]
    if sheets and len(rest) > 1:
        raise fail(
            "usage",
            f"`{sheets[0]}` is no answer: it is QUANTITY=VALUE",
            "as in params=760, or conv1.output=55x55x96",
        )
    conventions = given_conventions(options)
    if sheets:
        if other is not None or further:
            raise no_size(target) if other is not None else _no_table(further)
        code = _table(network, sheets[0], conventions, options)
    else:
        if other is not None:
            _need_no_size(network, other, rest, conventions, options)
        networks = [network, *[load_network(one, options) for one in further]]
        code = _answers(networks, rest, conventions, options)
    if not options.hint and other is None:  # what is said of sizes would give them away
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return code


def _of_device(words: Sequence[str]) -> bool:
    """Whether an answer is to a quantity that a device adds."""
    asked = [word.rpartition("=")[0] for word in words[1:] if "=" in word and "->" not in word]
    found = [part for ask in asked for part in re.split("[^a-z_]+", ask.lower())]
    return "values" not in found and any(on_device(word) is not None for word in found)


def _device(options: CheckOptions) -> Device | None:
    """The device that is asked about; None where none is named. Raises SpecError."""
    if options.on is None:
        return None
    from ..devices import device

    return device(options.on)


def _further(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The networks behind the first, and the answers behind those."""
    number = 0
    while number < len(words) and not os.path.isfile(words[number]):
        before, sign, _ = words[number].partition("=")
        if ("->" not in before) if sign else not is_network(words[number]):
            break
        number += 1
    return list(words[:number]), list(words[number:])


def _no_table(further: Sequence[str]) -> SpecError:
    return fail("usage", f"a layer table is of one network, and `{further[0]}` is another")


def _quoted(target: str) -> str:
    return f'"{target}"' if " " in target else target


def _need_no_size(
    network: Network, other: Network, words: Sequence[str], conventions: Conventions, options: CheckOptions
) -> None:
    """Refuse what depends on the size of an input that has none. Raises SpecError."""
    from ..answers.calculated import question_of
    from ..answers.question import Subject

    subjects = [
        Subject(at.graph, batch=options.batch, dtype=options.dtype, device=_device(options))
        for at in (network, other)
    ]
    for word in words:
        ask = word.partition("=")[0].strip()
        one, two = (question_of(subject, ask, conventions) for subject in subjects)
        if one.plain != two.plain:
            raise depends(one.name, network.name)


def _answers(
    networks: Sequence[Network], words: Sequence[str], conventions: Conventions, options: CheckOptions
) -> int:
    """Single answers, given on the command line, about a network or what is computed of several."""
    from ..answers.calculated import question_of
    from ..answers.decimal_signs import sign_of
    from ..answers.marking import Examiner
    from ..answers.question import Subject
    from ..answers.quiz_item import QuizItem
    from ..answers.written import read

    network = networks[0]
    subject, *others = [
        Subject(at.graph, batch=options.batch, dtype=options.dtype, device=_device(options))
        for at in networks
    ]
    items: list[QuizItem] = []
    texts: dict[str, str] = {}
    for word in words:
        ask, _, text = word.partition("=")
        asked = question_of(subject, ask.strip(), conventions, others)
        if asked.name in texts:
            raise fail("argument", f"`{asked.name}` is answered twice")
        items.append(QuizItem(asked.name, asked))
        texts[asked.name] = text.strip()
    decimal = sign_of(conventions["decimal"], [(texts[item.id], item.asked.quantity) for item in items])
    written = {item.id: read(texts[item.id], item.asked.quantity, decimal) for item in items}
    verdicts = Examiner(items).mark(written)
    from ..report.screens.check import answers_sheets
    from ..report.screens.check_words import MarkedAnswers

    marked = MarkedAnswers(items, verdicts, conventions, options.hint, options.verbose or options.solution)

    def sheets(space: Space) -> list[Sheet]:
        made = answers_sheets(network.graph, marked, space)
        return made + solutions(items, options, space)

    write_marked(network.name, marked, [], sheets, options)
    return 0 if all(verdict.right for verdict in verdicts.values()) else 1


def _table(network: Network, path: str, conventions: Conventions, options: CheckOptions) -> int:
    """A layer table, in a file."""
    from ..answers.decimal_signs import sign_of
    from ..answers.marking import Examiner
    from ..answers.question import Question, Subject
    from ..answers.quiz_item import QuizItem
    from ..answers.written import Unreadable, read
    from ..report.screens.feedback import format_fault

    entries, faults, called = _layer_table(path, network)
    subject = Subject(network.graph, batch=options.batch, dtype=options.dtype)
    items: list[QuizItem] = []
    written = {}
    quantities = [(entry.text, entry.question.rpartition(".")[2]) for entry in entries]
    decimal = sign_of(conventions["decimal"], quantities)
    notes = [format_fault(fault) for fault in faults]
    for entry in entries:
        quantity = entry.question.rpartition(".")[2]
        answer_read = (
            Unreadable(entry.text, entry.doubt) if entry.doubt else read(entry.text, quantity, decimal)
        )
        if not entry.text.strip() or getattr(answer_read, "meaning", "") == "blank":
            continue  # a blank of a table is no question
        try:
            item = QuizItem(entry.question, Question.read(subject, entry.question, conventions))
        except SpecError as error:  # of a column that does not go with every row
            notes.append(f"{entry.place}: {error.diagnostics[0].message}: {entry.text}")
            continue
        item.id = item.asked.name
        if item.id in written:
            twice = f"{item.asked.words} stands there twice"
            notes.append(f"{entry.place}: {twice}: {entry.text}")
            continue
        item.asked.called = called.get(item.asked.where, "")
        items.append(item)
        written[item.id] = answer_read
    if not items:
        raise fail(
            "file",
            f"there is no answer in {path}",
            *notes[:3],
            "a layer table has columns layer, output, params …",
        )
    verdicts = Examiner(items).mark(written)
    from ..report.screens.check import table_sheets
    from ..report.screens.check_words import MarkedAnswers

    taught = options.verbose or options.solution
    marked = MarkedAnswers(items, verdicts, conventions, options.hint, taught, options.verbose)

    def sheets(space: Space) -> list[Sheet]:
        made = table_sheets(os.path.basename(path), network.graph, marked, notes, space)
        wrong = [item for item in items if not verdicts[item.id].right]
        return made + solutions(wrong, options, space)

    write_marked(network.name, marked, notes, sheets, options)
    return 0 if all(verdict.right for verdict in verdicts.values()) and not notes else 1


def _layer_table(path: str, network: Network) -> LayerSheet:
    """The answers of a layer table, what could not be read, and the rows' names. Raises SpecError."""
    from ..answers.files.document import FileError
    from ..answers.sheets.folder import text_of
    from ..answers.sheets.layers import read_layers

    try:
        text = text_of(path)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail(
            "file", f"cannot read {path}: {why}", "an answer is QUANTITY=VALUE, as in params=760"
        ) from None
    except FileError as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    found = read_layers(text, network.graph)
    if found is None:
        raise fail(
            "file",
            f"{path} is no layer table",
            "its first line names columns: layer, output, params, macs, rf, memory",
            "or its lines are answers: conv1 params: 34,848",
        )
    return found
