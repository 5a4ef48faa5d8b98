"""archcalc: what every layer of a convolutional network puts out, holds, costs and sees."""

from __future__ import annotations

from ._version import __version__

__all__ = [
    "Network",
    "SpecError",
    "__version__",
    "apply",
    "check",
    "compare",
    "explain",
    "load",
    "mark",
    "reconcile",
    "solve",
    "sweep",
    "trace",
]

# As in typing, which takes longer to import than all that is here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .api.answers import check
    from .api.applying import apply
    from .api.classes import mark
    from .api.explaining import explain
    from .api.sweeps import sweep
    from .diagnostics import SpecError
    from .network import Network, compare, load, reconcile, solve, trace


def __dir__() -> list[str]:
    """The API, also before any of it was asked for."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that a command pays for nothing else."""
    if name in ("Network", "compare", "load", "reconcile", "solve", "trace"):
        from . import network

        return getattr(network, name)
    if name == "check":
        from .api.answers import check

        return check
    if name == "apply":
        from .api.applying import apply

        return apply
    if name == "sweep":
        from .api.sweeps import sweep

        return sweep
    if name == "explain":
        from .api.explaining import explain

        return explain
    if name == "mark":
        from .api.classes import mark

        return mark
    if name == "SpecError":
        from .diagnostics import SpecError

        return SpecError
    raise AttributeError(f"module 'archcalc' has no attribute {name!r}")
