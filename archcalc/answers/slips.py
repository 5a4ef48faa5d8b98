"""Slips of the pen: a right number that was copied or typed wrong. No misconceptions."""

from __future__ import annotations

from collections.abc import Iterator

# Shorter numbers differ in one digit for every reason.
LONG = 4
# Powers of ten that are looked for, and the zeros of each.
ZEROS = {1: "a zero", 2: "two zeros", 3: "three zeros", 4: "four zeros", 5: "five zeros", 6: "six zeros"}


def slips(written: int, right: int) -> Iterator[str]:
    """Yield the slips that turn the right number into the written one, in words."""
    if written == right or right <= 0 or written <= 0:
        return
    for power in ZEROS:
        times = "ten" if power == 1 else f"{10**power:,}"
        zeros = f"{ZEROS[power]} too"
        if written == right * 10**power:
            yield f"{times} times too large: {zeros} many"
        if written * 10**power == right:
            yield f"{times} times too small: {zeros} few"
    a, b = str(written), str(right)
    if len(a) == len(b):
        places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        if len(places) == 2 and [a[i] for i in places] == [b[i] for i in reversed(places)]:
            near = places[1] == places[0] + 1
            yield f"digits {b[places[0]]} and {b[places[1]]} swapped" + ("" if near else " over")
        elif len(places) == 1 and len(b) >= LONG:
            yield f"one digit: {a[places[0]]} for {b[places[0]]}"
    elif len(b) >= LONG and len(a) == len(b) - 1:
        place = next((i for i in range(len(b)) if b[:i] + b[i + 1 :] == a), None)
        if place is not None:
            yield f"a {b[place]} left out"
    elif len(b) >= LONG and len(a) == len(b) + 1:
        place = next((i for i in range(len(a)) if a[:i] + a[i + 1 :] == b), None)
        if place is not None:
            yield f"a {a[place]} too many"
