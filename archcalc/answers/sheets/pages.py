"""What stands on the pages of a sheet beside its answers: page numbers, running heads, and who the
student is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# Signs of a line that can be a page number, a running head, or a name.
_LONGEST = 200
_PAGE = re.compile(
    r"[-–—\[(|\s]*(?P<word>page|pg\.?|seite|s\.|página|pagina|pág\.?|sida|side|strona|стр\.?|страница|第|頁|页)?"
    r"\s?(?P<number>\d{1,3})(?:\s?(?P<of>/|of|von|de|sur|di|van|av|z|из)\s?(?P<last>\d{1,3}))?\s?(?:页|頁|ページ)?"
    r"[-–—\])|\s]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]{3}")

_NAME = "name"
_WHO = (
    (
        _NAME,
        r"(?:(?:full|student|your|my)[ -]?)?names?|student(?:in|e|essa)?|alumn[oa]|estudiante|"
        r"étudiante?|élève|alun[oa]|nom(?: et prénom)?|nombre(?: y apellidos)?|"
        r"nome(?: e cognome)?|naam|navn|namn|imię i nazwisko|nazwisko|имя|фио|ad(?:ı)? soyad(?:ı)?|"
        r"氏名|姓名|名前|이름|họ(?: và)? tên|name, vorname|vor- und nachname",
    ),
    ("last", r"(?:last|family) ?name|surname|nachname|familienname|apellidos?|cognome|achternaam|sobrenome"),
    ("first", r"(?:first|given) ?name|vorname|prénom|voornaam"),
    (
        "id",
        r"(?:student|matr(?:ikel|iculation)?|registration|candidate)[ .-]*(?:id|no|nr|nummer|number|n°|nº)?"
        r"[.]?|matrikelnummer|s?id(?: (?:no|number))?|matrícula|matricola|numéro d.étudiant|"
        r"studienummer|学号|學號|学籍番号|학번|mssv",
    ),
    ("email", r"e-?mail(?: ?address)?|mail|correo"),
    ("variant", r"variante?|version|вариант"),
)
_LABELLED = tuple(
    (key, re.compile(rf"[*_`]{{0,2}}(?:{words})[*_`]{{0,2}}\s?[:：][*_`]{{0,2}}\s*(\S.*)", re.IGNORECASE))
    for key, words in _WHO
)
_MATRICULATION = re.compile(
    r"(?:matr(?:ikel)?[ .-]{0,3}(?:nr|nummer|no)?|student id|sid)[.: #]{1,4}(\w{3,20})", re.IGNORECASE
)


def who(line: str) -> tuple[str, str] | None:
    """What a line tells of the student, by a name of ``IDS``: ``Name: Ann``, ``Matr. 4711``; None where it
    tells nothing."""
    if len(line) > _LONGEST:
        return None
    for key, pattern in _LABELLED:
        if found := pattern.fullmatch(line):
            return key, found[1].strip(" *_`")
    found = _MATRICULATION.fullmatch(line)
    return ("id", found[1]) if found is not None and any(sign.isdigit() for sign in found[1]) else None


_WIDE = re.compile(r"\t+| {3,}")
_PERSON = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:,? [^\W\d_][^\W\d_'’.-]*){1,3}")


def who_else(line: str) -> list[tuple[str, str]]:
    """What the parts of a line, parted by wide spaces, tell of the student, where one of them does and the
    others are a name: ``Abbott, Carl      Matr. 4711``. Else nothing."""
    parts = _WIDE.split(line) if len(line) <= _LONGEST and _WIDE.search(line) else []
    known = [who(part) for part in parts]
    if not any(known):
        return []
    found = [one or (_NAME, part) for part, one in zip(parts, known, strict=True)]
    named = all(one or _PERSON.fullmatch(part) for part, one in zip(parts, known, strict=True))
    return found if named and len({key for key, _ in found}) == len(found) else []


def page_lines(lines: Sequence[str], head: int) -> set[int]:
    """The lines that are page numbers, or repeat one of the ``head`` first lines, a running head."""
    pages: dict[int, re.Match[str]] = {}
    for at, line in enumerate(lines):
        text = line.strip()
        if text and len(text) <= _LONGEST and (found := _PAGE.fullmatch(text)):
            pages[at] = found
    found_on: set[int] = set()
    fractions: dict[str, list[int]] = {}
    for at, page in pages.items():
        if page["word"]:
            found_on.add(at)
        elif page["of"]:
            fractions.setdefault(page["last"], []).append(at)
        elif "\f" in lines[at] or (at + 1 < len(lines) and lines[at + 1].startswith("\f")):
            found_on.add(at)
    for ats in fractions.values():
        # `1 / 2` alone may be an answer; `1 / 2` and `2 / 2` count pages.
        numbers = [int(pages[at]["number"]) for at in ats]
        if len(ats) > 1 and numbers == list(range(numbers[0], numbers[0] + len(ats))):
            found_on.update(ats)
    often = Counter([_running(line) for line in lines])
    heads = {text for line in lines[:head] if often[text := _running(line)] > 1 and _WORDS.search(text)}
    found_on.update([at for at, line in enumerate(lines) if at >= head and _running(line) in heads])
    return found_on


def _running(line: str) -> str:
    """A line as a running head: with whatever number of the page."""
    text = " ".join(line.split()) if len(line) <= _LONGEST else ""
    return _DIGITS.sub("0", text)
