"""Hostile and damaged Keras code ends in a network or one message, in little time, and is never run."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from lanes import slow_where
from test_keras_listings import LISTINGS

from archcalc import SpecError, load

HEAD = "from keras import layers, models, Sequential, Input, Model\nimport keras\nimport numpy as np\n"
ATTACKS = {
    "runs": "import os\nos.system('touch RAN')\nopen('RAN', 'w')\n"
    "model = Sequential([Input((3,)), layers.Dense(2)])",
    "long loop": "for i in range(10**9):\n    pass\nmodel = Sequential()",
    "loop of layers": "m = Sequential([Input((3,))])\nfor i in range(10**9): m.add(layers.Dense(3))",
    "endless": "m = Sequential([Input((3,))])\nwhile 1: m.add(layers.Dense(3))",
    "long text": "a = 'a' * 10**9\nm = Sequential([Input((3,)), layers.Dense(3, name=a)])",
    "growing text": "a = 'a'\nfor i in range(100): a = a + a\nm = Sequential([Input((3,))])",
    "growing list": "a = [1]\nfor i in range(100): a += a\nm = Sequential([Input((3,))])",
    "growing number": "a = 7\nfor i in range(100): a *= a\nm = Sequential([Input((a,)), layers.Dense(3)])",
    "large number": "m = Sequential([Input((3,)), layers.Dense(10**4000)])",
    "large input": "m = Sequential([Input((10**30, 3)), layers.Conv1D(3, 2)])",
    "large kernel": "m = Sequential([Input((8, 8, 3)), layers.Conv2D(3, 10**18)])",
    "recursion": "def f(x): return f(layers.Dense(3)(x))\nm = Model(Input((3,)), f(Input((3,))))",
    "model in itself": "m = Sequential([Input((3,))])\nm.add(m)",
    "layer in itself": "d = layers.TimeDistributed(layers.Dense(3))\nd.layer = d\n"
    "m = Sequential([Input((3, 3)), d])",
    "models in models": "m = Sequential([Input((3,)), layers.Dense(3)])\n"
    "for i in range(3000):\n    m = Sequential([Input((3,)), m, layers.Dense(3)])",
    "models called in models": "x = Input((3,))\nm = Model(x, layers.Dense(3)(x))\n"
    "for i in range(200):\n    y = Input((3,))\n    m = Model(y, m(m(y)))",
    "deep brackets": "m = " + "(" * 500 + "1" + ")" * 500,
    "deep signs": "m = " + "-" * 100_000 + "1",
    "deep list": "a = []\nfor i in range(100000): a = [a]\nm = Sequential(a)",
    "list in itself": "a = []\na.append(a)\nm = Sequential(a)\nb = Model(a, a)",
    "dictionary in itself": "a = {}\na['a'] = a\nm = Model(a, a)",
    "tensors in a list in itself": "x = Input((3,))\na = [x]\na.append(a)\n"
    "m = Model(a, layers.Concatenate()(a))",
    "large array": "a = np.zeros((10**9,) * 40)\nm = Sequential([Input(a.shape), layers.Dense(3)])",
    "array in itself": "a = np.zeros((3,))\nfor i in range(10**5): a = a[..., None]\n"
    "m = Sequential([Input(a.shape)])",
    "many shapes": "x = Input((8, 8, 3))\nfor i in range(100000): x = layers.Conv2D(x.shape[-1] + 1, 1)(x)\n"
    "m = Model(Input((8, 8, 3)), x)",
    "no input": "m = Sequential([layers.Dense(3)])",
    "nothing": "m = Sequential()",
    "template": "m = Sequential([Input((3,)), layers.Dense(3, name='{:>9999999999}'.format('a'))])",
    "format": "m = Sequential([Input((3,)), layers.Dense(3, name=f'{1:999999999}')])",
    "class in itself": "class A(keras.Model):\n    def __init__(self):\n        self.a = A()\nm = A()",
    "call in itself": "class A(keras.Model):\n    def call(self, x): return self(x)\nm = A()",
    "application": "m = keras.applications.MobileNetV2(alpha=1e300, input_shape=(96, 96, 3))",
    "application of text": "m = keras.applications.ResNet50(input_shape='a')",
    "application of nothing": "m = keras.applications.ResNet50(input_shape=())",
    "application in a loop": "for i in range(10**6): m = keras.applications.ResNet152()",
    "classes of text": "m = keras.applications.VGG16(classes='a')",
    "star": "m = Sequential([Input((3,)), *range(10**9)])",
    "product": "m = [(a, b, c) for a in range(10**4) for b in range(10**4) for c in range(10**4)]",
    "shape in itself": "s = [1]\ns.append(s)\nm = Sequential([Input(s), layers.Reshape(s)])",
    "odd names": "m = Sequential([Input((3,), name=3), layers.Dense(2, name=['a'])], name=None)",
    "odd layers": "m = Sequential([None, 3, 'a', layers.Dense, Sequential])",
    "odd places": "m = Model(layers.Dense(3), [Input((3,)), 3, None])",
    "null": "m = '\\0'\nm = Sequential([Input((3,)), layers.Dense(3, name=m)])",
}


def message_of(path: Path) -> str:
    """The one message about a file; empty where it holds a network."""
    try:
        load(str(path)).summary()
    except SpecError as error:
        (diagnostic,) = error.diagnostics
        return diagnostic.message or "none"
    return ""


SECONDS = ("many shapes", "models called in models", "product")


@pytest.mark.parametrize("name", slow_where(ATTACKS, lambda name: name in SECONDS))
def test_hostile_code(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a reader that runs code, loops as long as the code does, or raises what it should not."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.py"
    path.write_text(HEAD + ATTACKS[name] + "\n")
    start = time.monotonic()
    assert len(message_of(path)) < 2000
    assert time.monotonic() - start < 20
    assert not (tmp_path / "RAN").exists()


PIECES = (
    *("0", "-1", "10**9", "9" * 30, "1.5", "None", "'a'", "[]", "x", "True", "...", "(3, 3)", "{}", "*[1]"),
    *("lambda: 0", "model", "keras", "layers", "input()", "f'{3}'", "range(10**9)", "1e999", "not x", "x[0]"),
)
LINES = (
    *("break", "return", "x = None", "raise", "for i in range(10**7):", "while True:", "del x", "x = x + x"),
    *("model = Sequential([model, model])", "if input():", "class A(layers.Layer):", "import net", "try:"),
)


def mutated(code: str, source: random.Random) -> str:
    """A listing with a few changes, most of which leave it Python."""
    for _ in range(source.choice((1, 1, 2, 5))):
        lines = code.split("\n")
        at = source.randrange(len(lines))
        kind = source.randrange(7)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[source.randrange(len(lines))])
        elif kind == 2:
            indent = re.match(r" *", lines[at])
            lines.insert(at, (indent[0] if indent else "") + source.choice(LINES))
        elif kind == 3:
            other = source.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            parts = [*re.finditer(r"[A-Za-z_]\w*|\d+|\"\w*\"", code)]
            part = source.choice(parts)
            piece = source.choice(PIECES) if kind < 6 else source.choice(parts)[0]
            lines = (code[: part.start()] + piece + code[part.end() :]).split("\n")
        code = "\n".join(lines)
    return code


def fuzzed(seed: int, cases: int, path: Path) -> int:
    """Read mutated listings; how many of them are networks."""
    source = random.Random(seed)
    codes = [listing.code for listing in LISTINGS.values()]
    read = 0
    for number in range(cases):
        code = mutated(source.choice(codes), source)
        path.write_text(code, encoding="utf-8")
        start = time.monotonic()
        try:
            read += not message_of(path)
        except Exception as error:
            raise AssertionError(f"case {number} of seed {seed}: {error!r}\n{code}") from error
        assert time.monotonic() - start < 20, (number, code)
    return read


def test_mutated_listings_end_in_a_network_or_one_message(tmp_path: Path) -> None:
    """Defeats tracebacks of every kind."""
    assert 10 < fuzzed(18, 150, tmp_path / "net.py") < 140


@pytest.mark.slow
def test_many_mutated_listings(tmp_path: Path) -> None:
    """As above, for longer."""
    assert fuzzed(19, 1500, tmp_path / "net.py") > 150
