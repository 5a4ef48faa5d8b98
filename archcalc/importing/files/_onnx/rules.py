"""Which rule an operator of ONNX has. A file of ``operators`` holds those of one family."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .nodes import OnnxNode
from .reader import OnnxReader

# What a node puts out: a value of the recording, or one for each output; None for an output without one (a
# mask that nobody reads). A tensor of the file stands for itself.
Outputs = Any
OperatorRule = Callable[["OnnxReader", "OnnxNode"], Outputs]

_RULES: dict[tuple[str, str], OperatorRule] = {}


def rule(*operators: str, domain: str = "") -> Callable[[OperatorRule], OperatorRule]:
    """Make a function the rule of operators.

    It writes operations of PyTorch into the recording (``reader.do``) and returns what the node puts out. Of
    several versions of an operator it asks ``node.version``.

    Args:
        operators: Their names, ``Conv``.
        domain: Where they are from; empty for ONNX's own, ``com.microsoft`` for those of onnxruntime.
    """

    def enter(function: OperatorRule) -> OperatorRule:
        for operator in operators:
            _RULES[domain, operator] = function
        return function

    return enter


@cache
def rules() -> dict[tuple[str, str], OperatorRule]:
    """Return the rules that there are, by domain and operator."""
    from . import operators

    for found in iter_modules(operators.__path__):
        import_module(f"{operators.__name__}.{found.name}")
    return dict(_RULES)
