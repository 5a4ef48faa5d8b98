"""Networks as courses write them in Keras, read from code that is never run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from calling import call

from archcalc import SpecError, load

FOLDER = Path(__file__).parent.parent / "examples" / "listings"

# Parameters of the listings of lectures: written down by the lectures, or added up by hand.
LECTURES = {
    "classroom": 93_322,
    "no_pool": 55_744,
    "dropout": 3_453_121,
    "functional_mlp": 55_050,
    "residual_loop": 74_858,
    "very_deep": 433_290,
}


@pytest.mark.parametrize("name", LECTURES)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_listings_of_lectures(name: str, way: str, tmp_path: Path) -> None:
    """Defeats a reader that unrolls a loop once, that puts what stands behind it into it, or that counts a
    layer of ``add`` twice."""
    path = FOLDER / f"{name}.py"
    if way == "file":
        answer = call("summary", str(path), "--format", "json")
    else:
        answer = call("summary", "-", "--format", "json", stdin=path.read_text())
    assert answer.code == 0, answer.err
    found = re.search(r'"totals": \{"params": (\d+)', answer.out)
    assert found is not None, answer.out[-800:]
    assert int(found[1]) == LECTURES[name]


def test_every_listing_has_a_figure_or_fails() -> None:
    """Defeats a listing that is added and that nobody reads."""
    assert {path.stem for path in FOLDER.glob("*.py")} == {*LECTURES, "very_deep_indented"}


@pytest.mark.parametrize(("turns", "params"), [(8, 32_522), (16, 35_754), (1, 29_694)])
def test_turns_of_a_loop(turns: int, params: int, tmp_path: Path) -> None:
    """The notebook of the course prints the first two figures. Defeats a number of turns that is not the
    code's. One turn alone is the same network, whether what follows is indented or not."""
    for name in ("very_deep", "very_deep_indented")[: 2 if turns == 1 else 1]:
        path = tmp_path / f"{name}.py"
        path.write_text((FOLDER / f"{name}.py").read_text().replace("range(1000)", f"range({turns})"))
        assert load(str(path)).summary().totals["params"] == params


def test_a_loop_that_fails_in_its_second_turn() -> None:
    """What a slide indents into the loop is repeated. Defeats a reader that repairs code in silence."""
    with pytest.raises(SpecError) as caught:
        load(str(FOLDER / "very_deep_indented.py"))
    (problem,) = caught.value.diagnostics
    assert problem.span is not None
    assert problem.span.position[0] == 8
    assert "conv2d_3 (Conv2D)" in problem.message
    assert "10 arrives" in problem.message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("from keras import models\nmodel = models.Sequential()\nmodel.add(Mystery(3))\n", ":3:"),
        (
            "from keras import layers, models\nmodel = models.Sequential()\n"
            "while True:\n    model.add(layers.Dense(3))\n",
            ":",
        ),
        ("from keras import layers\nx = layers.Dense(9**9**9)\n", ":2:"),
        (  # the layers before the one that is lost are no network of their own
            "import other\nfrom keras import Input, layers\nx = layers.Conv2D(4, 3)(Input((8, 8, 3)))\n"
            "x = other.attention(x)\nx = layers.Dense(10)(x)\n",
            ":5:",
        ),
        (
            "import keras, other\nx = keras.Input((8,))\ny = keras.layers.Dense(3)(other.f(x))\n"
            "model = keras.Model(x, keras.layers.Dense(2)(y))\n",
            ":3:",
        ),
        ("from keras import layers\ndef f(n): return f(n)\nf(1)\n", ":"),
        ("import keras\nmodel = keras.Sequential([keras.Input((8,)), keras.layers.Dense('a')])\n", "net.py"),
    ],
)
def test_code_that_cannot_be_read_is_one_message(code: str, words: str, tmp_path: Path) -> None:
    """Defeats a reader that runs code, loops for ever, or raises what it should not."""
    path = tmp_path / "net.py"
    path.write_text(code)
    with pytest.raises(SpecError) as caught:
        load(str(path))
    assert words in str(caught.value) or words in str(caught.value.diagnostics[0].span)


def test_what_only_a_notebook_knows_is_passed_over(tmp_path: Path) -> None:
    """Defeats a reader that takes `?model` and `files = !ls` for Python, or a cell of another language."""
    code = (FOLDER / "no_pool.py").read_text()
    cells = [
        "?net",
        "files = !ls *.png\nout = %timeit -o 3",
        "%%bash\nls | wc",
        "%%time\n" + code,
        "net.summary?",
    ]
    notebook = {"cells": [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]}
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps(notebook))
    answer = call("summary", str(path))
    assert answer.code == 0, answer.err
    assert "55,744" in answer.out
    joined = tmp_path / "net.py"
    joined.write_text("files = !ls *.png\n" + code)
    assert call("summary", str(joined)).out.count("55,744") > 0
