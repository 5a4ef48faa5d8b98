"""The process in which somebody else's module runs: see :mod:`~archcalc.witness.apart`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ..diagnostics import SpecError
from ..importing.torch.errors import described
from ..importing.torch.sizes import GivenTensor, read_tensor
from .foreign import run


def answer(asked: dict[str, Any]) -> None:
    """Run a module and write what is found of it to a file; then end, whatever threads it has."""
    target = asked["target"]
    found: dict[str, Any]
    try:
        given = {name: read_tensor(text, exact) for name, (text, exact) in asked["given"].items()}
        others = {name: GivenTensor(tuple(sizes), dtype) for name, (sizes, dtype) in asked["others"].items()}
        found = {"record": run(target, given or None, others, **asked["how"]).to_dict()}
    except SpecError as error:
        first = error.diagnostics[0]
        found = {
            "error": {"code": first.code, "message": first.message, "notes": first.notes, "help": first.help}
        }
    except BaseException as error:  # foreign code may raise anything, anywhere
        found = {"error": {"code": "module", "message": described(target, error)}}
    with open(asked["result"], "w", encoding="utf-8") as file:
        json.dump(found, file)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # it may have put something of its own there
            continue
    os._exit(0)
