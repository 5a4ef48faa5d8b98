"""Small random networks of blocks, as spec text: what the source of classes has to get right.

All tensors are maps of one size, so that any can be joined with any; only channels differ.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# Labels that other languages would stumble over.
LABELS = [
    "a",
    "b",
    "conv1",
    "class",
    "forward",
    "x",
    "self",
    "F",
    "nn",
    "torch",
    "train",
    "type",
    "half",
    "_apply",
    "__init__",
    "l",
    "in_channels",
    "branch1",
    "y",
    "turn",
    "relu",
    "shortcut",
]


class Block:
    """A block: its name, how many tensors it takes, and its labels."""

    def __init__(self, name: str, inputs: int, labels: list[str]):
        self.name = name
        self.inputs = inputs
        self.labels = labels


class Writer:
    """A body in the making: of a block, with values that its parameters stand for, or of a net."""

    def __init__(self, draw: Any, blocks: list[Block], values: list[str], depth: int):
        self.draw = draw
        self.blocks = blocks  # those that may be called
        self.values = values  # what may be a number of channels
        self.labels = [label for label in LABELS if not self.integer(0, 2)]
        self.known: list[str] = []
        self.layers: list[str] = []  # labels of plain convolutions, for `like`
        self.lines: list[str] = []
        self.indent = "  " * depth

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def choice(self, values: list[Any]) -> Any:
        return values[self.integer(0, len(values) - 1)]

    def value(self) -> str:
        return self.choice(self.values)

    def layer(self) -> str:
        """A layer that keeps the size."""
        return self.choice(
            [
                f"conv {self.choice(['1x1', '3x3', '1x3'])} {self.value()}",
                f"conv 3x3 {self.value()} pad={self.choice(['same', '0x2x0x2', '0x2x1x1'])}",
                f"conv 3x3 {self.value()} pad={'p' if 'n' in self.values else 1}",
                f"maxpool 3x3 stride=1 pad={'p' if 'n' in self.values else 1}",
                "dwconv 3x3",
                "bn",
                "relu",
                "leaky_relu",
                "gelu",
                "softmax",
                "dropout 0.5",
                "maxpool 3x3 stride=1 pad=1",
                "avgpool 3x3 stride=1 pad=same",
                "lrn 3",
                "prelu",
                f"linear {self.value()}",
                "layernorm",
                "times 0.5",
                "zeropad 1 -> crop @SIZE offset=1",
            ]
        )

    def called(self, inputs: int) -> Block | None:
        """A block that takes so many tensors."""
        found = [block for block in self.blocks if block.inputs == inputs]
        return self.choice(found) if found else None

    def call(self, block: Block, named: bool = True) -> str:
        """A call of a block; of several tensors by name, or those that are there."""
        text = f"{block.name} {self.value()}"
        if not self.integer(0, 2):
            text += f" p={self.choice(['1', '0x2x0x2', '0x2x1x1'])}"
        if self.integer(0, 1):
            text += f" n={self.integer(1, 3)}"
        if self.integer(0, 1):
            text += f" on={self.choice(['yes', 'no'])}"
        if block.inputs == 2 and self.known and named:
            text += f" @{self.choice(self.known)} @{self.choice(self.known)}"
        return text

    def item(self) -> str:
        block = self.called(1)
        return self.call(block) if block is not None and self.integer(0, 1) else self.layer()

    def chain(self, most: int) -> str:
        return " -> ".join(self.item() for _ in range(self.integer(1, most)))

    def statement(self) -> None:
        kind = self.integer(0, 13)
        label = None
        one, two = self.called(1), self.called(2)
        if self.labels and self.integer(0, 1):
            label = self.labels.pop()
        start = f"{self.indent}{label}: " if label else self.indent
        if kind <= 2:
            self.lines.append(start + self.chain(3) + self.condition())
        elif kind == 3:
            count = self.choice(["n", "2", "3", "6"]) if "n" in self.values else "3"
            values = f"[{self.value()}, {self.value()}..]"
            self.lines.append(f"{start}{count} x (conv 3x3 {values} -> {self.layer()})")
        elif kind == 4 and one is not None:
            self.lines.append(f"{start}{self.integer(2, 4)} x {self.call(one)}")
        elif kind <= 6:
            op = self.choice(["add", "concat", "mul"])
            self.lines.append(f"{start}{op}")
            width = self.value()
            for _ in range(self.integer(1, 3)):
                last = f"conv 1x1 {width}"
                self.lines.append(f"{self.indent}  | {self.chain(2)} -> {last}")
            # A shortcut without a label is called so, and then nothing else in the body is.
            called_so = label == "shortcut" or "shortcut" in self.known
            self.labels = [name for name in self.labels if name != "shortcut"]
            ends = {
                "add": f"conv 1x1 {width}" if called_so else "shortcut",
                "mul": f"conv 1x1 {width}",
                "concat": "identity",
            }
            self.lines.append(f"{self.indent}  | {ends[op]}")
        elif kind == 7 and self.layers:
            name = self.choice(self.layers)
            self.lines.append(f"{start}conv 1x1 2 -> conv 3x3 2 like={name}")
        elif kind == 8:
            label = label or f"own{len(self.lines)}"
            self.lines.append(f"{self.indent}conv 1x1 2")
            self.lines.append(f"{self.indent}{label}: conv 3x3 2")
            self.layers.append(label)
        elif kind == 9 and two is not None and self.known:
            self.lines.append(start + self.call(two))
        elif kind == 10 and two is not None:
            self.lines += [f"{self.indent}relu", f"{self.indent}conv 1x1 3"]
            self.lines.append(f"{start}{self.integer(3, 5)} x {self.call(two, named=False)}")
        elif kind == 11 and one is not None:
            # The same twice, with the same parameters, and something from inside.
            label = label or f"own{len(self.lines)}"
            call = self.call(one)
            self.lines += [f"{self.indent}conv 1x1 2", f"{self.indent}{label}: {call}"]
            self.lines += [f"{self.indent}conv 1x1 2", f"{self.indent}{call} like={label}"]
            self.known += [f"{label}.{name}" for name in one.labels]
        elif kind == 12:
            # A merge that is there under a condition, or not.
            names = [f"own{len(self.lines)}a", f"own{len(self.lines)}b"]
            self.lines += [f"{self.indent}{name}: conv 1x1 2" for name in names]
            op = self.choice(["add", "mul"])
            self.lines.append(f"{start}{op} @{names[0]} @{names[1]}{self.condition()}")
        else:
            self.lines.append(start + self.layer())
        if label is not None:
            self.known.append(label)

    def condition(self) -> str:
        if self.integer(0, 2) or "n" not in self.values:
            return ""
        return self.choice([" if on", " if n > 1", f" if {self.values[0]} > 2"])

    def body(self, most: int) -> list[str]:
        for _ in range(self.integer(1, most)):
            self.statement()
        return self.lines


@st.composite
def block_networks(draw: Any) -> str:
    """The text of a spec: blocks that call blocks, with parameters, conditions and repeats."""
    blocks: list[Block] = []
    lines = ["default conv dwconv pad=half", ""]
    for number in range(draw(st.integers(1, 4))):
        inputs = 1 if draw(st.integers(0, 2)) else 2
        name = draw(st.sampled_from(["unit", "conv", "cr", "Net", "f", "Scale"])) + str(number)
        write = Writer(draw, list(blocks), ["c", "(2*c)", "2", "n"], 1)
        if inputs == 2:
            write.known += ["cur", "prev"]
        body = write.body(4)
        if inputs == 2:
            body += ["  own: conv 1x1 2", "  add", "    | @own", "    | @prev -> conv 1x1 2"]
        given = " | cur prev" if inputs == 2 else ""
        lines += [f"block {name} c n=2 on=yes p=1{given}", *body, ""]
        inner = [label for label in write.known if "." not in label]
        blocks.append(Block(name, inputs, inner if inputs == 1 else inner[2:]))
    write = Writer(draw, blocks, ["2", "3", "4", "6"], 1)
    body = write.body(7)
    lines += ["net random", "  input 6x6x4", *body]
    if write.known and draw(st.booleans()):
        lines.append(f"  out head: @{draw(st.sampled_from(write.known))} -> conv 1x1 3")
    lines += ["  conv 1x1 2", "  gap", "  fc 3"]
    return "\n".join(lines).replace("@SIZE", "6") + "\n"
