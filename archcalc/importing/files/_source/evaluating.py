"""Reads Python code from its syntax tree, as far as its values are plain: loops over known ranges, functions,
classes, texts. Nothing is run or imported; every step is counted, so that reading ends.

What the values of a library do, a ``Host`` knows: what an import gives, and what is made of a class.
"""

from __future__ import annotations

from .calling import CallReader
from .expressions import ExpressionReader
from .hosting import Host
from .statements import StatementReader


class Evaluator(StatementReader, ExpressionReader, CallReader):
    """Reads one file.

    Args:
        host: The library.
    """


__all__ = ["Evaluator", "Host"]
