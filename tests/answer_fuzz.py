"""Answers composed of a value, a language, a unit and a remark, right ones and wrong ones.

Each case is made from a seed and its number alone:

    python -m tests.answer_fuzz --cases 20000
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from archcalc import load
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import CONVENTION, RIGHT, ROUNDED, UNREADABLE, WRONG
from archcalc.answers.written import read

NET = "96x64x3 -> conv 7x7 24 stride=2 pad=3 -> maxpool 3x3 stride=2 -> conv 3x3 48 pad=1 -> fc 128"
ASKS = ("conv1.params", "conv2.macs", "total.params", "conv2.memory", "conv2.rf", "maxpool1.output")

# Per language: the decimal sign, what sets thousands apart, words of scales, of units, what is said before an
# answer, and behind it.
LANGUAGES: dict[str, dict[str, Any]] = {
    "en": {
        "decimal": ".",
        "groups": (",", "_", "\u202f", "\u2009", "'"),
        "K": ("K", "k", " thousand"),
        "M": ("M", " million", " mln", "m"),
        "params": ("params", "parameters", "weights and biases"),
        "macs": ("MACs", "multiply-adds", "mults"),
        "memory": ("bytes", "B"),
        "rf": ("px", "pixels"),
        "by": ("x", " x ", "×", " by ", " * "),
        "before": ("I think ", "the answer is ", "Answer: ", "it is ", "approximately ", "We get "),
        "behind": (", I think", " in total", " because I counted them", " (see notes)", "!", "."),
    },
    "de": {
        "decimal": ",",
        "groups": (".", " ", "\xa0", "’"),
        "K": (" Tsd.", " Tausend", "k"),
        "M": (" Mio.", " Mio", " Millionen"),
        "params": ("Parameter", "Gewichte"),
        "macs": ("MACs", "Multiplikationen", "Operationen"),
        "memory": ("Byte", "B"),
        "rf": ("Pixel", "px"),
        "by": ("x", " mal ", " × "),
        "before": ("ich glaube ", "ca. ", "Lösung: ", "Ausgabe: ", "Ergebnis ", "ungefähr "),
        "behind": (" insgesamt", ", denke ich", " (geschätzt)", " weil das so ist"),
    },
    "fr": {
        "decimal": ",",
        "groups": (" ", "\xa0", "\u202f"),
        "K": (" mille", " milliers"),
        "M": (" millions", " M"),
        "params": ("paramètres", "poids"),
        "macs": ("MACs", "multiplications", "opérations"),
        "memory": ("octets", "o"),
        "rf": ("pixels", "px"),
        "by": ("x", " × ", " par "),
        "before": ("environ ", "je pense que c'est ", "Réponse : ", "Sortie : "),
        "behind": (" au total", " (voir calcul)"),
    },
    "es": {
        "decimal": ",",
        "groups": (".", " "),
        "K": (" mil",),
        "M": (" millones",),
        "params": ("parámetros", "pesos"),
        "macs": ("MACs", "operaciones"),
        "memory": ("bytes",),
        "rf": ("píxeles", "px"),
        "by": ("x", " por "),
        "before": ("creo que ", "aproximadamente ", "Respuesta: "),
        "behind": (" en total",),
    },
    "ru": {
        "decimal": ",",
        "groups": (" ", "\xa0"),
        "K": (" тыс", " тыс.", " тысяч"),
        "M": (" млн", " млн.", " миллиона"),
        "params": ("параметров",),
        "macs": ("операций", "MACs"),
        "memory": ("байт",),
        "rf": ("пикселей",),
        "by": ("x", "×", " на "),
        "before": ("примерно ", "Ответ: ", "думаю "),
        "behind": (" всего",),
    },
    "zh": {
        "decimal": ".",
        "groups": (",", ""),
        "K": ("千",),
        "M": ("百万",),
        "params": ("个参数", "参数"),
        "macs": ("MACs", "次运算"),
        "memory": ("字节",),
        "rf": ("像素",),
        "by": ("x", "×", "乘"),
        "before": ("约", "答案：", "大约"),
        "behind": ("",),
    },
}
SETTINGS = (" (stride 2)", " with kernel 3", ", padding 1", " (fp32)")


class Case(NamedTuple):
    """A composed answer: whether its value is right."""

    ask: str
    text: str
    right: bool


def grouped(number: int, sign: str) -> str:
    return f"{number:,}".replace(",", sign)


def number_text(number: int, asked: str, tongue: dict[str, Any], chance: random.Random) -> str:
    """A number as it is written in a language, perhaps rounded, perhaps with a unit."""
    kinds = ["grouped", "plain"]
    if number >= 10_000:
        kinds += ["scaled", "scaled", "power"]
    kind = chance.choice(kinds)
    if kind == "plain":
        text = str(number)
        if chance.random() < 0.1:
            digits = chance.choice(("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"))
            text = "".join([digits[int(sign)] for sign in text])
    elif kind == "grouped":
        text = grouped(number, chance.choice(tongue["groups"])) if number > 999 else f"{number}"
    else:
        scale = chance.choice("KM") if number >= 10**6 else "K"
        if kind == "power":
            power = len(str(number)) - 1
            text = f"{number / 10**power:.4f}e{power}"
        else:
            text = f"{number / {'K': 10**3, 'M': 10**6}[scale]:.{chance.choice((1, 2, 4))}f}"
        text = text.replace(".", tongue["decimal"])
        text += chance.choice(tongue[scale]) if kind == "scaled" else ""
    if chance.random() < 0.5:
        unit = chance.choice(tongue[asked])
        text += unit if not unit.isascii() and tongue["groups"] == (",", "") else f" {unit}"
    return text


def cases(number: int, seed: int) -> Iterator[tuple[Case, str]]:
    """Composed answers, with what is said of each."""
    subject = Subject(load(NET).graph)
    diagnoses = {ask: Diagnosis(Question.read(subject, ask, Conventions())) for ask in ASKS}
    for at in range(number):
        chance = random.Random(f"{seed} {at}")
        ask = chance.choice(ASKS)
        diagnosis = diagnoses[ask]
        quantity, value = diagnosis.asked.quantity, diagnosis.value
        tongue = LANGUAGES[chance.choice(list(LANGUAGES))]
        right = chance.random() < 0.6
        if quantity == "output":
            sizes = list(value) if right else [size + 1 for size in value]
            text = chance.choice(tongue["by"]).join(map(str, sizes))
            if not right and judge(diagnosis, read(text.replace(" ", ""), quantity)).kind != WRONG:
                continue
        else:
            number_meant = value if right else wrong(diagnosis, chance)
            text = number_text(number_meant, quantity, tongue, chance)
        if chance.random() < 0.4:
            text = chance.choice(tongue["before"]) + text
        if chance.random() < 0.4:
            text += chance.choice((*tongue["behind"], *SETTINGS))
        yield Case(ask, text, right), judge(diagnosis, read(text, quantity)).kind


def wrong(diagnosis: Diagnosis, chance: random.Random) -> int:
    """A number that no convention comes near."""
    value = int(diagnosis.value)
    known = [value, *[int(a.value) for a in diagnosis.alternatives if isinstance(a.value, int)]]
    known += [int(other) for other, _ in diagnosis.asked.other_numbers if isinstance(other, int)]
    known = [near * factor for near in known for factor in (1, 4)] + [known[0] // 4]
    while True:
        found = max(2, int(value * chance.uniform(0.3, 3))) if value > 99 else value + chance.randint(1, 30)
        if all(abs(found - near) > 0.2 * near for near in known):
            return found


def lost(case: Case, kind: str) -> bool:
    """Whether a case breaks the law: a right value is never wrong, and a wrong one never right."""
    good = (RIGHT, ROUNDED, CONVENTION)
    return kind not in (*good, UNREADABLE) if case.right else kind in (*good, "follow-through", "blank")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", action="store_true", help="show what goes to a person")
    options = parser.parse_args()
    kinds: Counter[tuple[bool, str]] = Counter()
    for case, kind in cases(options.cases, options.seed):
        kinds[case.right, kind] += 1
        if lost(case, kind) or (options.v and case.right and kind == UNREADABLE):
            print(case, kind)
    for (right, kind), number in sorted(kinds.items()):
        print(f"{'right' if right else 'wrong'} {kind:12} {number}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
