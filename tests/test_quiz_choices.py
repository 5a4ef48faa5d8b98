"""Options of a multiple choice about what is computed of quantities, and the format that a file's name says.

The wrong ways to defeat: an option that stands out by its form, two options that look alike, a wrong option
that `check` takes for right, points that are lost because an option is rounded; a screen in a zip.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from calling import call

TARGET = "28x28x6 -> conv 5x5 {c} -> conv 1x1 6"
ASKS = {
    "difference": ("params(conv1) - params(conv2)", r"-?\d[\d,]*"),
    "bytes": ("total.memory - total.param_bytes", r"-?\d[\d,]*"),
    "quotient": ("params(conv1) / params(total)", r"\d[\d,]*(\.\d+)?"),
    "share": ("percent(macs(conv1) / macs(total))", r"\d[\d,]*(\.\d+)? %"),
    "saved": ("percent(1 - params(A) / params(B))", r"\d[\d,]*(\.\d+)? %"),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question of each kind, with four options."""
    path = tmp_path_factory.mktemp("choices") / "quiz.toml"
    lines = ["[values]", "c = [8, 10, 12, 14, 20]"]
    for name, (ask, _) in ASKS.items():
        second = 'second = "28x28x6 -> conv 5x5 40 -> conv 1x1 6"' if name == "saved" else ""
        lines += ["[[question]]", f'id = "{name}"', f'target = "{TARGET}"', f'ask = "{ask}"', second]
        lines += ['kind = "choice"', "choices = 4"]
    path.write_text("\n".join(lines))
    return path


def test_options_look_alike_and_each_is_marked_as_it_says(template: Path, tmp_path: Path) -> None:
    """Each option by its letter in three variants: the right one has all points, each other is wrong."""
    words = ["quiz", str(template), "--variants", "3", "--seed", "5"]
    found = call(*words, "--format", "json")
    assert found.code == 0, found.err
    keys = tmp_path / "keys"
    assert call(*words, "--format", "toml", "-o", f"{keys}/").code == 0
    rows = ["student,variant," + ",".join(ASKS)]
    right: dict[str, dict[str, Any]] = {}
    for variant in json.loads(found.out)["variants"]:
        for question in variant["questions"]:
            options = question["options"]
            texts = [option["text"] for option in options]
            assert len(set(texts)) == 4
            assert all(re.fullmatch(ASKS[question["question"]][1], text) for text in texts), texts
            assert all(option["words"] and option["reason"] for option in options if not option["right"])
            right.setdefault(variant["variant"], {})[question["question"]] = [
                option["right"] for option in options
            ]
        rows += [f"{variant['variant']}{a},{variant['variant']}," + ",".join([a] * len(ASKS)) for a in "abcd"]
    sheet = tmp_path / "class.csv"
    sheet.write_text("\n".join(rows))
    marked = list(csv.DictReader(io.StringIO(call("check", str(keys), str(sheet), "--format", "csv").out)))
    assert len(marked) == 3 * 4 * len(ASKS)
    for row in marked:
        variant, letter = row["student"]
        is_right = right[variant][row["question"]]["abcd".index(letter)]
        assert row["verdict"] == ("right" if is_right else "wrong"), row
        if is_right:  # what is wrong in the same way twice is charged once
            assert row["points"] == row["of"], row


def test_the_computation_itself_is_mistaken_first(template: Path) -> None:
    """Defeats options that all come from one quantity, in which a misread question would not show."""
    found = json.loads(call("quiz", str(template), "--seed", "1", "--format", "json").out)
    ids = {
        id
        for question in found["variants"][0]["questions"]
        for one in question["options"]
        for id in one["ids"]
    }
    assert {"quotient-turned", "difference-turned"} & ids, ids


def test_the_name_of_a_file_says_its_format(template: Path, tmp_path: Path) -> None:
    def written(name: str, *more: str) -> Path:
        found = call("quiz", str(template), "-o", str(tmp_path / name), *more)
        assert (found.code, found.out) == (0, ""), found.err
        return tmp_path / name

    assert ElementTree.parse(written("quiz.xml")).getroot().tag == "quiz"
    assert written("quiz.gift").read_text().startswith("$CATEGORY: ")
    assert written("quiz.exam").read_text().startswith("// Numbas version")
    assert 'variant = "A"' in written("quiz.toml").read_text()
    assert written("quiz.md").read_text().startswith("# Quiz")
    assert json.loads(written("quiz.json").read_text())["title"] == "Quiz"
    assert written("other.xml", "--format", "gift").read_text().startswith("$CATEGORY: ")
    refused = call("quiz", str(template), "-o", str(tmp_path / "quiz.zip"))
    assert (refused.code, refused.out) == (2, "")
    assert "several formats" in refused.err
    assert "--format canvas or --format qti" in refused.err
    assert not (tmp_path / "quiz.zip").exists()
