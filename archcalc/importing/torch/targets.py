"""Which module a target names: ``package.module:attribute`` or ``path/to/file.py:attribute``, perhaps with
the arguments of a call, which are literals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...diagnostics import SpecError, fail

_ATTRIBUTE = r"[^\W\d]\w*(?:\.\w+)*"
_TARGET = re.compile(
    rf"(?P<place>[^\W\d]\w*(?:\.[^\W\d]\w*)*|[^\0\n]*\.py):(?P<attribute>{_ATTRIBUTE})(?P<call>\(.*\))?",
    re.DOTALL,
)
# What stands behind the colon of a file, where that is no attribute.
_FILE = re.compile(r"(?P<file>[^\0\n]+\.py):(?P<rest>.*)", re.DOTALL)
# Signs of a target that are read, and values in its arguments nested in each other.
LONGEST = 20_000
_DEEPEST = 50


class ModuleTarget:
    """A module as a target names it.

    Attributes:
        text: The target as it was typed.
        place: The dotted name of a Python module, or the path of a file.
        attribute: The dotted name of what stands there.
        called: Whether arguments were given, be it none: ``name()``.
        args: The arguments by position.
        kwargs: The arguments by name.
        found: What it names, where its code has been run already; else None.

    Example:
        >>> from archcalc.importing.torch.targets import ModuleTarget
        >>> found = ModuleTarget.read('timm:create_model("resnet50d", num_classes=10)')
        >>> found.place, found.attribute, found.args, found.kwargs
        ('timm', 'create_model', ('resnet50d',), {'num_classes': 10})
    """

    __slots__ = ("text", "place", "attribute", "called", "args", "kwargs", "found")

    def __init__(
        self,
        text: str,
        place: str,
        attribute: str,
        called: bool = False,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ):
        self.text = text
        self.place = place
        self.attribute = attribute
        self.called = called
        self.args = args
        self.kwargs = dict(kwargs or {})
        self.found: Any = None

    @property
    def file(self) -> str | None:
        """The path of the file that holds it; None where it is a module that Python finds."""
        return self.place if self.place.endswith(".py") else None

    @classmethod
    def find(cls, text: str) -> ModuleTarget | None:
        """Read a target, if it has the form of one that names a module.

        Args:
            text: The target.

        Returns:
            What it names; None for a target of another kind.

        Raises:
            SpecError: For arguments that are no literals.

        Example:
            >>> from archcalc.importing.torch.targets import ModuleTarget
            >>> ModuleTarget.find("nets.arch:small") is None
            True
        """
        text = text.strip()
        found = _TARGET.fullmatch(text[: LONGEST + 1])
        if found is None or found["place"].endswith(".arch"):
            return None
        if len(text) > LONGEST:
            raise fail("limit", f"a target has at most {LONGEST:,} signs")
        call = found["call"]
        args, kwargs = arguments(text, call) if call is not None else ((), {})
        return cls(text, found["place"], found["attribute"], call is not None, args, kwargs)

    @classmethod
    def read(cls, text: str) -> ModuleTarget:
        """Read a target that has to name a module.

        Args:
            text: The target.

        Returns:
            What it names.

        Raises:
            SpecError: For a target of another kind, and for arguments that are no literals.

        Example:
            >>> from archcalc.importing.torch.targets import ModuleTarget
            >>> ModuleTarget.read("nets/mine.py:Net.small").attribute
            'Net.small'
        """
        found = cls.find(text)
        if found is None:
            in_file = _FILE.fullmatch(text[:LONGEST])
            if in_file is not None and in_file["rest"].strip():
                raise fail(
                    "target",
                    f"`{in_file['rest']}` is no name of anything in {in_file['file']}",
                    f"as in {in_file['file']}:Net, or {in_file['file']}:Net(width=64)",
                )
            raise fail(
                "target",
                f"`{text}` is not package.module:attribute",
                "as in torchvision.models:resnet50, or path/to/file.py:Net",
            )
        return found

    def with_arguments(self, settings: Mapping[str, Any] | None) -> ModuleTarget:
        """Add arguments of the call, by name: those of ``--set``.

        Args:
            settings: The arguments; a text is read as a literal of Python, and what is none stays a text.

        Returns:
            The target with these arguments.

        Raises:
            SpecError: For an argument that the target has already.

        Example:
            >>> from archcalc.importing.torch.targets import ModuleTarget
            >>> ModuleTarget.read("mine:Net").with_arguments({"width": "64", "norm": "batch"}).kwargs
            {'width': 64, 'norm': 'batch'}
        """
        if not settings:
            return self
        for name in settings:
            if name in self.kwargs:
                raise fail("argument", f"`{name}` is given twice: in the target and by --set")
        kwargs = {**self.kwargs, **{name: _literal(value) for name, value in settings.items()}}
        words = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in kwargs.items())]
        text = f"{self.place}:{self.attribute}({', '.join(words)})"
        return ModuleTarget(text, self.place, self.attribute, True, self.args, kwargs)

    def __repr__(self) -> str:
        return f"<ModuleTarget {self.text}>"


def arguments(text: str, call: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call, ``("name", 3, key=[1, 2])``, by position and by name. Raises SpecError
    for whatever is no literal: nothing is run to read them."""
    import ast

    try:
        node = ast.parse(f"f{call}", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        why = f": {error.msg}" if isinstance(error, SyntaxError) else ""
        raise _no_literals(text, f"its arguments cannot be read{why}") from None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise _no_literals(text, "more than one pair of brackets stands behind it")

    def value(of: ast.expr) -> Any:
        try:
            return ast.literal_eval(of)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise _no_literals(text, f"`{_text(of, call)}` is no literal") from None

    args = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            raise _no_literals(text, f"`{_text(argument, call)}` is no literal")
        args.append(value(argument))
    kwargs: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise _no_literals(text, "`**` is no literal")
        if keyword.arg in kwargs:
            raise fail("argument", f"`{keyword.arg}` is given twice in {text}")
        kwargs[keyword.arg] = value(keyword.value)
    return tuple(args), kwargs


def _text(node: Any, call: str) -> str:
    import ast

    return (ast.get_source_segment(f"f{call}", node) or "…")[:60]


def _no_literals(text: str, why: str) -> SpecError:
    return fail(
        "argument",
        f"{text}: {why}",
        "arguments are numbers, texts in quotes, True, False, None, lists and dictionaries",
        'as in mypkg:Net(64, norm="batch")',
    )


def _literal(value: Any) -> Any:
    """The value of ``--set``: a literal of Python where it is one, else the text."""
    if not isinstance(value, str):
        return value
    import ast

    if value.count("(") + value.count("[") + value.count("{") > _DEEPEST or len(value) > LONGEST:
        return value
    try:
        return ast.literal_eval(value.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return value
