"""The figures of the whole zoo, kept between calls.

A file in the user's cache folder, named by a hash over all that the answer depends on: the text of
every spec and of the package itself. Another text has another name, so that what is found is never
out of date. Whatever is wrong with the folder or the file, the answer is computed anew; deleting it
costs a second.
"""

from __future__ import annotations

import os
import re
import sys

from ..files import read_bytes
from ..interrupts import Temporary
from ..language.zoo_path import folder as specs

_OURS = re.compile(r"zoo-[0-9a-f]{32}\.json|\.zoo-.*\.new")
# Bytes of a file: what the zoo comes to takes a hundredth of it.
_LARGEST = 2**24
# What ARCHCALC_CACHE may say.
_OFF = ("off", "no", "0")


def wanted() -> bool:
    """Whether the environment lets anything be kept."""
    return os.environ.get("ARCHCALC_CACHE", "").strip().lower() not in _OFF


def folder() -> str | None:
    """The folder for what may be deleted any time; None where the system has none."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(given):  # a relative one is to be ignored, says the standard
        if sys.platform == "win32":
            given = os.environ.get("LOCALAPPDATA", "")
        else:
            below = "Library/Caches" if sys.platform == "darwin" else ".cache"
            given = os.path.join(os.path.expanduser("~"), below)
    return os.path.join(given, "archcalc") if os.path.isabs(given) else None


def key() -> str | None:
    """A hash over the names and texts of all files of archcalc and its zoo; None where they cannot
    be read."""
    import hashlib

    found = hashlib.blake2b(digest_size=16)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        for top in (package, specs()):
            for path in _files(top):
                with open(path, "rb") as file:
                    text = file.read()
                found.update(f"{os.path.relpath(path, top)}\0{len(text)}\0".encode())
                found.update(text)
    except OSError:
        return None
    return found.hexdigest()


def _files(top: str) -> list[str]:
    found = []
    for place, folders, names in os.walk(top):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        found += [os.path.join(place, name) for name in names]
    return sorted(found)


def load(key: str) -> object:
    """Read what was written under a key; None if nothing was, or if it was damaged."""
    import json

    place = folder()
    if place is None:
        return None
    try:
        data = read_bytes(os.path.join(place, f"zoo-{key}.json"), _LARGEST)
        sum, _, text = data.partition(b"\n")
        return json.loads(text) if sum == _sum(text) else None
    except (OSError, ValueError):
        return None


def store(key: str, value: object) -> None:
    """Keep a JSON value under a key, whole or not at all, and nothing under any other."""
    import json

    place = folder()
    if place is None:
        return
    name = f"zoo-{key}.json"
    text = json.dumps(value, separators=(",", ":")).encode()
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        old = [other for other in os.listdir(place) if _OURS.fullmatch(other) and other != name]
        with Temporary(place, ".zoo-", ".new") as temporary:
            with open(temporary, "xb") as file:
                os.chmod(temporary, 0o600)
                file.write(_sum(text) + b"\n" + text)
            os.replace(temporary, os.path.join(place, name))
        for other in old:
            _remove(os.path.join(place, other))
    except OSError:
        return


def _remove(path: str) -> None:
    """Delete what is left over, unless another process may still be writing it."""
    import time

    try:
        if not path.endswith(".new") or os.stat(path).st_mtime < time.time() - 3600:
            os.unlink(path)
    except OSError:
        return


def _sum(text: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()
