"""How other tools count operations: one profile per tool, a small TOML file of rules.

The files lie in ``profiles/`` and are found by being there; docs/counters.md says how one is written. Rules
are formulas over what archcalc knows of a layer: its operations, its sizes, its attributes, and how its code
is written. What a tool counts by a fault stands apart from what it means to count.
"""

from __future__ import annotations

from .counting import Counted, CountedLayer, CountedTerm, count, count_layer
from .network_counter import NetworkCounter
from .profile import Profile, profile, profiles

__all__ = [
    "Counted",
    "CountedLayer",
    "CountedTerm",
    "NetworkCounter",
    "Profile",
    "count",
    "count_layer",
    "profile",
    "profiles",
]
