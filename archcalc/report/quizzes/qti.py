"""QTI 2.1: a content package with an item for each question and a test for each variant.

The format is documented at https://www.imsglobal.org/question/ (version 2.1: the information model of items
and tests, and the XML binding).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..courses import decimal
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import figure_svg
from . import QuizFile, QuizSettings
from ._html import figure_html, question_html, solution_html
from ._packages import package_name, zipped

_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_QUESTIONS = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = {
    _PACKAGE: "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
    _QUESTIONS: "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
}
_RESPONSE, _SCORE, _FEEDBACK, _SOLUTION = "RESPONSE", "SCORE", "FEEDBACK", "SOLUTION"
# Letters that a field has room for.
_LENGTH = 20


class Format(QuizFile):
    """``--format qti``: a test for each variant. A platform shows the solution and the words on a wrong
    answer after it has been given."""

    suffixes = (".zip",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[bytes]:
        """A zip. Raises SpecError for what the format cannot hold."""
        files: dict[str, Element | str] = {}
        resources = Element("resources")
        for variant in variants:
            name = package_name(quiz, variant)
            title = clean_line(quiz.title)
            title = f"{title}, {variant.name}" if len(quiz.variants) > 1 else title
            items = {f"{name}_{number}": one for number, one in enumerate(variant.questions, 1)}
            files[f"{name}.xml"] = _test(name, title, items)
            test = _resource(resources, name, "imsqti_test_xmlv2p1", f"{name}.xml")
            for item, question in items.items():
                SubElement(test, "dependency", identifierref=item)
                files[f"items/{item}.xml"] = _Item(question, item).root
                resource = _resource(resources, item, "imsqti_item_xmlv2p1", f"items/{item}.xml")
                if question.figure:
                    files[f"items/{item}.svg"] = figure_svg(question)
                    SubElement(resource, "file", href=f"items/{item}.svg")
        yield zipped({"imsmanifest.xml": _manifest(resources), **files})


def _root(tag: str, namespace: str, **attributes: str) -> Element:
    schema = {"xmlns:xsi": _INSTANCE, "xsi:schemaLocation": f"{namespace} {_SCHEMAS[namespace]}"}
    return Element(tag, {"xmlns": namespace, **schema, **attributes})


def _manifest(resources: Element) -> Element:
    root = _root("manifest", _PACKAGE, identifier=f"m{resources[0].attrib['identifier']}")
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(root, "organizations")
    root.append(resources)
    return root


def _resource(resources: Element, name: str, kind: str, path: str) -> Element:
    found = SubElement(resources, "resource", identifier=name, type=kind, href=path)
    SubElement(found, "file", href=path)
    return found


def _test(name: str, title: str, items: dict[str, PosedQuestion]) -> Element:
    """A test whose points are those of its items together."""
    root = _root("assessmentTest", _QUESTIONS, identifier=name, title=title)
    _outcome(root, _SCORE, "float", "0")
    part = SubElement(
        root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual"
    )
    section = SubElement(part, "assessmentSection", identifier="section", title=title, visible="true")
    for item in items:
        SubElement(section, "assessmentItemRef", identifier=item, href=f"items/{item}.xml")
    total = SubElement(SubElement(root, "outcomeProcessing"), "setOutcomeValue", identifier=_SCORE)
    SubElement(SubElement(total, "sum"), "testVariables", variableIdentifier=_SCORE)
    return root


def _outcome(root: Element, name: str, kind: str, value: str = "") -> None:
    found = SubElement(root, "outcomeDeclaration", identifier=name, cardinality="single", baseType=kind)
    if value:
        SubElement(SubElement(found, "defaultValue"), "value").text = value


class _Given(NamedTuple):
    """An answer: conditions of which one is met by it, whether it is right, and what is said of it."""

    conditions: list[Element]
    right: bool
    feedback: str


class _Item:
    """A question as an item: what is shown, what is right, and what is said of wrong answers."""

    def __init__(self, question: PosedQuestion, name: str):
        self.question = question
        self.root = _root(
            "assessmentItem",
            _QUESTIONS,
            identifier=name,
            title=clean_line(question.id),
            adaptive="false",
            timeDependent="false",
        )
        answers = [] if question.choices else platform_answers(question)
        given = list(self._options() if question.choices else self._typed(answers))
        self._declarations(answers)
        self._body(name, answers)
        self._processing(given)
        for number, one in enumerate(given, 1):
            if one.feedback:
                SubElement(self._feedback(_FEEDBACK, f"feedback_{number}"), "p").text = one.feedback
        self._feedback(_SOLUTION, "solution").extend(_elements(solution_html(question)))

    def _declarations(self, answers: Sequence[PlatformAnswer]) -> None:
        kind = "identifier" if not answers else "float" if answers[0].number else "string"
        declared = SubElement(
            self.root, "responseDeclaration", identifier=_RESPONSE, cardinality="single", baseType=kind
        )
        right = answers[0].number or answers[0].texts[0] if answers else self._right_option()
        SubElement(SubElement(declared, "correctResponse"), "value").text = right
        points = decimal(self.question.points)
        _outcome(self.root, _SCORE, "float", "0")
        _outcome(self.root, "MAXSCORE", "float", points)
        _outcome(self.root, _FEEDBACK, "identifier")
        _outcome(self.root, _SOLUTION, "identifier")

    def _right_option(self) -> str:
        return next(f"choice_{at}" for at, one in enumerate(self.question.choices, 1) if one.right)

    def _body(self, name: str, answers: Sequence[PlatformAnswer]) -> None:
        body = SubElement(self.root, "itemBody")
        body.extend(_elements(question_html(self.question) + figure_html(self.question, f"{name}.svg")))
        if answers:
            field = SubElement(body, "p")
            SubElement(
                field, "textEntryInteraction", responseIdentifier=_RESPONSE, expectedLength=str(_LENGTH)
            )
            return
        # The order has been drawn: letters on a sheet are those of the key.
        choices = SubElement(
            body, "choiceInteraction", responseIdentifier=_RESPONSE, shuffle="false", maxChoices="1"
        )
        for at, choice in enumerate(self.question.choices, 1):
            SubElement(choices, "simpleChoice", identifier=f"choice_{at}").text = clean_line(choice.text)

    def _options(self) -> Iterator[_Given]:
        for at, choice in enumerate(self.question.choices, 1):
            condition = Element("match")
            _compared(condition, "identifier", f"choice_{at}")
            yield _Given([condition], choice.right, feedback_text(choice.reading))

    def _typed(self, answers: Sequence[PlatformAnswer]) -> Iterator[_Given]:
        for answer in answers:
            if answer.number:
                conditions = [_near(answer)]
            else:
                case = "true" if answer.exact_case else "false"
                conditions = [Element("stringMatch", caseSensitive=case) for _ in answer.texts]
                for condition, text in zip(conditions, answer.texts, strict=True):
                    _compared(condition, "string", text)
            yield _Given(conditions, answer.right, answer.feedback)

    def _processing(self, given: Sequence[_Given]) -> None:
        """The points of the first answer that is met, or its words; the solution in any case."""
        processing = SubElement(self.root, "responseProcessing")
        cases = SubElement(processing, "responseCondition")
        for number, one in enumerate(given, 1):
            if not (one.right or one.feedback):
                continue
            case = SubElement(cases, "responseElseIf" if len(cases) else "responseIf")
            if len(one.conditions) == 1:
                case.append(one.conditions[0])
            else:
                SubElement(case, "or").extend(one.conditions)
            if one.right:
                _set(case, _SCORE, "float", decimal(self.question.points))
            if one.feedback:
                _set(case, _FEEDBACK, "identifier", f"feedback_{number}")
        _set(processing, _SOLUTION, "identifier", "solution")

    def _feedback(self, outcome: str, name: str) -> Element:
        return SubElement(
            self.root, "modalFeedback", outcomeIdentifier=outcome, identifier=name, showHide="show"
        )


def _near(answer: PlatformAnswer) -> Element:
    """The number itself, or one that is not farther from it than the tolerance."""
    if not Fraction(answer.tolerance):
        condition = Element("equal", toleranceMode="exact")
    else:
        ends = f"{answer.tolerance} {answer.tolerance}"
        condition = Element("equal", toleranceMode="absolute", tolerance=ends)
    _compared(condition, "float", answer.number)
    return condition


def _compared(condition: Element, kind: str, value: str) -> None:
    SubElement(condition, "variable", identifier=_RESPONSE)
    SubElement(condition, "baseValue", baseType=kind).text = value


def _set(parent: Element, name: str, kind: str, value: str) -> None:
    setting = SubElement(parent, "setOutcomeValue", identifier=name)
    SubElement(setting, "baseValue", baseType=kind).text = value


def _elements(html: str) -> list[Element]:
    """A fragment of HTML, which is well-formed, as elements."""
    return list(ElementTree.fromstring(f"<div>{html}</div>"))
