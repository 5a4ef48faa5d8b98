"""The files in which Keras saves models: their configuration is read, and nothing else of them."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from archcalc.diagnostics import SpecError
from archcalc.importing.files import GivenFile
from archcalc.importing.files._keras import containers
from archcalc.importing.files._keras.containers import configuration

TEXT = '{"class_name": "Sequential", "config": {"name": "small", "layers": []}}'


def packed(*files: tuple[str, str], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


def saved(path: Path) -> Path:
    """An HDF5 file with a model."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = TEXT
        file.create_group("model_weights")
    return path


def refusal(path: Path) -> str:
    """The message about a file, with its help."""
    with pytest.raises(SpecError) as raised:
        configuration(GivenFile(str(path)))
    (first,) = raised.value.diagnostics
    return "\n".join([first.message, *first.help])


def messages(path: Path) -> int:
    """How many messages there are about a file; any error but the one that holds them goes through."""
    try:
        configuration(GivenFile(str(path)))
    except SpecError as error:
        return len(error.diagnostics)
    return 0


@pytest.mark.parametrize("name", ["model.keras", "model.zip", "model.bin"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_is_known_by_its_content(tmp_path: Path, name: str, method: int) -> None:
    """Defeats: a choice by the end of the name, and a reader of stored members alone."""
    path = tmp_path / name
    path.write_bytes(packed(("metadata.json", "{}"), ("config.json", TEXT), method=method))
    assert configuration(GivenFile(str(path))).text == TEXT


@pytest.mark.parametrize("name", ["model.h5", "model.hdf5", "model.dat"])
def test_hdf5_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """Defeats: a choice by the end of the name."""
    assert configuration(GivenFile(str(saved(tmp_path / name)))).text == TEXT


def test_a_text_is_its_own_configuration(tmp_path: Path) -> None:
    """A file that ``to_json`` filled, and the same text on standard input."""
    path = tmp_path / "model.json"
    path.write_text(TEXT, encoding="utf-8")
    assert configuration(GivenFile(str(path))).text == configuration(GivenFile("<stdin>", TEXT)).text == TEXT


def test_weights_are_not_unpacked(tmp_path: Path) -> None:
    """The weights in the file are damaged, which nobody notices who does not read them."""
    data = packed(("config.json", TEXT), ("model.weights.h5", "w" * 5000))
    path = tmp_path / "model.keras"
    path.write_bytes(data.replace(b"w" * 5000, b"x" * 5000))
    assert configuration(GivenFile(str(path))).text == TEXT


@pytest.mark.parametrize(
    "name", ["./config.json", "../config.json", "/config.json", "a/config.json", "CONFIG.JSON"]
)
def test_only_one_path_is_the_configuration(tmp_path: Path, name: str) -> None:
    """Defeats: a search for the end of a path, which a file somewhere below would answer."""
    path = tmp_path / "model.keras"
    path.write_bytes(packed((name, TEXT)))
    assert "has no config.json" in refusal(path)


def test_two_configurations_are_refused(tmp_path: Path) -> None:
    """Readers differ in which of two they take: one that is shown, and another that is run."""
    path = tmp_path / "model.keras"
    with pytest.warns(UserWarning, match="Duplicate"):
        path.write_bytes(packed(("config.json", TEXT), ("config.json", TEXT)))
    assert "holds 2 files config.json" in refusal(path)


def test_a_bomb_is_refused_by_its_stated_size(tmp_path: Path) -> None:
    """Defeats: unpacking first and looking then."""
    path = tmp_path / "model.keras"
    path.write_bytes(packed(("config.json", " " * (containers.LONGEST + 1)), method=zipfile.ZIP_DEFLATED))
    assert path.stat().st_size < 100_000
    assert f"more than {containers.LONGEST:,}" in refusal(path)


def test_a_bomb_that_states_a_small_size_is_cut(tmp_path: Path) -> None:
    """The directory understates the size: no more than it states is unpacked."""
    data = packed(("config.json", " " * 10**6), method=zipfile.ZIP_DEFLATED)
    path = tmp_path / "model.keras"
    path.write_bytes(data.replace(struct.pack("<I", 10**6), struct.pack("<I", 10)))
    assert "is damaged" in refusal(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    """Their bytes cannot be unpacked in bounded steps, and Keras does not use them."""
    path = tmp_path / "model.keras"
    path.write_bytes(packed(("config.json", TEXT), method=method))
    assert "packed in a way" in refusal(path)


def test_a_locked_archive_is_refused(tmp_path: Path) -> None:
    """Defeats: a traceback of zipfile, which asks for a password."""
    data = bytearray(packed(("config.json", TEXT)))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "model.keras"
    path.write_bytes(bytes(data))
    assert "locked with a password" in refusal(path)


def test_a_directory_without_end_is_not_read(tmp_path: Path) -> None:
    """An archive of very many empty files: its directory is measured before it is read."""
    path = tmp_path / "model.keras"
    path.write_bytes(packed(*[(f"{number:060}", "") for number in range(12_000)]))
    assert "far more files" in refusal(path)


def test_weights_alone_are_no_model(tmp_path: Path) -> None:
    """The message names the way out: a file of ``save_weights`` knows no layers."""
    import h5py

    path = tmp_path / "model.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_group("layers")
    assert "holds weights alone" in refusal(path)
    assert "model.to_json()" in refusal(path)


def test_hdf5_of_another_kind(tmp_path: Path) -> None:
    """A file of measurements is no model."""
    import h5py

    path = tmp_path / "data.h5"
    h5py.File(path, "w").close()
    assert "no attribute `model_config`" in refusal(path)


def test_external_links_are_not_followed(tmp_path: Path) -> None:
    """The root of a file links to another one, and that one is never opened."""
    import h5py

    other = saved(tmp_path / "other.h5")
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["model_config"] = h5py.ExternalLink(str(other), "/")
        file["model_weights"] = h5py.ExternalLink("/dev/zero", "/")
    assert "no attribute `model_config`" in refusal(path) or "weights alone" in refusal(path)


def test_without_h5py_one_line_names_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: an ImportError of the process that reads."""
    path = saved(tmp_path / "model.h5")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install h5py" in refusal(path)


def test_a_module_beside_the_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads HDF5 finds h5py where this one does, and not in the folder of the caller."""
    (tmp_path / "h5py.py").write_text("raise SystemExit('run')", encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit('run')", encoding="utf-8")
    path = saved(tmp_path / "model.h5")
    monkeypatch.chdir(tmp_path)
    assert configuration(GivenFile(path.name)).text == TEXT


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.hdf5"])
def test_files_that_hold_no_model(tmp_path: Path, name: str) -> None:
    """Defeats: an empty or damaged file of weights that is refused as bad JSON or bad text, which it never
    was meant to be; a configuration under such a name is still read."""
    path = tmp_path / name
    path.write_bytes(b"")
    assert "is empty" in refusal(path)
    path.write_bytes(b"\x93\xb0\xff\x00 no model")
    assert "it is no archive, no HDF5 file" in refusal(path)
    path.write_text(f"\ufeff\n {TEXT}")
    assert configuration(GivenFile(str(path))).text.endswith(TEXT)


def test_what_is_not_there(tmp_path: Path) -> None:
    """Defeats: a traceback of open."""
    assert "there is no file" in refusal(tmp_path / "model.keras")
    assert "is a directory" in refusal(tmp_path)


@pytest.mark.parametrize("seed", range(60))
def test_mutated_archives_end_in_one_message(tmp_path: Path, seed: int) -> None:
    """Bytes of an archive are changed, and pieces cut out of it."""
    chance = random.Random(seed)
    data = bytearray(packed(("metadata.json", "{}"), ("config.json", TEXT), method=zipfile.ZIP_DEFLATED))
    mutated(data, chance)
    path = tmp_path / "model.keras"
    path.write_bytes(bytes(data))
    assert messages(path) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_mutated_hdf5_ends_in_one_message(tmp_path: Path, seed: int) -> None:
    """The library that reads HDF5 may crash of such a file: this process does not."""
    chance = random.Random(seed)
    path = saved(tmp_path / "model.h5")
    data = bytearray(path.read_bytes())
    mutated(data, chance)
    path.write_bytes(bytes(data))
    assert messages(path) <= 1


def mutated(data: bytearray, chance: random.Random) -> None:
    """Change some bytes, and perhaps cut the end off."""
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
