"""Labels of answers, as people write them: ``Q2:``, ``(2)``, ``Aufgabe 2``, ``Question n°2 :``,
``Answer to Q2 =>``, ``問2``.

A label is found at a place of a line, and how sure it is is told with it: whether it is believed
depends on the other labels of the sheet, which ``lines`` weighs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .names import QuestionNames

# How sure it is that something is a label: it says so (`Q2:`, `1b:`); a number as lists have it (`2)`);
# a number that may as well be the beginning of a text or a sum (`2 = `, `2`).
SURE, LIKELY, PERHAPS = 3, 2, 1
# The signs of a line in which one label is looked for.
LONGEST = 80
# Words and numbers of one label, at most.
_MOST_WORDS = 12
# Words before a label that belong to it, at most: `and for the corrected Q2`.
_MOST_BEFORE = 3
# The sign of a label that ends with its line, and that of one with a space alone behind it.
END, SPACE = "", " "

# How questions are called in the languages of students; one that is followed by a name is a label.
_ASKED = frozenset(
    """
    q qu que quest question questions problem prob exercise exercises ex exc task quiz
    aufgabe aufg frage übung uebung ue teilaufgabe
    exercice exo problème pregunta preg ejercicio ejerc problema apartado
    domanda esercizio es quesito vraag opgave oefening deelvraag
    pergunta perg questão questao exercício exercicio
    fråga uppgift spørgsmål spørsmål opgaven oppgave øvelse tehtävä kysymys küsimus ülesanne
    pytanie zadanie zad otázka úloha příklad kérdés feladat întrebarea exercițiul
    вопрос задача задание упражнение питання завдання ερώτηση άσκηση soru soal nomor câu bài
    問 問題 题 題 题目 題目 問い 문제 문항 سؤال السؤال שאלה प्रश्न คำถาม
    """.split()
)
# Words that may call a question, and as well a part of an answer, or a number.
_PART = frozenset("part item no nr num number n partie numéro parte número numero 第 phần".split())
# Words that say that an answer follows, before the name of the question or the word for it.
_ANSWER = frozenset(
    """
    a ans answer answers response solution result antwort antw lösung loesung ergebnis lsg
    réponse rép rep respuesta resp solución risposta soluzione antwoord oplossing resposta svar
    odpowiedź odp odpověď ответ відповідь cevap válasz vastaus trả lời 答 答案 回答 解答 解 답 جواب
    """.split()
)
# What may stand between such words.
_BETWEEN = frozenset(
    "to for the of on zu zur auf à a la le de l al alla für voor op på til do na к на para o".split()
)
# What is said of an answer that takes the place of an earlier one.
CORRECTED = (
    r"corrected|correction|corr|revised|updated|new|final|fixed|korrigiert|korrektur|neu|berichtigt|"
    r"corrigée?|correct[io]on|nouveau|nouvelle|corregid[oa]|corrección|nuev[oa]|corrett[oa]|gecorrigeerd|"
    r"corrigid[oa]|исправлено|訂正|修正|更正|edit|edited|again"
)
_POINTS = r"\d{1,3}(?:[.,]\d{1,2})? ?(?:points?|pts?|p|pkt|marks?|punkte?|puntos?|punti|pontos?|点|分)\.?"
_AFTER = re.compile(
    rf"(?P<closed>(?:\.(?!\d))?[)\]*_`\"'»”】题題問问目번ºª°]{{0,8}})[^\S\t]*"
    rf"(?:[(\[] ?(?:(?P<remark>{CORRECTED})|{_POINTS}) ?[)\]][*_`]{{0,3}}[^\S\t]*"
    rf"|(?P<remark2>{CORRECTED})(?=\s*[:=]))?"
    r"(?P<sign>:=?|={0,2}[=-]>|-{1,2}>|-{2,80}|[→⇒➜➔]|==?|[–—―]|-(?=\s|$)|;(?=\s|$)|\.{3,80}|\.{1,2}(?!\d)|[、|\t])?[*_`]{0,3}",
    re.IGNORECASE,
)
_END_OF_SPACE = re.compile(r"\S")
# What may stand before a label in a sentence, and behind it: `For question 1 I got 27`.
_OF = re.compile(r"(?:(?:and|und|et|y|e) )?(?:for|zu|bei|für|pour|para|per) (?=[^\W\d_])", re.IGNORECASE)
_SAYS = re.compile(
    r"(?:(?:(?:it|this|that|(?:the|my) (?:answer|result)) )?(?:is|was|should be|are)"
    r"|i (?:got|get|have|think|found|find)|we (?:got|get|have)"
    r"|(?:es |das )?ist|habe ich|ich (?:habe|erhalte)|c'est|est|j'ai|es|son|è)(?!\w)",
    re.IGNORECASE,
)
_CORRECTS = re.compile(rf"(?:{CORRECTED})\b[ :]{{1,3}}(?=\S)", re.IGNORECASE)
# Signs of Indian and Thai scripts that stand with the letter before them belong to its word.
_TOKEN = re.compile(
    r"(?:[^\W\d_]|(?<=[\u0900-\u0dff\u0e00-\u0e7f])[\u0900-\u0dff\u0e31-\u0e4e])+|\d+|\s+|.", re.DOTALL
)
_UNKNOWN = re.compile(r"\d{1,3}(?:\.\d{1,2}|[a-z])?", re.IGNORECASE)
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})(?![^\W_])", re.IGNORECASE)
# A number of which a program that has read a page has taken a digit for a letter, `Ql` for `Q1`.
_MISREAD = re.compile(r"(?i:q|quest(?:ion)? |aufgabe |frage )(?P<number>[\dlIoO|SB]{1,3})(?![^\W_])")
_DIGITS = str.maketrans({"l": "1", "I": "1", "|": "1", "o": "0", "O": "0", "S": "5", "B": "8"})
# Signs of a full width, and numbers in circles.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_CIRCLED = {chr(0x2460 + at): str(at + 1) for at in range(20)}
_OPENING = "([{*_`\"'<«“【 "
_NUMBER_SIGNS = "#№§"
# What may stand between a word and the name of a question.
_BEFORE_NAME = "._-([*#°ºª№"
# What ends the name of a question.
_NO_NAME = frozenset(":=|\t,;\n→⇒+*/×?!")


class AnswerLabel(NamedTuple):
    """A label of an answer.

    question   the id of the question; empty where there is no such question
    name       what is written
    start      the place in the line where it begins
    end        the place where what it labels begins
    sure       SURE, LIKELY or PERHAPS
    sign       what stands behind it, END or SPACE where nothing does
    worded     whether a word says that it is a question
    corrected  whether it says that it takes the place of an earlier answer
    """

    question: str
    name: str
    start: int
    end: int
    sure: int
    sign: str
    worded: bool = False
    corrected: bool = False


class _Name(NamedTuple):
    """The name of a question in a line: where it begins and ends, the words before it, and whether
    a bracket was opened before it."""

    question: str
    first: int
    start: int
    end: int
    asked: str
    opened: bool


def widened(line: str) -> str:
    """A line, sign by sign, with plain signs for those of a full width."""
    return line if line.isascii() else line.translate(_WIDE)


def question_called(text: str, names: QuestionNames) -> str:
    """The question that a text is a label of, and nothing else: ``Aufgabe 2``, ``Q2.``; empty for none."""
    line = widened(text.strip())
    label = label_at(line, names) if len(line) <= LONGEST else None
    return label.question if label is not None and label.end == len(line) else ""


def label_at(line: str, names: QuestionNames, start: int = 0, before: int = 0) -> AnswerLabel | None:
    """The label that begins at a place of a line, in plain signs; None where none does. ``before`` it stand
    so many words that belong to it: `corrected`, `for`."""
    if before > _MOST_BEFORE:
        return None
    stop = min(len(line), start + LONGEST)
    at = start
    while at < stop and line[at] in _OPENING:
        at += 1
    if at == stop or not (line[at].isalnum() or line[at] in _NUMBER_SIGNS):
        return None
    opened = "(" in line[start:at] or "[" in line[start:at]
    if of := _OF.match(line, at, stop):
        label = label_at(line, names, of.end(), before + 1)
        if label is not None and label.question and label.worded and label.sure == SURE:
            return label._replace(start=start)
    if corrects := _CORRECTS.match(line, at, stop):
        label = label_at(line, names, corrects.end(), before + 1)
        return None if label is None else label._replace(start=start, corrected=True)
    begins = _words(line, at, stop)
    for begin, asked in reversed(begins):
        best: AnswerLabel | None = None
        for question, end in _named(line, begin, stop, names):
            found = _ended(line, _Name(question, start, begin, end, asked, opened))
            best = found or best
        if best is not None:
            return best
    if misread := _MISREAD.match(line, at, stop):
        question = names.numbered(misread["number"].translate(_DIGITS))
        if question:
            name = _Name(question, start, misread.start("number"), misread.end(), "question", opened)
            return _ended(line, name)
    return _unknown(line, begins, start, stop, opened)


def _words(line: str, at: int, stop: int) -> list[tuple[int, str]]:
    """The places where a name may begin, and how sure the words before it call a question."""
    begins = [(at, "")]
    asked = ""
    for count, found in enumerate(_TOKEN.finditer(line, at, stop)):
        token = found[0]
        if token[0].isspace() or token in ".°º:_*(№ª#-/":
            if token == ":" or (token == "-" and line[found.start() - 1].isspace()):
                break
            asked = asked or ("question" if token in _NUMBER_SIGNS else "")
        else:
            word = token.lower()
            if word in _ASKED:
                asked = "question"
            elif word in _PART:
                asked = asked or "part"
            elif word in _ANSWER:
                asked = asked or ("answer" if len(word) > 1 or word > "z" else "a")
            elif not asked or word not in _BETWEEN:
                break
        if count > _MOST_WORDS:
            break
        if asked:
            begins.append((found.end(), asked))
    return begins


def _named(line: str, begin: int, stop: int, names: QuestionNames) -> Iterator[tuple[str, int]]:
    """Yield the questions that the names beginning at a place call, and where each ends."""
    key = ""
    joined = True
    words = 0
    for found in _TOKEN.finditer(line, begin, stop):
        token = found[0]
        if token[0].isalnum() and token not in _CIRCLED:
            digits = token[0].isdecimal()
            if (digits and key[-1:].isdecimal() and not joined) or words == _MOST_WORDS:
                break
            key += token.lower()
            if len(key) > names.longest:
                break
            joined = True
            words += 1
            if question := names.get(key, "") or names.numbered(key):
                yield question, found.end()
        elif token == "." and key[-1:].isdecimal() and line[found.end() : found.end() + 1].isdecimal():
            key += "."
        elif token in _NO_NAME or token in _CIRCLED or not (key or token.isspace() or token in _BEFORE_NAME):
            break
        else:
            joined = token in "-_"
    if (circled := _CIRCLED.get(line[begin : begin + 1])) and (question := names.numbered(circled)):
        yield question, begin + 1
    roman = _ROMAN.match(line, begin, stop)
    if roman and roman[0] and (question := names.numbered(str(_roman(roman[0].lower())))):
        yield question, roman.end()


def _ended(line: str, name: _Name) -> AnswerLabel | None:
    """The label with a name; None where no label can end there."""
    end = name.end
    after = _AFTER.match(line, end)
    assert after is not None
    circled = line[end - 1] in _CIRCLED
    marks = after["closed"].strip(".)]】」")
    if marks[:1] in ("*", "_", "`") and marks[0] not in line[name.first : name.start]:
        return None  # `3*3*24` is a product
    if line[end : end + 1].isalnum() and not after["closed"] and not circled:
        return None
    stop = after.end()
    behind = _END_OF_SPACE.search(line, stop)
    begin = behind.start() if behind is not None else len(line)
    rest = line[begin : begin + LONGEST]
    closed = any(sign in after["closed"] for sign in ")]】")
    sign = (after["sign"] or "")[:2] or (")" if closed or circled else "." if "." in after["closed"] else "")
    sign = sign.rstrip(".") or sign[:1]
    if not sign:
        spaced = line[stop - 1].isspace() or line[stop : stop + 1].isspace()
        sign = END if not rest else SPACE if spaced or after["closed"] else "?"
    if sign == "?" or (name.opened and not closed and sign in (END, SPACE)):
        return None
    if sign == SPACE and (name.asked == "a" or rest[:1] in "+*/×^,;"):
        return None
    written = line[name.start : end]
    sure = _sure(written, name.asked, sign, rest)
    if not sure:
        return None
    corrected = bool(after["remark"] or after["remark2"])
    shown = line[name.first : end].strip(_OPENING)
    return AnswerLabel(name.question, shown, name.first, begin, sure, sign, bool(name.asked), corrected)


def _sure(name: str, asked: str, sign: str, rest: str) -> int:
    """How sure a label of this form is; 0 for none."""
    letters = any(c.isalpha() for c in name)
    prose = sign == SPACE and rest[:1].isalpha() and rest[1:2] not in ("=", ":") and not _SAYS.match(rest)
    prose = prose and (rest[:1].islower() and rest[1:2].isalpha())
    if asked == "question":
        return PERHAPS if prose else SURE
    if asked:
        return PERHAPS if sign in (SPACE, END, "=", "==") else LIKELY if asked == "part" else SURE
    if letters and any(c.isdecimal() for c in name):
        return PERHAPS if prose else SURE
    if letters and _ROMAN.fullmatch(name) and sign not in (")", ".", ":"):
        return 0
    if letters and len(name) > 3:
        return PERHAPS if prose else LIKELY if sign == SPACE else SURE
    if letters and sign in (SPACE, END):
        return 0
    return (
        PERHAPS
        if sign in (SPACE, END, "=", "==", "-", "\t", ";") or (letters and _ROMAN.fullmatch(name))
        else LIKELY
    )


def _unknown(
    line: str, begins: list[tuple[int, str]], start: int, stop: int, opened: bool
) -> AnswerLabel | None:
    """The label of a question that there is not, ``Q13:``; None where nothing looks like one."""
    begin, asked = begins[-1]
    found = _UNKNOWN.match(line, begin, stop)
    if found is None or asked in ("a", "answer", "part"):
        return None
    label = _ended(line, _Name("", start, begin, found.end(), asked, opened))
    plain = label is not None and label.sign in (":", ")", ":=", "=")
    return label if label is not None and (plain or (asked and label.sign != SPACE)) else None


_VALUES = {"i": 1, "v": 5, "x": 10}


def _roman(text: str) -> int:
    values = [_VALUES[sign] for sign in text]
    return sum(
        -value if at + 1 < len(values) and value < values[at + 1] else value
        for at, value in enumerate(values)
    )
