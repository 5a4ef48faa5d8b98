"""What `--input`, `--tensor` and `--set` say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnostics import fail


def given_inputs(given: Sequence[str]) -> str | dict[str, str] | None:
    """The sizes of ``--input``: one, or several by name. Raises SpecError."""
    if not given:
        return None
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    named: dict[str, str] = {}
    for text in given:
        name, sign, size = text.partition("=")
        if not sign:
            raise fail("argument", "give several inputs by name", "as in --input image=224x224x3")
        if name in named:
            raise fail("argument", f"the input `{name}` is given twice")
        named[name] = size
    return named


def given_tensors(inputs: Sequence[str], tensors: Sequence[str]) -> dict[str, Any]:
    """The values of ``--input`` and the exact ones of ``--tensor``, by name. Raises SpecError."""
    from ..importing.torch.sizes import read_tensor

    if len(inputs) == 1 and "=" not in inputs[0]:
        raise fail("argument", "give several inputs by name", "as in --input image=224x224x3")
    sizes = given_inputs(inputs)
    found: dict[str, Any] = dict(sizes) if isinstance(sizes, dict) else {}
    for name, size in tensor_texts(tensors).items():
        if name in found:
            raise fail("argument", f"the input `{name}` is given twice")
        found[name] = read_tensor(size, exact=True)
    return found


def tensor_texts(tensors: Sequence[str]) -> dict[str, str]:
    """What ``--tensor`` says, by name. Raises SpecError."""
    found: dict[str, str] = {}
    for text in tensors:
        name, sign, size = text.partition("=")
        if not sign or not name.strip():
            raise fail("argument", f"`--tensor {text}` is not NAME=SIZES", "as in --tensor ids=1x16:int64")
        if name in found:
            raise fail("argument", f"the input `{name}` is given twice")
        found[name] = size
    return found


def given_sweep(given: Sequence[str]) -> dict[str, str]:
    """What ``--set`` of a sweep says: values by the name of a parameter, or of an attribute behind that of
    its layer. Raises SpecError."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not all(part.isidentifier() for part in name.split(".")):
            raise fail("argument", f"`--set {text}` is not NAME=VALUES", "as in --set width=16..256:16")
        if name in found:
            raise fail("argument", f"`{name}` is set twice")
        found[name] = value
    return found


def given_settings(given: Sequence[str]) -> dict[str, str]:
    """The parameters of ``--set``. Raises SpecError."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.isidentifier():
            raise fail("argument", f"`--set {text}` is not NAME=VALUE", "as in --set classes=10")
        if name in found:
            raise fail("argument", f"`{name}` is set twice")
        found[name] = value
    return found
