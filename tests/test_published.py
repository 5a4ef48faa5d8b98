"""Networks with layers that the zoo does not use yet, to their published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc

SPECS = Path(__file__).resolve().parent / "specs"


@pytest.mark.parametrize(
    ("name", "params", "macs", "output"),
    [
        # Fixed interpolation included: 2*4*4*21*21 + 16*16*21*21 = 127,008.
        ("fcn", 134_489_759, None, (500, 500, 21)),
        ("yolo", 271_703_550, 20_285_153_280, (7, 7, 30)),
        # 361 biases, one a position, in the last layer.
        ("alphago", 3_882_793, 1_400_726_208, (19, 19, 1)),
        ("inception_resnet_v2", 55_843_464, 13_155_794_016, (1000,)),
    ],
)
def test_totals(name: str, params: int, macs: int | None, output: tuple[int, ...]) -> None:
    network = archcalc.load(str(SPECS / f"{name}.arch"))
    assert not [d for d in network.diagnostics if d.severity == "error"]
    report = network.summary()
    assert report.uncounted == []
    assert report.totals["params"] == params
    assert macs is None or report.totals["macs"] == macs
    assert network.graph.output.output == output


def test_fixed_weights_are_not_trained() -> None:
    totals = archcalc.load(str(SPECS / "fcn.arch")).summary().totals
    assert totals["params"] - totals["trainable"] == 127_008
    assert totals["buffers"] == 0
