"""Listings of Keras as students write them: read from the syntax tree, and run by Keras, layer by layer."""

from __future__ import annotations

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from calling import call
from forking import keras_process

FOLDER = Path(__file__).with_name("keras_listings")


class KerasListing(NamedTuple):
    """A listing of a page.

    Attributes:
        code: What is read.
        run: What Keras runs: the same, or the same network in the words of Keras 3.
        options: What the call has besides.
    """

    code: str
    run: str
    options: tuple[str, ...]


def listings() -> dict[str, KerasListing]:
    """The listings of all pages, by name."""
    found: dict[str, KerasListing] = {}
    for page in sorted(FOLDER.glob("*.md")):
        for part in page.read_text().split("\n## ")[1:]:
            name = f"{page.stem}-{part.partition(chr(10))[0].strip()}"
            blocks = re.findall(r"^```python\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
            options = re.findall(r"^call: (.*)$", part, re.MULTILINE)
            assert blocks, name
            assert name not in found, name
            found[name] = KerasListing(blocks[0], blocks[-1], tuple(shlex.split(" ".join(options))))
    return found


LISTINGS = listings()


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Keras counts of each listing, which it runs."""
    if find_spec("keras") is None:
        pytest.skip("Keras is the witness")
    folder = tmp_path_factory.mktemp("listings")
    for name, listing in LISTINGS.items():
        (folder / f"{name}.py").write_text(listing.run)
    script = str(Path(__file__).with_name("keras_witness.py"))
    code = f"import runpy\nrunpy.run_path({script!r}, run_name='__main__')\n"
    run = keras_process().run(code, folder, str(folder))
    assert not run.returncode, run.stderr
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.count")}


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_have_the_layers_that_keras_makes(name: str, counts: dict[str, Any], tmp_path: Path) -> None:
    """Defeats a reader that leaves a branch or a turn of a loop out, that counts a shared layer twice, that
    takes padding, strides or a bias of another version for that of its own, or that reads a size of data
    where the code states it."""
    listing, witness = LISTINGS[name], counts[name]
    assert "failed" not in witness, witness["failed"]
    path = tmp_path / f"{name}.py"
    path.write_text(listing.code)
    answer = call("summary", str(path), "--format", "json", *listing.options)
    assert answer.code == 0, answer.err
    network = json.loads(answer.out)
    found: dict[str, list[Any]] = {}
    for layer in network["layers"]:
        mine = found.setdefault(layer["module"], [0, 0, None])
        mine[0] += layer["trainable"]
        mine[1] += layer["params"] - layer["trainable"] + layer["buffers"]
        mine[2] = layer["output"]
    expected = witness["layers"]
    weights = {key: mine[:2] for key, mine in found.items() if any(mine[:2])}
    known = {key: one[:2] for key, one in expected.items() if any(one[:2])}
    assert network["totals"]["params"] + network["totals"]["buffers"] == witness["total"]
    if listing.code != listing.run:  # the names are those of another version
        assert list(weights.values()) == list(known.values())
        shapes = [found[key][2] for key in weights]
        assert shapes == [expected[key][2] for key in known]
        assert witness["output"] is None or network["layers"][-1]["output"] == witness["output"][1:]
        return
    assert weights == known
    shapes = {key: mine[2] for key, mine in found.items() if expected.get(key, [None])[-1] is not None}
    assert shapes == {key: expected[key][-1] for key in shapes}
    assert len(shapes) > len([one for one in expected.values() if one[2] is not None]) // 2
