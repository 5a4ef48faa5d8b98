"""Readers of the files that `archcalc quiz` writes, by what the platforms document. They know nothing of the
writers: XML is read by xml.etree, HTML by html.parser, JSON by json, and QTI's rules are worked out."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element


class ReadAnswer(NamedTuple):
    """An answer that a platform knows: its text, how far a number may be off, and what is said of it."""

    text: str
    tolerance: Fraction = Fraction(0)
    feedback: str = ""


class ReadQuestion(NamedTuple):
    """A question of a file."""

    id: str
    kind: str
    text: str
    right: list[ReadAnswer]
    wrong: list[ReadAnswer]
    points: Fraction
    solution: str


class Fragment(HTMLParser):
    """The words of a fragment of HTML, and its elements with their attributes."""

    def __init__(self, source: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def tags(self) -> set[str]:
        """The elements by their names."""
        return {tag for tag, _ in self.elements}


def words(source: str) -> str:
    """The text of a fragment of HTML."""
    return Fragment(source).text


# --- QTI 2.1 ---------------------------------------------------------------------------------------------

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
IMS = "{http://www.imsglobal.org/xsd/imscp_v1p1}"


class QtiItem:
    """An item, whose response processing can be run."""

    def __init__(self, root: Element):
        self.root = root
        declared = root.find(f"{QTI}responseDeclaration")
        self.kind = declared.attrib["baseType"]
        self.correct = declared.findtext(f"{QTI}correctResponse/{QTI}value")

    def processed(self, response: str) -> dict[str, str]:
        """The outcomes for a response."""
        outcomes = {
            one.attrib["identifier"]: one.findtext(f"{QTI}defaultValue/{QTI}value") or ""
            for one in self.root.findall(f"{QTI}outcomeDeclaration")
        }
        for rule in self.root.find(f"{QTI}responseProcessing"):
            if rule.tag == f"{QTI}setOutcomeValue":
                self._set(rule, outcomes)
                continue
            for case in rule:
                condition, *settings = case
                if self._holds(condition, response):
                    for one in settings:
                        self._set(one, outcomes)
                    break
        return outcomes

    def _set(self, rule: Element, outcomes: dict[str, str]) -> None:
        assert rule.attrib["identifier"] in outcomes, "it is not declared"
        outcomes[rule.attrib["identifier"]] = rule.findtext(f"{QTI}baseValue")

    def _holds(self, at: Element, response: str) -> bool:
        kind = at.tag.removeprefix(QTI)
        if kind == "or":
            assert len(at) > 1
            return any(self._holds(one, response) for one in at)
        variable, value = at
        assert variable.attrib == {"identifier": "RESPONSE"}
        assert value.attrib == {"baseType": self.kind}
        given = value.text or ""
        if kind == "equal":
            if at.attrib["toleranceMode"] == "exact":
                return Fraction(response) == Fraction(given)
            below, above = map(Fraction, at.attrib["tolerance"].split())
            return Fraction(given) - below <= Fraction(response) <= Fraction(given) + above
        if kind == "stringMatch" and at.attrib["caseSensitive"] == "false":
            return response.casefold() == given.casefold()
        assert kind in ("match", "stringMatch")
        return response == given

    def feedback(self, outcomes: dict[str, str], outcome: str) -> str:
        """The feedback that these outcomes show."""
        found = [
            one
            for one in self.root.findall(f"{QTI}modalFeedback")
            if (one.attrib["outcomeIdentifier"], one.attrib["identifier"]) == (outcome, outcomes[outcome])
        ]
        return "".join("".join(one.itertext()) for one in found)


def read_qti(data: bytes) -> dict[str, list[ReadQuestion]]:
    """The questions of each test by its title, found by the manifest."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        files = [one.attrib["href"] for one in manifest.iter(f"{IMS}file")]
        assert sorted([*files, "imsmanifest.xml"]) == sorted(archive.namelist())
        resources = {one.attrib["identifier"]: one for one in manifest.iter(f"{IMS}resource")}
        found: dict[str, list[ReadQuestion]] = {}
        for resource in resources.values():
            if resource.attrib["type"] != "imsqti_test_xmlv2p1":
                assert resource.attrib["type"] == "imsqti_item_xmlv2p1"
                continue
            test = ElementTree.fromstring(archive.read(resource.attrib["href"]))
            items = []
            for reference in test.iter(f"{QTI}assessmentItemRef"):
                item = resources[reference.attrib["identifier"]].attrib["href"]
                assert item == reference.attrib["href"]
                items.append(_qti_question(ElementTree.fromstring(archive.read(item))))
            needed = [one.attrib["identifierref"] for one in resource.iter(f"{IMS}dependency")]
            assert needed == [one.attrib["identifier"] for one in test.iter(f"{QTI}assessmentItemRef")]
            found[test.attrib["title"]] = items
    return found


def _qti_question(root: Element) -> ReadQuestion:
    item = QtiItem(root)
    body = root.find(f"{QTI}itemBody")
    points = Fraction(
        root.findtext(f"{QTI}outcomeDeclaration[@identifier='MAXSCORE']/{QTI}defaultValue/{QTI}value")
    )
    labels = {one.attrib["identifier"]: one.text for one in body.iter(f"{QTI}simpleChoice")}
    values = [
        (one[1].text, Fraction(one.attrib.get("tolerance", "0").split()[0]))
        for one in root.iter()
        if one.tag in (f"{QTI}equal", f"{QTI}match", f"{QTI}stringMatch")
    ]
    right, wrong = [], []
    for value, tolerance in values:
        outcomes = item.processed(value)
        answer = ReadAnswer(labels.get(value, value), tolerance, item.feedback(outcomes, "FEEDBACK"))
        (right if Fraction(outcomes["SCORE"]) == points else wrong).append(answer)
        assert outcomes["SCORE"] in (
            "0",
            root.findtext(f".//{QTI}setOutcomeValue[@identifier='SCORE']/{QTI}baseValue"),
        )
    assert Fraction(item.processed(item.correct)["SCORE"]) == points
    assert Fraction(item.processed("no such answer" if item.kind != "float" else "-17")["SCORE"]) == 0
    kind = {"float": "numerical", "string": "shortanswer", "identifier": "multichoice"}[item.kind]
    interaction = "choiceInteraction" if labels else "textEntryInteraction"
    assert [one.attrib["responseIdentifier"] for one in body.iter(f"{QTI}{interaction}")] == ["RESPONSE"]
    text = "".join("".join(one.itertext()) for one in body if one.tag in (f"{QTI}p", f"{QTI}pre"))
    return ReadQuestion(
        root.attrib["title"],
        kind,
        text,
        right,
        wrong,
        points,
        item.feedback(item.processed(item.correct), "SOLUTION"),
    )


# --- Numbas ----------------------------------------------------------------------------------------------


def read_numbas(text: str) -> tuple[str, list[ReadQuestion]]:
    """The name of an exam and its questions."""
    version, source = text.split("\n", 1)
    assert version.startswith("// Numbas version: ")
    exam = json.loads(source)
    (group,) = exam["question_groups"]
    assert group["pickingStrategy"] == "all-ordered"
    assert group["pickQuestions"] == len(group["questions"]) == len(group["questionNames"])
    return exam["name"], [_numbas_question(one) for one in group["questions"]]


def inert(content: str) -> str:
    """The words of a content of Numbas, in which nothing is put in or set as a formula."""
    if not content:
        return ""
    (tag, attributes), *_ = Fragment(content).elements
    assert (tag, attributes["nosubvars"]) == ("div", "true")
    assert "mathjax_ignore" in (attributes["class"] or "")
    assert content.startswith("<div ")
    assert content.endswith("</div>")
    return words(content)


def _numbas_question(question: dict[str, Any]) -> ReadQuestion:
    (part,) = question["parts"]
    assert not re.search(r"[{}$\\]", question["name"])
    text, solution = inert(question["statement"]), inert(question["advice"])
    if part["type"] == "1_n_2":
        assert not part["shuffleChoices"]
        answers = [
            (Fraction(marks), ReadAnswer(inert(choice), Fraction(0), inert(feedback)))
            for choice, marks, feedback in zip(
                part["choices"], part["matrix"], part["distractors"], strict=True
            )
        ]
        right = [answer for marks, answer in answers if marks]
        wrong = [answer for marks, answer in answers if not marks]
        points = max(marks for marks, _ in answers)
        return ReadQuestion(question["name"], "multichoice", text, right, wrong, points, solution)
    kinds = {"numberentry": "numerical", "patternmatch": "shortanswer"}
    wrong = [
        _numbas_answer(one)._replace(feedback=inert(one["alternativeFeedbackMessage"]))
        for one in part["alternatives"]
    ]
    assert not any(one["marks"] for one in part["alternatives"])
    points = Fraction(part["marks"])
    right = [_numbas_answer(part)]
    return ReadQuestion(question["name"], kinds[part["type"]], text, right, wrong, points, solution)


def _numbas_answer(part: dict[str, Any]) -> ReadAnswer:
    if part["type"] == "numberentry":
        low, high = Fraction(part["minValue"]), Fraction(part["maxValue"])
        middle = (low + high) / 2
        shown = str(middle) if middle.denominator == 1 else f"{float(middle):.12g}"
        return ReadAnswer(shown, (high - low) / 2)
    assert part["matchMode"] == "regex"
    assert "{" not in part["answer"]
    assert re.fullmatch(part["answer"], part["displayAnswer"])
    return ReadAnswer(part["displayAnswer"])


# --- PrairieLearn ----------------------------------------------------------------------------------------

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def read_prairielearn(folder: Path) -> dict[str, list[ReadQuestion]]:
    """The questions of each assessment by its title."""
    course = json.loads((folder / "infoCourse.json").read_text())
    assert {"uuid", "name", "title", "topics"} <= course.keys()
    topics = {one["name"] for one in course["topics"]}
    sets = {one["name"] for one in course["assessmentSets"]}
    found = {}
    ids = [course["uuid"]]
    for path in sorted(folder.glob("courseInstances/*/assessments/*/infoAssessment.json")):
        assessment = json.loads(path.read_text())
        assert {"uuid", "type", "title", "set", "number"} <= assessment.keys()
        assert assessment["set"] in sets
        ids.append(assessment["uuid"])
        questions = []
        for asked in [one for zone in assessment["zones"] for one in zone["questions"]]:
            place = folder / "questions" / asked["id"]
            info = json.loads((place / "info.json").read_text())
            assert {"uuid", "title", "topic", "type"} <= info.keys()
            assert (info["type"], info["topic"] in topics) == ("v3", True)
            ids.append(info["uuid"])
            questions.append(_prairielearn_question(place, info, Fraction(asked["points"])))
        found[assessment["title"]] = questions
    assert all(UUID.fullmatch(one) for one in ids)
    assert len(ids) == len(set(ids))
    return found


def _prairielearn_question(place: Path, info: dict[str, Any], points: Fraction) -> ReadQuestion:
    source = (place / "question.html").read_text()
    # Mustache comes first: what is said of an answer is all that it may put in.
    assert re.findall(r"\{\{.*?\}\}", source) in ([], ["{{feedback.answer}}"])
    source = source.replace("{{feedback.answer}}", "")
    assert not re.search(r"[{}]", source)
    panels = dict(re.findall(r"<pl-(\w+)-panel>(.*?)</pl-\1-panel>", source, re.DOTALL))
    text, solution = words(panels["question"]).strip(), words(panels["answer"]).strip()
    elements = Fragment(source).elements
    (field,) = [(tag, one) for tag, one in elements if one.get("answers-name") == "answer"]
    tag, attributes = field
    id = info["title"].rpartition(": ")[2]
    if tag == "pl-multiple-choice":
        assert attributes["order"] == "fixed"
        options = re.findall(r"<pl-answer ([^>]*)>(.*?)</pl-answer>", source, re.DOTALL)
        right, wrong = [], []
        for inside, shown in options:
            ((_, given),) = list(Fragment(f"<p {inside}>").elements)
            answer = ReadAnswer(words(shown), Fraction(0), words(given.get("feedback") or ""))
            (right if given["correct"] == "true" else wrong).append(answer)
        return ReadQuestion(id, "multichoice", text, right, wrong, points, solution)
    names: dict[str, Any] = {}
    exec((place / "server.py").read_text(), names)
    value = attributes["correct-answer"] or ""
    wrong = [ReadAnswer(given, Fraction(0), feedback) for given, feedback in names["FEEDBACK"].items()]
    for answer in wrong:
        assert _graded(names, answer.text) == ("", answer.feedback)
    if tag == "pl-number-input":
        assert (attributes["comparison"], attributes["rtol"]) == ("relabs", "0")
        right = [ReadAnswer(value, Fraction(attributes["atol"] or "0"))]
        return ReadQuestion(id, "numerical", text, right, wrong, points, solution)
    assert tag == "pl-string-input"
    assert _graded(names, f"{value}0") == ("", "")
    for spelling in names["SPELLINGS"]:
        assert _graded(names, f" {spelling} ") == (value, "")
    return ReadQuestion(id, "shortanswer", text, [ReadAnswer(value)], wrong, points, solution)


def _graded(names: dict[str, Any], given: str) -> tuple[str, str]:
    """What stands for an answer after parsing, and what is said of it."""
    data: dict[str, Any] = {
        "raw_submitted_answers": {"answer": given},
        "submitted_answers": {},
        "feedback": {},
    }
    names["parse"](data)
    names["grade"](data)
    return data["submitted_answers"].get("answer", ""), data["feedback"]["answer"]


# --- Cloze -----------------------------------------------------------------------------------------------

# As Moodle's importer finds fields, answers and what is said of them.
_FIELD = re.compile(
    r"\{([0-9]*):(NUMERICAL|MULTICHOICE_V|SHORTANSWER_C|SHORTANSWER):((?:[^}\\]|\\.)*?(?<!\\))\}", re.DOTALL
)
_OPTION = re.compile(r"~?(=|%-?[0-9]+%)?(.+?(?<!\\|&)(?=[~#}]|$))(?:#(.*?(?<!\\)(?=[~}]|$)))?", re.DOTALL)


def read_cloze(source: str) -> list[ReadQuestion]:
    """The fields of a question, each with the text before it."""
    source = re.sub(r"&amp;(.{2,9}?;)", r"&\1", source)
    found = []
    begin = 0
    for field in _FIELD.finditer(source):
        before = Fragment(
            source[begin : field.start()].replace("<strong>", "\ue010").replace("</strong>", "\ue011")
        ).text
        begin = field.end()
        id, text = re.fullmatch("\ue010(.*?)\ue011(.*)", before, re.DOTALL).groups()
        right, wrong = [], []
        for worth, given, behind in _OPTION.findall(field[3]):
            text_given, _, tolerance = given.partition(":") if field[2] == "NUMERICAL" else (given, "", "0")
            feedback = words(html.unescape(behind))
            answer = ReadAnswer(html.unescape(text_given).replace("\\*", "*"), Fraction(tolerance), feedback)
            (right if worth == "=" else wrong).append(answer)
        kind = {"N": "numerical", "M": "multichoice", "S": "shortanswer"}[field[2][0]]
        found.append(ReadQuestion(id, kind, text, right, wrong, Fraction(field[1]), ""))
    assert "{" not in source[begin:]
    return found


# --- HTML ------------------------------------------------------------------------------------------------


def read_page(text: str) -> tuple[dict[str, list[str]], dict[str, dict[str, tuple[str, str]]]]:
    """The ids of questions of each variant, and of its key the answer and the points by the id."""
    sections = re.findall(r'<section class="variant">\n<h1>(.*?)</h1>(.*?)</section>', text, re.DOTALL)
    questions = {}
    for title, inside in sections:
        name = re.search(r"Variant: (\w+)", title)
        heads = re.findall(r"<article>\n<h2>(.*?) <small>", inside)
        questions[name[1] if name else ""] = [words(head) for head in heads]
    keys = {}
    for caption, inside in re.findall(
        r"<caption>(.*?)</caption>(.*?)</table>", text.partition('class="keys"')[2], re.DOTALL
    ):
        rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td[^>]*>(.*?)</td></tr>", inside)
        name = caption.partition(": ")[2]
        keys[name] = {words(id): (words(answer), points) for id, answer, points in rows}
    return questions, keys


def table(rows: list[list[str]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
