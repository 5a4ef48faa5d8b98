"""The exports of learning platforms, as they are: which column answers which question, and who has said it.

The wrong ways to defeat: columns that are known by their place alone, so that a shuffled quiz is marked by
the wrong keys; a column of points or feedback that is taken for an answer; the row of averages as a
student; two students of one name in one record; a number of a response taken for that of a student.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from archcalc.answers.sheets import Submission
from archcalc.answers.sheets.folder import SheetStack, stack

TEXTS = {
    "Q1": "What is the output volume of c1 (7x7, 24 filters) on a 96x64x3 input?",
    "Q2": "How many parameters does c1 have?",
    "Q3": "Receptive field of `down` in <Twig>?",
}
ANSWERS = ("48x32x24", "3,528", "27")


def written(rows: list[list[str]], between: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=between).writerows(rows)
    return out.getvalue()


def read(
    folder: Path, rows: list[list[str]], texts: dict[str, str] = TEXTS
) -> tuple[SheetStack, list[Submission]]:
    path = folder / "export.csv"
    path.write_text(written(rows), encoding="utf-8")
    found = stack(str(path), list(texts), texts)
    return found, list(found.submissions)


def answers(one: Submission) -> dict[str, str]:
    return {entry.question: entry.text for entry in one.entries if not entry.doubt}


RIGHT = dict(zip(TEXTS, ANSWERS, strict=True))

MOODLE = {
    "en": "Last name|First name|ID number|Email address|State|Started on|Completed|Time taken|Grade/4.00|"
    "Response 1|Response 2|Response 3|Overall average",
    "older": "Surname|First name|ID number|Email address|State|Started on|Completed|Time taken|Grade/4.00|"
    "Response 1|Response 2|Response 3|Overall average",
    "de": "Nachname|Vorname|ID-Nummer|E-Mail-Adresse|Status|Begonnen am|Beendet|Verbrauchte Zeit|"
    "Bewertung/4,00|Antwort 1|Antwort 2|Antwort 3|Gesamtdurchschnitt",
    "fr": "Nom de famille|Prénom|Numéro d'identification|Adresse de courriel|État|Commencé le|Terminé|"
    "Temps utilisé|Note/4,00|Réponse 1|Réponse 2|Réponse 3|Moyenne générale",
    "es": "Apellido(s)|Nombre|Número de ID|Dirección de correo|Estado|Comenzado el|Finalizado|"
    "Tiempo requerido|Calificación/4,00|Respuesta 1|Respuesta 2|Respuesta 3|Promedio general",
    "it": "Cognome|Nome|Codice identificativo|Indirizzo email|Stato|Iniziato|Terminato|Tempo impiegato|"
    "Valutazione/4,00|Risposta 1|Risposta 2|Risposta 3|Media complessiva",
    "pt": "Apelido|Nome|Número de ID|Endereço de email|Estado|Iniciada em|Completo|Tempo utilizado|"
    "Nota/4,00|Resposta 1|Resposta 2|Resposta 3|Média geral",
    "nl": "Achternaam|Voornaam|ID-nummer|E-mailadres|Status|Gestart op|Voltooid|Verstreken tijd|"
    "Cijfer/4,00|Antwoord 1|Antwoord 2|Antwoord 3|Algemeen gemiddelde",
    "pl": "Nazwisko|Imię|Numer ID|Adres e-mail|Stan|Rozpoczęto|Ukończono|Wykorzystany czas|Ocena/4,00|"
    "Odpowiedź 1|Odpowiedź 2|Odpowiedź 3|Ogólna średnia",
    "a language that nobody has thought of": "Sukunimi|Etunimi|Tunnistenumero|Sähköpostiosoite|Tila|"
    "Aloitettiin|Suoritettu|Aikaa kulunut|Arvosana/4,00|Vastaus 1|Vastaus 2|Vastaus 3|Keskiarvo",
}
WHO = ["Haas", "Jürgen", "2026", "j.haas@uni.example", "Finished", "4 May", "4 May", "9 mins", "1.00"]


@pytest.mark.parametrize("language", MOODLE)
def test_moodles_responses_in_its_languages(tmp_path: Path, language: str) -> None:
    """Defeats: heads that are known in English alone; a row of averages that is a student."""
    *head, average = MOODLE[language].split("|")
    rows = [head, [*WHO, *ANSWERS], [average, *[""] * 7, "1.00", "", "", ""]]
    found, (one,) = read(tmp_path, rows)
    assert answers(one) == RIGHT
    assert not found.faults
    if "nobody" not in language:
        assert (one.student, one.platform) == ("Jürgen Haas", "moodle")
        assert dict(one.ids) == {
            "last": "Haas",
            "first": "Jürgen",
            "id": "2026",
            "email": "j.haas@uni.example",
        }
        assert not one.faults
        assert not one.aside


@pytest.mark.parametrize("shuffled", [False, True])
def test_moodles_words_of_what_was_asked_decide(tmp_path: Path, shuffled: bool) -> None:
    """Defeats: the number of a column, where each student has the questions in another order."""
    head = MOODLE["en"].split("|")[:9]
    head += [word for n in "123" for word in (f"Question {n}", f"Response {n}", f"Right answer {n}")]
    order = [2, 0, 1] if shuffled else [0, 1, 2]
    # Moodle leaves the marks of HTML out.
    asked = [text.replace("`", "").replace("<Twig>", "Twig") for text in TEXTS.values()]
    cells = [cell for at in order for cell in (asked[at], ANSWERS[at], "5")]
    found, (one,) = read(tmp_path, [head, [*WHO, *cells]])
    assert answers(one) == RIGHT
    assert not found.faults
    assert not one.aside


def test_moodles_reports_of_grades_are_no_answers(tmp_path: Path) -> None:
    """Defeats: grades that are marked as answers."""
    head = [*MOODLE["en"].split("|")[:9], "Q. 1 /1.00", "Q. 2 /2.00", "Q. 3 /1.00"]
    found, (one,) = read(tmp_path, [head, [*WHO, "1.00", "2.00", "0.00"]])
    assert "grades" in one.unreadable
    assert "responses" in found.faults[0].message
    book = ["First name", "Last name", "ID number", "Email address", "Quiz: Week 5 (Real)"]
    book += ["Last downloaded from this course"]
    found, (one,) = read(tmp_path, [book, ["Ann", "Bee", "1", "a@b", "4.00", "1777884000"]])
    assert "grades" in one.unreadable


def test_moodles_numbers_stand_for_the_order_where_ids_are_no_numbers(tmp_path: Path) -> None:
    texts = {"1a": "", "1b": "", "2": ""}
    _, (one,) = read(tmp_path, [MOODLE["en"].split("|")[:12], [*WHO, *ANSWERS]], texts)
    assert answers(one) == dict(zip(texts, ANSWERS, strict=True))
    # Of one more there is no telling which is which.
    found, (one,) = read(tmp_path, [MOODLE["en"].split("|")[:12], [*WHO, *ANSWERS]], {"1a": "", "2": ""})
    assert answers(one) == {}
    assert {fault.text for fault in one.aside} == set(ANSWERS)
    assert found.faults


def test_moodles_responses_as_json(tmp_path: Path) -> None:
    head = "lastname firstname idnumber emailaddress state timestart timefinish response1 response2 response3"
    record = dict(zip(head.split(), [*WHO[:7], *ANSWERS], strict=True))
    path = tmp_path / "export.json"
    path.write_text(json.dumps([[record]]))
    (one,) = stack(str(path), list(TEXTS), TEXTS).submissions
    assert answers(one) == RIGHT
    assert one.student == "Jürgen Haas"


CANVAS = ["name", "id", "sis_id", "section", "section_id", "section_sis_id", "submitted", "attempt"]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
@pytest.mark.parametrize("item", [True, False])
def test_canvas_student_analysis(tmp_path: Path, order: list[int], item: bool) -> None:
    """Defeats: columns of points as answers; 88001 as the question; the order of the columns."""
    texts = list(TEXTS.values())
    head, row = [*CANVAS], ["Ann Bee", "501", "S501", "A", "7", "SP", "2026-05-04", "1"]
    for at in order:
        head += [f"{88000 + at}: {texts[at]}" if item else texts[at], "1.0"]
        row += [ANSWERS[at], "0.0"]
    found, (one,) = read(tmp_path, [[*head, "n correct", "n incorrect", "score"], [*row, "0", "3", "0.0"]])
    assert answers(one) == RIGHT
    assert (one.student, one.platform, one.attempt) == ("Ann Bee", "canvas", "1")
    assert dict(one.ids) == {"name": "Ann Bee", "id": "501", "sis_id": "S501", "section": "A"}
    assert [*found.faults, *one.faults, *one.aside] == []


def test_an_answer_in_html_is_its_words(tmp_path: Path) -> None:
    head = [*CANVAS, *[cell for text in TEXTS.values() for cell in (text, "1.0")]]
    row = ["Ann", "501", "S501", "A", "7", "SP", "2026", "1"]
    row += ["<p>48 &times; 32 &times; 24</p>", "0", "<p>3.5&middot;10<sup>3</sup></p>", "0", "a < b", "0"]
    _, (one,) = read(tmp_path, [head, row])
    assert answers(one) == {"Q1": "48 × 32 × 24", "Q2": "3.5·10^3", "Q3": "a < b"}


@pytest.mark.parametrize("graded", [True, False])
@pytest.mark.parametrize("label", ["", "Q{}. ", "{}) ", "Question {}: "])
def test_google_forms(tmp_path: Path, graded: bool, label: str) -> None:
    """Defeats: `[Score]` and `[Feedback]` as questions or as something that nobody has read."""
    head, row = ["Timestamp", "Username"], ["2026/05/01 10:30:15", "ann@uni.example"]
    head, row = [*head, *["Total score"] * graded], [*row, *["0.00 / 3"] * graded]
    columns = [("Full name", "Ann Bee")]
    columns += [(label.format(n) + text, ANSWERS[n - 1]) for n, text in enumerate(TEXTS.values(), 1)]
    for name, cell in columns:
        head += [name, *[f"{name} [Score]", f"{name} [Feedback]"] * graded]
        row += [cell, *["0.00 / 1", "well done"] * graded]
    found, (one,) = read(tmp_path, [[*head, "Any comments?"], [*row, "it was hard"]])
    assert answers(one) == RIGHT
    assert (one.student, one.platform) == ("Ann Bee", "google-forms")
    assert dict(one.ids) == {"email": "ann@uni.example", "name": "Ann Bee"}
    assert [fault.text for fault in one.aside] == ["it was hard"]
    assert [fault.text for fault in found.faults] == ["Any comments?"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [("What is your name?", "name"), ("Vor- und Nachname", "name"), ("Matrikelnummer (8 Ziffern)", "id")],
)
def test_google_forms_ask_who_somebody_is_in_their_own_words(tmp_path: Path, asked: str, key: str) -> None:
    head = ["Zeitstempel", asked, *TEXTS.values()]
    found, (one,) = read(tmp_path, [head, ["2026", "Ann Bee", *ANSWERS]])
    assert (one.student, dict(one.ids)) == ("Ann Bee", {key: "Ann Bee"})
    assert answers(one) == RIGHT
    assert not found.faults


@pytest.mark.parametrize(
    ("start", "end", "points", "feedback", "total"),
    [
        ("Start time", "Completion time", "Points - ", "Feedback - ", "Total points"),
        ("Startzeit", "Fertigstellungszeit", "Punkte – ", "Feedback – ", "Gesamtpunktzahl"),
    ],
)
def test_microsoft_forms(
    tmp_path: Path, start: str, end: str, points: str, feedback: str, total: str
) -> None:
    """Defeats: the number of the response as that of the student."""
    head, row = ["ID", start, end, "Email", "Name", total], ["1", "1", "2", "ann@uni.example", "Ann Bee", "0"]
    for text, cell in zip(TEXTS.values(), ANSWERS, strict=True):
        head += [f"{text}\xa0", points + text, feedback + text]
        row += [cell, "0", "no"]
    found, (one,) = read(tmp_path, [head, row])
    assert answers(one) == RIGHT
    assert dict(one.ids) == {"email": "ann@uni.example", "name": "Ann Bee"}
    assert [*found.faults, *one.faults, *one.aside] == []


def test_questions_of_the_same_words_are_refused_by_name(tmp_path: Path) -> None:
    """Defeats: the first of two columns that are called alike, silently."""
    texts = {"a": "How many parameters?", "b": "How many parameters?", "c": "How many MACs does c1 need?"}
    head = [*CANVAS, *[cell for at, text in enumerate(texts.values()) for cell in (f"{at}: {text}", "1.0")]]
    row = ["Ann", "501", "S501", "A", "7", "SP", "2026", "1", "5", "0", "6", "0", "7", "0"]
    found, (one,) = read(tmp_path, [head, row], texts)
    assert answers(one) == {"c": "7"}
    assert {(entry.question, entry.text) for entry in one.entries if entry.doubt} == {
        (question, text) for question in "ab" for text in "56"
    }
    assert all("a, b" in fault.message for fault in found.faults)


def test_two_of_one_name_and_two_attempts_of_one(tmp_path: Path) -> None:
    """Defeats: one record for two people; the second attempt in the place of the first, or without a word."""
    tom = ["Jones", "Tom", "1", "t@uni.example", *WHO[4:]]
    other = ["Jones", "Tom", "2", "t2@uni.example", *WHO[4:]]
    rows = [MOODLE["en"].split("|")[:12]]
    rows += [[*tom, "1", "", ""], [*other, "2", "", ""], [*tom, "3", "", ""]]
    _, found = read(tmp_path, rows)
    assert [(one.student, answers(one)["Q1"]) for one in found] == [
        ("Tom Jones (1)", "1"),
        ("Tom Jones (2)", "2"),
        ("Tom Jones (1) (2)", "3"),
    ]
    assert [len(one.faults) for one in found] == [0, 0, 1]
    assert "2 rows" in found[2].faults[0].message


def test_who_has_no_name_has_a_row(tmp_path: Path) -> None:
    rows = [MOODLE["en"].split("|")[:12], [*[""] * 4, *WHO[4:], *ANSWERS]]
    _, (one,) = read(tmp_path, rows)
    assert one.student == "line 2"
    assert answers(one) == RIGHT
    rows = [["Matrikelnummer", "Nachname", "Vorname", *TEXTS], ["", "Haas", "", *ANSWERS]]
    _, (one,) = read(tmp_path, rows)
    assert (one.student, answers(one)) == ("Haas", RIGHT)


def test_a_list_of_ones_own_may_have_the_words_of_the_quiz(tmp_path: Path) -> None:
    found, (one,) = read(tmp_path, [["Student", *TEXTS.values()], ["ann", *ANSWERS]])
    assert answers(one) == RIGHT
    assert not found.faults
    # The words in one line of a student's text are no head.
    path = tmp_path / "ann.txt"
    path.write_text(f"Q1 {TEXTS['Q1']}\n48x32x24\nQ2: 3,528\n")
    (one,) = stack(str(path), list(TEXTS), TEXTS).submissions
    assert one.student == "ann"


def test_columns_without_a_head_are_not_lost(tmp_path: Path) -> None:
    """Defeats: cells below a blank head that nobody hears of."""
    _, (one,) = read(tmp_path, [["student", "Q1", ""], ["ann", "5", "a remark"]])
    assert [fault.text for fault in one.aside] == ["a remark"]


def test_a_line_of_answers_is_no_export(tmp_path: Path) -> None:
    """Defeats: `1: 3,528` with a comma in it, as a column of answers with one of points."""
    path = tmp_path / "ann.txt"
    path.write_text("1: 48x32x24, 2: 3,528, 3: 27,5\n")
    (one,) = stack(str(path), list(TEXTS), TEXTS).submissions
    assert (one.student, one.platform) == ("ann", "")
    assert answers(one)["Q1"] == "48x32x24"
