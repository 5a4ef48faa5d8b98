"""The configuration of a model in an HDF5 file, as Keras 1 and 2 saved models: an attribute of its root.

The library that reads HDF5 is written in C, and a file that somebody damaged may end the process that it runs
in. So it runs in a process of its own, with limits.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from ....diagnostics import fail
from ....packages import needed

# Seconds, and bytes of memory that the process may take.
_LONGEST_TIME, _MOST_MEMORY = 30, 4 * 2**30
# Only the root and its own attributes are looked at: no link is followed, and no data set is opened.
_READER = """\
import sys
path, limit, memory, *sys.path = sys.argv[1:]
try:
    import resource
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = int(memory) if hard == resource.RLIM_INFINITY else min(int(memory), hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, OSError, ValueError):
    pass
import h5py
out = sys.stdout.buffer
with h5py.File(path, "r") as file:
    if "model_config" in file.attrs:
        value = file.attrs["model_config"]
        if isinstance(value, str):
            value = value.encode()
        value = value if isinstance(value, bytes) else bytes(value)
        out.write(b"=" + value[: int(limit) + 1])
    else:
        weights = "layer_names" in file.attrs or any(
            name in file for name in ("layers", "_layer_checkpoint_dependencies", "vars", "model_weights")
        )
        out.write(b"w" if weights else b"-")
"""


def hdf5_configuration(path: str, limit: int) -> bytes:
    """Return the configuration in an HDF5 file.

    Args:
        path: The file.
        limit: How many bytes it may have; one more is returned of a longer one.

    Raises:
        SpecError: Where h5py is missing; the file is damaged; or it holds weights alone, or no model.
    """
    if importlib.util.find_spec("h5py") is None:
        needed("h5py", path)
    folders = [os.path.abspath(folder) for folder in sys.path if folder]
    command = [sys.executable, "-c", _READER, os.path.abspath(path), str(limit), str(_MOST_MEMORY), *folders]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "HDF5_USE_FILE_LOCKING": "FALSE"}
    try:
        run = subprocess.run(
            command, capture_output=True, timeout=_LONGEST_TIME, env=environment, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise fail("limit", f"{path} took more than {_LONGEST_TIME} seconds to read") from None
    except OSError as error:
        raise fail("file", f"cannot read {path}: {(error.strerror or 'no process').lower()}") from None
    kind, found = run.stdout[:1], run.stdout[1:]
    if kind == b"=":
        return found
    if kind == b"w":
        raise fail(
            "file",
            f"{path} holds weights alone, and no model",
            'save the model itself: model.save("model.keras")',
            'or its configuration: open("model.json", "w").write(model.to_json())',
        )
    if kind == b"-":
        raise fail("file", f"{path} has no model of Keras in it: its root has no attribute `model_config`")
    needed("h5py", path)  # where h5py itself is broken, that is stated
    raise fail("file", f"{path} is damaged: the HDF5 library cannot read it", "save the model once more")
