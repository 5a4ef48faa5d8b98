"""Quizzes for learning platforms, read back as the platforms document their formats.

The readers here know nothing of the writers: Moodle XML is read by xml.etree, GIFT by a small reader of its
own. The wrong ways to defeat: a key that `check` would not take; a sign of a format in a text that is read as
one; a wrong answer that stands among the right ones; a tolerance that is not what the quiz allows.
"""

from __future__ import annotations

import base64
import csv
import io
import re
import shutil
import subprocess
import zipfile
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from calling import call

from archcalc.report.quizzes import moodle

HOSTILE = r"]]> <script>alert(1)</script> ~=#{}: \ \n // -> $x$ & 100% *"
QUIZ = rf"""
title = '{HOSTILE}'
[marks]
rounded = 1
[[question]]
id = "percent"
target = "vgg16"
ask = "percent(params(fc6) / params(total))"
[[question]]
id = "quotient"
target = "lenet5"
ask = "params(c5) / params(total)"
[[question]]
id = "volume in letters"
target = "m x n x 3 -> conv f x f k stride=s pad=p"
ask = "output"
[[question]]
id = "letters"
target = "m x n x 3 -> conv f x f k stride=s pad=p"
ask = "params"
[[question]]
id = "5 ~=#{{}}: ]]>"
target = "32x32x3 -> conv 5x5 10 stride=2"
ask = "conv1.output"
text = '{HOSTILE} `{HOSTILE}`'
[[question]]
id = "KiB"
target = "vgg16"
ask = "total.param_bytes"
unit = "KiB"
[[question]]
id = "size"
target = "32x32x3 -> conv 5x5 10 stride=2"
ask = "conv1.size"
[[question]]
id = "params"
target = "32x32x3 -> conv 5x5 10"
ask = "conv1.params"
points = 2.5
[[question]]
id = "rounded"
target = "vgg16"
ask = "total.macs"
digits = 3
"""
CHOICES = '[[question]]\nid = "c"\ntarget = "32x32x3 -> conv 5x5 10"\nask = "params"\nkind = "choice"\n'
VOLUME = {"14x14x10", "14 x 14 x 10", "14×14×10", "14 × 14 × 10", "14,14,10", "14, 14, 10", "(14, 14, 10)"}


class Given(NamedTuple):
    """An answer of a file: what it is worth in per cent, and of a number how far others may be."""

    text: str
    worth: Fraction
    tolerance: Fraction | None
    feedback: str


class Read(NamedTuple):
    """A question of a file."""

    name: str
    kind: str
    text: str
    feedback: str
    answers: list[Given]

    @property
    def right(self) -> list[Given]:
        """Those with all points."""
        return [one for one in self.answers if one.worth == 100]


class Words(HTMLParser):
    """The text of a fragment of HTML, and its elements."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read_moodle(text: str) -> tuple[list[str], list[Read]]:
    """Categories and questions, each field where Moodle's documentation has it."""
    root = ElementTree.fromstring(text)
    assert root.tag == "quiz"
    categories, found = [], []
    for question in root:
        assert question.tag == "question"
        kind = question.attrib["type"]
        if kind == "category":
            categories.append(question.findtext("category/text") or "")
            continue
        answers = []
        for answer in question.findall("answer"):
            tolerance = answer.findtext("tolerance")
            assert (tolerance is not None) == (kind == "numerical")
            given = answer.findtext("text") or ""
            if kind == "shortanswer":
                assert not re.search(r"(?<!\\)\*", given), "a star stands for any text"
                given = given.replace("\\*", "*")
            elif kind == "multichoice":
                assert answer.attrib["format"] == "html"
                given = Words(given).text
            answers.append(
                Given(
                    given,
                    Fraction(answer.attrib["fraction"]),
                    Fraction(tolerance) if tolerance else None,
                    Words(answer.findtext("feedback/text") or "").text,
                )
            )
        name, general = question.findtext("name/text"), question.findtext("generalfeedback/text")
        asked = question.findtext("questiontext/text")
        assert name
        assert general
        assert asked
        assert question.find("questiontext").attrib == {"format": "html"}
        found.append(Read(name, kind, asked, general, answers))
    return categories, found


_ESCAPED = {"\\" + sign: chr(0xE000 + place) for place, sign in enumerate("\\~=#{}:")}


def hidden(text: str) -> str:
    """A text in which signs that are escaped are others, and `\\n` is a new line."""
    return re.sub(
        r"\\(.)", lambda one: _ESCAPED.get(one[0], "\n" if one[1] == "n" else one[0]), text, flags=re.DOTALL
    )


def plain(text: str) -> str:
    """The signs themselves, at the end of all reading."""
    for escaped, sign in _ESCAPED.items():
        text = text.replace(sign, escaped[1])
    return text.strip()


def read_gift(text: str) -> tuple[list[str], list[Read]]:
    """Categories and questions, by the signs of the documentation of GIFT: blank lines part questions."""
    categories, found = [], []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in block.split("\n") if not line.lstrip().startswith("//")]
        source = hidden("\n".join(lines))
        if source.startswith("$CATEGORY:"):
            categories.append(plain(source.removeprefix("$CATEGORY:")))
            continue
        match = re.fullmatch(r"::([^:]*)::\[html\]([^{}]*)\{([^{}]*)\}", source)
        assert match, source
        name, asked, inside = match.groups()
        inside, _, general = inside.partition("####")
        numeric = inside.startswith("#")
        kind = "numerical" if numeric else "multichoice" if "~" in inside else "shortanswer"
        assert "->" not in inside, "such a question would be one of matching"
        answers = []
        for sign, body in re.findall(r"([=~])([^=~]*)", inside.removeprefix("#")):
            given, _, feedback = body.partition("#")
            weight = re.match(r"%(-?\d+)%", given)
            worth = Fraction(weight[1]) if weight else Fraction(100 if sign == "=" else 0)
            given = given[weight.end() :] if weight else given
            tolerance = None
            if numeric:
                given, _, stated = given.partition(":")
                tolerance = Fraction(stated.strip())
            given = plain(given)
            given = Words(given).text if kind == "multichoice" else given.replace("\\*", "*")
            answers.append(Given(given, worth, tolerance, Words(plain(feedback)).text))
        found.append(Read(plain(name), kind, plain(asked), plain(general), answers))
    return categories, found


READERS = {"moodle": read_moodle, "gift": read_gift}
both = pytest.mark.parametrize("form", READERS)


def written(folder: Path, form: str, text: str = QUIZ, *options: str) -> str:
    """What `quiz --format` writes of a quiz."""
    path = folder / "quiz.toml"
    path.write_text(text, encoding="utf-8")
    found = call("quiz", str(path), "--format", form, *options)
    assert found.code == 0, found.err
    return found.out


def marked(folder: Path, key: Path, lines: list[str]) -> list[str]:
    """The verdicts of `check` on a sheet, and the points that each is worth: ``right 2.5/2.5``."""
    sheet = folder / "ann.txt"
    sheet.write_text("\n".join(lines), encoding="utf-8")
    found = call("check", str(key), str(sheet), "--format", "csv")
    assert found.code in (0, 1), found.err
    rows = csv.DictReader(io.StringIO(found.out))
    return [f"{row['verdict']} {row['points']}/{row['of']}" for row in rows]


@both
def test_every_answer_of_a_file_is_what_check_says(form: str, tmp_path: Path) -> None:
    """Each right answer, in each of its spellings, gets full marks; each wrong one does not. Defeats a
    spelling that only the platform takes, and a wrong value that is right after all."""
    quiz = QUIZ.replace('id = "5 ~=#{}: ]]>"', 'id = "5"')
    _, questions = READERS[form](written(tmp_path, form, quiz))
    key = tmp_path / "quiz.toml"
    spellings = max(len(one.right) for one in questions)
    for place in range(spellings):
        lines = [f"{one.name}: {one.right[min(place, len(one.right) - 1)].text}" for one in questions]
        verdicts = marked(tmp_path, key, lines)
        assert verdicts == ["rounded 1/1", *["right 1/1"] * 6, "right 2.5/2.5", "right 1/1"]
    for place in (0, 1):
        wrong = [
            f"{one.name}: {others[place].text}"
            for one in questions
            if len(others := [answer for answer in one.answers if answer.worth == 0]) > place
        ]
        verdicts = marked(tmp_path, key, wrong)
        assert len(wrong) >= 5
        assert [one.split()[0] for one in verdicts].count("wrong") == len(wrong), verdicts


@both
def test_the_fields_of_each_question(form: str, tmp_path: Path) -> None:
    """Kinds, keys and tolerances. Defeats a rounded answer that has to be exact, an exact one that has not,
    and a formula for a number."""
    _, questions = READERS[form](written(tmp_path, form))
    kinds = [one.kind for one in questions]
    assert kinds == ["numerical"] * 2 + ["shortanswer"] * 3 + ["numerical"] * 4
    by = {one.name: one for one in questions}
    numbers = {name: (one.right[0].text, one.right[0].tolerance) for name, one in by.items()}
    assert numbers["params"] == ("760", 0)
    assert numbers["size"] == ("14", 0)
    assert numbers["rounded"] == ("15470264320", 50_000_000)
    assert numbers["percent"] == ("74.27", Fraction(5, 1000))
    assert abs(Fraction("74.27") - Fraction(100 * 102764544, 138357544)) <= Fraction(5, 1000)
    assert numbers["quotient"] == ("0.802", 0)
    assert numbers["KiB"] == ("540459.15625", 500)
    assert {one.text for one in by["5 ~=#{}: ]]>"].right} == VOLUME
    assert "(3·f·f + 1)·k" in {one.text for one in by["letters"].right}
    forgotten = next(one for one in by["params"].answers if one.text == "750")
    assert (forgotten.worth, forgotten.feedback.startswith("bias forgotten. Every filter")) == (0, True)
    assert "= (5 · 5 · 3 + 1) · 10 = 760\n" in Words(by["params"].feedback).text
    assert "Right answer: 760." in Words(by["params"].feedback).text
    for question in questions:
        texts = [one.text for one in question.answers]
        assert len(texts) == len(set(texts)), "one answer has two worths"


@both
def test_hostile_texts_stay_texts(form: str, tmp_path: Path) -> None:
    """Defeats a title that ends a section, a question that begins an answer, and a script that runs."""
    (category,), questions = READERS[form](written(tmp_path, form))
    assert category == "$course$/top/" + HOSTILE.replace("/", "//")
    question = next(one for one in questions if one.name == "5 ~=#{}: ]]>")
    words = Words(question.text)
    assert words.text == f"{HOSTILE} {HOSTILE}"
    assert words.elements == {"p", "code"}
    assert all(Words(one.feedback).elements == {"p", "pre"} for one in questions)


@both
def test_multiple_choice(form: str, tmp_path: Path) -> None:
    """Four options in the order of the key, one right, feedback on each other one."""
    _, (question,) = READERS[form](written(tmp_path, form, CHOICES))
    assert question.kind == "multichoice"
    assert len(question.answers) == 4
    assert [one.text for one in question.right] == ["760"]
    assert [bool(one.feedback) for one in question.answers] == [one.worth == 0 for one in question.answers]
    key = tmp_path / "key.toml"
    assert call("quiz", str(tmp_path / "quiz.toml"), "-o", str(key)).code == 0
    letter = "abcd"[question.answers.index(question.right[0])]
    assert marked(tmp_path, key, [f"c: {letter}"]) == ["right 1/1"]
    other = next(one for one in question.answers if one.worth == 0)
    assert marked(tmp_path, key, [f"c: {other.text}"]) == ["wrong 0/1"]


@both
def test_variants_have_a_category_each(form: str, tmp_path: Path) -> None:
    """And the same seed writes the same bytes. Defeats variants that stand in one heap."""
    text = 'title = "T"\n[values]\nk = [3, 5, 7]\n' + CHOICES.replace("5x5", "{k}x{k}")
    options = ("--variants", "3", "--seed", "7")
    one, two = (written(tmp_path, form, text, *options) for _ in range(2))
    assert one == two
    categories, questions = READERS[form](one)
    assert categories == [f"$course$/top/T/{name}" for name in "ABC"]
    assert [question.name for question in questions] == ["c"] * 3
    keys = tmp_path / "keys"
    assert call("quiz", str(tmp_path / "quiz.toml"), *options, "-o", f"{keys}/", "--format", "toml").code == 0
    for name, question in zip("ABC", questions, strict=True):
        verdicts = marked(tmp_path, keys / f"{name}.toml", [f"c: {question.right[0].text}"])
        assert verdicts == ["right 1/1"]


QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
PACKAGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"


def read_canvas(data: bytes) -> dict[str, list[ElementTree.Element]]:
    """The items of each quiz by its title, found by the manifest as a platform finds them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        found = {}
        for resource in manifest.iter(f"{PACKAGE}resource"):
            assert resource.attrib["type"] == "imsqti_xmlv1p2"
            root = ElementTree.fromstring(archive.read(resource.find(f"{PACKAGE}file").attrib["href"]))
            assessment = root.find(f"{QTI}assessment")
            assert assessment.attrib["ident"] == resource.attrib["identifier"]
            found[assessment.attrib["title"]] = list(assessment.iter(f"{QTI}item"))
        assert len(archive.namelist()) == len(found) + 1
    return found


def canvas(folder: Path, text: str = QUIZ, *options: str) -> bytes:
    """The zip of a quiz."""
    path, made = folder / "quiz.toml", folder / "made.zip"
    path.write_text(text, encoding="utf-8")
    found = call("quiz", str(path), "--format", "canvas", *options, "--force", "-o", str(made))
    assert found.code == 0, found.err
    return made.read_bytes()


def scored(item: ElementTree.Element) -> ElementTree.Element:
    """The one condition that gives all points."""
    (found,) = [one for one in item.iter(f"{QTI}respcondition") if one.find(f"{QTI}setvar") is not None]
    assert (found.findtext(f"{QTI}setvar"), found.attrib["continue"]) == ("100", "No")
    return found


def test_canvas_items(tmp_path: Path) -> None:
    """Kinds, points, keys and ends of tolerances, the way back through `check`, and hostile texts. Defeats a
    feedback that no condition shows, and a condition that shows none."""
    ((title, items),) = read_canvas(canvas(tmp_path)).items()
    assert title == HOSTILE
    fields = [[one.text for one in item.iter(f"{QTI}fieldentry")] for item in items]
    assert [kind for kind, _ in fields] == [
        *["numerical_question"] * 2,
        *["short_answer_question"] * 3,
        *["numerical_question"] * 4,
    ]
    assert [points for _, points in fields] == ["1"] * 7 + ["2.5", "1"]
    keys = {item.attrib["title"]: [one.text for one in scored(item).iter(f"{QTI}varequal")] for item in items}
    ends = {
        item.attrib["title"]: [
            Fraction(scored(item).findtext(f".//{QTI}{end}")) for end in ("vargte", "varlte")
        ]
        for item in items
        if scored(item).find(f".//{QTI}vargte") is not None
    }
    assert ends["rounded"] == [15420264320, 15520264320]
    assert ends["params"] == [760, 760]
    assert ends["percent"] == [Fraction("74.265"), Fraction("74.275")]
    assert set(keys["5 ~=#{}: ]]>"]) == VOLUME
    lines = [f"{name.split()[0] if name[0] == '5' else name}: {texts[0]}" for name, texts in keys.items()]
    (tmp_path / "quiz.toml").write_text(QUIZ.replace('id = "5 ~=#{}: ]]>"', 'id = "5"'), encoding="utf-8")
    verdicts = marked(tmp_path, tmp_path / "quiz.toml", lines)
    assert verdicts == ["rounded 1/1", *["right 1/1"] * 6, "right 2.5/2.5", "right 1/1"]
    for item in items:
        linked = {one.attrib["linkrefid"] for one in item.iter(f"{QTI}displayfeedback")}
        assert linked == {one.attrib["ident"] for one in item.iter(f"{QTI}itemfeedback")}
    words = Words(items[4].findtext(f".//{QTI}mattext"))
    assert (words.text, words.elements) == (f"{HOSTILE} {HOSTILE}", {"p", "code"})


def test_canvas_choices_and_variants(tmp_path: Path) -> None:
    """A quiz for each variant; its one right option, and words on each other one. Defeats names that two
    quizzes share, of which Canvas writes one over the other, and bytes that hold the time."""
    text = 'title = "T"\n[values]\nk = [3, 5, 7]\n' + CHOICES.replace("5x5", "{k}x{k}")
    options = ("--variants", "3", "--seed", "7")
    data = canvas(tmp_path, text, *options)
    assert data == canvas(tmp_path, text, *options)
    quizzes = read_canvas(data)
    assert list(quizzes) == ["T, A", "T, B", "T, C"]
    assert len({item.attrib["ident"] for (item,) in quizzes.values()}) == 3
    assert (
        call(
            "quiz", str(tmp_path / "quiz.toml"), *options, "-o", f"{tmp_path}/keys/", "--format", "toml"
        ).code
        == 0
    )
    for name, (item,) in zip("ABC", quizzes.values(), strict=True):
        labels = {
            one.attrib["ident"]: one.findtext(f".//{QTI}mattext") for one in item.iter(f"{QTI}response_label")
        }
        right = scored(item).findtext(f".//{QTI}varequal")
        assert marked(tmp_path, tmp_path / "keys" / f"{name}.toml", [f"c: {labels[right]}"]) == ["right 1/1"]
        shown = {one.attrib["ident"] for one in item.iter(f"{QTI}itemfeedback")}
        assert shown == {"general_fb", *[f"{ident}_fb" for ident in labels if ident != right]}
        assert len(labels) == 4


def test_points_and_pictures_of_moodle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture travels inside of the question, and the text points to it. Defeats a link to nothing."""
    monkeypatch.setattr(moodle, "figure_svg", lambda question: "<svg/>")
    text = written(tmp_path, "moodle", QUIZ.replace("points = 2.5", "points = 2.5\nfigure = true"))
    root = ElementTree.fromstring(text)
    (file,) = root.iter("file")
    assert base64.b64decode(file.text or "") == b"<svg/>"
    (asked,) = [one for one in root.iter("questiontext") if one.find("file") is not None]
    assert f'src="@@PLUGINFILE@@/{file.attrib["name"]}"' in (asked.findtext("text") or "")
    grades = [one.findtext("defaultgrade") for one in root if one.attrib["type"] != "category"]
    assert grades == ["1"] * 7 + ["2.5", "1"]


def test_a_volume_with_channels_first(tmp_path: Path) -> None:
    """Defeats an order of axes that is not the one of the quiz."""
    quiz = '[conventions]\nlayout = "chw"\n' + CHOICES.replace('"params"', '"output"').replace(
        'kind = "choice"\n', ""
    )
    for form, reader in READERS.items():
        _, (question,) = reader(written(tmp_path, form, quiz))
        assert question.right[0].text == "10x28x28"


def test_the_exam_class_of_latex(tmp_path: Path) -> None:
    """Each question is one of the class, its braces and environments end, and all is ASCII. Defeats a sign
    of a text that TeX would obey, and solutions that are printed where nobody asked."""
    text = written(tmp_path, "exam", QUIZ + CHOICES)
    assert text.isascii()
    assert (
        text.count("\n\\question") == 10 == text.count("\\begin{solution}") == text.count("\\end{solution}")
    )
    assert text.count("\\CorrectChoice 760\n") == 1
    assert text.count("\n\\choice ") == 3
    assert "\\question[2\\half] \\textbf{params}" in text
    assert "\n%\\printanswers\n" in text
    assert "\n\\printanswers\n" in written(tmp_path, "exam", QUIZ, "--solutions")
    bare = re.sub(r"\\[\\{}]", "", text)
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    open_ones: list[str] = []
    for which, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if which == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not on PATH")
def test_latex_typesets_an_exam(tmp_path: Path) -> None:
    """TeX itself takes the file, with and without solutions."""
    for options in ((), ("--solutions",)):
        path = tmp_path / "exam.tex"
        path.write_text(written(tmp_path, "exam", QUIZ + CHOICES, *options))
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
