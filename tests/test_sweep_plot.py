"""The picture of a sweep: where designs lie, which are best, and their names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call
from test_sweep_best import SPACE, batch_of

import archcalc
from archcalc.report.pictures.labelling import overlap
from archcalc.report.pictures.scene import width_of
from archcalc.report.pictures.swept import PlotAxis, _Plot, sweep_picture
from archcalc.sweeping import cloud
from archcalc.sweeping.best import Goal
from archcalc.sweeping.cloud import cloud_of, joined_clouds

CHAIN = "32x32x3 -> conv {1, 3, 5, 7} ? pad=half -> conv 3x3 16"
PLOTTED = {"filters": "4..40:4"}


def report(**more: Any) -> Any:
    return archcalc.sweep(CHAIN, PLOTTED, **more)


def test_points_lie_where_their_numbers_are() -> None:
    """Each design has a dot, the best one a disc at the same place. Defeats an axis upside down, and a
    front drawn of other designs than those of the answer."""
    found = report(pareto="params,-rf", plot="params,rf")
    plot = _Plot(found)
    assert plot.cloud.designs.sum() == 40
    marks = [mark for mark in plot.best if mark.quantities["rf"] == 9]
    assert len(marks) == 1
    _, y = plot.at(marks[0].quantities["params"], 9)
    assert y == min(plot.at(1000, rf)[1] for rf in (3, 5, 7, 9))
    picture = sweep_picture(found, "svg").decode()
    circles = re.findall(r'<polygon points="([^"]+)" fill="#b3261e"', picture)
    assert len(circles) == len(found.rows) == 4
    dots = re.findall(r'<polygon points="([^"]+)" fill="#87a7c9"', picture)
    assert len(dots) == len({(row.quantities["params"], row.quantities["rf"]) for row in report().rows})


def test_the_stairs_go_below_nothing_that_is_better() -> None:
    """No dot lies beyond the edge of the front. Defeats stairs whose corners are on the wrong side, for each
    end that may be wanted."""
    for pareto in ("params,macs", "params,-macs", "-params,macs", "-params,-macs", "-rf,params"):
        found = report(pareto=pareto, plot="")
        plot = _Plot(found)
        assert [goal.name for goal in plot.goals] == [word.lstrip("-") for word in pareto.split(",")]
        marks = []
        from archcalc.report.pictures.swept import BestMark

        for row in plot.best:
            values = [float(v) for v in plot._values(row)]
            marks.append(BestMark(row, "", plot.at(*values)))
        marks.sort(key=lambda mark: (mark.x, mark.y))
        stairs = plot._stairs(marks, found.plan.selection)
        if len(marks) < 2:
            assert stairs == []
            continue
        signs = [-1 if goal.largest else 1 for goal in plot.goals]
        corners = stairs[1::2]
        for corner in corners:
            # Each corner is bettered by the two designs next to it, so no design that counts lies on it.
            nearer = [
                mark
                for mark in marks
                if signs[0] * (mark.x - corner[0]) <= 1e-6 and -signs[1] * (mark.y - corner[1]) <= 1e-6
            ]
            assert len(nearer) >= 2, (pareto, corner)


def test_names_cross_neither_each_other_nor_the_best() -> None:
    for more in ({"pareto": "params,-rf"}, {"pareto": "macs,params,-rf"}, {"sort": "params", "top": 30}):
        picture = sweep_picture(report(**more, plot="params,macs"), "svg").decode()
        root = ElementTree.fromstring(picture)
        texts = [e for e in root.iter() if e.tag.endswith("text") and "·" in (e.text or "")]
        names = [e for e in texts if e.get("font-size") == "8" and e.get("fill") == "#1f2937"]
        boxes = []
        for name in names:
            x, y = float(name.get("x", "")), float(name.get("y", ""))
            boxes.append((x, y - 7, x + width_of(name.text or "", 8), y + 1))
        for at, box in enumerate(boxes):
            assert not any(overlap(box, other) > 0.5 for other in boxes[at + 1 :])
        for points in re.findall(r'<polygon points="([^"]+)" fill="#b3261e"', picture):
            xs, ys = zip(*[map(float, p.split(",")) for p in points.split()], strict=True)
            disc = (min(xs), min(ys), max(xs), max(ys))
            assert not any(overlap(box, disc) > 0.5 for box in boxes)


@pytest.mark.parametrize("name", ["a.svg", "a.png", "a.pdf", "a.tex"])
def test_the_command_writes_it_beside_the_table(name: str, tmp_path: Path) -> None:
    """The same bytes each time. Defeats a date within, and a sweep that has to run twice."""
    if name != "a.svg" and name != "a.tex":
        pytest.importorskip("matplotlib")
    begins = {"a.svg": b"<svg", "a.png": b"\x89PNG", "a.pdf": b"%PDF", "a.tex": b"\\begin{tikzpicture}"}
    words = ["sweep", CHAIN, "--set", "filters=4..40:4", "--pareto=params,-rf", "--plot"]
    found = [call(*words, str(tmp_path / each)) for each in (name, f"b{name}")]
    assert found[0].code == 0
    assert "that no other betters" in found[0].out
    first, second = (tmp_path / each for each in (name, f"b{name}"))
    assert first.read_bytes().startswith(begins[name])
    assert first.read_bytes() == second.read_bytes()
    again = call(*words, str(tmp_path / "c.svg"), "--format", "csv")
    assert len(again.out.splitlines()) == 5
    assert (tmp_path / "c.svg").exists()


def test_calls_that_are_none(tmp_path: Path) -> None:
    """Nothing is computed first, and no file is left."""
    for more, message in (
        (["--plot", str(tmp_path / "a.doc")], "is no picture"),
        (["--plot-quantities", "params,macs"], "--plot-quantities goes with --plot"),
        (["--plot", str(tmp_path / "a.svg"), "--plot-quantities", "params"], "a plot has two quantities"),
        (["--plot", str(tmp_path / "a.svg"), "--plot-quantities", "params,colour"], "names `colour`"),
        (["--plot", str(tmp_path / "a.svg"), "--refused"], "do not go together"),
    ):
        found = call("sweep", CHAIN, *more)
        assert (found.code, found.out) == (2, "")
        assert message in found.err
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="no plot was asked for"):
        report().plot()


def test_a_picture_of_nothing(tmp_path: Path) -> None:
    """No design, one design, designs that lie at one point, a field that is not known. Defeats a division
    by the length of an axis."""
    for chain, more in (
        ("8x8x3 -> conv {9, 11} 8", []),
        ("8x8x3 -> conv {3, 9} 8", ["--pareto", "params,macs"]),
        ("8x8x3 -> conv 3x3 8 pad={0, 0x0}", ["--pareto", "params,macs"]),
        ("8 -> fc {3, 4}", ["--plot-quantities", "params,rf"]),
        ("8x8x3 -> relu -> maxpool {1, 2} stride=1 pad=0", ["--pareto", "params,macs"]),
        ("8x8x3 -> conv 3x3 4 -> upsample {2, 3}", ["--plot-quantities", "stride,start"]),
    ):
        path = tmp_path / "a.svg"
        found = call("sweep", chain, *more, "--plot", str(path))
        assert found.code in (0, 1), found.err
        ElementTree.parse(path)


def test_hostile_words_are_words(tmp_path: Path) -> None:
    (tmp_path / "net.arch").write_text('net "a<b>&" width=1\n  input 8x8x4\n  conv 3x3 (4*width)\n')
    path = tmp_path / "a.svg"
    words = ["sweep", str(tmp_path / "net.arch"), "--set", "width=1..3", "--pareto=params,-macs"]
    assert call(*words, "--plot", str(path)).code in (0, 2)
    if path.exists():
        ElementTree.parse(path)


def test_many_points_become_few() -> None:
    """All designs stay counted, and the ends stay where they are. Defeats a thinning that loses outliers."""
    chance = np.random.default_rng(1)
    count = 200_000
    batch = batch_of([(1, 2)] * 4)
    batch = batch._replace(
        numbers=np.arange(count),
        columns={"params": chance.integers(1, 10**9, count), "macs": chance.integers(1, 10**9, count)},
        sizes=np.ones((count, 1), np.int64),
        refused=np.zeros(count, np.int32),
        holds=np.ones(count, bool),
    )
    goals = [Goal("params"), Goal("macs")]
    parts = [cloud_of(batch.rows(at), goals, SPACE) for at in np.array_split(np.arange(count), 5)]
    found = joined_clouds(parts)
    assert found.designs.sum() == count
    assert len(found.x) <= max(cloud.MOST_POINTS, cloud.CELLS**2 + 2 * cloud.CELLS)
    whole = cloud_of(batch, goals, SPACE)
    assert whole.designs.sum() == count


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0, 10.0], ["0", "2", "4", "6", "8", "10"]),
        ([1e6, 3e6], ["1M", "1.5M", "2M", "2.5M", "3M"]),
        ([10.0, 100_000.0], ["10", "100", "1K", "10K", "100K"]),
        ([100.0, 9000.0], ["100", "200", "500", "1K", "2K", "5K"]),
        ([5.0, 5.0], ["4.6", "4.8", "5", "5.2", "5.4"]),
        ([-3.0, 3.0], ["-3", "-2", "-1", "0", "1", "2", "3"]),
    ],
)
def test_round_numbers_along_an_axis(values: list[float], texts: list[str]) -> None:
    axis = PlotAxis.of(Goal("params"), values, 100.0)
    assert [text for _, text in axis.ticks()] == texts
    places = [axis.place(value) for value, _ in axis.ticks()]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)


def test_bytes_have_round_numbers_of_their_unit() -> None:
    axis = PlotAxis.of(Goal("peak"), [2.0**20, 4 * 2.0**20], 100.0)
    assert axis.title == "peak in MiB"
    assert [text for _, text in axis.ticks()] == ["1", "1.5", "2", "2.5", "3", "3.5", "4"]
