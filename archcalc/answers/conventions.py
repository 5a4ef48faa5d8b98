"""Conventions that a course agrees on where the field has not, each with its choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..diagnostics import did_you_mean, fail


class Convention(NamedTuple):
    """One thing that is counted in more ways than one.

    name     the key in a quiz's ``[conventions]``
    choices  what may be chosen, the usual one first, each in the words of a report
    tacit    whether the usual choice goes without saying: a report does not name it
    """

    name: str
    choices: Mapping[str, str]
    tacit: bool = False

    @property
    def usual(self) -> str:
        """The choice that holds where none is given."""
        return next(iter(self.choices))


# The counter that is archcalc itself.
ARCHCALC = "archcalc"
# Behind the name of a counter: what its tool means to count.
WITHOUT_FAULTS = " without faults"


class Counters(Mapping[str, str]):
    """archcalc, then the other counters, with the words of each. A profile is read where its words are."""

    def __getitem__(self, name: str) -> str:
        if name == ARCHCALC:
            return "operations are counted as archcalc counts them"
        from ..counters import profile, profiles

        counter = name.removesuffix(WITHOUT_FAULTS)
        if counter not in profiles():
            raise KeyError(name)
        tool, faults = profile(counter), "with" if counter == name else "without"
        return f"operations are counted as by {tool.tool}, {faults} its faults: {tool.title}"

    def __contains__(self, name: object) -> bool:
        if name == ARCHCALC or not isinstance(name, str):
            return name == ARCHCALC
        return any(name.removesuffix(WITHOUT_FAULTS) == one for one in self if one != ARCHCALC)

    def __iter__(self) -> Iterator[str]:
        yield ARCHCALC
        from ..counters import profiles

        yield from profiles()

    def __len__(self) -> int:
        return sum([1 for _ in self])


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
        Convention("counter", Counters(), tacit=True),
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

# The conventions by which an answer may be right though the quiz has another, beside those of the
# catalogue: by the id for a quiz's ``[marks.conventions]``, with the words for a teacher.
CONVENTION_WORDS = {
    "rounding": "a window that does not fit is left out where the quiz has no layer then, or the other way",
    "bias": "biases counted where the quiz does not count them",
    "norm": "the 2 values per channel that are learned, where the quiz counts 4",
    "operations": "MACs called FLOPs, or FLOPs where the quiz counts MACs",
    "megabyte": "1 MB as 2^20 bytes where the quiz has 10^6, or the other way",
    "memory": "memory in values where the quiz has bytes, or the other way",
    "layout": "channels first where the quiz has them last, or the other way",
    "column": "a vector with an axis of one position behind it",
    "channels-alone": "the channels of a volume alone",
    "in-bytes": "a number of values given in bytes",
    "other-part": "the last layer of a chain where all of it is meant, or the other way",
    "whole-image": "the receptive field of a network with layers that see the whole image",
    "with-norm": "the normalisation behind a layer counted with it",
    "side-heads": "the side heads of a network counted too",
    "as-published": "as a publication of the network counts",
    "counter": "as another tool counts operations",
}
# Ids that mean the same to somebody who marks.
ALIASES = {
    "not-rounded": ("rounding",),
    "norm-stored": ("norm",),
    "flops-halved": ("operations",),
    "biases-not-counted": ("bias",),
    "memory": ("bytes-forgotten",),
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

    def but(self, given: Mapping[str, str]) -> Conventions:
        """The same but for some choices. Raises SpecError."""
        return Conventions({**self, **given}) if given else self

    @property
    def words(self) -> list[str]:
        """The conventions that hold, one sentence each, for the head of a report."""
        return [self.words_of(name) for name in self.named]

    @property
    def named(self) -> list[str]:
        """The conventions that a report names: all but those whose usual choice goes without saying."""
        return [name for name in self if not (CONVENTIONS[name].tacit and self.is_usual(name))]

    def words_of(self, name: str) -> str:
        """The choice of a convention, in the words of a report."""
        return CONVENTIONS[name].choices[self[name]]

    def is_usual(self, name: str) -> bool:
        """Whether the usual choice of a convention holds."""
        return self[name] == CONVENTIONS[name].usual

    @property
    def unusual(self) -> list[str]:
        """The choices that are not the usual ones."""
        return [self.words_of(name) for name in self if not self.is_usual(name)]
