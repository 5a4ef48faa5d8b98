"""What an op is: a class that holds everything that is true of a layer.

To add a layer, write a subclass of :class:`Op` in a file of this folder. Its class attributes are
the signature, and say what it is (``traits.py``); its methods are the rules (``rules.py``). Nothing else
has to be touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..arithmetic import Number, RuleNumber, key_of, total
from ..shape import Shape
from .attributes import LARGEST, Attribute, FlagOrNames, OpError, Word, plain_value, show
from .facts import OperationCounts, Saved, Tensor
from .input_windows import WindowsByInput
from .rules import Rules
from .stated import EXTRA, EXTRA_BUFFERS, EXTRA_MACS, with_extra, with_extra_macs, without_extra
from .volume import Volume
from .window import Window, unchanged_axes

REGISTRY: dict[str, type[Op]] = {}

# Every op with parameters has it, unless it says more of its own.
FROZEN = FlagOrNames("the parameters are not trained, or those so named", False)
FROZEN.__set_name__(FlagOrNames, "frozen")

# What most ops do to the shape.
UNCHANGED = "any; what it puts out has the shape of what arrives"


class Op(Rules):
    """Base of all ops. A subclass states its signature, its rules, and its documentation.

    The first line of its docstring is what `archcalc ops` prints beside the name. Arguments are class
    attributes (``Axes``, ``Count``, ``Flag`` …); each object has their values. Rules get the shapes that
    arrive, channels last and without the batch, and return counts for one element of the batch. They are
    plain arithmetic, with no ``if`` on a number: they run on recorded symbols too.

    Args:
        values: The arguments by name; what is missing has its default.

    Raises:
        OpError: Where a required argument is missing, or a value does not fit.

    Example:
        >>> from archcalc.ops.base import Op
        >>> from archcalc.ops.facts import OperationCounts
        >>> from archcalc.ops.volume import Volume
        >>> from archcalc.ops.window import unchanged_axes
        >>> class Doubled(Op):
        ...     "Twice each value."
        ...
        ...     name = "doubled"
        ...
        ...     def volume(self, x):
        ...         return Volume(unchanged_axes(x.spatial), x.channels, x.channels)
        ...
        ...     def operations(self, x):
        ...         return OperationCounts(mul=x.values)
        >>> layer = archcalc.load("8x8x3 -> doubled").layer("doubled1")
        >>> layer.output, layer.facts.operations.mul
        ((8, 8, 3), 192)
        >>> del archcalc.ops.registry()["doubled"]
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        attributes: dict[str, Attribute] = {}
        for base in reversed(cls.__bases__):
            attributes.update(getattr(base, "attributes", {}))
        for value in vars(cls).values():
            if isinstance(value, Attribute):
                attributes[value.name] = value
        if cls.weighted:
            attributes.setdefault("frozen", FROZEN)
        if cls.weighted or cls.states_tensors:
            attributes.setdefault("extra", EXTRA)
            attributes.setdefault("extra_buffers", EXTRA_BUFFERS)
            attributes.setdefault("extra_macs", EXTRA_MACS)
        if "tensors" in vars(cls) or cls.states_tensors:
            cls.tensors = with_extra(cls.tensors)  # type: ignore[method-assign]
        if "textbook" in vars(cls):
            cls.textbook = without_extra(cls.textbook)  # type: ignore[method-assign]
        if "operations" in vars(cls) or cls.states_tensors:
            cls.operations = with_extra_macs(cls.operations)  # type: ignore[method-assign]
        cls.attributes = attributes
        cls.synonyms = tuple(
            dict.fromkeys([word.format(axes) for word in cls.synonyms for axes in (1, 2, 3)])
        )
        if "name" in vars(cls) and cls.name and cls.spellable:
            other = REGISTRY.get(cls.name)
            # The same class again is one that was edited, in a notebook or before a reload.
            if other is not None and (other.__module__, other.__qualname__) != (
                cls.__module__,
                cls.__qualname__,
            ):
                raise TypeError(f"two ops are called {cls.name}")
            REGISTRY[cls.name] = cls

    def __init__(self, **values: object):
        """Raises OpError if a required attribute is missing or a value does not fit its type."""
        mine = self.__dict__
        for name, attribute in self.attributes.items():
            if name in values:
                mine[attribute.slot] = attribute.read(values[name])
            elif attribute.required:
                raise OpError("argument", f"`{self.name}` needs `{name}`: {attribute.help}")
            else:
                mine[attribute.slot] = attribute.default
        mine["_facts"] = {}
        self.check()

    def check(self) -> None:
        """Check arguments against each other; a subclass overrides it.

        Raises:
            OpError: For arguments that do not go together.
        """

    def facts(self, inputs: tuple[Shape, ...]) -> Facts:
        """Apply all rules.

        Args:
            inputs: The shapes that arrive, channels last and without the batch.

        Returns:
            What the rules say. Layers that are alike share it.

        Raises:
            OpError: For shapes that do not fit.

        Example:
            >>> from archcalc.ops import registry
            >>> from archcalc.shape import Shape
            >>> registry()["fc"](units=10).facts((Shape([100]),)).params
            1010
        """
        cache: dict[Any, Facts] = self.__dict__["_facts"]
        key: Any = inputs
        try:
            found = cache.get(inputs)
        except TypeError:  # numbers of many designs; the facts keep them
            key = key_of(inputs)
            found = cache.get(key)
        if found is None:
            found = cache[key] = Facts(self, inputs)
        return found

    def with_attributes(self, **values: Number) -> Op:
        """A copy whose attributes are replaced without a check: to run the rules on symbols."""
        copy = object.__new__(type(self))
        mine = copy.__dict__
        for name, value in self.__dict__.items():
            if not name.startswith("_"):  # results kept for the old values
                mine[name] = value
        mine.update({self.attributes[name].slot: value for name, value in values.items()})
        mine["_facts"] = {}
        return copy

    def argument(self, name: str) -> Any:
        """The value of an argument, by its name in a spec.

        Args:
            name: A key of ``attributes``.

        Example:
            >>> from archcalc.ops import registry
            >>> registry()["fc"](units=10).argument("units")
            10
        """
        return self.__dict__[self.attributes[name].slot]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of its arguments: numbers, words, yes and no; sizes as lists, fractions as text. What is
        left at nothing is left out.

        Example:
            >>> from archcalc.ops import registry
            >>> registry()["sdpa"](heads=4).to_dict()["heads"]
            4
        """
        found = {}
        for name in self.attributes:
            value = self.argument(name)
            if value is not None:
                found[name] = list(value) if isinstance(value, tuple) else plain_value(value)
        return found

    @classmethod
    def suits(cls, x: Shape) -> bool:
        """Whether a synonym that it has in common with another op means it where ``x`` arrives."""
        return True

    # Words -----------------------------------------------------------------------------------

    def format_saved(self, *inputs: Shape) -> str:
        """What is kept for the backward pass, and where there is no rule for it, in words."""
        saved = self.saves(*inputs)
        if saved is None:
            return f"no rule: {self.no_saved_rule}" if self.no_saved_rule else "no rule"
        words = saved.words(several=self.merge)
        return f"{words}; no rule {self.no_saved_rule}" if self.no_saved_rule else words

    @classmethod
    def documentation(cls) -> str:
        """The docstring of the class; empty where it has none of its own."""
        from inspect import cleandoc

        return cleandoc(vars(cls).get("__doc__") or "")

    @classmethod
    def format_counting(cls) -> str:
        """How operations are counted, in words. Where the class has none, whether it has a rule."""
        silent = "no rule" if cls.operations is Op.operations else "a rule that the class does not describe"
        return cls.counting or silent

    def describe(self, given: Iterable[str]) -> str:
        """The op with the attributes given in the text: ``conv 3x3 64 stride=2``."""
        words = [self.name]
        named = [*given, *(name for name in self.shown if name not in given)]
        for name in self.positional:
            value = self.argument(name)
            if value is not None:
                words.append(show(value))
        for name, attribute in self.attributes.items():
            if name in self.positional or name not in named:
                continue
            value = self.argument(name)
            if name in self.shown or isinstance(value, RuleNumber) or value != attribute.default:
                words.append(
                    f"{name}={show(value)}"
                    if not isinstance(value, str) or isinstance(value, Word)
                    else f"{name}=…"
                )
        return " ".join(words)

    def __repr__(self) -> str:
        return f"<{self.describe(self.attributes)}>"


def _need_tensors(op: Op, inputs: tuple[Shape, ...]) -> None:
    """Refuse names of frozen tensors that the op has not. Raises OpError."""
    names = [tensor.name for tensor in op.tensors(*inputs) or () if tensor.learned]
    for name in op.frozen_names:
        if name not in names:
            known = f"it has {', '.join(names)}" if names else "it has none that is learned"
            raise OpError("argument", f"`{op.name}` has no tensor `{name}`", "frozen", help=known)


class Facts:
    """What an op's rules say for given input shapes; worked out once, shared by all layers alike.

    The output is known at once, which is all that reading a spec needs; the rest is worked out when
    it is first asked for. A quantity for which the op has no rule is None.
    """

    __slots__ = (
        "output",
        "misfits",
        "tensors",
        "params",
        "biases",
        "buffers",
        "operations",
        "macs",
        "volume",
        "windows",
        "pointwise",
        "connections",
        "saved",
        "_op",
        "_inputs",
    )

    output: Shape
    tensors: tuple[Tensor, ...] | None
    params: int | None
    # Those of the parameters that are added and not multiplied.
    biases: int | None
    buffers: int | None
    operations: OperationCounts | None
    macs: int | None
    volume: Volume | None
    windows: tuple[Window, ...] | WindowsByInput | str | None
    # Unit i reads position i alone, on every axis.
    pointwise: bool
    connections: int | None
    saved: Saved | None
    # Axes on which a window does not fit, and the windows.
    misfits: tuple[tuple[int, Window], ...]

    def __init__(self, op: Op, inputs: tuple[Shape, ...]):
        op.accept(*inputs)
        self.output = op.output(*inputs)
        for number in self.output:
            if not 1 <= number <= LARGEST:
                raise OpError("shape", f"the output would be {self.output}", "input")
        if op.frozen_names:
            _need_tensors(op, inputs)
        self._op = op
        self._inputs = inputs

    def __getattr__(self, name: str) -> Any:
        """Fill the slots that are still empty."""
        if name not in self.__slots__:
            raise AttributeError(name)
        op, inputs = self._op, self._inputs
        if name == "saved":
            # By itself: only who trains asks for it.
            self.saved = op.saves(*inputs)
            return self.saved
        if name == "misfits":
            self.misfits = op.misfits(*inputs)
            return self.misfits
        if name == "volume":
            self.volume = op.known_volume(inputs)
            return self.volume
        self.tensors = tensors = op.tensors(*inputs)
        if not tensors:  # most layers
            self.params = self.biases = self.buffers = None if tensors is None else 0
        else:
            self.params = total([t.size for t in tensors if t.learned])
            self.biases = total([t.size for t in tensors if t.learned and t.is_bias])
            self.buffers = total([t.size for t in tensors if not t.learned])
        self.operations = op.operations(*inputs)
        done = self.operations
        self.macs = None if done is None else done.mul_add if op.matrix_product else done.once
        self.windows = windows = op.window(*inputs)
        self.pointwise = isinstance(windows, tuple) and all(w.pointwise for w in windows)
        self.connections = op.connections(*inputs)
        # The rules that share the terms have all run: of many layers they would be many objects.
        op.__dict__.pop("_terms", None)
        return getattr(self, name)


class Free(Op):
    """Base of ops that compute nothing: they move, cut or drop values, or look them up."""

    counting = "none: declared free"

    def operations(self, *inputs: Shape) -> OperationCounts:
        return OperationCounts()

    def saves(self, *inputs: Shape) -> Saved | None:
        return Saved()


class Unchanged(Op):
    """Base of ops that put out the shape that arrives, each unit from its own position."""

    shapes = UNCHANGED

    def volume(self, x: Shape) -> Volume:
        return Volume(unchanged_axes(x.spatial), x.channels, x.channels)

    def output(self, x: Shape) -> Shape:
        return x


class Elementwise(Unchanged):
    """Base of ops that treat each value by itself."""

    inline = True
    by_value = True
