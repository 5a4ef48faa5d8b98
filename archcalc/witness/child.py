"""The process in which somebody else's module runs: see :mod:`~archcalc.witness.apart`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ..diagnostics import SpecError
from ..importing.torch.errors import described
from .build import random_tensors
from .foreign import run


def answer(asked: dict[str, Any]) -> None:
    """Run a module and write what is found of it to a file; then end, whatever threads it has."""
    target = asked["target"]
    found: dict[str, Any]
    try:
        inputs = random_tensors([(tuple(sizes), below) for sizes, below in asked["inputs"]])
        found = {"record": run(target, inputs, asked["names"]).to_dict()}
    except SpecError as error:
        first = error.diagnostics[0]
        found = {"error": [first.message, *first.help]}
    except BaseException as error:  # foreign code may raise anything, anywhere
        found = {"error": [described(target, error)]}
    with open(asked["result"], "w", encoding="utf-8") as file:
        json.dump(found, file)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # it may have put something of its own there
            continue
    os._exit(0)
