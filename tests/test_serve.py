"""`archcalc serve`: whom it answers, what it answers, and the editor in a browser."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.language.library import Library
from archcalc.report.page.network import shown_quantities
from archcalc.serving.answering import answer

TOKEN = "a-token"
PORT = 8765


def asked(text: str, what: str = "lines", **more: Any) -> dict[str, Any]:
    return answer({"text": text, "parameters": {}, "what": what, **more})


# Answers -----------------------------------------------------------------------------------------


def test_lines_have_their_shapes() -> None:
    found = asked("net a\n  input 9x9x3\n  conv 3x3 4\n  fc 2\n")
    assert found["shapes"] == {"3": "7x7x4", "4": "2"}
    assert found["diagnostics"] == []


def test_an_error_marks_its_place() -> None:
    (fault,) = asked("net a\n  input 9x9x3\n  convv 3x3 4\n")["diagnostics"]
    assert (fault["severity"], fault["line"], fault["column"], fault["length"]) == ("error", 3, 3, 5)


def test_parameters_are_told_and_taken() -> None:
    text = "net a k=4\n  input 9x9x3\n  conv 3x3 k\n"
    assert asked(text)["parameters"] == {"k": "4"}
    found = answer({"text": text, "parameters": {"k": "7"}, "what": "lines"})
    assert found["shapes"] == {"3": "7x7x7"}


def test_derivations_are_those_of_explain() -> None:
    text = "227x227x3 -> conv 11x11 96 stride=4"
    found = asked(text, "derivation", layer=1, quantity="params")
    assert "(11 · 11 · 3 + 1) · 96 = 34,944" in found["derivation"]
    assert "34,944" in asked(text, "derivation", layer=None, quantity="params")["derivation"]


def test_each_derivation_that_a_page_can_ask_for_is_answered() -> None:
    net = archcalc.load("8x8x3 -> conv 3x3 4 -> bn -> relu -> fc 2")
    summary = net.summary()
    names = [*[quantity.name for quantity in shown_quantities(summary)], "output", "rf"]
    for layer in [None, *range(5)]:
        for name in names:
            found = asked(
                "8x8x3 -> conv 3x3 4 -> bn -> relu -> fc 2", "derivation", layer=layer, quantity=name
            )
            assert found["derivation"], (layer, name)


TWO = "net a\n  input 9x9x3\n  conv 3x3 4\nnet b\n  input 9x9x3\n  use a\n  fc 2\n"


def test_of_several_networks_one_is_chosen() -> None:
    """Defeats a choice that hides the other networks, which the chosen one may use."""
    found = asked(TWO)
    assert (found["nets"], found["net"], found["shapes"]) == (["a", "b"], "a", {"3": "7x7x4"})
    found = asked(TWO, net="b")
    assert (found["net"], found["shapes"]["7"]) == ("b", "2")
    assert asked(TWO, net="gone")["net"] == "a"
    broken = asked(TWO.replace("fc", "fcc"), net="b")
    assert broken["nets"] == ["a", "b"]
    assert "shapes" not in broken
    assert archcalc.load("-:b", stdin=TWO).name == "b"


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"text": 1, "parameters": {}, "what": "lines"},
        {"text": "8x8x3 -> relu", "parameters": [], "what": "lines"},
        {"text": "8x8x3 -> relu", "parameters": {}, "what": "files"},
        {"text": "8x8x3 -> relu", "parameters": {"a": 1}, "what": "lines"},
        {"text": "8x8x3 -> relu", "parameters": {}, "what": "derivation", "layer": 99, "quantity": "params"},
        {"text": "8x8x3 -> relu", "parameters": {}, "what": "derivation", "layer": 1, "quantity": "nothing"},
        {"text": "x" * 2_000_000, "parameters": {}, "what": "lines"},
    ],
)
def test_a_question_that_no_page_asks_has_one_message(question: dict[str, Any]) -> None:
    (fault,) = answer(question)["diagnostics"]
    assert fault["severity"] == "error"
    assert fault["message"]


def test_no_file_is_read_by_a_text(tmp_path: Any) -> None:
    """Defeats a text that is taken for the name of a file."""
    path = tmp_path / "net.arch"
    path.write_text("net a\n  input 9x9x3\n  conv 3x3 4\n")
    assert "shapes" not in asked(str(path))


def test_a_fault_in_another_file_marks_no_line_of_the_text() -> None:
    """The line 16 of a file of the zoo is not the line 16 of the text; defeats a number without its file."""
    (fault,) = asked("net a\n  input 3x3x3\n  use alexnet\n" + "# more\n" * 30)["diagnostics"]
    assert (fault["line"], fault["column"], fault["length"]) == (None, None, 0)
    assert fault["message"].startswith("alexnet.arch:16:")


NUMBERS = (
    *("0", "-1", "3.5", "1e9", "9" * 30, "1/3", "0x10", "nan", "inf", "1_000", "10%", "3x", "x3", "3x3x3"),
    *("(", "k", "[1x1]", "@x", "'", '"', "é", "🙂", "\u2028", "\x00", "\t", "\r", "\ufeff"),
)


def mutated(text: str, others: list[str], dice: random.Random) -> str:
    """Another text: signs, words, numbers and lines are taken out, put in, doubled and swapped."""
    for _ in range(dice.randint(0, 3)):
        lines = text.split("\n")
        words = list(re.finditer(r"\S+" if dice.random() < 0.5 else r"\d+", text))
        at, line, kind = dice.randrange(len(text) + 1), dice.randrange(len(lines)), dice.randrange(6)
        if kind == 0:
            text = text[:at] + text[at + dice.randint(1, 30) :]
        elif kind == 1:
            text = text[:at] + dice.choice(NUMBERS) + text[at:]
        elif kind == 2:
            text = "\n".join([*lines[:line], *[lines[line]] * dice.randint(0, 3), *lines[line + 1 :]])
        elif kind == 3 and words:
            one, other = dice.choice(words), dice.choice(dice.choice(others).split())
            text = text[: one.start()] + other + text[one.end() :]
        elif kind == 4 and words:
            one = dice.choice(words)
            text = text[: one.start()] + dice.choice(NUMBERS) + text[one.end() :]
        else:
            taken = dice.choice(others).split("\n")
            start = dice.randrange(len(taken))
            text = "\n".join([*lines[:line], *taken[start : start + 8], *lines[line:]])
    return text or "net"


@pytest.mark.slow
def test_mutated_specs_are_answered() -> None:
    """Whatever is typed has an answer, or diagnostics, of all files of the zoo and with any parameters;
    defeats an editor that ends in a traceback."""
    places = {str(path) for path in Library().zoo.values()}
    texts = [Path(place).read_text(encoding="utf-8") for place in sorted(places)]
    dice = random.Random(7)
    shown = 0
    for _ in range(500):
        text = mutated(dice.choice(texts), texts, dice)
        question = {
            "text": text,
            "parameters": dice.choice([{}, {}, {"classes": dice.choice(NUMBERS)}, {"k": "3"}]),
            "what": dice.choice(["lines", "page", "derivation"]),
            "net": dice.choice([None, "none of them"]),
            "layer": dice.choice([None, 0, 1, -1, True, "x"]),
            "quantity": dice.choice(["params", "macs", "output", "rf", "none of them", None, 3]),
        }
        found = json.loads(json.dumps(answer(question)))
        assert found["diagnostics"] or "shapes" in found or found["derivation"], question
        lines = text.count("\n") + text.count("\r") + 1
        assert all(each["line"] is None or 1 <= each["line"] <= lines for each in found["diagnostics"]), (
            question
        )
        shown += "shapes" in found or "derivation" in found
    assert shown > 50


PASTED = (
    "import keras\nfrom keras import layers\nmodel = keras.Sequential([\n    keras.Input((28, 28, 1)),\n"
    "    layers.Conv2D(8, 3, activation='relu'),\n    layers.Flatten(),\n    layers.Dense(10),\n])\n",
    "import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.conv = nn.Conv2d(3, 8, 3)\n\n    def forward(self, x):\n        return self.conv(x)\n",
    "[net]\nwidth=32\nheight=32\nchannels=3\n\n[convolutional]\nfilters=8\nsize=3\nstride=1\n",
    'name: "a"\ninput: "data"\ninput_shape { dim: 1 dim: 3 dim: 32 dim: 32 }\n'
    'layer { name: "c" type: "Convolution" bottom: "data" top: "c"\n'
    "  convolution_param { num_output: 8 kernel_size: 3 } }\n",
    '{"class_name": "Sequential", "config": {"name": "a", "layers": [{"class_name": "Dense", "config": '
    '{"name": "d", "units": 4, "batch_input_shape": [null, 8]}}]}}',
    TWO,
)
# What a hostile text would like to have done.
WISHES = (
    "open('/etc/passwd').read()",
    "__import__('os').system('true')",
    "import antigravity\n",
    'source: "/etc/passwd"',
    "use /etc/passwd",
    "net: '../../secret.arch'",
    "exec('1')",
)


def test_shapes_stand_behind_the_lines_of_the_pasted_text() -> None:
    """Defeats the numbers of the lines of the spec that is written from pasted code, which are others."""
    expected = [
        {"5": "26x26x8", "6": "5408", "7": "10"},
        {"9": "222x222x8"},
        {"6": "30x30x8"},
        {"4": "30x30x8"},
    ]
    assert [asked(text)["shapes"] for text in PASTED[:4]] == expected
    loop = PASTED[1].replace("return self.conv(x)", "return self.conv(x).flatten(1)")
    loop = loop.replace(
        "self.conv = nn.Conv2d(3, 8, 3)", "self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2))"
    )
    assert asked(loop)["shapes"]["9"] == "varies"


@pytest.mark.slow
def test_pasted_texts_are_answered_and_nothing_is_run_or_read() -> None:
    """Mutated texts of all tools: each has an answer, and Python's own audit sees no file opened outside of
    archcalc and Python, no process and no connection; defeats a reader that evaluates or looks beside it."""
    opened: list[str] = []
    watching = False

    def audit(event: str, details: Any) -> None:
        if not watching:
            return
        if event == "open" and isinstance(details[0], str):
            opened.append(details[0])
        elif event.startswith(
            ("os.system", "os.exec", "os.spawn", "subprocess.", "socket.", "ctypes.", "pickle.")
        ):
            opened.append(event)

    sys.addaudithook(audit)
    dice = random.Random(11)
    answered = 0
    for number in range(600):
        text = PASTED[number % len(PASTED)]
        for _ in range(dice.randint(0, 2)):
            at = dice.randrange(len(text))
            kind = dice.randrange(3)
            if kind == 0:
                text = text[:at] + text[at + dice.randint(1, 12) :]
            elif kind == 1:
                text = text[:at] + dice.choice(WISHES) + text[at:]
            else:
                text = text[:at] + dice.choice("([{)]}\n =,:'\"0\u0000") + text[at:]
        watching = True
        try:
            found = asked(text, dice.choice(["lines", "page"]))
        finally:
            watching = False
        assert found["diagnostics"] or "shapes" in found
        json.dumps(found)
        answered += "shapes" in found
    assert answered > 20
    ours = (str(Path(archcalc.__file__).parent.parent), sys.prefix, sys.base_prefix)
    # Where Python finds a syntax error, it looks for a file of this name itself, to show the line.
    installed = (*[path for path in sys.path if path], "<unknown>")
    assert [path for path in opened if not path.startswith((*ours, *installed))] == []


# The server --------------------------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[Any]:
    pytest.importorskip("httpx")
    testing = pytest.importorskip("starlette.testclient")
    from archcalc.serving.application import application

    address = f"http://127.0.0.1:{PORT}"
    with testing.TestClient(application("8x8x3 -> relu", TOKEN, PORT, seconds=5), base_url=address) as found:
        yield found


def test_the_page_is_served(client: Any) -> None:
    found = client.get(f"/{TOKEN}/")
    assert found.status_code == 200
    assert "8x8x3 -> relu" in found.text
    assert "Content-Security-Policy" in found.text


def test_who_is_not_answered(client: Any) -> None:
    """Another host (DNS rebinding), another page (Origin), another token, another kind of body."""
    question = {"text": "8x8x3 -> relu", "parameters": {}, "what": "lines"}
    place = f"/{TOKEN}/answer"
    assert client.post(place, json=question).status_code == 200
    assert client.post(place, json=question, headers={"Host": "evil.example"}).status_code == 403
    assert client.post(place, json=question, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post(place, json=question, headers={"Origin": "null"}).status_code == 403
    assert client.post("/other/answer", json=question).status_code == 404
    assert client.get("/other/").status_code == 404
    assert client.get("/").status_code == 404
    assert client.post(place, content=b"a=1").status_code == 415
    assert (
        client.post(place, content=b"[" * 100_000, headers={"Content-Type": "application/json"}).status_code
        == 400
    )
    long = b" " * (2**22 + 1)
    assert client.post(place, content=long, headers={"Content-Type": "application/json"}).status_code == 413


def test_what_takes_too_long_is_ended() -> None:
    """And the next question is answered; defeats a limit that leaves the process at work."""
    import asyncio

    from archcalc.serving.processes import Processes

    async def both() -> list[dict[str, Any]]:
        processes = Processes(0.01)
        question = {"text": "8x8x3 -> relu", "parameters": {}, "what": "lines"}
        try:
            slow = json.loads(await processes.answer(question))
            assert not processes._all
            processes._seconds = 60
            return [slow, json.loads(await processes.answer(question))]
        finally:
            await processes.end()

    slow, quick = asyncio.run(both())
    assert "takes longer than 0.01 seconds" in slow["diagnostics"][0]["message"]
    assert quick["shapes"] == {"1": "8x8x3"}


def test_lines_do_not_wait_for_the_networks_of_other_tabs() -> None:
    """Defeats a queue in which a key waits until six large networks are computed."""
    import asyncio

    from archcalc.serving.processes import Processes

    text = "net a\n  input 32x32x3\n" + "  conv 3x3 4 pad=1\n" * 600
    done: list[str] = []

    async def ask(processes: Processes, text: str, what: str) -> None:
        found = json.loads(await processes.answer({"text": text, "parameters": {}, "what": what}))
        assert found["shapes"]
        done.append(what)

    async def all_of_them() -> None:
        processes = Processes(60)
        try:
            await asyncio.gather(*[ask(processes, "8x8x3 -> relu", "lines") for _ in range(4)])
            done.clear()
            pages = [ask(processes, f"{text}# {number}", "page") for number in range(6)]
            await asyncio.gather(*pages, ask(processes, "8x8x3 -> relu", "lines"))
        finally:
            await processes.end()

    asyncio.run(all_of_them())
    assert len(done) == 7
    assert done.index("lines") < 3


def test_it_ends_with_ctrl_c_while_it_computes() -> None:
    """Defeats a server that waits for an answer, and a process that outlives it."""
    import threading
    import urllib.request

    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "archcalc", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    long = "net a\n  input 8x8x3\n" + "  convv 3x3\n" * 80_000
    body = json.dumps({"text": long, "parameters": {}, "what": "lines"}).encode()
    asking = urllib.request.Request(f"{address}answer", body, {"Content-Type": "application/json"})

    def ask() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            urllib.request.urlopen(asking, timeout=60).read()

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in (0, 130)
    thread.join(timeout=10)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_it_ends_with_ctrl_c() -> None:
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "archcalc", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) in (0, 130)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_what_the_editor_begins_with(tmp_path: Any, monkeypatch: Any) -> None:
    """A file whole, with all its networks; one that takes blocks from beside it as its layers; values."""
    from click.testing import CliRunner

    from archcalc.cli import serve

    begun: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(serve, "_serve", lambda text, parameters, port: begun.append((text, parameters)))
    (tmp_path / "two.arch").write_text(TWO)
    (tmp_path / "blocks.arch").write_text("block own c\n  conv 3x3 c -> relu\n")
    (tmp_path / "calls.arch").write_text("net calls\n  input 8x8x3\n  own 4\n")
    (tmp_path / "faulty.arch").write_text("net a\n  input 8x8x3\n  convv 3\n")
    for words in (
        ["two.arch"],
        ["calls.arch"],
        ["faulty.arch"],
        ["googlenet", "--set", "classes=7"],
        ["lenet5"],
    ):
        place = [str(tmp_path / words[0]), *words[1:]] if words[0].endswith(".arch") else words
        result = CliRunner().invoke(serve.command, place)
        assert result.exit_code == 0, (words, result.output, result.exception)
    assert begun[0] == (TWO, {})
    assert "own" not in begun[1][0].replace("own1", "")
    assert asked(begun[1][0])["shapes"]
    assert "convv" in begun[2][0]
    assert begun[3][1] == {"classes": "7"}
    assert begun[4][1] == {}


OTHERS = {
    "net.cfg": PASTED[2],
    "net.prototxt": PASTED[3],
    "net.json": PASTED[4],
    "listing.py": PASTED[0],
    "net.py:Net": PASTED[1],
}


@pytest.mark.slow
@pytest.mark.parametrize("target", [*OTHERS, "net.onnx", "net.keras"])
def test_a_target_of_another_tool_begins_as_a_spec(tmp_path: Any, monkeypatch: Any, target: str) -> None:
    """What the editor begins with is computed without the file, and has its parameters; defeats a spec that
    needs what lies beside it."""
    from click.testing import CliRunner

    from archcalc.cli import serve

    path = tmp_path / target.partition(":")[0]
    if target in OTHERS:
        path.write_text(OTHERS[target])
    else:
        written_by_its_tool(path)
    if ":" in target:
        pytest.importorskip("torch")
    begun: list[str] = []
    monkeypatch.setattr(serve, "_serve", lambda text, parameters, port: begun.append(text))
    monkeypatch.chdir(tmp_path)
    words = [target, *(["--input", "8x8x3"] if ":" in target else [])]
    result = CliRunner().invoke(serve.command, words)
    assert result.exit_code == 0, (result.output, result.exception)
    found = asked(begun[0], "page")
    assert found["shapes"]
    network = archcalc.load(target, input="8x8x3") if ":" in target else archcalc.load(target)
    assert network.summary().totals["params"] == found["record"]["totals"][0]


def written_by_its_tool(path: Path) -> None:
    """A small network in the file of a tool."""
    if path.suffix == ".onnx":
        onnx = pytest.importorskip("onnx")
        kind, make = onnx.TensorProto.FLOAT, onnx.helper
        weight = make.make_tensor("w", kind, [4, 3, 3, 3], [0.0] * 108)
        graph = make.make_graph(
            [make.make_node("Conv", ["x", "w"], ["y"])],
            "net",
            [make.make_tensor_value_info("x", kind, [1, 3, 8, 8])],
            [make.make_tensor_value_info("y", kind, [1, 4, 6, 6])],
            [weight],
        )
        onnx.save(make.make_model(graph), path)
    else:
        if find_spec("keras") is None:
            pytest.skip("Keras is not installed")
        code = (
            "import keras, sys; from keras import layers\nkeras.Sequential([keras.Input((8, 8, 3)),"
            " layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)]).save(sys.argv[1])"
        )
        backend = {**os.environ, "KERAS_BACKEND": "numpy"}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=backend, capture_output=True)


def test_what_is_missing_is_named_with_the_way_out(monkeypatch: Any) -> None:
    from archcalc.diagnostics import SpecError
    from archcalc.packages import needed

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SpecError) as caught:
        needed("uvicorn", "the editor")
    assert "pip install 'archcalc[serve]'" in str(caught.value)
