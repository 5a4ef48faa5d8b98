"""Questions that are chosen about a network.

The wrong ways to defeat: eight times the same question about eight alike layers; a question whose answer is 0
or stands in its text; an order that depends on hashes; a key by which its own answers are wrong.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from calling import call

pytestmark = pytest.mark.usefixtures("zoo_kept")

NETWORKS = [
    "resnet18",
    "lenet5",
    "mobilenet_v2",
    "32x32x3 -> conv 5x5 10 pad=2 -> relu -> maxpool 2x2 -> fc 10",
]


def questions(*words: str) -> list[dict[str, Any]]:
    """The questions of the first variant of a call."""
    found = call("quiz", *words, "--format", "json")
    assert found.code == 0, found.err
    made: list[dict[str, Any]] = json.loads(found.out)["variants"][0]["questions"]
    return made


@pytest.mark.parametrize("target", NETWORKS)
def test_questions_are_varied_and_worth_asking(target: str) -> None:
    """No two answers are alike, no quantity is asked half of the time, and no answer stands in the text."""
    found = questions(target, "--count", "8", "--seed", "5")
    values = [json.dumps(one["right"]) for one in found]
    assert len(found) == 8 == len(set(values))
    assert not {"0", "1", "null"} & set(values)
    quantities = [one["asks"].rpartition(".")[2] for one in found]
    assert len(set(quantities)) >= 3
    assert max(map(quantities.count, quantities)) <= 3
    for one in found:
        if isinstance(one["right"], int):
            assert f" {one['right']} " not in one["text"].replace(".", " ")
        assert target in one["text"]


@pytest.mark.parametrize("target", NETWORKS)
def test_the_key_takes_its_answers(target: str, tmp_path: Path) -> None:
    """Two variants of other questions, marked as one class. Defeats a key that is not read back."""
    keys = tmp_path / "keys"
    call("quiz", target, "--variants", "2", "--format", "toml", "-o", f"{keys}/")
    made = json.loads(call("quiz", target, "--variants", "2", "--format", "json").out)["variants"]
    assert made[0]["questions"] != made[1]["questions"]
    rows = [["student", "variant", *[str(number) for number in range(1, 9)]]]
    for one in made:
        rights = [one["right"] for one in one["questions"]]
        texts = ["x".join(map(str, value)) if isinstance(value, list) else str(value) for value in rights]
        rows.append([f"s{one['variant']}", one["variant"], *texts])
    sheets = tmp_path / "class.csv"
    sheets.write_text("\n".join([",".join(row) for row in rows]))
    found = call("check", str(keys), str(sheets), "--format", "csv")
    verdicts = [row["verdict"] for row in csv.DictReader(io.StringIO(found.out))]
    assert verdicts == ["right"] * 16, found.out


def test_the_same_seed_chooses_the_same_questions() -> None:
    """Defeats a choice among the members of a set."""
    one, other = questions("resnet18", "--seed", "4"), questions("resnet18", "--seed", "4")
    assert one == other
    assert one != questions("resnet18", "--seed", "5")


def test_options_carry_the_words_of_the_catalogue() -> None:
    """Defeats options without feedback, and fewer than were asked for."""
    for one in questions("vgg16", "--choices", "4"):
        assert len(one["options"]) == 4 == len({option["text"] for option in one["options"]})
        assert sum(option["right"] for option in one["options"]) == 1
        assert all(option["right"] or option["reason"] for option in one["options"])


FAULTS = {
    "no network": (["nosuch"], "no network of the zoo is called `nosuch`"),
    "nothing to ask": (["8x8x3 -> relu"], "0 questions"),
    "too many": (["lenet5", "--count", "150"], "are worth asking, and not 150"),
    "no size": (["?x?x3 -> conv 3x3 4"], "has no size"),
    "code": (["os:path"], "does not run the code"),
    "count of a quiz": (["quiz.toml", "--count", "3"], "--count is for a network"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_asked_about_has_a_message(name: str) -> None:
    words, message = FAULTS[name]
    found = call("quiz", *words)
    assert (found.code, found.out) == (2, "")
    assert message in found.err
