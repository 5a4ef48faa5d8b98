"""Files that hold tensors by name and no network: their names and shapes, without any of their values.

A file of safetensors tells them in a header of JSON, which is read here. One of PyTorch holds a pickle, which
PyTorch itself reads in the way that runs nothing.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

from ..diagnostics import SpecError, fail
from ..packages import needed

# Files of PyTorch: what they hold is told by what stands in them.
TORCH_FILES = (".pt", ".pth", ".ckpt", ".bin")
SAFETENSORS = ".safetensors"
EXPORTED = ".pt2"
# Bytes of a header, as the format has it, and tensors of a file.
LONGEST_HEADER = 100_000_000
MOST_TENSORS = 1_000_000
# Dictionaries inside each other in which tensors are looked for.
_DEEPEST = 20
# What an archive begins with.
_ARCHIVE = b"PK\x03\x04"
# Axes of a tensor.
_MOST_AXES = 64
# What norms remember; nothing else in a file says which of its tensors are learned.
_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
_BYTES = {
    **dict.fromkeys(("F64", "I64", "U64", "float64", "int64", "uint64", "complex64", "C64"), 8),
    **dict.fromkeys(("F32", "I32", "U32", "float32", "int32", "uint32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16", "float16", "bfloat16", "int16", "uint16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "int8", "uint8", "bool"), 1),
}
_WORDS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


class StoredTensor(NamedTuple):
    """A tensor of a file.

    name     its dotted name
    shape    its sizes, as PyTorch has them
    dtype    its type
    bytes    what it takes; None for a type of unknown size
    learned  whether it is a parameter, by its name: what batch norm remembers is none
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int | None
    learned: bool

    @property
    def values(self) -> int:
        """How many values it has."""
        return prod(self.shape)


class ParameterTree:
    """The tensors of a file.

    path     the file
    kind     what it is, in words
    tensors  the tensors
    """

    def __init__(self, path: str, kind: str, tensors: list[StoredTensor]):
        self.path = path
        self.kind = kind
        self.tensors = tensors

    @property
    def params(self) -> int:
        """Learned values, as far as names tell."""
        return sum([tensor.values for tensor in self.tensors if tensor.learned])

    @property
    def buffers(self) -> int:
        """The other values, batch counters left out."""
        return sum(
            [t.values for t in self.tensors if not t.learned and not t.name.endswith("num_batches_tracked")]
        )

    def no_graph(self) -> SpecError:
        """Return the error where a graph is asked for."""
        return fail(
            "target",
            f"{self.path} holds tensors and no graph: nothing says how they are connected",
            f"`archcalc summary {self.path}` lists them",
            "for all else name what makes the module, as in mypackage.models:Net",
        )

    @property
    def bytes(self) -> int | None:
        """Bytes of all tensors; None where one has a type of unknown size."""
        sizes = [tensor.bytes for tensor in self.tensors]
        return None if None in sizes else sum([size or 0 for size in sizes])


def is_parameter_file(target: str) -> bool:
    """Tell whether a target is a file that may hold tensors and no network."""
    suffix = os.path.splitext(target.strip())[1].lower()
    return suffix in (SAFETENSORS, *TORCH_FILES)


def is_scripted(path: str) -> bool:
    """Tell whether a file of PyTorch holds a TorchScript module: code, beside its tensors."""
    try:
        with zipfile.ZipFile(path) as file:
            return any(name.endswith("/constants.pkl") for name in file.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def parameter_tree(path: str) -> ParameterTree:
    """Read the names and shapes of a file.

    Args:
        path: The file.

    Returns:
        Its tensors.

    Raises:
        SpecError: Where there is no such file, or it holds something else; a pickled module is refused,
            because to load it is to run whatever it says.
    """
    path = path.strip()
    if not os.path.isfile(path):
        what = "is a folder" if os.path.isdir(path) else "is not there"
        raise fail("file", f"{path} {what}")
    if os.path.splitext(path)[1].lower() == SAFETENSORS:
        # The format puts them in an order of its own.
        return ParameterTree(path, "safetensors", sorted(_safetensors(path), key=_by_number))
    return ParameterTree(path, "state dict of PyTorch", list(_state_dict(path)))


def _safetensors(path: str) -> Iterator[StoredTensor]:
    def broken(why: str) -> SpecError:
        return fail("file", f"{path} is no file of safetensors: {why}")

    try:
        with open(path, "rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            if len(start) < 8:
                raise broken("it is too short")
            if length > LONGEST_HEADER:
                raise broken(f"its header would have {length:,} bytes, more than {LONGEST_HEADER:,}")
            text = file.read(length)
            end = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise fail("file", f"cannot read {path}: {(error.strerror or 'unreadable').lower()}") from None
    if len(text) < length:
        raise broken("its header is cut off")
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise broken("its header is no JSON") from None
    if not isinstance(header, dict):
        raise broken("its header is no object")
    header.pop("__metadata__", None)
    if len(header) > MOST_TENSORS:
        raise broken(f"it has more than {MOST_TENSORS:,} tensors")
    for name, entry in header.items():
        if not isinstance(entry, dict):
            raise broken(f"`{name}` is no object")
        shape, dtype = _sizes(entry.get("shape")), entry.get("dtype")
        offsets = _sizes(entry.get("data_offsets"))
        if shape is None or not isinstance(dtype, str):
            raise broken(f"`{name}` has no shape and type")
        if offsets is None or len(offsets) != 2 or not offsets[0] <= offsets[1] <= end - 8 - length:
            raise broken(f"`{name}` lies outside the file")
        found = _stored(name, shape, _WORDS.get(dtype, dtype), _BYTES.get(dtype))
        stored_bytes = offsets[1] - offsets[0]
        if found.bytes is not None and stored_bytes != found.bytes:
            raise broken(f"`{name}` has {stored_bytes:,} bytes, and its shape asks for {found.bytes:,}")
        yield found


def _by_number(tensor: StoredTensor) -> list[tuple[int, str]]:
    """What tensors are sorted by: their names, the numbers in them as numbers."""
    parts = tensor.name.split(".")
    return [(int(part), "") if part.isdecimal() and len(part) < 19 else (2**63, part) for part in parts]


def _sizes(value: Any) -> tuple[int, ...] | None:
    """The sizes that a list of JSON states; None where it is none."""
    if not isinstance(value, list) or len(value) > _MOST_AXES:
        return None
    return tuple(value) if all(type(n) is int and 0 <= n < 2**63 for n in value) else None


def _stored(name: str, shape: tuple[int, ...], dtype: str, each: int | None) -> StoredTensor:
    learned = name.rpartition(".")[2] not in _BUFFERS
    return StoredTensor(name, shape, dtype, None if each is None else each * prod(shape), learned)


def _state_dict(path: str) -> Iterator[StoredTensor]:
    torch = needed("torch", path, "torch")
    try:
        found = torch.load(path, map_location="meta", weights_only=True)
    except Exception as error:
        # Whatever torch says of it, it has not been run.
        if _pickled(path, error):
            raise fail(
                "target",
                f"{path} holds pickled objects, which would run code when they are loaded",
                "name what makes the module, as in mypackage.models:Net",
                "torch.save(module.state_dict(), …) writes a file that can be listed",
            ) from None
        raise fail("file", f"{path} is no file of PyTorch that can be read: {_why(path, error)}") from None
    tensors = list(_tensors(torch, found, "", 0))
    if not tensors:
        raise fail("target", f"{path} holds no tensors: it is {type(found).__name__}")
    if len(tensors) > MOST_TENSORS:
        raise fail("limit", f"{path} has more than {MOST_TENSORS:,} tensors")
    for name, tensor in tensors:
        dtype = str(tensor.dtype).removeprefix("torch.")
        yield _stored(name, tuple(tensor.shape), dtype, tensor.element_size())


def _why(path: str, error: Exception) -> str:
    """What is the matter with a file: in words of its own where what PyTorch says is a number or a key."""
    message = str(error).strip().partition("\n")[0][:200]
    try:
        with open(path, "rb") as file:
            start = file.read(len(_ARCHIVE))
    except OSError:
        return message
    if not start:
        return "it is empty"
    if start == _ARCHIVE:
        return message if zipfile.is_zipfile(path) else "it is cut off: the end of the archive is missing"
    return f"it is neither an archive nor a pickle of tensors ({type(error).__name__})"


def _pickled(path: str, error: Exception) -> bool:
    """Whether a file holds a pickle of anything but tensors and plain values."""
    if type(error).__name__ != "UnpicklingError":
        return False
    return "GLOBAL" in str(error) or "global" in str(error) or zipfile.is_zipfile(path)


def _tensors(torch: Any, found: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(found, torch.Tensor):
        yield name or "tensor", found
    elif depth < _DEEPEST and isinstance(found, (Mapping, list, tuple)):
        pairs = found.items() if isinstance(found, Mapping) else enumerate(found)
        for key, value in pairs:
            yield from _tensors(torch, value, f"{name}.{key}" if name else str(key), depth + 1)
