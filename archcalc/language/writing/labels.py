"""What places are called in a text: labels, and paths from where they are read."""

from __future__ import annotations

import re

from ...graph import Layer
from ...ops.attributes import RESERVED
from ..lexer import LONGEST_NAME


class UnnamedError(Exception):
    """A tree does not fit the wiring: what is read has no name where it is read."""


class Paths:
    """What tensors are called in a body, from inside it."""

    def __init__(self) -> None:
        self.known: dict[Layer, str] = {}
        self.layers: dict[Layer, str] = {}  # as layers: a label is the last layer of what it stands for
        self.used: set[str] = set()

    def free(self, wanted: str) -> str:
        """The wanted name, with a number where it is taken."""
        name, number = wanted, 1
        while name in self.used:
            number += 1
            name = f"{wanted}_{number}"
        self.used.add(name)
        return name


def begins_a_label(name: str) -> bool:
    """Whether a name can be a label, numbers behind points apart: ``layer1.0`` is ``layer1_0``."""
    return bool(re.match(r"[A-Za-z_]", name))


def label_of(name: str, word: str) -> str:
    """A label for a name: the name itself where it is one, else its parts joined."""
    label = re.sub(r"\W", "_", name.partition("..")[0])
    if not label or label[0].isdigit():
        label = f"{word}_{label}"
    if label in RESERVED and label != "x":
        label += "_"
    return label[: LONGEST_NAME // 2]
