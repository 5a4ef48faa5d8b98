"""A process that imports once what takes long to import, and forks for every run of some code."""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path
from typing import Any

# The command line as it is run by ``python -m archcalc``.
ARCHCALC = "from archcalc.__main__ import run\nrun()\n"


class ForkingProcess:
    """A process of its own that has imported modules; what it runs does not see what ran before.

    Args:
        modules: What it imports.
        environment: Variables that it has from the beginning on.
    """

    def __init__(self, *modules: str, **environment: str):
        path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
        self._environment = {**os.environ, "PYTHONPATH": path, **environment}
        self._process = None
        if hasattr(os, "fork"):
            self._process = subprocess.Popen(
                [sys.executable, __file__, *modules],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def printed(self, code: str, folder: Path, *words: str) -> Any:
        """What code prints in its last line, as JSON. Raises AssertionError where it fails."""
        done = self.run(code, folder, *words)
        assert not done.returncode, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def run(
        self, code: str, folder: Path, *words: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run code in a folder.

        Args:
            code: What is run as ``__main__``.
            folder: The folder in which it runs.
            words: Its arguments.
            environment: Further variables.
        """
        if self._process is None:
            command = [sys.executable, "-c", code, *words]
            every = {**self._environment, **environment}
            return subprocess.run(command, cwd=folder, env=every, capture_output=True, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as outputs:
            asking = {"code": code, "folder": str(folder), "words": words}
            asking |= {"environment": environment, "outputs": outputs}
            self._process.stdin.write(json.dumps(asking) + "\n")
            self._process.stdin.flush()
            status = self._process.stdout.readline()
            assert status, "the process that forks has ended"
            out, err = [(Path(outputs) / name).read_text("utf-8") for name in ("out", "err")]
        return subprocess.CompletedProcess([*words], int(status), out, err)


@cache
def keras_process() -> ForkingProcess:
    """Keras with NumPy, and no PyTorch; one process for all tests that a worker runs."""
    return ForkingProcess("keras", "archcalc.cli.summary", KERAS_BACKEND="numpy")


@cache
def torch_process() -> ForkingProcess:
    """PyTorch; one process for all tests that a worker runs."""
    return ForkingProcess("torch", "archcalc.cli.summary")


def _forked(request: dict[str, Any]) -> int:
    """The exit code of code that runs in a fork."""
    os.chdir(request["folder"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{request['outputs']}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(request["environment"])
    sys.argv = ["-c", *request["words"]]
    sys.path[0] = request["folder"]
    try:
        exec(compile(request["code"], "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main() -> None:
    """Import what is named, and fork for each line on standard input."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    # Keras collects garbage before each model; that of the imports, half a second each time, it need not.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = _forked(json.loads(line))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
