"""A PyTorch module of which arguments or sizes of inputs are asked for: each design is a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..diagnostics import did_you_mean, fail
from ..graph import Graph
from ..importing.torch import defaults, import_network
from ..importing.torch.stored import StoredModule
from ..importing.torch.targets import ModuleTarget
from ..language.unknowns import Unknown, of_number

# Sizes of an input that are looked at: what most networks halve five times divides them.
STEP, FIRST, LAST = 32, 224, 1024
# What a size without a name is called in an answer.
_INPUT = "input"


class ModuleDesigns:
    """The designs of a module.

    unknowns  what is asked for: arguments that are set to ``?``, and inputs with a ``?`` among their sizes;
              all ``?`` of one input stand for the same number
    """

    def __init__(
        self, target: ModuleTarget | StoredModule, inputs: Any, settings: Mapping[str, Any], up_to: int | None
    ):
        self._target = target
        self._inputs = inputs
        self._fixed = {name: value for name, value in settings.items() if value != "?"}
        asked = [name for name in settings if name not in self._fixed]
        given = inputs if isinstance(inputs, Mapping) else {_INPUT: inputs}
        self._asked_inputs = [
            name for name, value in given.items() if isinstance(value, str) and "?" in value
        ]
        sizes = sorted(range(STEP, (up_to or LAST) + 1, STEP), key=lambda size: (abs(size - FIRST), size))
        self.unknowns = [Unknown(name, list(sizes), False, STEP, None) for name in self._asked_inputs]
        self._asked = asked
        known = defaults(target) if asked else {}
        for name in asked:
            if name not in known:
                near = did_you_mean(name, known)
                raise fail("argument", f"{target.text} has no argument `{name}` with a default", *near)
            self.unknowns.append(of_number(name, known[name], up_to))

    def graph(self, values: tuple[Any, ...]) -> Graph:
        """Trace the module with these values in the places of the unknowns. Raises SpecError."""
        count = len(self._asked_inputs)
        sizes = dict(zip(self._asked_inputs, values[:count], strict=True))
        settings = {**self._fixed, **dict(zip(self._asked, values[count:], strict=True))}

        def put(name: str, value: Any) -> Any:
            return value.replace("?", str(sizes[name])) if name in sizes else value

        inputs = self._inputs
        if isinstance(inputs, Mapping):
            inputs = {name: put(name, value) for name, value in inputs.items()}
        else:
            inputs = put(_INPUT, inputs)
        graph, _ = import_network(self._target, inputs, settings)
        graph.metadata.name = self._target.text
        return graph
