"""Source with places for literals.

Every layer and every call of a class is a template and the literals that fill it. Where templates
are equal, one piece of source does for all, and only literals can differ: those that do become
parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..ops.torch_code import SourceCall, TorchCode
from .layout import Bracket, TextNode

# What fills the places of a template, in order; None for an argument that is left out.
Fill = Iterator[str | None]


@dataclass(eq=False, slots=True)
class LiteralTemplate:
    """A literal: its source, the value that it has if it is left out, and what it says.

    alone  it makes a module: what another place makes in the same words is another module
    """

    text: str
    usual: str | None = None
    role: str = "size"
    alone: bool = False


class Template:
    """Source of an expression that makes a module, with ``literals`` for what it has here.

    key  equal for templates that differ in literals alone
    """

    def __init__(self, key: object, literals: Sequence[LiteralTemplate]):
        self.key = key
        self.literals = literals

    def node(self, fill: Fill) -> TextNode:
        """Return the source, its places filled."""
        raise NotImplementedError


class Made(Template):
    """A call: ``nn.Conv2d(3, 64, 7, stride=2)``. Its arguments are literals, or calls in turn."""

    def __init__(
        self, function: str, keywords: Sequence[str | None], arguments: Sequence[LiteralTemplate | Template]
    ):
        literals: list[LiteralTemplate] = []
        inner = []
        for argument in arguments:
            if isinstance(argument, LiteralTemplate):
                literals.append(argument)
            else:
                literals += argument.literals
                inner.append(argument.key)
        super().__init__((function, *keywords, *inner), literals)
        self.function = function
        self.keywords = keywords
        self.arguments = arguments

    def node(self, fill: Fill) -> TextNode:
        parts: list[TextNode] = []
        for keyword, argument in zip(self.keywords, self.arguments, strict=True):
            if isinstance(argument, Template):
                parts.append(argument.node(fill))
                continue
            text = next(fill)
            if text is not None:
                parts.append(text if keyword is None else f"{keyword}={text}")
        return Bracket(f"{self.function}(", parts)

    def option(self, keyword: str) -> LiteralTemplate | None:
        """Return the literal of a keyword."""
        if keyword not in self.keywords:
            return None
        found = self.arguments[self.keywords.index(keyword)]
        return found if isinstance(found, LiteralTemplate) else None


# Literals of source as text: the list of a padding, or a number that is no part of a word and no
# index of `xs`.
_LITERAL = re.compile(
    r"(?<=F\.pad\(x, )\[[-\d, ]+\]|(?<=Pad\dd\()\[[-\d, ]+\]"
    r"|(?<!xs\[)(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])"
)


class TextTemplate(Template):
    """Any source, with places for the numbers in it."""

    def __init__(self, source: str):
        self.pieces: list[str] = []
        literals, end = [], 0
        for match in _LITERAL.finditer(source):
            self.pieces.append(source[end : match.start()])
            role = "pad" if match.group().startswith("[") else "size"
            literals.append(LiteralTemplate(match.group(), None, role))
            end = match.end()
        self.pieces.append(source[end:])
        super().__init__(tuple(self.pieces), literals)

    def text(self, fill: Fill) -> str:
        found = [self.pieces[0]]
        for piece in self.pieces[1:]:
            found += [next(fill) or "", piece]
        return "".join(found)

    def node(self, fill: Fill) -> TextNode:
        return self.text(fill)


class Held(Template):
    """A module whose parameters take no gradient."""

    def __init__(self, inner: Template):
        super().__init__(("held", inner.key), inner.literals)
        self.inner = inner

    def node(self, fill: Fill) -> TextNode:
        node = self.inner.node(fill)
        if isinstance(node, str):
            return f"{node}.requires_grad_(False)"
        return Bracket(node.open, node.parts, f"{node.close}.requires_grad_(False)", node.joint)


class RowTemplate(Template):
    """Modules one behind the other: ``nn.Sequential(…)``."""

    def __init__(self, items: Sequence[Template], container: str = "nn.Sequential("):
        super().__init__(
            (container, *[item.key for item in items]),
            [literal for item in items for literal in item.literals],
        )
        self.items = items
        self.container = container

    def node(self, fill: Fill) -> TextNode:
        nodes = [item.node(fill) for item in self.items]
        if self.container == "nn.ModuleList(":
            return Bracket("nn.ModuleList(", [Bracket("[", nodes, "]")])
        return Bracket(self.container, nodes)


class TimesTemplate(Template):
    """The same module several times, each with parameters of its own; as part of a RowTemplate.

    moves  the places of the literals that grow from turn to turn by the same amount
    """

    def __init__(self, item: Template, count: int, steps: Sequence[int | None]):
        literals: list[LiteralTemplate] = []
        for literal, step in zip(item.literals, steps, strict=True):
            if step is None:
                literals.append(literal)
            else:
                literals.append(LiteralTemplate(literal.text, None, literal.role))
                literals.append(LiteralTemplate(str(step), None, "step"))
        literals.append(LiteralTemplate(str(count), None, "count"))
        self.moves = [step is not None for step in steps]
        super().__init__(("times", item.key, *self.moves), literals)
        self.item = item

    def node(self, fill: Fill) -> TextNode:
        texts: list[str | None] = []
        for moves in self.moves:
            first = next(fill)
            texts.append(_growing(first or "0", next(fill) or "0") if moves else first)
        count = next(fill)
        node = self.item.node(iter(texts))
        turn = "i" if any(self.moves) else "_"
        return Bracket("*[", [node, f"for {turn} in range({count})"], "]", " ")


def _growing(first: str, step: str) -> str:
    """Return the literal of turn ``i``."""
    sign = "-" if step.startswith("-") else "+"
    step = step.removeprefix("-")
    if not step.isidentifier() and not step.isdigit():
        step = f"({step})"
    grown = "i" if step == "1" else f"{step} * i"
    return grown if first == "0" and sign == "+" else f"{first} {sign} {grown}"


# What the positional arguments of a module say, by the beginning of its name.
_ROLES = {
    "nn.Conv": ("in_channels", "out_channels", "kernel_size"),
    "nn.Linear": ("in_features", "out_features"),
    "nn.BatchNorm": ("channels",),
    "nn.LayerNorm": ("channels",),
    "nn.InstanceNorm": ("channels",),
    "nn.GroupNorm": ("groups", "channels"),
    "nn.MaxPool": ("kernel_size",),
    "nn.AvgPool": ("kernel_size",),
    "nn.LPPool": ("p", "kernel_size"),
    "nn.Dropout": ("p",),
    "nn.PReLU": ("channels",),
    "nn.Embedding": ("vocabulary", "size"),
    "nn.RNN": ("in_channels", "units"),
    "nn.LSTM": ("in_channels", "units"),
    "nn.GRU": ("in_channels", "units"),
    "SelfAttention": ("channels", "heads"),
    "LocallyConnected": ("in_channels", "out_channels", "positions", "kernel_size"),
}

# What a person writes for a module that has nothing to keep.
_FUNCTIONS = {
    "nn.ReLU": "F.relu",
    "nn.ReLU6": "F.relu6",
    "nn.LeakyReLU": "F.leaky_relu",
    "nn.ELU": "F.elu",
    "nn.SELU": "F.selu",
    "nn.GELU": "F.gelu",
    "nn.SiLU": "F.silu",
    "nn.Sigmoid": "torch.sigmoid",
    "nn.Tanh": "torch.tanh",
    "nn.Softplus": "F.softplus",
    "nn.Hardswish": "F.hardswish",
    "nn.Hardsigmoid": "F.hardsigmoid",
    "nn.Softmax": "F.softmax",
}

_PADDED = re.compile(r"m\(F\.pad\(x, (\[[-\d, ]+\])(, value=-torch\.inf)?\)\)$")


class Form:
    """How a layer is written.

    module    what makes its module; None where it has none
    apply     its output, from ``m``, ``x`` and ``xs`` as in `TorchCode`; numbers have places
    in_row    the modules that do the same in an nn.Sequential; None where none do
    key       of all of it
    """

    def __init__(self, module: Template | None, apply: TextTemplate, in_row: list[Template] | None):
        self.module = module
        self.apply = apply
        self.in_row = in_row
        self.key = (module.key if module is not None else None, apply.key)
        self.literals = [*(module.literals if module is not None else ()), *apply.literals]


def made(source: str) -> Template:
    """Return the template of what makes a module."""
    if not isinstance(source, SourceCall):
        return TextTemplate(source)
    function = source.function
    roles = next((r for name, r in _ROLES.items() if function.startswith(name)), ())
    arguments: list[LiteralTemplate | Template] = []
    for number, (keyword, text, usual) in enumerate(source.arguments):
        role = keyword or (roles[number] if number < len(roles) else "size")
        arguments.append(made(text) if isinstance(text, SourceCall) else LiteralTemplate(text, usual, role))
    return Made(function, [keyword for keyword, _, _ in source.arguments], arguments)


class Counterpart:
    """A layer in PyTorch, on ``axes`` axes of positions, in its forms."""

    def __init__(self, torch_code: TorchCode, axes: int):
        self.source = torch_code.module
        self._torch_code = torch_code
        self._axes = axes
        self._forms: dict[bool, Form] = {}

    @property
    def can_pad(self) -> bool:
        """Whether its padding may as well stand in front."""
        return can_pad(self._torch_code)

    def same_as(self, other: Counterpart) -> bool:
        """Tell whether the other is the same source, and a module of one does for both."""
        return self.source == other.source and self._torch_code.apply == other._torch_code.apply

    def form(self, padded: bool = False) -> Form:
        """Tell how it is written; with ``padded``, what pads itself has its padding in front."""
        found = self._forms.get(padded)
        if found is None:
            found = self._forms[padded] = form_of(self._torch_code, self._axes, padded)
        return found


def form_of(torch_code: TorchCode, axes: int, padded: bool = False) -> Form:
    """Return the form of a PyTorch code; see Counterpart."""
    source, apply = torch_code.module, torch_code.apply
    if source is None:
        apply = apply.removesuffix(".clone()")
        flat = [TextTemplate("nn.Flatten()")] if apply == "torch.flatten(x, 1)" else None
        return Form(None, TextTemplate(apply), list(flat) if flat else None)
    module = made(source)
    if isinstance(module, Made) and module.function in _FUNCTIONS:
        arguments = source[len(module.function) + 1 : -1]
        function = _FUNCTIONS[module.function]
        call = f"{function}(x{', ' if arguments else ''}{arguments})"
        return Form(None, TextTemplate(call), [module])
    if padded and isinstance(module, Made) and "padding" in module.keywords and apply == "m(x)":
        module, apply = _pads_in_front(module, axes)
    in_row: list[Template] | None = None
    pads = _PADDED.match(apply)
    if apply == "m(x)":
        in_row = [module]
    elif apply == "m(torch.flatten(x, 1))":
        in_row = [TextTemplate("nn.Flatten()"), module]
    elif pads:
        kind, value = ("Constant", ", -torch.inf") if pads[2] else ("Zero", "")
        in_row = [TextTemplate(f"nn.{kind}Pad{axes}d({pads[1]}{value})"), module]
    return Form(module, TextTemplate(apply), in_row)


# Modules whose padding may as well stand in front, and what it is made of.
_PADS = {"nn.Conv": "", "nn.MaxPool": ", value=-torch.inf", "nn.AvgPool": ""}


def can_pad(torch_code: TorchCode) -> bool:
    """Tell whether it is a layer whose padding may as well stand in front."""
    if not isinstance(torch_code.module, SourceCall) or not torch_code.module.function.startswith(
        tuple(_PADS)
    ):
        return False
    module = made(torch_code.module)
    assert isinstance(module, Made)
    # Outside the padding, ceil_mode and count_include_pad count it as something else.
    plain = [module.option(name) for name in ("ceil_mode", "count_include_pad")]
    return all(option is None or option.text == option.usual for option in plain)


def _pads_in_front(module: Made, axes: int) -> tuple[Made, str]:
    at = module.keywords.index("padding")
    at_hand = module.arguments[at]
    assert isinstance(at_hand, LiteralTemplate)
    sizes = [int(n) for n in re.findall(r"\d+", at_hand.text)]
    sizes *= axes // len(sizes)
    pads = [size for size in reversed(sizes) for _ in range(2)]
    left = {
        keyword: LiteralTemplate("0", at_hand.usual, "padding") if keyword == "padding" else argument
        for keyword, argument in zip(module.keywords, module.arguments, strict=True)
        if keyword is not None
    }
    if "count_include_pad" in left:
        del left["padding"], left["count_include_pad"]  # as of one that cannot pad itself
    first = module.keywords.index(next(iter(left)))
    found = Made(module.function, [None] * first + list(left), [*module.arguments[:first], *left.values()])
    value = next(value for name, value in _PADS.items() if module.function.startswith(name))
    return found, f"m(F.pad(x, {pads}{value}))"
