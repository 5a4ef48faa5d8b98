"""Modules that hold modules or parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._source.values import EvaluationError, UnknownValue
from ..modules import CodeModule
from ..vocabulary import CLASSES, ModuleClass


class _Holder(ModuleClass):
    """A class that holds modules: its arguments are these."""

    def made(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Register the modules that it is given. Raises EvaluationError."""
        module.work = self.work
        given = [*args, *kwargs.values()]
        if self.name == "Module" or not given:
            return
        lost = next((one for one in given if isinstance(one, UnknownValue)), None)
        if lost is not None:
            why = f": {lost.reason}" if lost.reason else ""
            raise EvaluationError(f"what {self.name} is given is not known{why}", lost.node)
        first = given[0]
        if isinstance(first, dict):
            for name, one in first.items():
                module.set_attribute(str(name), one) if self.name == "ParameterDict" else module.add(
                    str(name), one
                )
        elif self.name == "Sequential":
            for place, one in enumerate(given):
                module.add(str(place), one)
        else:
            parts = list(first.elements()) if isinstance(first, CodeModule) else first
            for place, one in enumerate(parts):
                if self.name == "ParameterList":
                    module.set_attribute(str(place), one)
                elif isinstance(one, (tuple, list)) and len(one) == 2:
                    module.add(str(one[0]), one[1])
                else:
                    module.add(str(place), one)


def _run_through(m: CodeModule, input: Any) -> Any:
    for child in m.children.values():
        input = m.run.call(child, [input], {})
    return input


for _name, _file, _work in (
    ("Sequential", "container", _run_through),
    ("ModuleList", "container", None),
    ("ModuleDict", "container", None),
    ("ParameterList", "container", None),
    ("ParameterDict", "container", None),
    ("Module", "module", None),
):
    CLASSES[_name] = _Holder(_name, _file, "", None, _work)
