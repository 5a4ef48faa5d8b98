"""``python -m benchmarks.diagnosis``: how often a wrong answer gets its reading, and a slip a false
one.

The first is measured on published wrong answers, the second on questions of a seeded generator,
whose right answers are spoilt by slips of the pen: a digit changed, two swapped, ten times, a few
more or less. A reading that comes with others is a tie, and is counted too.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator

from archcalc import load
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import CONVENTION, RIGHT, WRONG, Verdict
from archcalc.answers.written import read

from .wrong_answers import WRONG as PUBLISHED
from .wrong_answers import Wrong

SEED = 20261120


class Subjects:
    """Networks by their targets, read once."""

    def __init__(self) -> None:
        self._known: dict[str, Subject] = {}

    def diagnosis(self, target: str, ask: str) -> Diagnosis:
        """What is known of a question."""
        if target not in self._known:
            self._known[target] = Subject(load(target).graph)
        return Diagnosis(Question.read(self._known[target], ask, Conventions()))


def verdict(subjects: Subjects, wrong: Wrong) -> Verdict:
    """What is said of a published answer."""
    diagnosis = subjects.diagnosis(wrong.target, wrong.ask)
    return judge(diagnosis, read(wrong.text, diagnosis.asked.quantity))


def explained(wrong: Wrong, found: Verdict) -> bool:
    """Whether the answer got the reading that it is known to come from."""
    if wrong.convention:
        return found.kind == CONVENTION
    expected = set(wrong.ids)
    return found.kind == WRONG and any(set(r.ids) == expected for r in found.readings)


def generated(number: int, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Questions on layers as exercises have them."""
    chance = random.Random(seed)
    for _ in range(number):
        side = chance.choice((14, 28, 32, 56, 64, 112, 224, 227))
        depth = chance.choice((1, 3, 6, 16, 32, 64, 128))
        kernel = chance.choice((1, 3, 5, 7, 11))
        filters = chance.choice((6, 10, 16, 32, 64, 96, 128, 256))
        stride = chance.choice((1, 1, 1, 2, 2, 4))
        pad = chance.choice((0, 0, 1, kernel // 2))
        image, window = f"{side}x{side}x{depth}", f"{kernel}x{kernel}"
        conv = f"{image} -> conv {window} {filters} stride={stride} pad={pad}"
        pool = f"{image} -> maxpool {chance.choice((2, 3))} stride=2"
        dense = f"{side // 7}x{side // 7}x{depth} -> fc {filters}"
        chain = f"{conv} -> maxpool 2x2 -> conv 3x3 {2 * filters} pad=1 -> fc 10"
        sizes = ("output", "output", "output", "size")
        # About as often as among 60 published questions: a volume three times as often as a side.
        target, asks = chance.choices(
            (
                (conv, ("params", "weights")),
                (conv, sizes),
                (conv, ("macs", "neurons")),
                (pool, sizes),
                (dense, ("params",)),
                (chain, ("total.params",)),
                (chain, ("conv2.params", "fc1.params")),
                (chain, ("conv2.output",)),
                (chain, ("conv2.rf",)),
            ),
            (30, 12, 8, 8, 8, 8, 12, 8, 5),
        )[0]
        yield target, chance.choice(asks)


def slipped(right: str, chance: random.Random) -> Iterator[str]:
    """A right answer, spoilt as a pen spoils it: one number of it, where there are several."""
    numbers = right.split("x")
    at = chance.randrange(len(numbers))
    digits = numbers[at]

    def put(number: str) -> str:
        return "x".join([*numbers[:at], number, *numbers[at + 1 :]])

    place = chance.randrange(len(digits))
    other = chance.choice([d for d in "0123456789" if d != digits[place]])
    yield put(digits[:place] + other + digits[place + 1 :])
    if len(digits) > 1:
        place = chance.randrange(len(digits) - 1)
        yield put(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])
    yield put(digits + "0")
    yield put(str(int(digits) + chance.choice((-2, -1, 1, 2))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("-v", action="store_true", help="name what was missed")
    options = parser.parse_args()
    subjects = Subjects()
    good = ties = 0
    for wrong in PUBLISHED:
        found = verdict(subjects, wrong)
        fine = explained(wrong, found)
        good += fine
        ties += fine and len(found.readings) > 1
        if not fine and options.v:
            shown = "; ".join(reading.words for reading in found.readings) or found.convention
            print(f"  {wrong.target[:40]} {wrong.ask}={wrong.text}: {found.kind} {shown}")
    share = 100 * good / len(PUBLISHED)
    print(
        f"published wrong answers with their reading  {good} of {len(PUBLISHED)}, {share:.1f} %"
        f"   at least 85 %   {ties} with others beside it"
    )

    chance = random.Random(SEED)
    false: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    number = singles = 0
    for target, ask in generated(options.questions):
        try:
            diagnosis = subjects.diagnosis(target, ask)
        except Exception as error:  # a window larger than its input
            if type(error).__name__ != "SpecError":
                raise
            continue
        value = diagnosis.value
        right = str(value) if isinstance(value, int) else "x".join(map(str, value))
        for text in slipped(right, chance):
            if text.startswith(("0", "-")) or "x0" in text or "x-" in text:
                continue
            found = judge(diagnosis, read(text, diagnosis.asked.quantity))
            if found.kind == RIGHT:
                continue
            number += 1
            asked[diagnosis.asked.quantity] += 1
            blamed = [r for r in found.readings if not r.slip] or ([] if found.kind == WRONG else [found])
            if blamed:
                singles += any(len(getattr(r, "ids", ("",))) == 1 for r in blamed)
                first = blamed[0]
                false[diagnosis.asked.quantity] += 1
                if options.v:
                    words = getattr(first, "words", found.convention)
                    print(f"  {target} {ask}={text}: {words}")
    count = sum(false.values())
    print(
        f"random slips with a false reading           {count} of {number}, "
        f"{100 * count / number:.1f} %   at most 3 %   {singles} by a single one"
    )
    for quantity, several in asked.most_common():
        line = f"{false[quantity]} of {several}"
        print(f"    {quantity:12} {line:>12}, {100 * false[quantity] / several:.1f} %")
    return 0 if share >= 85 and 100 * count / number <= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
