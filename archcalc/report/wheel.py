"""archcalc as a wheel, made of what is installed: it goes to a machine on which there is no archcalc yet.

A wheel is a zip with the package, its metadata, and a list of all files with their hashes
(https://packaging.python.org/en/latest/specifications/binary-distribution-format/).
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from ..diagnostics import SpecError, fail

# The packages of archcalc, and what is no file of them.
PACKAGES = ("archcalc", "archcalc_specs")
_LEFT_OUT = ("__pycache__",)
_KEPT = (".py", ".typed", ".arch")
TAGS = b"Wheel-Version: 1.0\nGenerator: archcalc\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# The earliest date of a zip: the same files give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)


class Wheel:
    """The wheel of the archcalc that runs.

    name    of the file, as pip expects it
    extras  names of the extras that it has
    data    the bytes
    """

    def __init__(self) -> None:
        """Raises SpecError where nothing says what archcalc needs."""
        from importlib import import_module
        from importlib.metadata import PackageNotFoundError, distribution

        try:
            installed = distribution("archcalc")
        except PackageNotFoundError:
            raise _not_installed() from None
        # A checkout that was built has its metadata under another name.
        metadata = installed.read_text("METADATA") or installed.read_text("PKG-INFO")
        if not metadata:
            raise _not_installed()
        folders = {name: import_module(name).__path__[0] for name in PACKAGES}
        stem = f"archcalc-{installed.version}"
        info = f"{stem}.dist-info"
        files = dict(_package_files(folders))
        files[f"{info}/METADATA"] = metadata.encode()
        files[f"{info}/WHEEL"] = (
            b"Wheel-Version: 1.0\nGenerator: archcalc\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        files[f"{info}/entry_points.txt"] = (installed.read_text("entry_points.txt") or "").encode()
        rows = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
        self.name = f"{stem}-py3-none-any.whl"
        self.extras: Sequence[str] = installed.metadata.get_all("Provides-Extra") or []
        self.data = zipped(files)


def _not_installed() -> SpecError:
    return fail("file", "archcalc is not installed, and cannot be packed", "python -m pip install archcalc")


def _package_files(folders: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """The files of packages, each by its place in the wheel."""
    for package, folder in folders.items():
        for place, inside, names in os.walk(folder):
            inside[:] = sorted([name for name in inside if name not in _LEFT_OUT])
            for name in sorted(names):
                if name.endswith(_KEPT):
                    path = os.path.join(place, name)
                    with open(path, "rb") as file:
                        within = os.path.relpath(path, folder).replace(os.sep, "/")
                        yield f"{package}/{within}", file.read()


def _hash(data: bytes) -> str:
    """The hash of a file as a wheel lists it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def zipped(files: Mapping[str, bytes], run: Sequence[str] = ()) -> bytes:
    """A zip of files; those of ``run`` may be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # whose permissions are those of Unix
            member.external_attr = (0o755 if name in run else 0o644) << 16
            archive.writestr(member, data)
    return buffer.getvalue()
