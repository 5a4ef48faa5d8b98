"""A PrairieLearn question that archcalc sets and marks: random layers, partial points, hints.

It lies beside ``question.html`` and ``info.json``. PrairieLearn calls ``generate`` for each variant, then
``parse`` and ``grade`` for what a student submits; ``data`` is the dict that its documentation describes.
"""

import random

import archcalc

# The name of each input of question.html, and its weight.
WEIGHTS = {"output": 1, "params": 2}


def generate(data):
    """Draw a layer, the same for the same seed."""
    rng = random.Random(data["variant_seed"])
    size, channels, filters = rng.choice([28, 32, 64]), rng.choice([3, 16]), rng.choice([8, 10, 24])
    kernel, stride = rng.choice([3, 5, 7]), rng.choice([1, 2])
    chain = f"{size}x{size}x{channels} -> conv {kernel}x{kernel} {filters} stride={stride} pad={kernel // 2}"
    data["params"]["chain"] = chain
    data["params"]["solution"] = archcalc.check(chain, "params", None).solution
    for name in WEIGHTS:
        data["correct_answers"][name] = str(archcalc.check(chain, name, None).value)


def parse(data):
    """Ask again for what cannot be read: an error of format costs no points."""
    for name in WEIGHTS:
        answer = archcalc.check(data["params"]["chain"], name, data["submitted_answers"].get(name))
        if answer.verdict == "unreadable":
            data["format_errors"][name] = answer.hint


def grade(data):
    """Give each input its share of the points and a hint, and the question the weighted mean."""
    for name, weight in WEIGHTS.items():
        answer = archcalc.check(data["params"]["chain"], name, data["submitted_answers"].get(name))
        score = float(answer.points / answer.of)
        data["partial_scores"][name] = {"score": score, "weight": weight, "feedback": answer.hint}
        data["feedback"][name] = answer.hint
    whole = sum(WEIGHTS.values())
    data["score"] = sum(part["score"] * part["weight"] for part in data["partial_scores"].values()) / whole
