"""What a module's ``forward`` takes."""

from __future__ import annotations

from inspect import Parameter, Signature, signature
from typing import Any

from torch import nn

# Takes whatever it is given: of a ``forward`` that tells nothing.
_ANYTHING = Signature(
    [Parameter("args", Parameter.VAR_POSITIONAL), Parameter("kwargs", Parameter.VAR_KEYWORD)]
)


def forward_signature(module: nn.Module) -> Signature:
    """Return the signature of a module's ``forward``, bound.

    A TorchScript module tells it in the schema of its method, and Python sees only ``*args`` there.

    Args:
        module: The module.

    Returns:
        Its signature; one that takes anything where it cannot be told.

    Example:
        >>> from torch import nn
        >>> from archcalc.importing.torch.signatures import forward_signature
        >>> list(forward_signature(nn.Linear(2, 3)).parameters)
        ['input']
    """
    schema = getattr(module.forward, "schema", None)
    try:
        return signature(module.forward) if schema is None else _of_schema(schema)
    except (AttributeError, TypeError, ValueError):
        return _ANYTHING


def _of_schema(schema: Any) -> Signature:
    """The signature that a schema states, without its first argument, which is the module."""
    return Signature(
        [
            Parameter(
                argument.name,
                Parameter.KEYWORD_ONLY if argument.kwarg_only else Parameter.POSITIONAL_OR_KEYWORD,
                default=argument.default_value if argument.has_default_value() else Parameter.empty,
            )
            for argument in schema.arguments[1:]
        ]
    )
