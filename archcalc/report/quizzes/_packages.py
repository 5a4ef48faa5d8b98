"""Zips of XML files, as content packages of platforms are."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ...questions.keys import variant_key
from ...questions.posed import PosedQuiz, QuizVariant

# The earliest date of a zip: the same files give the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"


def zipped(files: Mapping[str, Element | str]) -> bytes:
    """A zip of files by their paths, XML or text, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(
                zipfile.ZipInfo(path, _DATE), content if isinstance(content, str) else _xml(content)
            )
    return buffer.getvalue()


def _xml(root: Element) -> str:
    # As text: the writer of bytes takes several times as long.
    return f"{_DECLARATION}{ElementTree.tostring(root, encoding='unicode')}"


def package_name(quiz: PosedQuiz, variant: QuizVariant) -> str:
    """A name that no other quiz and no other variant has: platforms write over what they know by a name."""
    return "q" + hashlib.sha256(variant_key(quiz, variant).encode()).hexdigest()[:32]
