"""Packages that archcalc can do without: imported when they are needed, and named where they are
missing or broken."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from .diagnostics import fail

# What pip calls a package, where that is not the name of its module.
_INSTALLED_AS = {
    "PIL": "pillow",
    "cryptography": "archcalc[dask]",
    "distributed": "archcalc[dask]",
    "pyarrow": "archcalc[parquet]",
    "starlette": "archcalc[serve]",
    "tensorboard": "archcalc[tensorboard]",
    "uvicorn": "archcalc[serve]",
}
_CALLED = {
    "PIL": "Pillow",
    "distributed": "dask.distributed",
    "tensorboard": "TensorBoard",
    "torch": "PyTorch",
}
# What a package has, unless a file or folder of that name stands in its place.
_KNOWN_BY = {"torch": "Tensor"}


def pip_install(package: str) -> str:
    """Return the command that installs a package for the Python that runs here."""
    import shlex

    python = sys.executable or "python3"
    if os.name == "nt":
        python = f'"{python}"' if " " in python else python
        package = f'"{package}"' if "[" in package else package
    else:
        python = shlex.quote(python)
        package = f"'{package}'" if "[" in package else package
    return f"{python} -m pip install {package}"


def needed(module: str, who: str, code: str = "missing") -> Any:
    """Return a module of another package. Raises SpecError, which says how to install what is missing, and
    what is wrong with what is there."""
    package = module.partition(".")[0]
    called = _CALLED.get(package, package)
    try:
        found = import_module(package)
        if hasattr(found, _KNOWN_BY.get(package, "__name__")):
            return import_module(module)
    except ModuleNotFoundError as error:
        if error.name == package:
            install = pip_install(_INSTALLED_AS.get(package, package))
            raise fail(code, f"{who} needs {called}: {install}") from None
        other = (error.name or "").partition(".")[0]
        mended = pip_install(_INSTALLED_AS.get(other, other)) if other else _repair(package)
        raise fail(code, _broken(called, error), mended) from None
    except (Exception, SystemExit) as error:  # a package that ends the program is broken too
        raise fail(code, _broken(called, error), _repair(package)) from None
    places = [getattr(found, "__file__", None), *getattr(found, "__path__", [])]
    place = next((str(place) for place in places if place), "something unknown")
    raise fail(
        code,
        f"{who} needs {called}, and `import {package}` finds {place}, which is not it",
        pip_install(_INSTALLED_AS.get(package, package)),
    )


def _broken(called: str, error: BaseException) -> str:
    reason = str(error).strip().partition("\n")[0]
    kind = type(error).__name__
    return f"{called} is installed, but it cannot be imported: {kind}{': ' if reason else ''}{reason}"


def _repair(package: str) -> str:
    return pip_install(f"--force-reinstall {_INSTALLED_AS.get(package, package)}")
