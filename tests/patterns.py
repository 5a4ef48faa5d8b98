"""Every regular expression of the package, how it is called, and texts that are made to take it
long."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import random
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import archcalc

if sys.version_info >= (3, 11):
    from re import _constants as sre
    from re import _parser as parser
else:
    import sre_constants as sre
    import sre_parse as parser

METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
# What looks through the whole text, and so begins anew at each sign of it.
SEARCHING = METHODS[2:]
LARGE = 8
# Texts that are tried on a pattern.
MOST = 200


class Used(NamedTuple):
    """A pattern of the package: where it stands, and whether it is matched at the start, matched
    whole, or looked for everywhere."""

    where: str
    pattern: re.Pattern[str]
    ways: tuple[str, ...]


def modules() -> Iterator[Any]:
    """All modules of the package."""
    for found in pkgutil.walk_packages(archcalc.__path__, "archcalc."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def used_patterns() -> list[Used]:
    """The patterns that modules hold, those that are written where they are used, and how."""
    ways: dict[tuple[str, int], set[str]] = {}
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    methods: dict[str, set[str]] = {}  # of a name of a pattern, in whatever module
    trees = []
    for module in modules():
        with open(module.__file__, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        trees.append((module, tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                named = node.value
                name = named.id if isinstance(named, ast.Name) else getattr(named, "attr", "")
                methods.setdefault(name, set()).add(node.attr)
    for module, tree in trees:
        held: list[tuple[str, re.Pattern[str]]] = []
        for name, value in vars(module).items():
            held += [(name, pattern) for pattern in _patterns(value, module.__name__, 0)]
        for name, pattern in held:
            # A pattern in a table goes by the name of a loop's variable.
            how = methods.get(name) or methods.get("pattern", set())
            key = (pattern.pattern, pattern.flags)
            found.setdefault(key, (f"{module.__name__}.{name}", pattern))
            ways.setdefault(key, set()).update(how)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in METHODS
            ):
                try:
                    text = _text(node.args[0], vars(module))
                except NameError:  # a pattern by the name of a variable of a function
                    continue
                flags = 0
                for word in node.keywords:
                    if word.arg == "flags":
                        flags = eval(compile(ast.Expression(word.value), "", "eval"), {"re": re})
                pattern = re.compile(text, flags)
                key = (pattern.pattern, pattern.flags)
                found.setdefault(key, (f"{module.__name__}, line {node.lineno}", pattern))
                ways.setdefault(key, set()).add(node.func.attr)
    return [Used(where, pattern, _ways(ways[key])) for key, (where, pattern) in found.items()]


def _ways(methods: set[str]) -> tuple[str, ...]:
    plain = {"search" if method in SEARCHING else method for method in methods}
    return tuple(sorted(plain or {"match", "fullmatch", "search"}))


def _patterns(value: Any, module: str, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from _patterns(one, module, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        yield from _patterns([*value, *value.values()], module, depth + 1)
    elif isinstance(value, type) and value.__module__ == module:
        yield from _patterns(dict(vars(value)), module, depth + 1)


def _text(node: ast.expr, names: dict[str, Any]) -> str:
    """The text of a pattern in a call; what is put in where it runs stands as a letter."""
    if isinstance(node, ast.JoinedStr):
        return "".join([_text(part, names) for part in node.values])
    if isinstance(node, ast.FormattedValue):
        try:
            return str(eval(compile(ast.Expression(node.value), "", "eval"), dict(names)))
        except NameError:
            return "x"
    found = eval(compile(ast.Expression(node), "", "eval"), dict(names))
    return found.pattern if isinstance(found, re.Pattern) else str(found)


# ---------------------------------------------------------------------------------------------
# Texts that take long


class Attack(NamedTuple):
    """A text: a start, so many times a piece, and an end."""

    start: str
    piece: str
    end: str

    def text(self, times: int) -> str:
        return self.start + self.piece * times + self.end


def attacks(pattern: re.Pattern[str]) -> list[Attack]:
    """Texts on which a pattern may look for a match in many ways: what its repetitions repeat, many
    times, behind what stands before them, and with an end that does not fit."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    rng = random.Random(1)
    found: dict[Attack, None] = {}
    pieces: dict[str, None] = {}
    starts: dict[str, None] = {"": None}
    for before, body in _repeats(tree, []):
        for _ in range(3):
            pieces[_sample(body, rng)] = None
            starts["".join([_sample([node], rng) for node in before])] = None
    for part in _parts(tree):
        for at in range(len(part)):
            for wide in (2, 3):
                pieces[_sample(part[at : at + wide], rng)] = None
    signs = {sign for node in _literals(tree) for sign in node} | set(' 1ax-,.*(["\t')
    pieces |= dict.fromkeys(sorted(signs))
    for piece in pieces:
        if piece:
            for start in list(starts)[:6]:
                for end in ("", "\u2603", "\n!"):
                    found[Attack(start, piece, end)] = None
    every = list(found)
    return rng.sample(every, MOST) if len(every) > MOST else every


def _parts(tree: Any) -> Iterator[list[Any]]:
    """The sequences of a pattern, inside and out."""
    yield list(tree)
    for op, argument in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from _parts(argument[2])
        elif op is sre.SUBPATTERN:
            yield from _parts(argument[3])
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from _parts(branch)


def _repeats(tree: Any, before: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    """Each repetition of a pattern: what stands before it, and what it repeats."""
    for at, (op, argument) in enumerate(tree):
        ahead = [*before, *tree[:at]]
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) or str(op) == "POSSESSIVE_REPEAT":
            _, high, body = argument
            if high is sre.MAXREPEAT or high > LARGE:
                yield ahead, body
            yield from _repeats(body, ahead)
        elif op is sre.SUBPATTERN:
            yield from _repeats(argument[3], ahead)
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, ahead)
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _repeats(argument[1], ahead)
        elif str(op) == "ATOMIC_GROUP":
            yield from _repeats(argument, ahead)


def _literals(tree: Any) -> Iterator[str]:
    for op, argument in tree:
        if op is sre.LITERAL:
            yield chr(argument)
        elif op is sre.IN:
            yield from ("".join(list(_of_set(argument))[:3]),)
        elif op is sre.SUBPATTERN:
            yield from _literals(argument[3])
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from _literals(branch)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from _literals(argument[2])


def _of_set(items: Any) -> Iterator[str]:
    """Some signs of a set."""
    if items and items[0][0] is sre.NEGATE:
        barred = set(_of_set(items[1:]))
        yield from [sign for sign in "a1 x-,.(\u00e9" if sign not in barred]
        return
    for op, argument in items:
        if op is sre.LITERAL:
            yield chr(argument)
        elif op is sre.RANGE:
            yield from (chr(argument[0]), chr(argument[1]))
        elif op is sre.CATEGORY:
            yield from {"DIGIT": "10", "SPACE": " \t", "WORD": "ax1_"}.get(
                str(argument).rpartition("_")[2], "-"
            )


def _sample(tree: Any, rng: random.Random) -> str:
    """A text that a pattern, or a part of one, matches, as far as looks around allow."""
    shown = ""
    for op, argument in tree:
        if op is sre.LITERAL:
            shown += chr(argument)
        elif op in (sre.ANY, sre.NOT_LITERAL):
            shown += rng.choice("a1 x")
        elif op is sre.IN:
            shown += rng.choice([*_of_set(argument)] or ["a"])
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT) or str(op) == "POSSESSIVE_REPEAT":
            low, high, body = argument
            times = rng.randint(low, max(low, min(int(high), low + 2)))
            shown += "".join([_sample(body, rng) for _ in range(times)])
        elif op is sre.SUBPATTERN:
            shown += _sample(argument[3], rng)
        elif op is sre.BRANCH:
            shown += _sample(rng.choice(argument[1]), rng)
        elif str(op) == "ATOMIC_GROUP":
            shown += _sample(argument, rng)
    return shown
