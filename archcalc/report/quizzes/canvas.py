"""QTI 1.2 in a zip, as Canvas imports quizzes.

The format is documented at https://www.imsglobal.org/question/ (version 1.2); the types
of questions are those that Canvas itself exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..courses import decimal
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import exact_decimal, figure_svg
from . import QuizFile, QuizSettings
from ._html import figure_html, question_html, solution_html
from ._packages import package_name, zipped

_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_QUESTIONS = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_RESPONSE = "response1"


class Format(QuizFile):
    """``--format canvas``: a quiz of Canvas for each variant. Pictures become files of the course."""

    suffixes = (".zip",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[bytes]:
        """A zip. Raises SpecError for what the format cannot hold."""
        quizzes: dict[str, Element] = {}
        pictures: dict[str, str] = {}
        for variant in variants:
            name = package_name(quiz, variant)
            quizzes[name] = _assessment(quiz, variant, name)
            ElementTree.indent(quizzes[name])
            for number, question in enumerate(variant.questions, 1):
                if question.figure:
                    pictures[f"{name}_{number}"] = figure_svg(question)
        manifest = _manifest(list(quizzes), list(pictures))
        ElementTree.indent(manifest)
        yield zipped(
            {
                "imsmanifest.xml": manifest,
                **{f"{name}/{name}.xml": root for name, root in quizzes.items()},
                **{_picture_path(name): svg for name, svg in pictures.items()},
            }
        )


def _picture_path(name: str) -> str:
    return f"web_resources/{name}.svg"


def _manifest(names: Sequence[str], pictures: Sequence[str]) -> Element:
    root = Element("manifest", identifier=f"m{names[0]}", xmlns=_PACKAGE)
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for name in names:
        resource = SubElement(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
        SubElement(resource, "file", href=f"{name}/{name}.xml")
    for name in pictures:
        href = _picture_path(name)
        resource = SubElement(resources, "resource", identifier=f"{name}_svg", type="webcontent", href=href)
        SubElement(resource, "file", href=href)
    return root


def _assessment(quiz: PosedQuiz, variant: QuizVariant, name: str) -> Element:
    title = clean_line(quiz.title)
    if len(quiz.variants) > 1:
        title = f"{title}, {variant.name}"
    root = Element("questestinterop", xmlns=_QUESTIONS)
    assessment = SubElement(root, "assessment", ident=name, title=title)
    section = SubElement(assessment, "section", ident="root_section")
    for number, question in enumerate(variant.questions, 1):
        _Item(question, f"{name}_{number}").write(section)
    return root


class _Item:
    """A question as an item: what is shown, what is right, and the feedback."""

    def __init__(self, question: PosedQuestion, name: str):
        self.question = question
        self.name = name
        self.right = None if question.choices else platform_answers(question)[0]
        # Where files of the course lie that were imported with the quiz.
        self.source = f"$IMS-CC-FILEBASE$/{name}.svg"
        self.feedback = [("general_fb", solution_html(question))]

    def write(self, section: Element) -> None:
        """Put the item into a section."""
        question, right = self.question, self.right
        kind = "multiple_choice" if right is None else "numerical" if right.number else "short_answer"
        item = SubElement(section, "item", ident=self.name, title=clean_line(question.id))
        fields = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
        for label, entry in (
            ("question_type", f"{kind}_question"),
            ("points_possible", decimal(question.points)),
        ):
            field = SubElement(fields, "qtimetadatafield")
            SubElement(field, "fieldlabel").text = label
            SubElement(field, "fieldentry").text = entry
        presentation = SubElement(item, "presentation")
        _material(presentation, question_html(self.question) + figure_html(self.question, self.source))
        processing = SubElement(item, "resprocessing")
        outcomes = SubElement(processing, "outcomes")
        SubElement(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        SubElement(_condition(processing, "Yes", "general_fb"), "other")
        if right is None:
            self._choices(presentation, processing)
        else:
            _typed(presentation, right)
            _accepted(_condition(processing, "No"), right)
        for name, html in self.feedback:
            shown = SubElement(SubElement(item, "itemfeedback", ident=name), "flow_mat")
            _material(shown, html)

    def _choices(self, presentation: Element, processing: Element) -> None:
        response = SubElement(presentation, "response_lid", ident=_RESPONSE, rcardinality="Single")
        choices = SubElement(response, "render_choice")
        for number, choice in enumerate(self.question.choices, 1):
            label = SubElement(choices, "response_label", ident=str(number))
            _material(label, escape(choice.text, quote=False))
            words = feedback_text(choice.reading)
            if words:
                self.feedback.append((f"{number}_fb", escape(words, quote=False)))
                _equal(_condition(processing, "Yes", f"{number}_fb"), str(number))
        for number, choice in enumerate(self.question.choices, 1):
            if choice.right:
                _equal(_condition(processing, "No"), str(number))


def _material(parent: Element, html: str) -> None:
    SubElement(SubElement(parent, "material"), "mattext", texttype="text/html").text = html


def _typed(presentation: Element, right: PlatformAnswer) -> None:
    response = SubElement(presentation, "response_str", ident=_RESPONSE, rcardinality="Single")
    field = SubElement(response, "render_fib", {"fibtype": "Decimal"} if right.number else {})
    SubElement(field, "response_label", ident="answer1")


def _condition(processing: Element, goes_on: str, feedback: str = "") -> Element:
    """A condition that shows feedback, or gives all points."""
    found = SubElement(processing, "respcondition", {"continue": goes_on})
    variables = SubElement(found, "conditionvar")
    if feedback:
        SubElement(found, "displayfeedback", feedbacktype="Response", linkrefid=feedback)
    else:
        SubElement(found, "setvar", action="Set", varname="SCORE").text = "100"
    return variables


def _accepted(variables: Element, right: PlatformAnswer) -> None:
    if not right.number:
        for text in right.texts:
            _equal(variables, text)
        return
    # The number itself, or one between the ends.
    either = SubElement(variables, "or")
    _equal(either, right.number)
    between = SubElement(either, "and")
    value, tolerance = Fraction(right.number), Fraction(right.tolerance)
    SubElement(between, "vargte", respident=_RESPONSE).text = exact_decimal(value - tolerance)
    SubElement(between, "varlte", respident=_RESPONSE).text = exact_decimal(value + tolerance)


def _equal(variables: Element, text: str) -> None:
    SubElement(variables, "varequal", respident=_RESPONSE).text = text
