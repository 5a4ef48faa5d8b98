"""Operations without a rule: their outputs are those that the file states, and their counts are unknown."""

from __future__ import annotations

from ..calls import Call, Value
from ..vocabulary import UNKNOWN, OperationClass


class UnknownOperation(OperationClass):
    """An operation that is known by its name and its output alone."""

    names = (UNKNOWN,)

    def write(self, call: Call) -> Value | list[Value]:
        name = call.layer.class_name
        put_out: Value | list[Value] = call.stated_outputs(
            f"keras.ops.{name}", f"the operation `{name}` has no rule"
        )
        return put_out
