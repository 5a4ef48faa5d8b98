"""Names of files and folders for students."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from unicodedata import combining, normalize

# What is no sign of a name.
_UNSAFE = re.compile(r"[^\w.@+-]", re.ASCII)
# Latin letters that are no letter with a mark.
_LETTERS = str.maketrans(
    {
        **dict(zip("øØłŁđĐðÐħĦıŧŦ", "oOlLdDdDhHitT", strict=True)),
        **{"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th"},
    }
)
# Names that Windows keeps for itself.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# Signs of a name at most.
LONGEST = 80


class FileNames:
    """Names of files or folders for students: they never lead anywhere and are no option of a command, and no
    two are alike, on a disk that takes capitals for small letters neither. Of whom a file is stands in
    it, in whatever script."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """``reserved`` names are no student's, in small letters."""
        self._taken = set(reserved)
        self._numbers: dict[str, int] = {}

    def name(self, student: str) -> str:
        """A name of its own for the next student."""
        latin = "".join(
            [sign for sign in normalize("NFKD", student.translate(_LETTERS)) if not combining(sign)]
        )
        bare = _UNSAFE.sub("_", latin).lstrip("._-").rstrip("._")[:LONGEST].rstrip("._")
        if not bare:  # the same in every run, whoever else is in the class
            bare = f"student-{zlib.crc32(student.encode('utf-8', 'surrogatepass')):08x}"
        bare = f"_{bare}" if _DEVICES.fullmatch(bare) else bare
        name, number = bare, self._numbers.get(bare.lower(), 1)
        while name.lower() in self._taken:
            number += 1
            name = f"{bare}-{number}"
        self._numbers[bare.lower()] = number
        self._taken.add(name.lower())
        return name
