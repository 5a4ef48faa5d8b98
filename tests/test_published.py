"""Networks with layers that the zoo does not use yet, to their published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc

SPECS = Path(__file__).resolve().parent / "specs"


@pytest.mark.parametrize(
    ("name", "params", "macs", "output"),
    [
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
