"""Files of quizzes, read by programs of others that read the format.

The wrong way to defeat: a file that our own reader takes, because it was written beside the writer.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from calling import call
from test_quiz_round_trips import HARD, IDS, QUIZ

KINDS = ["textEntry", "choice", "textEntry", "textEntry", "textEntry", "textEntry"]
TYPES = ["string", "identifier", "float", "float", "string", "float"]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A content package of two variants."""
    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    made = tmp_path / "quiz.zip"
    where = ("quiz", str(tmp_path / "quiz.toml"), "--variants", "2", "--format", "qti", "-o", str(made))
    found = call(*where)
    assert found.code == 0, found.err
    return made


def test_a_reader_of_onyx_finds_every_item(package: Path, tmp_path: Path) -> None:
    """Kinds, keys, options and feedback of QTI 2.1 as a converter for another platform reads them."""
    reader = pytest.importorskip("onyx2moodle.parser", reason="onyx2moodle is not installed")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
        names = [name for name in archive.namelist() if name.startswith("items/")]
    assert len(names) == 12
    items = [reader.parse_item(tmp_path / name) for name in names]
    assert [item.title for item in items] == IDS * 2
    assert [one.kind for item in items for one in item.interactions] == KINDS * 2
    declared = [one for item in items for one in item.response_decls.values()]
    assert [one.base_type for one in declared] == TYPES * 2
    assert all(len(one.correct_values) == 1 and one.correct_values[0] for one in declared)
    for item in (items[1], items[7]):
        (choice,) = item.interactions
        assert (len(choice.choices), choice.shuffle, choice.max_choices) == (4, False, 1)
        assert len(item.feedback) == 4
    assert HARD in "".join(items[0].body_xml.itertext())


def test_a_converter_takes_the_package_to_qti_3(package: Path, tmp_path: Path) -> None:
    """Every file is found by the manifest, and no element is unknown. Defeats a reference to nothing."""
    convert = pytest.importorskip("qti_convert", reason="citolab-qti-convert is not installed")
    found = convert.fix_package_references(str(package), str(tmp_path / "mended.zip"))
    assert (found.fixed, found.unresolved) == ([], [])
    convert.upgrade_package(str(package), str(tmp_path / "qti3.zip"))
    data = (tmp_path / "qti3.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        items = [archive.read(name).decode() for name in archive.namelist() if name.startswith("items/")]
    assert len(items) == 12
    assert all("<qti-assessment-item " in item and "<qti-response-processing>" in item for item in items)
