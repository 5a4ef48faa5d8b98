"""Which layers stand in the network that is asked for: Caffe keeps several networks in one file.

Source: `StateMeetsRule` and `FilterNet` in src/caffe/net.cpp of https://github.com/BVLC/caffe.
"""

from __future__ import annotations

from typing import Any

from ....diagnostics import fail
from .. import Request
from .messages import Message

_PHASES = ("TRAIN", "TEST")


class NetState:
    """The state of a network: its phase, its level, and its stages.

    Args:
        network: The file, which may have a state.
        request: What the caller wants: ``phase``, ``level`` and ``stage`` among the settings are taken out.

    Raises:
        SpecError: For a phase that there is not, or a level that is no number.
    """

    def __init__(self, network: Message, request: Request):
        stated = network.message("state")
        self.phase = stated.word("phase", _PHASES, "TEST")
        self.level = stated.number("level", 0, -(10**9))
        self.stages = set(stated.texts("stage"))
        settings = request.settings
        if "phase" in settings:
            phase = str(settings.pop("phase")).upper()
            if phase not in _PHASES:
                raise fail("argument", f"a phase of Caffe is TRAIN or TEST, and not `{phase[:40]}`")
            self.phase = phase
        if "stage" in settings:
            self.stages = {str(settings.pop("stage"))}
        if "level" in settings:
            self.level = _whole(settings.pop("level"))

    def has(self, layer: Message) -> bool:
        """Tell whether a layer stands in a network of this state. Raises SpecError."""
        included = [*layer.messages("include")]
        if included:
            return any(self._meets(rule) for rule in included)
        return not any(self._meets(rule) for rule in layer.messages("exclude"))

    def _meets(self, rule: Message) -> bool:
        if rule.all("phase") and rule.word("phase", _PHASES, "TRAIN") != self.phase:
            return False
        if rule.all("min_level") and self.level < rule.number("min_level", 0, -(10**9)):
            return False
        if rule.all("max_level") and self.level > rule.number("max_level", 0, -(10**9)):
            return False
        if not self.stages.issuperset(rule.texts("stage")):
            return False
        return self.stages.isdisjoint(rule.texts("not_stage"))


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise fail("argument", f"a level of Caffe is a whole number, and not `{str(value)[:40]}`") from None
