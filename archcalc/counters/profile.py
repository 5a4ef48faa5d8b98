"""Profiles: how a tool counts, read from a TOML file. Every fault of one points at the file and the key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..algebra.reading import UnreadFormulaError
from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, did_you_mean, fail
from ..ops import registry
from ..source import Source
from ..texts import read
from ..toml_places import Places
from ..toml_text import read_toml
from .conditions import Conditions, Wanted, known_keys, wanted
from .formulas import CounterFormula

FOLDER = Path(__file__).parent / "profiles"
MACS, FLOPS = "MACs", "FLOPs"
# What a stranger's file may ask of the machine.
LARGEST, MOST_RULES, MOST_TERMS, DEEPEST = 2**18, 1_000, 50, 5
# Stands for all layers that no other rule names.
EVERY = "*"

_TOP = ("title", "tool", "version", "unit", "prints", "source", "base", "faults", "rules")
_RULE = ("ops", "when", "unless", "terms", "faults", "note")
_FAULT = ("fault", "when", "unless", "amount")


class RuleFault(NamedTuple):
    """What a rule counts too much (or, below 0, too little) by a fault of the tool."""

    fault: str
    conditions: Conditions
    amount: CounterFormula


class CounterRule(NamedTuple):
    """How layers of some ops are counted, where their code is written so.

    Args:
        ops: Names of ops, or EVERY alone.
        conditions: What must hold.
        terms: What is counted, in words, with its formula.
        faults: What the tool counts besides by its faults.
    """

    ops: tuple[str, ...]
    conditions: Conditions
    terms: Mapping[str, CounterFormula]
    faults: tuple[RuleFault, ...]


class Profile(NamedTuple):
    """How a tool counts.

    Attributes:
        name: What ``--counter`` calls it.
        tool: The name of the tool.
        version: The version whose figures it gives; empty for a habit of papers.
        unit: ``MACs`` or ``FLOPs``: what a figure is, whatever the tool calls it.
        title: What it counts, in a sentence.
        prints: What the tool calls the figure.
        source: Where its rules stand.
        rules: The rules; of those that name an op the first that holds counts.
        faults: Why each fault is one, by its name.

    Example:
        >>> from archcalc.counters import profile
        >>> fvcore = profile("fvcore")
        >>> fvcore.unit, fvcore.prints
        ('MACs', 'flops')
    """

    name: str
    tool: str
    version: str
    unit: str
    title: str
    prints: str
    source: str
    rules: tuple[CounterRule, ...]
    faults: Mapping[str, str]


def profiles() -> tuple[str, ...]:
    """Name the profiles that come with archcalc.

    Returns:
        Their names, in the order of the alphabet.

    Example:
        >>> from archcalc.counters import profiles
        >>> "fvcore" in profiles()
        True
    """
    return _names(FOLDER)


@cache
def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted([path.stem for path in folder.glob("*.toml")]))


def profile(name: str) -> Profile:
    """Read a profile.

    Args:
        name: One of ``profiles()``, or the path of a TOML file: what ends in ``.toml``.

    Returns:
        The profile.

    Raises:
        SpecError: For a name that there is not, and a file that is no profile, with all its faults.

    Example:
        >>> from archcalc.counters import profile
        >>> profile("torchinfo").version
        '1.8.0'
    """
    if name in profiles():
        return _shipped(name)
    if name.endswith(".toml"):
        return _read(read(name, LARGEST), name, Path(name).stem, 0)
    near = did_you_mean(name, profiles())
    raise fail(
        "counter",
        f"there is no counter `{name}`",
        *near,
        f"there are {', '.join(profiles())}; a file of one's own ends in .toml",
    )


@cache
def _shipped(name: str) -> Profile:
    path = FOLDER / f"{name}.toml"
    return _read(path.read_text("utf-8"), f"{name}.toml", name, 0)


def _read(text: str, path: str, name: str, depth: int) -> Profile:
    source = Source(path, text)
    return ProfileReader(Places(source), read_toml(source), name, depth).profile()


class ProfileReader:
    """Takes a profile from its TOML, and gathers what is wrong with it."""

    def __init__(self, places: Places, table: dict[str, Any], name: str, depth: int):
        self.places = places
        self.table = table
        self.name = name
        self.depth = depth
        self.wrong: list[Diagnostic] = []

    def fault(self, message: str, table: str = "", number: int = 0, key: str = "", *help: str) -> None:
        self.wrong.append(Diagnostic("counter", message, self.places.of(table, number, key), help=help))
        if len(self.wrong) >= MOST_ERRORS:
            raise SpecError(self.wrong)

    def profile(self) -> Profile:
        """The profile. Raises SpecError."""
        table = self.table
        self.known(table, _TOP)
        base = self.base()
        words = {key: self.text(table, key) for key in _TOP[: _TOP.index("base")]}
        if base is not None:
            words = {key: given or getattr(base, key) for key, given in words.items()}
        if words["unit"] not in (MACS, FLOPS):
            self.fault(f"`unit` is {MACS} or {FLOPS}", "", 0, "unit")
        if not words["title"]:
            self.fault("a profile has a `title`: what it counts, in a sentence")
        faults = dict(base.faults) if base is not None else {}
        stated = table.get("faults", {})
        if not isinstance(stated, dict) or not all(isinstance(reason, str) for reason in stated.values()):
            self.fault("`[faults]` has a reason in quotes for each fault", "faults")
            stated = {}
        faults |= stated
        rules = table.get("rules", [])
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self.fault("rules are tables `[[rules]]`", "rules")
            rules = []
        if len(rules) > MOST_RULES:
            self.fault(f"more than {MOST_RULES:,} rules", "rules")
            rules = []
        found = [self.rule(rule, number, faults) for number, rule in enumerate(rules)]
        if self.wrong:
            raise SpecError(self.wrong)
        stated_rules = tuple([rule for rule in found if rule is not None])
        return Profile(
            self.name,
            words["tool"] or self.name,
            words["version"],
            words["unit"],
            words["title"],
            words["prints"] or words["unit"],
            words["source"],
            stated_rules + (base.rules if base is not None else ()),
            faults,
        )

    def base(self) -> Profile | None:
        """The profile whose rules come behind its own."""
        name = self.text(self.table, "base")
        if not name:
            return None
        if name not in profiles() or self.depth >= DEEPEST:
            message = f"there is no counter `{name}`" if name not in profiles() else "it is its own base"
            self.fault(message, "", 0, "base", *did_you_mean(name, profiles()))
            return None
        text = (FOLDER / f"{name}.toml").read_text("utf-8")
        return _read(text, f"{name}.toml", name, self.depth + 1)

    def rule(self, rule: dict[str, Any], number: int, faults: Mapping[str, str]) -> CounterRule | None:
        """A rule. None where it has faults."""
        before = len(self.wrong)
        self.known(rule, _RULE, "rules", number)
        self.text(rule, "note", "rules", number)
        ops = self.ops(rule.get("ops"), number)
        conditions = Conditions(
            self.facts(rule.get("when", {}), number, "when"),
            self.facts(rule.get("unless", {}), number, "unless"),
        )
        terms = self.terms(rule.get("terms", {}), number)
        listed = rule.get("faults", [])
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            self.fault("`faults` of a rule are tables in a list", "rules", number, "faults")
            listed = []
        if len(listed) > MOST_TERMS:
            self.fault(f"more than {MOST_TERMS} faults of a rule", "rules", number, "faults")
            listed = []
        its = [self.rule_fault(one, number, faults) for one in listed]
        if len(self.wrong) > before:
            return None
        return CounterRule(ops, conditions, terms, tuple([one for one in its if one is not None]))

    def ops(self, ops: Any, number: int) -> tuple[str, ...]:
        if ops == EVERY:
            return (EVERY,)
        if not isinstance(ops, list) or not ops or not all(isinstance(op, str) for op in ops):
            self.fault('`ops` is a list of layers, or "*"', "rules", number, "ops")
            return ()
        known = registry()
        for op in ops:
            if op not in known and op != "opaque":
                self.fault(f"there is no layer `{op}`", "rules", number, "ops", *did_you_mean(op, known))
        return tuple(ops)

    def facts(self, given: Any, number: int, key: str) -> dict[str, Wanted]:
        if not isinstance(given, dict):
            self.fault(f"`{key}` is a table", "rules", number, key)
            return {}
        known, found = known_keys(), {}
        for word, value in given.items():
            if word not in known:
                near = did_you_mean(word, known)
                self.fault(f"no layer has an attribute `{word}`", "rules", number, key, *near)
                continue
            words = wanted(value)
            if words is None:
                self.fault(f"`{word}` is a value or a list of values", "rules", number, key)
                continue
            found[word] = words
        return found

    def terms(self, given: Any, number: int) -> dict[str, CounterFormula]:
        if not isinstance(given, dict) or len(given) > MOST_TERMS:
            self.fault("`terms` has a formula for each thing that is counted", "rules", number, "terms")
            return {}
        found = {}
        for what, text in given.items():
            formula = self.formula(text, number, "terms")
            if formula is not None:
                found[what] = formula
        return found

    def rule_fault(self, given: dict[str, Any], number: int, faults: Mapping[str, str]) -> RuleFault | None:
        self.known(given, _FAULT, "rules", number, "faults")
        name = given.get("fault")
        if not isinstance(name, str) or name not in faults:
            near = did_you_mean(str(name), faults)
            self.fault(f"`[faults]` has no `{name}`", "rules", number, "faults", *near)
            return None
        conditions = Conditions(
            self.facts(given.get("when", {}), number, "faults"),
            self.facts(given.get("unless", {}), number, "faults"),
        )
        amount = self.formula(given.get("amount"), number, "faults")
        return None if amount is None else RuleFault(name, conditions, amount)

    def formula(self, text: Any, number: int, key: str) -> CounterFormula | None:
        if isinstance(text, int) and not isinstance(text, bool):
            text = str(text)
        if not isinstance(text, str):
            self.fault("a formula is a text in quotes, or a whole number", "rules", number, key)
            return None
        try:
            return CounterFormula(text)
        except UnreadFormulaError as error:
            self.fault(f"`{text[:60]}`: {error}", "rules", number, key)
            return None

    def text(self, table: Mapping[str, Any], key: str, where: str = "", number: int = 0) -> str:
        found = table.get(key, "")
        if not isinstance(found, str):
            self.fault(f"`{key}` is a text in quotes", where, number, key)
            return ""
        return found

    def known(
        self, table: Mapping[str, Any], keys: tuple[str, ...], where: str = "", number: int = 0, at: str = ""
    ) -> None:
        for key in table:
            if key not in keys:
                near = did_you_mean(key, keys)
                self.fault(f"a profile has no `{key}` there", where, number, at or key, *near)
