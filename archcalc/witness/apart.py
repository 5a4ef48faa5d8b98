"""Somebody else's module in a process of its own, which may print, exit or crash.

What it prints is kept apart, and what becomes of it is one message. Nothing here imports PyTorch.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from threading import Thread
from typing import Any

from ..diagnostics import Diagnostic, SpecError
from ..graph import Graph
from ..importing.torch.isolation import MOST_LINES, MOST_PRINTED, printed
from ..interrupts import Temporary, Undone
from .inputs import inputs_of

# The child begins with the caller's path, so that it finds what the caller would.
_START = """
import json, sys
asked = json.load(sys.stdin)
sys.path[:] = asked["path"]
from archcalc.witness.child import answer
answer(asked)
"""


class IsolatedRun:
    """A module that was run in another process.

    record   what was measured of it, as ``Foreign.to_dict`` has it
    remarks  a warning that holds what it printed past Python, if it did
    """

    def __init__(
        self,
        graph: Graph,
        target: str,
        given: Mapping[str, tuple[str, bool]] | None = None,
        *,
        layout: str = "hwc",
        training: bool = False,
        with_heads: bool = False,
    ):
        self.target = target
        with Temporary(tempfile.gettempdir(), suffix=".json") as path:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            asked = {
                "path": [os.getcwd() if place == "" else place for place in ("", *sys.path)],
                "target": target,
                "given": {name: list(one) for name, one in (given or {}).items()},
                "others": {name: [at.sizes, at.dtype] for name, at in inputs_of(graph, layout).items()},
                "how": {"layout": layout, "training": training, "with_heads": with_heads},
                "result": path,
            }
            code, output = _ran(json.dumps(asked))
            with open(path, encoding="utf-8") as file:
                text = file.read()
        lines = output.decode("utf-8", "replace").splitlines()
        found: dict[str, Any] = json.loads(text) if text else {"error": _death(target, code)}
        if "error" in found:
            problem = found["error"]
            notes = [*problem.get("notes", ()), *[f"it printed: {line}" for line in lines[-MOST_LINES:]]]
            help = tuple(problem.get("help", ()))
            raise SpecError([Diagnostic(problem["code"], problem["message"], notes=notes, help=help)])
        self.record: dict[str, Any] = found["record"]
        self.remarks = [printed(target, lines)] if lines else []


def _ran(asked: str) -> tuple[int, bytes]:
    """The exit code of the child, and the first of what it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None
    output = bytearray()
    # A child of the child may hold the pipe open for ever: it is not waited for.
    reader = Thread(target=_keep, args=(process, output), daemon=True)
    with Undone(process.kill):
        reader.start()
        try:
            process.stdin.write(asked.encode())
            process.stdin.close()
        except OSError:
            pass  # it is dead already, and its exit code says how
        code = process.wait()
        reader.join(1)
    return code, bytes(output)


def _keep(process: subprocess.Popen[bytes], output: bytearray) -> None:
    assert process.stdout is not None
    while piece := os.read(process.stdout.fileno(), 2**16):
        output += piece[: MOST_PRINTED - len(output)]


def _death(target: str, code: int) -> dict[str, Any]:
    """The error where a child has left without an answer."""
    if code >= 0:
        return {"code": "module", "message": f"{target} ends the program with exit code {code}"}
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return {"code": "module", "message": f"{target} crashes: its process was ended by {name}"}
