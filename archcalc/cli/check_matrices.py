"""`archcalc check --on`: the values that layers put out, marked cell by cell."""

from __future__ import annotations

from ..diagnostics import fail
from .check_shared import CheckOptions, given_conventions, refuse_overwrite
from .check_written import solutions, write_marked
from .given_matrices import StandardInput, given_matrices
from .options import first_given, no_columns


def marked_matrices(options: CheckOptions) -> int:
    """Mark answers about layers that are given a matrix. Raises SpecError."""
    from ..answers.decimal_signs import sign_of
    from ..answers.marking import Examiner
    from ..answers.matrices.items import matrix_item
    from ..answers.question import Subject
    from ..answers.quiz_item import QuizItem
    from ..answers.written import Written, read
    from ..answers.written_kinds import WrittenFormula
    from ..loading.applying import apply_layers
    from ..loading.matrices import read_matrix
    from ..report.screens.check import answers_sheets
    from ..report.screens.check_words import MarkedAnswers
    from ..report.sheet import Sheet, Space

    _alone(options)
    layers, *answers = options.words
    if not answers:
        raise fail("usage", "there is nothing to check", "as in archcalc check … --on … values='1 2; 3 4'")
    read_once = StandardInput()
    assert options.on is not None
    applied = apply_layers(
        layers,
        read_matrix(options.on, "--on", options.layout, read_once),
        given_matrices(options.kernels, "--kernel", options.layout, read_once),
        given_matrices(options.biases, "--bias", options.layout, read_once),
        flip=options.flip,
    )
    conventions = given_conventions(options)
    subject = Subject(applied.graph, batch=options.batch, dtype=options.dtype)
    items: list[QuizItem] = []
    texts: dict[str, str] = {}
    for word in answers:
        ask, sign, text = word.partition("=")
        if not sign:
            raise fail("usage", f"`{word}` is no answer: it is QUANTITY=VALUE", "as in values='1 2; 3 4'")
        ask = ask.strip()
        if options.at is not None:
            ask = f"{ask}[{options.at}]"
        item = matrix_item(subject, applied, ask, conventions, options.flip)
        if item.id in texts:
            raise fail("argument", f"`{item.id}` is answered twice")
        items.append(item)
        texts[item.id] = text.strip()
    plain = [item for item in items if item.marker is None]
    decimal = sign_of(conventions["decimal"], [(texts[item.id], item.asked.quantity) for item in plain])
    written: dict[str, Written] = {
        item.id: WrittenFormula(texts[item.id])
        if item.marker is not None
        else read(texts[item.id], item.asked.quantity, decimal)
        for item in items
    }
    verdicts = Examiner(items).mark(written)
    marked = MarkedAnswers(items, verdicts, conventions, options.hint, options.verbose or options.solution)

    def sheets(space: Space) -> list[Sheet]:
        made = answers_sheets(applied.graph, marked, space)
        return made + solutions(items, options, space)

    write_marked(applied.graph.metadata.name, marked, [], sheets, options)
    return 0 if all(verdict.right for verdict in verdicts.values()) else 1


def _alone(options: CheckOptions) -> None:
    """Refuse what does not go with --on. Raises SpecError."""
    if options.hint and options.solution:
        raise fail("usage", "--hint and --solution are two ends of one thing")
    other = first_given(
        audit=options.audit,
        statistics=options.statistics,
        decisions=options.decisions,
        open=options.open,
        assignment=options.assignment,
        autograder=options.autograder,
        visibility=options.visibility,
        part=options.part,
        merge=options.merge,
        input=options.inputs,
        until=options.until,
        freeze=options.freeze,
    )
    if other is not None:
        help = ["--on marks single answers"]
        if other == "--statistics":
            help.append("what a normalisation is given: --kernel bn1.mean=… --kernel bn1.var=…")
        raise fail("usage", f"{other} does not go with --on", *help)
    no_columns(options)
    refuse_overwrite(options)
