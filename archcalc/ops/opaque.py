"""A layer that archcalc has no rule for: what is known of it is stated, and the rest is reported."""

from __future__ import annotations

from ..shape import Shape
from .arrangement import FIRST
from .attributes import Axes, Choice, Count, OpError, Text, sizes_of
from .base import Op
from .facts import OperationCounts, Tensor
from .stated import StatedTensors, stated_tensors
from .traits import NEW, VIEW
from .window import EVERYTHING, Window, unchanged_axes


class Opaque(Op):
    """A layer without a rule: its output is stated, and what is not known is reported.

    `opaque "aten.grid_sampler_2d" 32x32x64` says which operation it is, in the words of whoever has
    it, and the shape that it puts out, channels last. It reads any number of tensors. What it learns
    and what it holds are stated as PyTorch has them: `tensors="weight=64x3x7x7 bias=64"`, a tensor
    without axes by its name alone. Without `macs` its operations are unknown, never zero, and every
    total over them is a lower bound, `≥`. What its units read is unknown too, and then nothing behind
    it has a receptive field until a layer reads everything; `reads` says otherwise.
    """

    name = "opaque"
    group = "without a rule"
    several = True
    weighted = True
    matrix_product = True
    counted_as = "opaque"
    positional = ("operation", "shape")
    arrangement = FIRST
    no_volume_reason = "its output is stated, and what a unit reads is unknown unless `reads` says it"
    no_saved_rule = "archcalc does not know what it computes"
    no_torch_reason = "archcalc does not know what it computes"
    shapes = "from any number of tensors of any shapes to `shape`"
    example = '32x32x64 -> opaque "aten.grid_sampler_2d" 32x32x64'
    source = "PyTorch, torch.ops: an operator, or what an extension registers"
    counting = "no rule: what it computes is unknown, so it is reported; with macs=N mul_add N alone"

    operation = Text("what it is, in quotes: the name of an operator or of a class", required=True)
    shape = Axes("sizes of all axes of the output, channels last", required=True)
    macs = Count("multiply-adds for one image, where they are known", least=0)
    stated = StatedTensors("what it learns, as PyTorch has it", word="tensors")
    buffers = StatedTensors("what it holds and does not learn, as PyTorch has it")
    reads = Choice(
        ("unknown", "everything", "own"),
        "what a unit reads: nobody knows, all that arrives, or its own position alone",
        "unknown",
    )
    stored = Choice((NEW, VIEW), "memory of its own, or another view of what arrives", NEW, word="storage")
    no_onnx_reason = "what it computes is unknown"

    def check(self) -> None:
        self.__dict__["storage"] = str(self.stored)
        both = [name for name, _ in (*stated_tensors(self.stated), *stated_tensors(self.buffers))]
        if len(set(both)) < len(both):
            raise OpError("argument", "a tensor is learned or a buffer, and not both", "buffers")

    def accept(self, *inputs: Shape) -> None:
        if self.reads != "own":
            return
        for number, x in enumerate(inputs):
            if x.spatial != self.output(*inputs).spatial:
                raise OpError(
                    "shape",
                    f"`{self.name}` reads its own position, and {x} has other positions than "
                    f"{self.output(*inputs)}",
                    "input",
                    branch=number,
                )

    def output(self, *inputs: Shape) -> Shape:
        return Shape(sizes_of(self.shape))

    def tensors(self, *inputs: Shape) -> tuple[Tensor, ...]:
        learned = [Tensor(name, sizes) for name, sizes in stated_tensors(self.stated)]
        held = [Tensor(name, sizes, learned=False) for name, sizes in stated_tensors(self.buffers)]
        return (*learned, *held)

    def operations(self, *inputs: Shape) -> OperationCounts | None:
        return None if self.macs is None else OperationCounts(mul_add=self.macs)

    def window(self, *inputs: Shape) -> tuple[Window, ...] | str | None:
        if self.reads == "own":
            return unchanged_axes(self.output(*inputs).spatial)
        return EVERYTHING if self.reads == "everything" else None
