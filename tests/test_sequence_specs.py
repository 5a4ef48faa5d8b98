"""Networks of the zoo over sequences, to what was published."""

from __future__ import annotations

import pytest
from published import summary

import archcalc


@pytest.mark.parametrize(("vocabulary", "words"), [(10_000, 20), (2_538, 20), (2, 1)])
def test_captioning(vocabulary: int, words: int) -> None:
    """The parameters of neuraltalk's generator: 1,574,144 + 513 a word of the vocabulary.

    Defeats: two biases a gate (525,312 + 1,024), a word table that is multiplied, one step of the
    LSTM for the whole sentence, a step of the image that is left out or read off.
    """
    network = archcalc.load("neuraltalk_caption", input={"words": str(words)}, vocabulary=vocabulary)
    found = network.summary().to_dict()
    params = {row["name"]: row["params"] for row in found["layers"]}
    assert params["lstm"] == (1 + 256 + 256) * 1024 == 525_312
    assert params["code"] == 4096 * 256 + 256
    assert params["decoder"] == 256 * vocabulary + vocabulary
    assert found["totals"]["params"] == 1_574_144 + 513 * vocabulary
    steps = words + 1
    assert found["totals"]["macs"] == 4096 * 256 + steps * 512 * 1024 + words * 256 * vocabulary


def test_vit_b_16() -> None:
    """torchvision's parameters, and the operations it publishes: 17.564 G.

    Defeats: attention left out (torchinfo's 0.173 G), its products with scores left out (16.85 G),
    positions for the tokens of the image alone.
    """
    found = summary("vit_b_16")
    totals = found["totals"]
    assert (totals["params"], totals["macs"]) == (86_567_656, 17_563_828_224)
    assert found["uncounted"] == []
    products = 12 * 2 * 197 * 197 * 768
    maps = sum(r["macs"] for r in found["layers"] if r["op"] in ("conv", "fc", "linear"))
    assert totals["macs"] - products == maps + 12 * 4 * 197 * 768 * 768
