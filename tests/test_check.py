"""`archcalc check` as it is called: screens, formats, exit codes, refusals.

Defeats: a screen that shows a right answer where only a hint was asked for; a wrong answer that
leaves exit code 0; a stranger's text that reaches the terminal.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from calling import Answer, call

CONV = "32x32x3 -> conv 5x5 10 pad=2"
LECTURES = Path(__file__).parent.parent / "examples" / "lectures"

SHEET = """layer,output,params
conv1,28x28x6,156
pool1,14x14x6,0
conv2,10x10x16,2400
pool2,4x4x16,0
fc3,120,30840
fc4,84,10164
fc5,10,850
total,,44410
"""


def check(*words: str) -> Answer:
    found = call("check", *words)
    assert "Traceback" not in found.err
    return found


def screen(*words: str) -> str:
    return check(*words).out


# ---------------------------------------------------------------------------------------------
# Screens


def test_single_answers():
    """Right and wrong working share one grid: holes are what was forgotten."""
    found = check(CONV, "output=28x28x10", "params=260", "macs=768K", "--width", "80")
    assert found.code == 1
    assert (
        found.out
        == """\
conv 5x5 10 pad=2                                            32x32x3 -> 32x32x10

✗  output  28x28x10  wrong, consistent with padding ignored
                     right   ⌊(32 − 5 + 2·2) / 1⌋ + 1 = 32
                     yours   ⌊(32 − 5      ) / 1⌋ + 1 = 28

✗  params       260  wrong, consistent with input channels forgotten
                     right   (5·5·3 + 1)·10 = 760
                     yours   (5·5   + 1)·10 = 260
                     or      stride in the place of input channels

≈  macs        768K  right, rounded: 5·5·3·32·32·10 = 768,000

1 of 3 right, 2 wrong
"""
    )


def test_a_layer_table(tmp_path: Path):
    """Wrong cells show the key, right ones nothing, and what follows is marked so."""
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET)
    found = check("lenet5_modern", str(sheet))
    assert found.code == 1
    assert (
        found.out
        == """\
sheet.csv  against lenet5_modern, 32x32x1

row      output   key     parameters   key
─────────────────────────────────────────────
conv1   28x28x6 ✓                156 ✓
pool1   14x14x6 ✓                  0 ✓
conv2  10x10x16 ✓              2,400 ✗ 2,416
pool2    4x4x16 ✗ 5x5x16           0 ✓
fc3         120 ✓             30,840 ↳ 48,120
fc4          84 ✓             10,164 ✓
fc5          10 ✓                850 ✓
─────────────────────────────────────────────
total                         44,410 ↳ 61,706

✗  conv2 parameters  wrong, consistent with bias forgotten
                     right   (5·5·6 + 1)·16 = 2,416
                     yours    5·5·6     ·16 = 2,400
✗  pool2 output      wrong, consistent with “+ 1” forgotten
                     right   ⌊(10 − 2) / 2⌋ + 1 = 5
                     yours   ⌊(10 − 2) / 2⌋     = 4
                     or      divided after adding 1
↳  fc3 parameters    follows from your pool2: (4·4·16 + 1)·120 = 30,840
↳  total parameters  follows from your rows
                     sum     156 + 2,400 + 30,840 + 10,164 + 850 = 44,410

11 right, 2 follow, 2 wrong of 15 · 13 points of 15
"""
    )


def test_signs_of_a_terminal_without_unicode():
    """Defeats: a dot that multiplies where a dot is a decimal sign."""
    out = call("check", "10x10x6 -> conv 5x5 16", "params=2400", encoding="ascii").out
    assert "(5*5*6 + 1)*16 = 2,416" in out
    assert " 5*5*6     *16 = 2,400" in out


def test_blocks_are_called_by_their_labels():
    """The parameters of a block are those of its layers together, its output that of the last."""
    out = screen("googlenet", "inception_3a.params=163696", "inception_3a.output=28x28x256")
    assert "✓  inception_3a.params     163696  right" in out
    assert "✓  inception_3a.output  28x28x256  right" in out


def test_a_right_sheet_is_all_right(tmp_path: Path):
    sheet = tmp_path / "sheet.csv"
    right = SHEET.replace("2400", "2416").replace("4x4x16", "5x5x16")
    sheet.write_text(right.replace("30840", "48120").replace("44410", "61706"))
    found = check("lenet5_modern", str(sheet))
    assert found.code == 0
    assert "✗" not in found.out
    assert found.out.endswith("15 right of 15 · 15 points of 15\n")


@pytest.mark.parametrize("sheet", ["vgg16_structure.md", "vgg16_memory.md"])
def test_the_lectures_tables(sheet: str):
    """Row by row the lectures' tables are right, but for the cells that are known to be wrong."""
    memory = ["--convention", "memory=values"] if "memory" in sheet else []
    found = json.loads(screen("vgg16", str(LECTURES / sheet), *memory, "--format", "json"))
    wrong = {a["question"]: a for a in found["answers"] if a["verdict"] not in ("right", "rounded")}
    assert not found["unread"]
    if memory:
        assert list(wrong) == ["total.memory"]
        assert wrong["total.memory"]["right"] == 15_237_608
        assert wrong["total.memory"]["remark"] == "your rows add up to 15.2M"
    else:
        assert list(wrong) == ["pool2.params", "total.params"]
        assert wrong["pool2.params"]["readings"][0]["ids"] == ["pool-parameters"]
        assert wrong["total.params"]["verdict"] == "follow-through"


def test_the_alexnet_table_is_right():
    found = check("alexnet", str(LECTURES / "alexnet_structure.csv"))
    assert found.code == 0
    assert "23 right of 23" in found.out


def test_a_hint_gives_nothing_away(tmp_path: Path):
    """Defeats: a right value, a formula or a key column in what a student asks a hint of."""
    out = screen(CONV, "output=28x28x10", "params=260", "macs=600000", "--hint")
    for given_away in ("32x32x10", "760", "768", "= 32", "·", "yours", "key"):
        assert given_away not in out
    assert "How deep is a filter?" in " ".join(out.split())
    assert "How large is what the window slides over?" in out
    found = check("7x7x1 -> conv 3x3 1 stride=3", "output=3x3x1", "--hint")
    assert "2.33" not in found.out + found.err
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET)
    out = screen("lenet5_modern", str(sheet), "--hint")
    for given_away in ("2,416", "5x5x16", "48,120", "61,706", "key", "="):
        assert given_away not in out
    assert "right for your pool2" in out


def test_a_solution_is_what_explain_says():
    out = screen(CONV, "params=260", "--solution")
    assert "A filter reads all channels that arrive" in " ".join(out.split())
    assert call("explain", CONV, "params").out.strip() in out


def test_conventions_that_are_not_the_usual_are_shown():
    out = screen(CONV, "params=750", "--convention", "bias=no")
    assert "biases are not counted" in out
    assert "1 of 1 right" in out


def test_a_narrow_screen_keeps_to_its_columns(tmp_path: Path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(SHEET)
    for words in ((CONV, "params=260", "output=28x28x10"), ("vgg16", "total.params=138423208")):
        out = screen(*words, "--width", "60")
        assert max(map(len, out.splitlines())) <= 60
    # Of a wide table the workings go first, and never the results.
    memory = str(LECTURES / "vgg16_memory.md")
    out = screen("vgg16", memory, "--convention", "memory=values", "--width", "80")
    assert max(map(len, out.splitlines())) <= 80
    assert "102,760,448 ✓" in out
    assert "…" not in out.partition("TOTAL")[0]


# ---------------------------------------------------------------------------------------------
# Formats and codes


def test_json_has_the_whole_verdict():
    found = json.loads(screen(CONV, "params=260", "--format", "json"))
    (answer,) = found["answers"]
    assert answer["question"] == "conv1.params"
    assert (answer["verdict"], answer["right"]) == ("wrong", 760)
    assert answer["working"] == [
        {"of": None, "formula": "(F*F*C + 1)*K", "numbers": "(5*5*3 + 1)*10", "value": 760}
    ]
    assert [reading["ids"] for reading in answer["readings"]] == [
        ["channels-forgotten"],
        ["stride-for-channels"],
    ]
    assert found["conventions"]["bias"] == "yes"
    assert found["verdicts"] == {"wrong": 1}


def test_shapes_of_json_are_in_the_layout_asked_for():
    chain = "3x32x32 -> conv 5x5 10 pad=2"
    words = (chain, "output=9x9x9", "--layout", "chw", "--format", "json")
    (answer,) = json.loads(screen(*words))["answers"]
    assert answer["right"] == [10, 32, 32]


def test_another_order_is_told_with_the_right_one():
    out = screen(CONV, "output=(10,32,32)")
    assert "right by another convention: channels first" in out
    assert "here    32x32x10" in out


def test_csv_has_a_record_an_answer():
    rows = list(csv.DictReader(io.StringIO(screen(CONV, "params=260", "output=32x32x10", "--format", "csv"))))
    assert [row["verdict"] for row in rows] == ["wrong", "right"]
    assert rows[0]["reading"] == "input channels forgotten"
    assert rows[1]["right"] == "32x32x10"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["params=760"], 0),
        (["params=0.76K"], 0),
        (["output=10x32x32"], 0),
        (["params=750"], 1),
        (["params=??"], 1),
        (["params=760", "macs="], 1),
    ],
)
def test_exit_codes(answers: list[str], code: int):
    assert check(CONV, *answers).code == code


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "a TARGET is missing"),
        (("vgg16",), "nothing to check"),
        (("vgg16", "parms=1"), "did you mean `params`?"),
        (("vgg16", "conv1_1=1"), "conv1_1.params, conv1_1.output"),
        (("vgg16", "conv9.params=1"), "no layer `conv9`"),
        (("vgg16", "total.params=1", "params=2"), "answered twice"),
        (("vgg16", "conv1_1.peak=1"), "ask total.peak"),
        (("vgg16", "nothing.csv"), "cannot read nothing.csv"),
        (("vgg16", "params=1", "oops"), "`oops` is no answer"),
        ((CONV, "params=1", "--convention", "bias=perhaps"), "it is yes or no"),
        ((CONV, "params=1", "--convention", "layot=chw"), "did you mean `layout`?"),
        ((CONV, "params=1", "--hint", "--solution"), "two ends"),
        ((CONV, "params=1", "--audit"), "--audit checks a quiz"),
        ((CONV, "params=1", "--format", "gradescope"), "is for a QUIZ"),
        ((CONV, "params=1", "--format", "json", "--hint"), "--hint is for the screen"),
    ],
)
def test_refusals(words: tuple[str, ...], expected: str):
    """One message, nothing on standard output, exit code 2."""
    found = check(*words)
    assert found.code == 2
    assert found.out == ""
    assert expected in found.err


def test_a_file_is_not_written_over(tmp_path: Path):
    path = tmp_path / "out.txt"
    path.write_text("mine")
    assert check(CONV, "params=1", "--output", str(path)).code == 2
    assert path.read_text() == "mine"
    assert check(CONV, "params=1", "--output", str(path), "--force").code == 1
    assert "wrong" in path.read_text()


def test_a_stranger_s_text_is_tame():
    out = screen(CONV, "params=7\x1b[31m60", "macs=\x1b]0;owned\x07")
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_formula_is_no_formula_in_a_spreadsheet():
    rows = screen(CONV, "params==1+1", "--format", "csv").splitlines()
    answer = next(csv.reader(rows[1:]))[3]
    assert not answer.startswith(("=", "+", "-", "@"))


# ---------------------------------------------------------------------------------------------
# Audit

QUIZ = """title = "A week"
[[question]]
id = "a"
target = "32x32x3 -> conv 5x5 10 pad=2"
ask = "output"
key = "32x32x10"
[[question]]
id = "b"
target = "227x227x3 -> conv 11x11 96 stride=4"
ask = "params"
key = "34,848"
digits = 2
[[question]]
id = "c"
target = "vgg16"
ask = "total.params"
key = "138,344,128"
[[question]]
id = "d"
target = "vgg16"
ask = "conv1_1.rf"
"""


def test_an_audit_checks_the_key_and_the_questions(tmp_path: Path):
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(QUIZ)
    found = check("--audit", str(quiz))
    assert found.code == 1
    assert "✗  b  wrong, consistent with bias forgotten" in found.out
    assert "◑  c  right by another convention: biases not counted" in found.out
    # Stride 1 hides one error, three channels another, and two digits a third.
    assert "stride ignored (the stride is 1)" in found.out
    assert "(three channels arrive)" in found.out
    assert "in 2 digits: bias forgotten (34,848)" in " ".join(found.out.split())
    assert found.out.rstrip().splitlines()[-1].startswith("2 of 3 keys are not what is computed")


def test_an_audit_says_what_is_invisible_and_nothing_else(tmp_path: Path):
    """Defeats: calling a question blind to what it would show."""
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(QUIZ)
    found = json.loads(screen("--audit", str(quiz), "--format", "json"))
    blind = {q["question"]: {b["id"] for b in q["blind"]} for q in found["questions"]}
    assert blind["a"] == {"stride-ignored", "rounded-up"}
    assert blind["b"] == {"three-channels"}
    assert blind["c"] == set()
    assert {"kernels-added", "strides-forgotten", "pools-left-out"} <= blind["d"]
    for question in found["questions"]:
        shown = {id for tie in question["ties"] for id in tie["ids"]}
        assert not shown & blind[question["question"]]


def test_an_audit_claims_no_blindness_of_a_vector(tmp_path: Path):
    """Defeats: “one channel arrives” where a flattened volume does."""
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(
        '[[question]]\nid = "1"\nask = "fc1.params"\ntarget = "20x20x3 -> conv 5x5 8 -> flatten -> fc 10"\n'
    )
    assert "flattening" not in check("--audit", str(quiz)).out


def test_a_hint_at_an_axis_left_out():
    """Defeats: a doubt of digits that are all right."""
    for text in ("32", "32x32", "10240"):
        out = check("32x32x3 -> conv 5x5 10 pad=2", f"output={text}", "--hint").out
        assert "Along which axes" in out
        assert "x10" not in out.replace("conv 5x5 10", "")


def test_a_hint_at_a_figure_that_was_cut_off():
    """1.58G written 1.5G. Defeats: a student who is sent to look for a digit miscopied."""
    expected = " ".join(screen("googlenet", "macs=1.5G", "--hint").split())
    assert "not yet: Was it rounded, or were its last digits dropped?" in expected
    assert "copied" not in expected
    assert "copied" in screen("vgg16", "params=138357545", "--hint")


def test_nothing_fits_beside_a_size(tmp_path: Path):
    """Defeats: an answer's working beside none, or beside the number of channels."""
    out = check("7x7x3 -> conv 3x3 4 stride=3", "output=3x3x4", "--convention", "rounding=strict").out
    assert re.search(r"right +does not fit\n +yours +⌈7 / 3⌉ = 3", out)


def test_an_audit_of_the_lecture_s_comparison():
    """VGG-16 at 19.6 GFLOPs is VGG-19's figure."""
    found = json.loads(screen("--audit", str(LECTURES / "comparison.toml"), "--format", "json"))
    wrong = {q["question"]: q["key"] for q in found["questions"] if q["wrong"]}
    assert "VGG16 FLOPs" in wrong
    assert "the figure of vgg19" in wrong["VGG16 FLOPs"]["readings"][0]["words"]


@pytest.mark.parametrize(
    ("answer", "times"), [("total.params=11.69", "1,000,000"), ("total.macs=1.81", "1,000,000,000")]
)
def test_a_unit_left_out(answer: str, times: str) -> None:
    """Millions and thousands of millions. Defeats a wrong answer of which nothing is known."""
    marked = call("check", "resnet18", answer)
    assert marked.code == 1
    assert f"{times} times too small" in " ".join(marked.out.split())


@pytest.mark.parametrize("quantity", ["rf=all", "stride=1", "start=0"])
def test_a_vector_has_no_field(quantity: str) -> None:
    """Defeats "no rule for fc": there is one, and the input has no positions."""
    refused = call("check", "100 -> fc 10", quantity)
    assert refused.code == 2
    assert "a vector has none" in refused.err
    assert "no rule" not in refused.err


@pytest.mark.parametrize(
    ("chain", "layer"),
    [
        ('9x9x3 -> conv 3x3 4 -> opaque "x" 7x7x4 -> fc 2', "opaque1"),
        ("38x63x54 -> conv 1x1 54 -> nms 300", "nms1"),
    ],
)
@pytest.mark.parametrize("quantity", ["macs", "flops", "step_macs"])
def test_no_lower_bound_is_a_right_answer(chain: str, layer: str, quantity: str) -> None:
    """Defeats: the sum over the layers that have a rule, taken for the right answer."""
    found = call("check", chain, f"total.{quantity}=5684")
    assert found.code == 2
    assert found.out == ""
    assert (
        f"there is no one right answer for total.{quantity}: what archcalc counts is a lower bound"
        in found.err
    )
    assert f"it has no rule for {layer}" in found.err
    assert call("check", chain, "conv1.params=1").code == 1
