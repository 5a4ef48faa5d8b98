"""Variants of a quiz: a key for each, and which student has which."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..diagnostics import did_you_mean, fail
from ..files import read_bytes
from .quiz import Quiz
from .quiz_reading import read_quiz
from .sheets import Submission
from .sheets.variant_names import variant_in_name

# The file beside the keys that says which student has which variant.
ROSTER = "roster.csv"
# Keys of a folder at most, and bytes of a roster.
MOST_KEYS, LARGEST_ROSTER = 10_000, 2**24


class QuizVariants(NamedTuple):
    """The keys of all variants.

    quizzes  the key of each variant by its name, in small letters; their questions have the same ids
    roster   the variants of students, by their names, ids or addresses as they stand in it
    """

    quizzes: Mapping[str, Quiz]
    roster: Mapping[str, str]

    @property
    def first(self) -> Quiz:
        """The first variant: what a class as a whole is reported by."""
        return next(iter(self.quizzes.values()))

    def named(self, name: str) -> str:
        """The name of a variant as the keys have it: `7` is `007`; empty for none."""
        bare = name.strip().casefold()
        if bare in self.quizzes:
            return bare
        if bare.isdecimal():
            return next((one for one in self.quizzes if one.isdecimal() and int(one) == int(bare)), "")
        return ""

    def of(self, submission: Submission) -> tuple[str, str]:
        """The variant of a sheet, and why it is not known: one of the two is empty."""
        found = dict(self._sources(submission))
        if not found:
            return "", "nothing says which variant it is: the sheet, its name, a column or the roster"
        variants = {place: self.named(name) for place, name in found.items()}
        for place, variant in variants.items():
            if not variant:
                return "", f"there is no variant `{found[place]}`, which {place} says"
        (place, variant), *others = variants.items()
        for other, another in others:
            if another != variant:
                return "", f"two variants: {place} says {found[place]}, and {other} says {found[other]}"
        return variant, ""

    def _sources(self, submission: Submission) -> Iterator[tuple[str, str]]:
        """What says which variant a sheet is of, and the name that it says."""
        for name in (submission.student, *[text for key, text in submission.ids if key != "variant"]):
            if name in self.roster:
                yield "the roster", self.roster[name]
                break
        if stated := submission.id("variant"):
            yield "the sheet", stated.casefold().removeprefix("variant").strip(" :#.-") or stated
        if found := variant_in_name(submission.source.rpartition(", ")[0] or submission.source):
            yield "the name of the file", found


def read_variants(folder: str) -> QuizVariants:
    """The keys in a folder: a quiz in TOML for each variant, and perhaps a roster. Raises SpecError."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith(".toml"))
    except OSError as error:
        raise fail("file", f"cannot read {folder}: {(error.strerror or 'unreadable').lower()}") from None
    if not names or len(names) > MOST_KEYS:
        raise fail(
            "file",
            f"{folder} has {len(names):,} keys of variants: 1 to {MOST_KEYS:,} are needed",
            "archcalc quiz TEMPLATE --variants N --format toml -o KEYS/ writes them",
        )
    quizzes: dict[str, Quiz] = {}
    for name in names:
        path = os.path.join(folder, name)
        quiz = read_quiz(path)
        variant = quiz.variant.casefold()
        if not variant:
            raise fail("quiz", f"{path} says no variant", 'as in variant = "B"')
        if variant in quizzes:
            raise fail("quiz", f"{path}: there are two keys of variant {quiz.variant}")
        quizzes[variant] = quiz
        first = next(iter(quizzes.values()))
        if [(one.id, one.points) for one in quiz.questions] != [
            (one.id, one.points) for one in first.questions
        ]:
            message = f"{path}: its questions have other ids or points than those of variant {first.variant}"
            raise fail("quiz", message)
    return QuizVariants(quizzes, _roster(os.path.join(folder, ROSTER), quizzes))


def _roster(path: str, quizzes: Mapping[str, Quiz]) -> dict[str, str]:
    """The variants of students: columns ``student`` and ``variant``. Raises SpecError."""
    from .sheets.decoding import NotTextError, decoded

    if not os.path.exists(path):
        return {}
    try:
        rows = list(csv.reader(decoded(read_bytes(path, LARGEST_ROSTER)).splitlines()))
    except OSError as error:
        raise fail("file", f"cannot read {path}: {(error.strerror or 'unreadable').lower()}") from None
    except (NotTextError, csv.Error) as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "student" not in head or "variant" not in head:
        raise fail("file", f"{path} is no roster", "its first line names the columns student and variant")
    who, which = head.index("student"), head.index("variant")
    found: dict[str, str] = {}
    known = QuizVariants(quizzes, {})
    for number, row in enumerate(rows[1:], 2):
        student = row[who].strip() if who < len(row) else ""
        variant = row[which].strip() if which < len(row) else ""
        if not student or not variant:
            continue
        if not known.named(variant):
            help = did_you_mean(variant, [quiz.variant for quiz in quizzes.values()])
            raise fail("file", f"{path}, line {number}: there is no variant `{variant}`", *help)
        if found.get(student, variant) != variant:
            raise fail("file", f"{path}, line {number}: {student} has two variants")
        found[student] = variant
    return found
