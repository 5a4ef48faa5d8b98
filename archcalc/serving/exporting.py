"""The page with an editor as a folder for a course page: Python runs in the browser of who opens it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from .document import WORKER, editor_page

# What no answer needs: marking, other ways out, sweeps, values, files that are no text, and the pages.
# A browser loads the archive before its first answer.
LEFT_OUT = (
    *("archcalc/" + each for each in ("answers", "arrays", "cli", "devices", "export", "letters")),
    *(
        "archcalc/" + each
        for each in ("questions", "reconciling", "solving", "sweeping", "values", "witness")
    ),
    *("archcalc/importing/files/" + each for each in ("_onnx", "_tflite", "onnx.py", "tflite.py")),
    *("archcalc/report/" + each for each in ("courses", "page/assets", "quizzes", "records")),
    *("archcalc/serving/" + each for each in ("application.py", "assets", "processes.py")),
)
# archcalc, its zoo, and rich, which knows how wide signs are.
PACKAGES = ("archcalc", "archcalc_specs", "rich")
# Seconds that an answer takes at most: Python in a browser is slower than a server.
SECONDS = 20.0
# All files of an archive have the same time, so that the same version gives the same bytes.
MADE = (1980, 1, 1, 0, 0, 0)


def exported(
    text: str, pyodide: str, parameters: Mapping[str, str] | None = None, *, seconds: float = SECONDS
) -> dict[str, bytes]:
    """Write the files of the folder.

    Args:
        text: The spec that the editor begins with.
        pyodide: Where Pyodide lies: an address, or a folder beside the page, as in ``pyodide/``.
        parameters: Values of its parameters, by name, with which the editor begins.
        seconds: How long an answer takes at most, once Python has started.

    Returns:
        The files by their names.
    """
    folder = pyodide if pyodide.endswith("/") else f"{pyodide}/"
    if "://" not in folder and not folder.startswith(("/", ".")):
        folder = f"./{folder}"
    worker = (files(__package__) / "assets" / "python.js").read_text(encoding="utf-8")
    return {
        "index.html": "".join(
            editor_page(text, WORKER, origin=_origin(folder), parameters=parameters, seconds=seconds)
        ).encode(),
        "python.js": worker.replace('"{{PYODIDE}}"', json.dumps(folder)).encode(),
        "archcalc.zip": _packed(),
        **_licenses(),
    }


def _licenses() -> dict[str, bytes]:
    """The licences of what goes along and is others' work."""
    dagre = files("archcalc.report.page") / "assets" / "dagre.LICENSE"
    found = {"licenses/dagre.txt": dagre.read_bytes()}
    for path in distribution("rich").files or ():
        if path.name == "LICENSE":
            found["licenses/rich.txt"] = Path(str(path.locate())).read_bytes()
    return found


def _origin(folder: str) -> str:
    """What the page may load Pyodide from, besides its own place."""
    return "/".join(folder.split("/")[:3]) if "://" in folder else ""


def _packed() -> bytes:
    """The packages, as far as a browser needs them."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in PACKAGES:
            _pack(archive, files(package), package)
    return held.getvalue()


def _pack(archive: zipfile.ZipFile, at: Any, path: str) -> None:
    if path in LEFT_OUT or at.name.startswith(".") or at.name == "__pycache__":
        return
    if at.is_dir():
        for each in sorted(at.iterdir(), key=lambda each: each.name):
            _pack(archive, each, f"{path}/{each.name}")
    elif not path.endswith(".pyc"):
        entry = zipfile.ZipInfo(path, MADE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, at.read_bytes())
