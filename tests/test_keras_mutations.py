"""Configurations of Keras, damaged by chance: each is read, or ends in one message, in little time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import test_keras_layers as cases

from archcalc import SpecError, load

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras writes the configurations")

# What stands in the place of a value.
VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2, 0.5, 10**7, 10**13, 10**30, -(10**30), 1e308),
    *(float("nan"), float("inf"), "", "x" * 1000, "same", "channels_first", "Conv2D", "\x00\u202e"),
    *([], {}, [[]], [None], [-1, -1], [1] * 5, [[1, 2]], ["a", 0, 0], [None, 0, 3], [None, 10**9, 10**9, 3]),
    *({"class_name": "Dense", "config": {}}, {"class_name": "__tuple__", "items": [1, 2]}),
    *({"class_name": "function", "config": "relu"}, {"class_name": "__keras_tensor__", "config": {}}),
)
# Every case is read in less than this many seconds.
LONGEST = 20


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place in a tree of JSON: what holds it, and its key."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (dict, list)):
            for key in one if isinstance(one, dict) else range(len(one)):
                yield one, key
                waiting.append(one[key])


def mutated(text: str, chance: random.Random) -> str:
    """Return a configuration with one to four changes."""
    tree = json.loads(text)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        found = [*places(tree)]
        if not found:
            break
        holder, key = chance.choice(found)
        other, at = chance.choice(found)
        act = chance.random()
        if act < 0.15:
            del holder[key]
        elif act < 0.6:
            holder[key] = json.loads(json.dumps(chance.choice(VALUES)))
        elif act < 0.75:
            holder[key] = json.loads(json.dumps(other[at]))
        elif act < 0.85 and isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(holder[key])))
        elif act < 0.95 and isinstance(holder, dict):
            holder[str(at)] = holder.pop(key)
        else:
            for _ in range(chance.choice([3, 100])):
                inner = holder[key]
                is_list = chance.random() < 0.5
                holder[key] = (
                    [inner] if is_list else {"class_name": "Sequential", "config": {"layers": inner}}
                )
    return json.dumps(tree)


def attacked(count: int, seed: int) -> None:
    """Damage configurations of layers of every kind, and read them."""
    kinds = {**cases.RECURRENT, **cases.ATTENTION, **cases.OPERATIONS, **cases.EACH_STEP}
    texts = [found[0] for found in cases.witnessed(kinds).values() if isinstance(found, list)]
    assert len(texts) > 20
    chance, refused = random.Random(seed), 0
    for number in range(count):
        text = mutated(chance.choice(texts), chance)
        start = time.perf_counter()
        try:
            load("-", stdin=text, file_format="keras").summary().to_dict()
        except SpecError as error:
            refused += 1
            messages = [one.message for one in error.diagnostics]
        else:
            messages = [""]
        assert messages, (seed, number)
        assert max(map(len, messages)) < 500, (seed, number)
        assert time.perf_counter() - start < LONGEST, (seed, number)
    assert count // 10 < refused < count


def test_damaged_configurations() -> None:
    """Defeats a reader that takes a value for a list, follows any number, or fails in its own code."""
    attacked(300, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
def test_many_damaged_configurations(seed: int) -> None:
    """As above, for more of them."""
    attacked(1000, seed)
