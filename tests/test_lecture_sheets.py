"""The lectures' own tables as sheets: every row is marked, the wrong ones are found, and said why.

What the tables hold is from the lectures; what is wrong with them was worked out by hand. To
defeat: a checker that compares totals only (VGG-16's pooling layer hides in it), one that takes a
rounded `800K` for wrong, and one that finds nothing in figures of the right size (19.6 G).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from calling import call

LECTURES = Path(__file__).resolve().parent.parent / "examples" / "lectures"


def marked(*arguments: str) -> dict[str, Any]:
    """The answers that are not simply right, by question, with how many there are in all."""
    found = call("check", *arguments, "--format", "json")
    assert found.code == 1, found.err
    read = json.loads(found.out)
    answers = read["answers"] if "answers" in read else read["sheets"][0]["answers"]
    assert not read["unread"]
    return {"of": len(answers), **{a["question"]: a for a in answers if a["verdict"] != "right"}}


def readings(answer: dict[str, Any]) -> list[str]:
    return [reading["words"] for reading in answer["readings"]]


def test_vgg16s_pooling_layer_with_parameters_and_the_total_that_follows() -> None:
    found = marked("vgg16", str(LECTURES / "vgg16_structure.md"))
    assert set(found) == {"of", "pool2.params", "total.params"}
    assert found["of"] == 43
    pool, total = found["pool2.params"], found["total.params"]
    assert (pool["answer"], pool["verdict"], pool["right"]) == ("65,664", "wrong", 0)
    # A 2x2 convolution of 128 channels into 128, with its biases.
    assert readings(pool) == ["pooling layer counted as a convolution", "as printed in lecture slides"]
    assert total["verdict"] == "follow-through"
    assert total["right"] == 138_357_544


def test_vgg16s_memory_column_and_its_sum() -> None:
    sheet = str(LECTURES / "vgg16_memory.md")
    found = marked("vgg16", sheet, "--convention", "memory=values")
    assert found.pop("of") == 68
    total = found.pop("total.memory")
    assert total["answer"] == "24M * 4 bytes ~= 93MB"
    assert (total["verdict"], total["right"]) == ("wrong", 15_237_608)
    assert "15.2M" in total["remark"]  # what the column's own rows add up to
    # All rows are right as far as they are written.
    assert {answer["verdict"] for answer in found.values()} == {"rounded"}
    assert found["total.weights"]["answer"] == "138M"


def test_alexnets_table_is_right() -> None:
    found = call("check", "alexnet", str(LECTURES / "alexnet_structure.csv"))
    assert found.code == 0
    assert "23 right of 23" in found.out


def test_the_table_of_networks() -> None:
    found = marked(str(LECTURES / "comparison.toml"), str(LECTURES / "comparison.md"))
    assert found.pop("of") == 6
    verdicts = {name: answer["verdict"] for name, answer in found.items()}
    assert verdicts == {
        "AlexNet params": "rounded",
        "AlexNet FLOPs": "wrong",
        "VGG16 params": "rounded",
        "VGG16 FLOPs": "wrong",
        "ResNet152 params": "convention",
        "ResNet152 FLOPs": "rounded",
    }
    assert "vgg19" in readings(found["VGG16 FLOPs"])[0]
    assert "running mean" in found["ResNet152 params"]["convention"]


@pytest.mark.slow
def test_the_audit_finds_the_same_in_the_key() -> None:
    found = call("check", "--audit", str(LECTURES / "comparison.toml"))
    assert found.code == 1
    assert "19.6B ✗" in found.out
    assert "vgg19" in found.out


def test_figures_that_lectures_state() -> None:
    """Each wrong one with its reason. To defeat: an audit that takes a key's words for its value,
    or a figure of the right size for the right one."""
    found = call("check", "--audit", str(LECTURES / "statements.toml"))
    assert found.code == 1
    signs = dict(re.findall(r"^(\S.*?) {2,}\S+ +.* (✓|≈|✗) +\S+$", found.out, re.MULTILINE))
    assert {name for name, sign in signs.items() if sign == "✗"} == {
        "alexnet 61 million",
        "alexnet 62.3 million",
        "googlenet 4 million",
        "googlenet 5 million",
        "resnet34 operations",
        "as many neurons as values",
        "a thousand neurons",
        "pooling keeps the size",
    }
    assert len(signs) == 16
    shown = " ".join(found.out.split())
    assert "alexnet 61 million wrong, consistent with the figure of alexnet_grouped" in shown
    assert "a thousand neurons wrong, consistent with biases of fc1 forgotten" in shown
    # 62,378,344 and 3,663,761,408 were cut off and not rounded.
    assert "resnet34 operations wrong, cut off where it is to be rounded" in shown
