"""Which rule an operator of TensorFlow Lite has. A file of ``operators`` holds those of one family."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .nodes import TfliteOperator
from .reader import TfliteReader

# What an operator puts out: a value of the recording, or one for each output.
OperatorOutputs = Any
TfliteRule = Callable[["TfliteReader", "TfliteOperator"], OperatorOutputs]

_RULES: dict[str, TfliteRule] = {}


def rule(*words: str) -> Callable[[TfliteRule], TfliteRule]:
    """Make a function the rule of operators.

    It writes operations of PyTorch into the recording (``reader.do``) and returns what the operator puts out.

    Args:
        words: What the format calls them, ``CONV_2D``; ``CUSTOM:NAME`` for those that it does not know.
    """

    def enter(function: TfliteRule) -> TfliteRule:
        for word in words:
            _RULES[word] = function
        return function

    return enter


@cache
def rules() -> dict[str, TfliteRule]:
    """Return the rules that there are, by operator."""
    from . import operators

    for found in iter_modules(operators.__path__):
        import_module(f"{operators.__name__}.{found.name}")
    return dict(_RULES)
