"""Pasted code of PyTorch is read from its syntax tree; the graph must be that of the traced module."""

from __future__ import annotations

import contextlib
import json
import random
import time
from pathlib import Path

import pytest
from lanes import slow_but, slow_where

import archcalc
from archcalc.diagnostics import SpecError

LISTINGS = Path(__file__).parent / "torch_listings"
# What makes the module of a listing, and the sizes that it is given, channels last.
NETWORKS = {
    "vit_cls": ("v", "32x32x3"),
    "swin_window": ("Net", "56x56x3"),
    "mlp_mixer": ("model", "32x32x3"),
    "cbam": ("Net", "32x32x3"),
    "nin": ("net", "224x224x1"),
    "lazy": ("net", "28x28x1"),
    "highway": ("Net", "50"),
    "tcn": ("TCN", "100x1"),
    "wavenet": ("WaveNet", "64x16"),
    "pointnet": ("PointNet", "50x3"),
    "gcn": ("GCN", {"x": "12x20", "adj": "12x12"}),
    "dqn": ("policy_net", "84x84x4"),
    "actor_critic": ("model", "4"),
    "wgan_critic": ("generator", "100"),
    "siamese_heads": ("net", {"a": "28x28x1", "b": "28x28x1"}),
    "bilstm_attention": ("BiLSTMAttention", "20:int64"),
    "rnn_hidden": ("model", "28x28"),
    "inception_resnet": ("Net", "33x33x3"),
    "yolo_head": ("YOLOv3(num_classes=20)", "64x64x3"),
    "makemore_gpt": ("model", "32:int64"),
    "stn_mnist": ("model", "28x28x1"),
    "vgg_old": ("vgg19_bn", "32x32x3"),
    "match_blocks": ("Net", "16x16x3"),
    "alexnet": ("alexnet", "224x224x3"),
    "char_rnn": ("rnn", {"input": "57", "hidden": "128"}),
    "convnext": ("ConvNeXt", "64x64x3"),
    "dcgan_discriminator": ("netD", "64x64x3"),
    "densenet": ("densenet_cifar", "32x32x3"),
    "efficientnet": ("EfficientNet", "64x64x3"),
    "fcn": ("FCN8s", "64x64x3"),
    "googlenet": ("GoogLeNet", "224x224x3"),
    "mobilenet_v3": ("mobilenetv3_small", "64x64x3"),
    "nanogpt": ("model", "16:int64"),
    "patchgan": ("NLayerDiscriminator", "64x64x6"),
    "pix2pix": ("UnetGenerator", "64x64x3"),
    "resnet_imagenet": ("resnet50(num_classes=10)", "224x224x3"),
    "seq2seq": ("model", {"src": "12:int64", "trg": "10:int64"}),
    "shufflenet_v2": ("ShuffleNetV2", "64x64x3"),
    "squeezenet": ("model", "64x64x3"),
    "transformer_scratch": ("model", "10:int64"),
    "unet_lists": ("UNET", "64x64x3"),
    "vae": ("model", "784"),
    "attention_module": ("Net", "7x16"),
    "autoencoder": ("Autoencoder", "784"),
    "cifar_tutorial": ("Net", "32x32x3"),
    "conv1d": ("Audio", "2000x1"),
    "conv3d": ("C3D", "8x16x16x3"),
    "generator": ("Generator", "1x1x100"),
    "gru_tagger": ("Tagger", "9x8"),
    "heads": ("Heads", "10"),
    "inception_block": ("Net", "33x33x3"),
    "inherited": ("Pooled", "12x12x3"),
    "lenet": ("LeNet", "28x28x1"),
    "lstm_classifier": ("Sentiment", "20:int64"),
    "mobile": ("MobileNet", "32x32x3"),
    "module_dict": ("Net", "8"),
    "ordered": ("net", "9x9x1"),
    "resnet_small": ("resnet20", "32x32x3"),
    "sequential": ("model", "32x32x3"),
    "sequential_subclass": ("MobileNetV2(classes=7)", "64x64x3"),
    "shared": ("Siamese", {"a": "28x28x1", "b": "28x28x1"}),
    "shuffle": ("Unit", "16x16x3"),
    "squeeze_excite": ("Net", "16x16x3"),
    "tiny_vit": ("ViT", "32x32x3"),
    "transformer": ("Encoder", "12:int64"),
    "unet": ("UNet", "64x64x3"),
    "upsampler": ("Up", "16x16x3"),
    "vgg_cfg": ("VGG", "32x32x3"),
}


def rows(net):
    """All that a graph says of its layers."""
    return [
        (
            layer.name,
            layer.text,
            tuple(layer.output),
            layer.facts.params,
            [(t.name, t.shape) for t in layer.facts.tensors or ()],
            [one.name for one in layer.inputs],
            layer.origin.module,
            layer.origin.form._replace(inside=""),
        )
        for layer in net.graph.layers
    ]


def test_every_listing_has_a_module_to_hold_it_against() -> None:
    assert {path.stem for path in LISTINGS.glob("*.py")} == NETWORKS.keys()
    assert len(NETWORKS) > 65


@pytest.mark.parametrize("name", slow_but(sorted(NETWORKS), 22))
def test_the_graph_is_that_of_the_traced_module(name: str) -> None:
    """A reader that guesses what a layer does, or that walks the constructor in place of ``forward``, fails."""  # noqa: E501
    path = f"{LISTINGS / name}.py"
    what, sizes = NETWORKS[name]
    read = archcalc.load(path, input=sizes)
    traced = archcalc.load(f"{path}:{what}", input=sizes)
    assert rows(read) == rows(traced)
    assert list(read.graph.heads) == list(traced.graph.heads)
    ours, theirs = read.summary().totals, traced.summary().totals
    assert dict(ours.items()) == dict(theirs.items())


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("lenet", (28, 28, 1)),
        ("cifar_tutorial", (32, 32, 3)),
        ("generator", (1, 1, 100)),
        ("lstm_classifier", (16,)),
    ],
)
def test_the_input_is_guessed_and_a_note_says_so(name: str, sizes: tuple[int, ...]) -> None:
    """224 for every picture does not fit what the first linear layer reads."""
    net = archcalc.load(f"{LISTINGS / name}.py")
    if name != "generator":
        assert tuple(net.graph.inputs[0].output) == sizes
    assert any("no input was given" in one.message for one in net.diagnostics)


def load(text: str, **given):
    return archcalc.load("-", stdin=HEAD + text, **given)


HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
TWO = """
class A(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc = nn.Linear(3, width)
    def forward(self, x):
        return self.fc(x)

class B(A):
    pass

class C(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Linear(3, width)
    def forward(self, x):
        return self.a(x)
"""


def test_several_networks_are_listed_and_one_is_chosen() -> None:
    with pytest.raises(SpecError, match=r"holds several networks: B, line 12; C, line 15"):
        load(TWO)
    assert load(TWO, net="A", width=9).graph.output.output == (9,)
    assert load(TWO, net="C", width=5).graph.output.output == (5,)
    with pytest.raises(SpecError, match="C needs width"):
        load(TWO, net="C")
    with pytest.raises(SpecError, match="no network `D`"):
        load(TWO, net="D")


def test_functions_that_make_a_network_through_another_are_offered() -> None:
    """As torchvision writes them: `resnet18` calls `_resnet`, and that makes the class."""
    code = TWO.partition("class B")[0] + "def _a(w):\n    return A(w)\ndef small():\n    return _a(2)\n"
    code = code.replace("width=4", "width")
    assert load(code).graph.output.output == (2,)
    with pytest.raises(SpecError, match=r"several networks: small, line 14; large, line 16"):
        load(f"{code}def large():\n    return _a(9)\n")


def test_the_code_may_say_its_input() -> None:
    net = load(
        "m = nn.Sequential(nn.Conv2d(3, 2, 3))\nfrom torchsummary import summary\nsummary(m, (3, 9, 11))\n"
    )
    assert tuple(net.graph.inputs[0].output) == (9, 11, 3)
    net = load("m = nn.Sequential(nn.Conv2d(3, 2, 3))\ny = m(torch.randn(4, 3, 10, 12))\n")
    assert tuple(net.graph.inputs[0].output) == (10, 12, 3)


def test_frozen_parameters_are_not_trained() -> None:
    net = load(
        "m = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))\nfor p in m[0].parameters():\n    p.requires_grad = False\n",  # noqa: E501
        input="4",
    )
    assert (net.summary().totals["params"], net.summary().totals["trainable"]) == (30, 10)


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# a net"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch\n", HEAD]},
        {
            "cell_type": "code",
            "source": "m = nn.Sequential(nn.Linear(4, 2))\nn = nn.Sequential(nn.Fancy(3), m)\n",
        },
    ]
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    assert archcalc.load(str(path), input="4", net="m").graph.output.output == (2,)
    with pytest.raises(SpecError, match=r"net\.ipynb cell 3:2:\d+: the module `nn.Fancy` cannot be read"):
        archcalc.load(str(path), net="n")


HOSTILE = {
    "a loop without end": "while True:\n    x = 1\nm = nn.Sequential(*[nn.ReLU() for _ in range(x)])",
    "a long loop": "layers = [nn.Linear(1, 1) for _ in range(10 ** 9)]\nm = nn.Sequential(*layers)",
    "recursion": "def f(n):\n    return f(n + 1)\nm = nn.Sequential(f(0))",
    "a module in itself": "class N(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = self\n"  # noqa: E501
    "    def forward(self, x):\n        return self.a(x)\nm = N()",
    "huge numbers": "m = nn.Sequential(nn.Linear(10 ** 10 ** 10, 3))",
    "many numbers": "a = [1]\nfor _ in range(99):\n    a = a + a\nm = nn.Sequential(nn.Linear(len(a), 3))",
    "nesting": "m = " + "(" * 5000 + "1" + ")" * 5000,
    "a long sum": "m = nn.Sequential(nn.Linear(" + "+".join("1" * 20000) + ", 3))",
    "no Python": "class (:",
    "nothing": "",
    "an import": "from mine import Net\nmodel = Net()",
    "a long list": "a = [0] * 10 ** 9\nm = nn.Sequential(nn.Linear(len(a), 3))",
    "lists of lists": "a = []\nfor _ in range(99):\n    a = [a, a, a]\n"
    "m = nn.Sequential(nn.Linear(str(a), 3))",
    "a product of loops": "a = [1 for i in range(1000) for j in range(1000) for k in range(1000)]\n"
    "m = nn.Sequential(nn.Linear(len(a), 3))",
    "a long text": "a = 'x' * 10 ** 9\nm = nn.Sequential(nn.Linear(len(a), 3))",
    "a wide text": "m = nn.Sequential(nn.Linear(len(f'{1:>999999999}'), 3))",
    "a text of a huge number": "m = nn.Sequential(nn.Linear(len(str(10 ** 9999)), 3))",
    "a shift": "m = nn.Sequential(nn.Linear(1 << 10 ** 9, 3))",
    "a generator without end": "def g():\n    while True:\n        yield 1\n"
    "m = nn.Sequential(*[nn.ReLU() for _ in g()])",
    "a class of itself": "class A(A):\n    pass\nm = A()",
    "many classes": "class A: pass\n" + "".join([f"class A(A): x = {n}\n" for n in range(999)]) + "m = A()",
    "classes in a diamond": "class A(nn.Module): pass\n"
    + "".join([f"class B(A): pass\nclass C(A): pass\nclass A(B, C): x = {n}\n" for n in range(99)])
    + "m = A()",
    "a class that makes classes": "class M(type):\n    def __call__(cls):\n        return cls()\n"
    "class N(nn.Module, metaclass=M):\n    def __init__(self):\n        N()\nm = N()",
    "a decorator of itself": "def d(f):\n    return d(f)\n@d\nclass N(nn.Module): pass\nm = N()",
    "copies of copies": "import copy\nm = nn.Sequential(nn.Linear(3, 3))\nfor _ in range(99):\n"
    "    m = nn.Sequential(copy.deepcopy(m), copy.deepcopy(m))",
    "a list in itself": "a = []\na.append(a)\nm = nn.Sequential(nn.Linear(sum(a), 3))\nn = str(a)",
    "a copy of a list in itself": "import copy\na = []\na.append(a)\nb = copy.deepcopy(a)\n"
    "m = nn.Sequential(nn.Linear(len(b[0]), 0))",
    "numbers in order": "m = nn.Sequential(nn.Linear(sorted(range(10 ** 9))[0], 3))",
    "the largest": "m = nn.Sequential(nn.Linear(max(range(10 ** 12)), 3))",
    "a long step": "m = nn.Sequential(nn.Linear(sum(range(10 ** 9)), 3))",
    "a cube of loops": "n = 0\nfor i in range(10 ** 4):\n    for j in range(10 ** 4):\n        n += 1\n"
    "m = nn.Sequential(nn.Linear(n, 3))",
    "many tensors": "a = torch.zeros(10 ** 6, 10 ** 6, 10 ** 9, 10 ** 9)\n"
    "m = nn.Sequential(nn.Linear(a.numel(), 0))",
    "a long line of numbers": "a = torch.linspace(0, 1, 10 ** 12)\n"
    "m = nn.Sequential(nn.Linear(len(a.tolist()), 3))",
    "many objects": "class A(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n"
    "        self.a, self.b = A(n - 1), A(n - 1)\nm = A(99)",
    "a tower of products": "a = 2\nwhile True:\n    a = a ** a\nm = nn.Sequential(nn.Linear(a, 3))",
    "names": "m = nn." + "a." * 3000 + "b()",
    "a chain of calls": "m = f" + "()" * 3000,
    "calls in calls": "m = nn.Sequential(" * 80
    + ")" * 80
    + "\nn = nn.Linear(3)\nm = nn.Sequential(nn.Linear(4, n))",
    "powers of a float": "m = nn.Sequential(nn.Linear(int(1e308 * 10), 3))",
    "a division by nothing": "m = nn.Sequential(nn.Linear(1 // 0, 3))",
    "a slice that is long": "a = list(range(10 ** 5))\nfor _ in range(99):\n    a[1:1] = a\n"
    "m = nn.Sequential(nn.Linear(a, 3))",
    "a dictionary that grows": "a = {}\nfor i in range(10 ** 9):\n    a[i] = i\n"
    "m = nn.Sequential(nn.Linear(len(a), 3))",
    "a size that is not known": "n = int(input())\nm = nn.Sequential(nn.Linear(n, 3))",
    "values": "class N(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 3)\n"  # noqa: E501
    "    def forward(self, x):\n        if x.sum() > 0:\n            x = self.a(x)\n        return x",
}


@pytest.mark.parametrize(
    "what", slow_where(sorted(HOSTILE), lambda what: "loop" in what and what != "a long loop")
)
def test_hostile_code_ends_in_one_message(what: str) -> None:
    """Reading that runs the code, or that follows it to its end, does not come back."""
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        load(HOSTILE[what] + "\n", input="3")
    assert len(caught.value.messages()[0]) < 500
    assert time.process_time() - start < 15


@pytest.mark.parametrize("line", slow_but(["a.append(i)", "a[i] = i", "fill(a, i)"], 1))
def test_a_list_that_was_filled_half_way_is_not_known(line: str) -> None:
    """A loop that ends at a limit leaves a list with some of its values: its length would be wrong."""
    code = f"a = {'{}' if '[' in line else '[]'}\ndef fill(b, i):\n    b.append(i)\n"
    with pytest.raises(SpecError, match=r"is not known|more than"):
        load(
            f"{code}for i in range(10 ** 9):\n    {line}\nm = nn.Sequential(nn.Linear(len(a), 3))\n",
            input="3",
        )


@pytest.mark.parametrize("line", slow_but(["fill(m, str(i))", "m.add_module(str(i), nn.ReLU())"], 1))
def test_a_network_that_was_filled_half_way_is_not_known(line: str) -> None:
    """A loop that ends at a limit leaves a network with some of its layers: all figures would be wrong."""
    code = "m = nn.Sequential(nn.Linear(3, 3))\ndef fill(b, i):\n    b.add_module(i, nn.ReLU())\n"
    with pytest.raises(SpecError, match="more than"):
        load(f"{code}for i in range(10 ** 9):\n    {line}\n", input="3")


def test_a_message_points_into_the_code_and_names_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(f"{HEAD}m = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        archcalc.load(str(path), input="3")
    error = caught.value.diagnostics[0]
    assert any("net.py:m` runs the code" in help for help in error.help)


@pytest.mark.slow
def test_mutated_listings_end_in_a_network_or_one_message() -> None:
    """Code that loses characters must not come out as an error of Python."""
    draw = random.Random(18)
    texts = [path.read_text(encoding="utf-8") for path in sorted(LISTINGS.glob("*.py"))]
    for _ in range(150):
        text = draw.choice(texts)
        for _ in range(draw.randint(1, 4)):
            at, length = draw.randrange(len(text)), draw.randint(0, 9)
            put = draw.choice(
                ["", "", draw.choice("()[]:,.=*-x0\n"), text[at : at + length] * 2, "None", "10**9"]
            )
            text = text[:at] + put + text[at + length :]
        with contextlib.suppress(SpecError):
            archcalc.load("-", stdin=text, file_format="source", input="32x32x3")
