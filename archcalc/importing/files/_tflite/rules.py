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
Outputs = Any
OperatorRule = Callable[["TfliteReader", "TfliteOperator"], Outputs]

_RULES: dict[str, OperatorRule] = {}


def rule(*words: str) -> Callable[[OperatorRule], OperatorRule]:
    """Make a function the rule of operators.

    It writes operations of PyTorch into the recording (``reader.do``) and returns what the operator puts out.

    Args:
        words: What the format calls them, ``CONV_2D``; ``CUSTOM:NAME`` for those that it does not know.
    """

    def enter(function: OperatorRule) -> OperatorRule:
        for word in words:
            _RULES[word] = function
        return function

    return enter


@cache
def rules() -> dict[str, OperatorRule]:
    """Return the rules that there are, by operator."""
    from . import operators

    for found in iter_modules(operators.__path__):
        import_module(f"{operators.__name__}.{found.name}")
    return dict(_RULES)
