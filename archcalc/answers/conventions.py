"""Conventions that a course agrees on where the field has not, each with its choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..diagnostics import did_you_mean, fail


class Convention(NamedTuple):
    """One thing that is counted in more ways than one.

    name     the key in a quiz's ``[conventions]``
    choices  what may be chosen, the usual one first, each in the words of a report
    """

    name: str
    choices: Mapping[str, str]

    @property
    def usual(self) -> str:
        """The choice that holds where none is given."""
        return next(iter(self.choices))


CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention(
            "rounding",
            {
                "spec": "a window that does not fit is left out: sizes are rounded down",
                "strict": "a window that does not fit is no layer",
            },
        ),
        Convention("bias", {"yes": "biases are counted", "no": "biases are not counted"}),
        Convention(
            "norm",
            {
                "learned": "a normalisation has the 2 values per channel that are learned",
                "stored": "a normalisation has 4 values per channel, as Keras counts in total",
            },
        ),
        Convention(
            "operations",
            {
                "spec": "a multiply-add is 1 MAC and 2 FLOPs",
                "mac": "a multiply-add is 1 operation, also where FLOPs are asked for",
            },
        ),
        Convention(
            "megabyte", {"decimal": "1 MB is 10^6 bytes, 1 MiB is 2^20", "binary": "1 MB is 2^20 bytes"}
        ),
        Convention(
            "memory", {"bytes": "memory is counted in bytes", "values": "memory is counted in values"}
        ),
        Convention(
            "decimal",
            {
                "ask": "a student's decimal sign is inferred, or asked about",
                "point": "a point is a decimal sign, a comma sets thousands apart",
                "comma": "a comma is a decimal sign, a point sets thousands apart",
            },
        ),
        Convention("layout", {"hwc": "channels last", "chw": "channels first"}),
    )
}


# The beliefs of the catalogue that a choice makes the rule.
RULES = {
    ("rounding", "strict"): "not-rounded",
    ("bias", "no"): "bias-forgotten",
    ("norm", "stored"): "norm-stored",
    ("operations", "mac"): "flops-halved",
    ("memory", "values"): "bytes-forgotten",
}


class Conventions(Mapping[str, str]):
    """A choice for every convention; what is not given is as usual."""

    __slots__ = ("_chosen",)

    def __init__(self, given: Mapping[str, str] | None = None):
        """Raises SpecError for a convention or a choice that there is not."""
        chosen = {name: convention.usual for name, convention in CONVENTIONS.items()}
        for name, choice in (given or {}).items():
            convention = CONVENTIONS.get(name)
            if convention is None:
                raise fail(
                    "argument",
                    f"there is no convention `{name}`",
                    *did_you_mean(name, CONVENTIONS),
                    f"there are {', '.join(CONVENTIONS)}",
                )
            if choice not in convention.choices:
                raise fail(
                    "argument", f"`{name}` is not `{choice}`", f"it is {' or '.join(convention.choices)}"
                )
            chosen[name] = choice
        self._chosen = chosen

    def __getitem__(self, name: str) -> str:
        return self._chosen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The conventions that change a rule: the name, and the belief of the catalogue."""
        found = [(name, RULES.get((name, choice))) for name, choice in self._chosen.items()]
        return [(name, id) for name, id in found if id is not None]

    @property
    def words(self) -> list[str]:
        """The conventions that hold, one sentence each, for the head of a report."""
        return [CONVENTIONS[name].choices[choice] for name, choice in self._chosen.items()]

    @property
    def unusual(self) -> list[str]:
        """The choices that are not the usual ones."""
        return [
            convention.choices[self[name]]
            for name, convention in CONVENTIONS.items()
            if self[name] != convention.usual
        ]
