"""Marking on random networks, under random conventions: the key itself is right, and whatever is
written gets a verdict that can be shown.

Defeats: a convention that the key and the marking understand differently, a follow-through that
divides by nothing, a screen that does not know a value.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from random_networks import network_of

from archcalc.answers.conventions import CONVENTIONS, Conventions
from archcalc.answers.marking import Examiner
from archcalc.answers.question import QUANTITIES, Question, Subject
from archcalc.answers.quiz_item import QuizItem
from archcalc.answers.verdict import RIGHT, VERDICTS
from archcalc.answers.written import read
from archcalc.diagnostics import SpecError
from archcalc.loading import LoadedNetwork
from archcalc.report.lines import plain
from archcalc.report.records.verdicts import verdict_record
from archcalc.report.screens.check import answers_lines, table_lines
from archcalc.report.screens.check_words import MarkedAnswers, format_value
from archcalc.report.sheet import PAGE


def exam(seed: int) -> tuple[list[QuizItem], Conventions]:
    """Questions on a random network, and what was agreed on."""
    chance = random.Random(seed)
    graph = LoadedNetwork.of("-", stdin=network_of(seed, chance.choice((2, 5, 12)))).graph
    subject = Subject(graph, batch=chance.choice((1, 1, 3)))
    chosen = {name: chance.choice(list(c.choices)) for name, c in CONVENTIONS.items()}
    layers = [None, *chance.sample(list(graph.layers), min(4, len(graph.layers)))]
    items = {}
    for layer in layers:
        for quantity in QUANTITIES:
            name = f"{layer.name if layer is not None else 'total'}.{quantity}"
            try:
                item = QuizItem(name, Question.read(subject, name, Conventions(chosen)))
            except SpecError:
                continue
            items[item.id] = item
    return list(items.values()), Conventions(chosen)


def spoilt(value: object, chance: random.Random) -> str:
    """Something that could stand in the place of a right answer."""
    if chance.random() < 0.15:
        return chance.choice(("", "n/a", "does not fit", "everything", "3/0", "0x0x0", "1e40"))
    if isinstance(value, int):
        text = str(chance.choice((value, 2 * value, value + 1, value // 3, 0, -value)))
        return text + chance.choice(("", "", "K", " MB", ".5"))
    if isinstance(value, tuple):
        sizes = [max(0, n + chance.choice((0, 0, 0, -1, 1, n))) for n in value]
        return "x".join(map(str, chance.choice((sizes, sizes, sizes[::-1], sizes[:1]))))
    return "3x3x3"


@pytest.mark.parametrize("seed", range(25))
def test_the_key_is_right(seed: int):
    items, conventions = exam(seed)
    layout, decimal = conventions["layout"], conventions["decimal"]
    sheet = {}
    for item in items:
        text = format_value(item.diagnosis.value, layout)
        if isinstance(item.diagnosis.value, int):
            text = text.replace(",", "")
        sheet[item.id] = read(text, item.asked.quantity, decimal)
    found = Examiner(items).mark(sheet)
    assert {id: v.kind for id, v in found.items() if v.kind != RIGHT} == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_every_sheet_is_marked_and_shown(seed: int):
    items, conventions = exam(seed)
    chance = random.Random(seed)
    examiner = Examiner(items)

    def sheets() -> Iterator[dict[str, str]]:
        for _ in range(3):
            yield {item.id: spoilt(item.diagnosis.value, chance) for item in items}

    for texts in sheets():
        written = {
            item.id: read(texts[item.id], item.asked.quantity, conventions["decimal"]) for item in items
        }
        found = examiner.mark(written)
        assert list(found) == [item.id for item in items]
        graph = items[0].asked.graph
        for hint in (True, False):
            marked = MarkedAnswers(items, found, conventions, hint, not hint)
            for line in (
                *answers_lines(graph, marked, PAGE.of(80)),
                *table_lines("x", graph, marked, (), PAGE.of(80)),
            ):
                assert "None" not in plain(line)
        for item in items:
            verdict = found[item.id]
            assert verdict.kind in VERDICTS
            assert 0 <= verdict.points <= item.points
            assert verdict_record(item.id, verdict, item.points)["verdict"] == verdict.kind
