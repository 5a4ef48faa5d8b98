"""Other people's models come out as PyTorch has them: parameters, buffers, multiply-adds, and layers.

A handful is in the quick lane, and small models of many families in the slow one. ``python -m
benchmarks.traced_models`` runs all names, and writes docs/traced_models.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from benchmarks import traced_models  # noqa: E402
from benchmarks.corpora import (  # noqa: E402
    COUNTED_OTHERWISE,
    TRANSFORMERS,
    Figures,
    of_timm,
    of_torchvision,
    of_transformers,
    timm,
    transformers,
)

SLOW = pytest.mark.slow

TORCHVISION_QUICK = ("resnet18", "mobilenet_v3_small", "squeezenet1_0", "shufflenet_v2_x0_5")
TORCHVISION = (
    *(
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "googlenet",
        "inception_v3",
        "mnasnet0_5",
    ),
    *("mobilenet_v2", "regnet_x_400mf", "resnext50_32x4d", "vgg11_bn", "vit_b_16", "swin_t", "swin_v2_t"),
    *(
        "maxvit_t",
        "deeplabv3_mobilenet_v3_large",
        "lraspp_mobilenet_v3_large",
        "r2plus1d_18",
        "s3d",
        "swin3d_t",
    ),
)
TIMM_QUICK = ("test_vit",)
TIMM = (
    *(
        "ghostnet_050",
        "mobilenetv3_small_050",
        "hardcorenas_a",
        "lcnetv2_small",
        "mobilevit_s",
        "convnext_atto",
    ),
    *("deit3_small_patch16_224", "hgnet_small", "efficientformer_l1", "lowformer_b0", "gmlp_s16_224"),
    *("cait_xxs24_224", "halonet26t", "sequencer2d_s", "coatnet_pico_rw_224"),
)
TRANSFORMERS_QUICK = ("bert",)
TRANSFORMERS_SLOW = (
    *("vit", "distilbert", "electra", "opt", "whisper", "segformer", "detr", "wav2vec2", "convnext"),
)


def agrees(figures: Figures, name: str) -> None:
    """Everything is as PyTorch has it, to the unit, or off by what is stated with its reason."""
    assert figures.params == figures.params_of_torch
    assert figures.buffers == figures.buffers_of_torch
    assert figures.macs_of_torch is not None, figures.counter
    assert "macs" not in figures.uncounted
    more, _ = COUNTED_OTHERWISE.get(name, (0, ""))
    assert figures.macs + more == figures.macs_of_torch


def cases(quick: tuple[str, ...], slow: tuple[str, ...]) -> list[Any]:
    """The quick names, and the slow ones so marked."""
    return [*quick, *[pytest.param(name, marks=SLOW) for name in slow]]


@pytest.mark.parametrize("name", cases(TORCHVISION_QUICK, TORCHVISION))
def test_torchvision(name: str) -> None:
    """Defeats what loses a buffer, an auxiliary head or a functional call, and leaves an operation opaque."""
    figures = Figures(of_torchvision(name))
    agrees(figures, name)
    assert not figures.opaque


@pytest.mark.parametrize("name", cases(TIMM_QUICK, TIMM))
def test_timm(name: str) -> None:
    """Defeats rules that fit torchvision alone."""
    try:
        timm()
    except ImportError as error:
        pytest.skip(f"timm cannot be imported: {error}")
    figures = Figures(of_timm(name))
    agrees(figures, name)
    assert not figures.opaque


@pytest.mark.parametrize("name", cases(TRANSFORMERS_QUICK, TRANSFORMERS_SLOW))
def test_transformers(name: str) -> None:
    """Defeats masks and positions that are counted as work, and attention that is not counted."""
    assert name in TRANSFORMERS
    try:
        transformers()
    except ImportError as error:
        pytest.skip(f"transformers cannot be imported: {error}")
    agrees(Figures(of_transformers(name)), name)


# ---- the script


def found(name: str, **more: Any) -> dict[str, Any]:
    """What the script finds of a model that is all right."""
    figures = {"params": 8, "params_of_torch": 8, "buffers": 0, "buffers_of_torch": 0, "macs": 64}
    known = {"macs_of_torch": 64, "counter": "", "layers": 2, "opaque": {}, "reasons": {}, "uncounted": []}
    return (
        {"corpus": "timm", "name": name, "family": "nets", "rung": "meta", "why": ""} | figures | known | more
    )


def test_the_page_says_what_was_found() -> None:
    """Defeats a model counted as exact whose figure was not compared, and one refused that counts."""
    all_ = [
        found("a"),
        found("b", params=7, opaque={"aten.topk.default": 3}),
        found("c", macs_of_torch=None, buffers_of_torch=None, counter="AssertionError: no"),
        found(
            "d",
            macs=60,
            buffers=5,
            uncounted=["macs"],
            opaque={"aten.topk.default": 1, "aten.sort.default": 1},
        ),
        {"corpus": "timm", "name": "e", "family": "nets", "refused": "over 1 s"},
        found("f", family="others", rung="cpu"),
    ]
    lines = list(traced_models.page(all_, "2026-01-01", {"torch": "2"}))
    assert "| nets | 5 | 3 | 2 of 3 | 2 of 3 | 2 | 2 | 1 | `topk`, `sort` |" in lines
    assert "| others | 1 | 1 | 1 of 1 | 1 of 1 | 1 | 0 | 0 |  |" in lines
    assert "| **all** | **6** | **4** | **3 of 4** | **3 of 4** | **3** | **2** | **1** |  |" in lines
    text = "\n".join(lines)
    assert "- `b`: 7 parameters; PyTorch 8" in text
    assert "- `c`: FlopCounterMode raises (AssertionError: no)" in text
    assert "- `d`: 5 values in buffers; PyTorch reads 0" in text
    assert "- `d`: 60 MACs or more, because a layer has no figure; FlopCounterMode has 64" in text
    assert "- `e` is refused: over 1 s" in text


@pytest.mark.slow
def test_a_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a run that measures again what it knows, and one that a model's time or death stops."""
    names: Callable[[str], list[str]] = lambda corpus: ["squeezenet1_1", "alexnet", "no_such_net"]  # noqa: E731
    monkeypatch.setattr(traced_models, "listed", names)
    results = tmp_path / "results.jsonl"
    known = found("alexnet", corpus="torchvision", layers=999)
    results.write_text(json.dumps(known) + "\n")
    traced_models.main(["torchvision", "--results", str(results)])
    lines = {each["name"]: each for each in map(json.loads, results.read_text().splitlines())}
    assert lines["alexnet"]["layers"] == 999
    assert lines["squeezenet1_1"]["params"] == 1_235_496
    assert lines["no_such_net"]["refused"]
    worker = traced_models.Worker(0.01)
    assert worker.measured("torchvision", "alexnet")["refused"] == "over 0.01 s"
