"""Small random networks, as spec text, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from oracle import slide

LARGEST = 16  # units along an axis, so that each can be visited

# Name, spatial sizes, channels.
Tensor = tuple[str, tuple[int, ...], int]


class Writer:
    """A spec in the making: its lines, and the tensors that later lines may read."""

    def __init__(self, draw: Any):
        self.draw = draw
        self.lines: list[str] = []
        self.tensors: list[Tensor] = []
        self.axes = self.integer(1, 3)

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def choice(self, values: list[Any]) -> Any:
        return values[self.integer(0, len(values) - 1)]

    def numbers(self, low: int, high: int) -> tuple[int, ...]:
        """One an axis, often the same for all."""
        if self.integer(0, 1):
            return (self.integer(low, high),) * self.axes
        return tuple(self.integer(low, high) for _ in range(self.axes))

    def size(self, numbers: tuple[int, ...]) -> str:
        """Numbers as a spec writes them: one for all where they are alike."""
        if len(set(numbers)) == 1 and len(numbers) == self.axes and self.integer(0, 1):
            return str(numbers[0])
        return "x".join(map(str, numbers))

    def map(self) -> Tensor:
        """A tensor with positions, rather a late one."""
        maps = [tensor for tensor in self.tensors if tensor[1]]
        return maps[max(self.integer(0, len(maps) - 1), self.integer(0, len(maps) - 1))]

    def add(self, text: str, spatial: tuple[int, ...], channels: int) -> str:
        name = f"n{len(self.lines)}"
        self.lines.append(f"{name}: {text}")
        self.tensors.append((name, spatial, channels))
        return name

    # Layers ----------------------------------------------------------------------------------

    def input(self, name: str) -> None:
        spatial = tuple(self.integer(3, [16, 12, 7][self.axes - 1]) for _ in range(self.axes))
        channels = self.integer(1, 4)
        self.lines.append(f"input {name}: {'x'.join(map(str, (*spatial, channels)))}")
        self.tensors.append((name, spatial, channels))

    def sliding(self) -> None:
        self.slid(self.map())

    def slid(self, tensor: Tensor) -> None:
        at, spatial, channels = tensor
        op = self.choice(
            ["conv", "conv", "conv", "dwconv", "local", "maxpool", "avgpool", "lppool", "subsample"]
        )
        kernel, stride = self.numbers(1, 4), self.numbers(1, 3)
        dilation = (1,) * self.axes
        text = f"@{at} -> {op} {self.size(kernel)}"
        if op in ("conv", "local"):
            channels = self.integer(1, 4)
            text += f" {channels}"
        text += f" stride={self.size(stride)}"
        if op in ("conv", "dwconv", "local", "maxpool") and not self.integer(0, 2):
            dilation = self.numbers(1, 3)
            text += f" dilation={self.size(dilation)}"
        pad: Any = self.choice(["no", "valid", "half", "same", "one", "axis", "ends"])
        if pad in ("valid", "half", "same"):
            text += f" pad={pad}"
        elif pad != "no":
            count = {"one": 1, "axis": self.axes, "ends": 2 * self.axes}[pad]
            pad = tuple(self.integer(0, 2) for _ in range(count))
            text += f" pad={'x'.join(map(str, pad))}"
        round = self.choice(["floor", "ceil"])
        text += f" round={round}"
        used = 0 if pad in ("no", "valid") else pad
        sizes = tuple(
            slide(n, kernel[i], stride[i], dilation[i], used, self.axes, i, round)[1]
            for i, n in enumerate(spatial)
        )
        if min(sizes) >= 1 and max(sizes) <= LARGEST:
            self.add(text, sizes, channels)

    def normalisation(self) -> None:
        at, spatial, channels = self.map()
        size = self.integer(1, 5)
        op = self.choice([f"lrn {size} across=positions", f"lcn {size}"])
        self.add(f"@{at} -> {op}", spatial, channels)

    def pointwise(self) -> None:
        at, spatial, channels = self.choice(self.tensors)
        op = self.choice(
            ["relu", "bn", "softmax", "dropout 0.5", "lrn 3", "linear 3", "prelu", "layernorm",
             "groupnorm 1", "bias", "scale", "times 0.5", "channel_shuffle 1",
             f"maxout {channels}"]
        )  # fmt: skip
        if op.startswith("maxout"):
            channels = 1
        self.add(f"@{at} -> {op}", spatial, 3 if op == "linear 3" else channels)

    def enlarging(self) -> None:
        at, spatial, channels = self.map()
        factor = self.numbers(1, 3)
        if not self.integer(0, 3):
            text, factor = f"pixel_shuffle {factor[0]}", (factor[0],) * self.axes
            width = factor[0] ** self.axes
            at, channels = self.add(f"@{at} -> conv 1 {width}", spatial, width), 1
        else:
            mode = self.choice(["nearest", "bilinear"])
            text = f"upsample {self.size(factor)} mode={mode}"
        sizes = tuple(n * f for n, f in zip(spatial, factor, strict=True))
        if max(sizes) <= LARGEST:
            self.add(f"@{at} -> {text}", sizes, channels)

    def transposed(self) -> None:
        """Kernels smaller than the stride too, and holes that leave units out."""
        at, spatial, _ = self.map()
        kernel, stride, dilation = self.numbers(1, 4), self.numbers(1, 4), self.numbers(1, 3)
        pad = self.choice([(0,), tuple(self.integer(0, 2) for _ in range(2 * self.axes)), "same"])
        ends = pad if len(pad) > 1 else (0,) * (2 * self.axes)
        sizes = tuple(
            n * s if pad == "same"
            else (n - 1) * s - ends[2 * i] - ends[2 * i + 1] + (kernel[i] - 1) * dilation[i] + 1
            for i, (n, s) in enumerate(zip(spatial, stride, strict=True))
        )  # fmt: skip
        if min(sizes) >= 1 and max(sizes) <= LARGEST:
            given = pad if pad == "same" else "x".join(map(str, pad))
            text = f"tconv {self.size(kernel)} 2 stride={self.size(stride)} pad={given}"
            self.add(f"@{at} -> {text} dilation={self.size(dilation)}", sizes, 2)

    def reshape(self) -> None:
        """The same shape, or the axes the other way round: what a unit was is forgotten."""
        at, spatial, channels = self.map()
        sizes = self.choice([spatial, spatial[::-1]])
        shape = "x".join(map(str, (*sizes, channels)))
        self.add(f"@{at} -> reshape {shape}", sizes, channels)

    def zeropad(self) -> None:
        at, spatial, channels = self.map()
        ends = tuple(self.integer(0, 2) for _ in range(2 * self.axes))
        sizes = tuple(n + ends[2 * i] + ends[2 * i + 1] for i, n in enumerate(spatial))
        if max(sizes) <= LARGEST:
            self.add(f"@{at} -> zeropad {'x'.join(map(str, ends))}", sizes, channels)

    def crop(self) -> None:
        at, spatial, channels = self.map()
        sizes = tuple(self.integer(1, n) for n in spatial)
        self.cropped(at, spatial, channels, sizes)

    def cropped(
        self, at: str, spatial: tuple[int, ...], channels: int, sizes: tuple[int, ...]
    ) -> str:
        offset = tuple(self.integer(0, n - m) for n, m in zip(spatial, sizes, strict=True))
        text = f"@{at} -> crop {self.size(sizes)} offset={self.size(offset)}"
        return self.add(text, sizes, channels)

    def adaptive(self) -> None:
        at, _, channels = self.map()
        op = self.choice(["adaptive_avgpool", "adaptive_maxpool"])
        sizes = self.numbers(1, 6)
        self.add(f"@{at} -> {op} {self.size(sizes)}", sizes, channels)

    def merge(self) -> None:
        self.merged([self.map() for _ in range(self.integer(2, 3))])

    def branches(self) -> None:
        """Windows side by side on one tensor, then joined."""
        root, branches = self.map(), []
        for _ in range(self.integer(2, 3)):
            before = len(self.tensors)
            self.slid(root)
            branches += self.tensors[before:]
        self.merged(branches if len(branches) > 1 else [*branches, root, root])

    def merged(self, branches: list[Tensor]) -> None:
        op = self.choice(["add", "mul", "concat", "concat"])
        least = tuple(min(sizes) for sizes in zip(*(b[1] for b in branches), strict=True))
        names, total = [], 0
        for at, spatial, channels in branches:
            name, width = at, channels
            if spatial != least:
                name = self.cropped(at, spatial, channels, least)
            if op != "concat" and channels != 2:
                name, width = self.add(f"@{name} -> conv 1 2", least, 2), 2
            names.append(f"@{name}")
            total += width
        self.add(f"{op} {' '.join(names)}", least, total if op == "concat" else 2)

    def gate(self) -> None:
        """Squeeze-and-excite, or the vector added: both read another tensor whole."""
        at, spatial, channels = self.map()
        other = self.choice(self.tensors)
        squeeze = self.choice(["gap", "gmp", "flatten"]) if other[1] else "relu"
        gate = self.add(f"@{other[0]} -> {squeeze} -> fc {channels} -> sigmoid", (), channels)
        op = self.choice(["mul", "mul", "mul", "add"])
        order = [f"@{at}", f"@{gate}"]
        if self.integer(0, 1):
            order.reverse()
        self.add(f"{op} {' '.join(order)}", spatial, channels)

    def everything(self) -> None:
        at, _, channels = self.map()
        op = self.choice(["gap", "gmp", "fc 3"])
        self.add(f"@{at} -> {op}", (), 3 if op == "fc 3" else channels)


@st.composite
def networks(draw: Any, steps: int = 12) -> str:
    """The text of a spec: chains, branches, gates, one to three axes, one or two inputs."""
    write = Writer(draw)
    for name in ["x", "y"][: 1 + (write.integer(0, 3) == 0)]:
        write.input(name)
    kinds = [
        write.sliding, write.sliding, write.sliding, write.sliding, write.sliding,
        write.merge, write.branches, write.branches, write.branches, write.normalisation,
        write.pointwise, write.zeropad, write.crop, write.adaptive, write.gate, write.everything,
        write.enlarging, write.enlarging, write.transposed, write.transposed,
    ]  # fmt: skip
    for _ in range(write.integer(3, steps)):
        write.choice(kinds)()
    if not write.integer(0, 5):
        write.reshape()
        write.sliding()
    if all("input" in line for line in write.lines):
        write.add("@x -> relu", (), 0)
    return "net random\n" + "".join(f"  {line}\n" for line in write.lines)
