"""What is read off CUDA's allocator, on an allocator that is made up: its blocks and a library's
workspace are known, so that they have to be found. And on a real one where there is a GPU."""

from __future__ import annotations

import gc
import re
from typing import Any

import pytest

import archcalc

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from archcalc.language.library import Library  # noqa: E402
from archcalc.witness import allocator  # noqa: E402
from archcalc.witness.build import build, random_inputs  # noqa: E402
from archcalc.witness.compare import LEAST, Verification  # noqa: E402
from archcalc.witness.measure import Births  # noqa: E402

BLOCK = 512
WORKSPACE = 10_000


class Pretended(Births):
    """An allocator of blocks of 512 bytes; a convolution takes 10,000 more while it runs."""

    def __init__(self, workspace: int = 0, takes: int = WORKSPACE, upto: int | None = None) -> None:
        super().__init__(())
        self.most = allocator.Level(0, 0)
        self.takes = takes
        self.upto = upto  # only convolutions that read at most so many values take it
        self.workspace = workspace  # a workspace that is never given back, from the first product on
        self.held = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if "convolution" in str(func) and (self.upto is None or args[0].numel() <= self.upto):
            self._reach(self.takes)
        if "mm" in str(func):
            self.held = self.workspace
        self._reach(0)
        return result

    def _reach(self, more: int) -> None:
        now = self.now()
        self.most = allocator.Level(
            max(self.most.allocated, now.allocated + -(-more // BLOCK) * BLOCK),
            max(self.most.requested, now.requested + more),
        )

    def settle(self) -> None:
        gc.collect()
        self.held = 0

    def now(self) -> allocator.Level:
        sizes = [*self.sizes.values(), self.held]
        blocks = [-(-size // BLOCK) * BLOCK for size in sizes]
        return allocator.Level(sum(blocks), sum(sizes))

    def highest(self) -> allocator.Level:
        return self.most

    def forget(self) -> None:
        self.most = self.now()


def highest(chain: str, training: bool, **how: int) -> tuple[allocator.Highest, int]:
    """What is found, and what the rules say of the tensors."""
    network = archcalc.load(chain)
    graph = network.graph
    pretended = Pretended(**how)

    def make() -> Any:
        return build(graph, training=training), random_inputs(graph, 1)

    with pretended:
        run = allocator.step if training else allocator.inference
        found = run(make, pretended)
    summary = network.summary()
    peak = summary.step_bytes if training else summary.scaled(summary.memory.peak)
    return found, (summary.counts.params + summary.counts.buffers) * 4 + peak


@pytest.mark.slow
@pytest.mark.parametrize("training", [False, True])
def test_a_workspace_is_told_from_tensors(training: bool) -> None:
    """Defeats a witness that takes all above the tensors of the peak for a network's own, or that
    counts the parameters twice."""
    found, shown = highest("16x16x8 -> conv 3x3 8 pad=1 -> conv 3x3 8 pad=1", training)
    assert found.workspace == WORKSPACE
    assert found.measured - found.workspace - found.rounding == shown
    # Two workspaces and two biases of 32 bytes do not fill their blocks: the rest is multiples.
    assert found.rounding > 0


@pytest.mark.slow
def test_a_workspace_that_stays() -> None:
    """cuBLAS' stays from the first product on. Defeats taking it only where it is asked for."""
    found, shown = highest("128 -> fc 256 bias=no -> fc 512 bias=no", False, workspace=4096)
    assert (found.workspace, found.rounding) == (4096, 0)
    assert found.measured == shown + 4096


@pytest.mark.slow
@pytest.mark.parametrize("training", [False, True])
def test_a_workspace_away_from_the_peak_of_tensors(training: bool) -> None:
    """Defeats taking the tensors to be at their most whenever the allocator is: a network would be
    marked because a late convolution on a small map takes a large workspace."""
    chain = "64x64x8 -> conv 3x3 8 pad=1 -> maxpool 16x16 -> conv 3x3 8 pad=1"
    found, shown = highest(chain, training, takes=1_000_000, upto=500)
    assert found.workspace == 1_000_000
    assert found.others < -100_000
    rest = found.measured - found.workspace - found.rounding - found.others - shown
    assert rest == 0


@pytest.mark.slow
def test_what_a_layer_makes_on_its_way() -> None:
    """Squares and their sums live only inside an lrn. Defeats marking a layer whose output, kept
    and live bytes are all as the rules say."""
    found, shown = highest("16x16x8 -> lrn 5", False)
    assert found.others > 0
    assert found.measured - found.workspace - found.rounding - found.others == shown


@pytest.mark.slow
def test_frozen_statistics_take_no_third_map() -> None:
    """Defeats a shift that is added in a storage of its own: a frozen batch norm would hold three
    maps where two are predicted, 18 % more than all of a Mask R-CNN."""
    found, shown = highest("16x16x8 -> bn frozen=yes", False)
    assert found.measured - found.workspace - found.rounding - shown < 16 * 16 * 8 * 4 / 2


@pytest.mark.slow
def test_what_an_earlier_network_left() -> None:
    """Defeats figures from the beginning of the process."""
    network = archcalc.load("16x16x8 -> conv 3x3 8 pad=1")
    pretended = Pretended()
    with pretended:
        left = torch.zeros(1000)
        found = allocator.inference(
            lambda: (build(network.graph), random_inputs(network.graph, 1)), pretended
        )
        del left
    shown = (network.summary().counts.params + network.summary().memory.peak) * 4
    assert found.measured - found.workspace - found.rounding == shown


# What is shown of it ----------------------------------------------------------------------------


def on_the_pretended(monkeypatch: pytest.MonkeyPatch, chain: str) -> Verification:
    """A verification as on a card, whose allocator is the one above."""
    found = Verification(archcalc.load(chain).graph)
    with Pretended() as pretended:
        monkeypatch.setattr(allocator, "Cuda", lambda: pretended)
        found.checks += [*found._allocator(False), *found._allocator(True)]
    return found


@pytest.mark.slow
def test_rows_of_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is explained stands below its row, and the table of peaks adds up. Defeats a workspace
    that is taken for the network's, and a row that is left out of a document."""
    from archcalc.report.formats.markdown import Format
    from archcalc.report.lines import plain
    from archcalc.report.screens.verify import verify_sheets
    from archcalc.report.screens.verify_zoo import zoo_sheets
    from archcalc.report.sheet import Space, screen
    from archcalc.witness.zoo import Verified

    found = on_the_pretended(monkeypatch, "16x16x8 -> conv 3x3 8 pad=1 -> conv 3x3 8 pad=1")
    lines = [plain(line) for line in screen(verify_sheets(found, Space(None, True)), Space(None, True))]
    (at,) = (n for n, line in enumerate(lines) if "allocator in inference" in line)
    assert lines[at].startswith("✓")
    assert lines[at + 1].split() == ["library", "workspace", "10,000"]
    check = found.checks[-2]
    assert check.exact
    assert check.to_dict()["explained"][0] == {"reason": "library workspace", "bytes": WORKSPACE}
    sheets = zoo_sheets([Verified("two", found, None)], "a card")
    assert [sheet.label for sheet in sheets] == ["verify", "peaks"]
    text = "".join(Format().document(sheets))
    assert "the allocator at its highest, MiB, on a card" in text
    assert len(re.findall(r"\| two +\|", text)) == 3


@pytest.mark.slow
def test_a_peak_that_is_not_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is marked in a large network, and only there. Defeats a row that cannot differ."""
    from archcalc.analysis.memory import Memory
    from archcalc.witness import compare

    chain = "16x16x8 -> conv 3x3 8 pad=1 -> conv 3x3 8 pad=1"
    rule = Memory.__init__

    def half(self: Memory, *asked: Any, **options: Any) -> None:
        rule(self, *asked, **options)
        self.peak //= 2

    monkeypatch.setattr(Memory, "__init__", half)
    assert on_the_pretended(monkeypatch, chain).checks[-2].agrees
    monkeypatch.setattr(compare, "LEAST", 0)
    assert not on_the_pretended(monkeypatch, chain).checks[-2].agrees


# On a GPU ---------------------------------------------------------------------------------------

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device")


@gpu
@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_the_zoo_on_a_gpu(name: str) -> None:
    """Shapes, tensors, what is kept and what lives, a forward pass and a training step."""
    from archcalc.witness.zoo import able

    network, _ = able(archcalc.load(name))
    found = Verification(network.graph, device="cuda", fields=False)
    assert found.agrees, [d.to_dict() for check in found.checks for d in check.differences][:5]
    peaks = [check for check in found.checks if check.quantity.startswith("allocator")]
    assert len(peaks) == 2
    assert all(check.measured for check in peaks)


@gpu
def test_large_peaks_on_a_gpu() -> None:
    """The aim is stated for peaks above 256 MiB: at batch 1 the zoo has them in training."""
    found = Verification(archcalc.load("vgg16").graph, device="cuda", fields=False)
    step = found.checks[-1]
    assert step.measured is not None
    assert step.measured > LEAST
