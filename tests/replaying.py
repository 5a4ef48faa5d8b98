"""Recorded operations, carried out again: the witness that a recording holds all that a module did."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from archcalc.importing.operations.recording import Operation, Recording, Value

# Arguments that are words in a recording, and what they are in PyTorch.
TORCH_WORDS = {
    name: getattr(torch, name)
    for name in dir(torch)
    if isinstance(getattr(torch, name), (torch.dtype, torch.layout, torch.memory_format))
}


class Replayer:
    """Carries out the operations of a recording with the values of a module, on inputs of its own.

    Every operation is carried out on tensors that nothing else reads: what writes in place is given a copy,
    so a recording that mixes up the moments of a tensor gives another result.
    """

    def __init__(self, recording: Recording, module: nn.Module, inputs: dict[str, torch.Tensor]):
        self.recording = recording
        self.named = {
            **dict(module.named_parameters(remove_duplicate=False)),
            **dict(module.named_buffers(remove_duplicate=False)),
        }
        self.module = module
        self.known: dict[Value, torch.Tensor] = {}
        for value in recording.inputs:
            self.known[value] = inputs[value.name]

    def outputs(self) -> dict[str, torch.Tensor]:
        """The outputs by their names."""
        with torch.no_grad():
            for operation in self.recording.operations:
                self.carry_out(operation)
            return {name: self.tensor(value) for name, value in self.recording.outputs}

    def tensor(self, value: Value) -> torch.Tensor:
        """The tensor that a value stands for; what is made of no input is made when it is asked for."""
        if value not in self.known:
            if value.operation is not None:
                self.carry_out(value.operation)
            elif value.name:
                self.known[value] = self.found(value.name)
            else:
                assert value.number is not None, f"{value!r} is from nowhere"
                self.known[value] = torch.full(value.sizes, value.number, dtype=TORCH_WORDS[value.dtype])
        return self.known[value]

    def found(self, name: str) -> torch.Tensor:
        """A tensor of the module, registered or not."""
        if name in self.named:
            return self.named[name]
        thing: Any = self.module
        for part in name.split("."):
            if isinstance(thing, dict):
                thing = thing[part]
            elif isinstance(thing, (list, tuple)):
                thing = thing[int(part)]
            else:
                thing = getattr(thing, part)
        assert isinstance(thing, torch.Tensor)
        return thing

    def carry_out(self, operation: Operation) -> None:
        """Do one operation on copies."""
        if operation.name == "write":
            outputs = [self.written(operation)]
        elif operation.name == "scaled_dot_product_attention":
            outputs = [self.attention(operation)]
        else:
            outputs = self.done(operation)
        assert len(outputs) == len(operation.outputs)
        for value, output in zip(operation.outputs, outputs, strict=True):
            assert tuple(output.shape) == value.sizes, (operation, value)
            assert str(output.dtype) == f"torch.{value.dtype}", (operation, value)
            self.known[value] = output

    def done(self, operation: Operation) -> list[torch.Tensor]:
        """The tensors that an operator gives, and behind them those that it wrote to and does not give."""
        space, name, overload = operation.target.split(".")
        operator = getattr(getattr(getattr(torch.ops, space), name), overload)
        copies: list[torch.Tensor] = []
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        written: list[torch.Tensor] = []
        for argument in operator._schema.arguments:
            argument_value = self.opened(operation.arguments[argument.name], str(argument.type))
            if argument.alias_info is not None and argument.alias_info.is_write:
                argument_value = copied(argument_value)
                written += argument_value if isinstance(argument_value, list) else [argument_value]
            if argument.kwarg_only:
                kwargs[argument.name] = argument_value
            else:
                args.append(argument_value)
        result = operator(*args, **kwargs)
        outputs = [result] if isinstance(result, torch.Tensor) else list(result or ())
        copies = [output for output in outputs if isinstance(output, torch.Tensor)]
        return copies + [w for w in written if not any(w is output for output in outputs)]

    def attention(self, operation: Operation) -> torch.Tensor:
        """Attention with any number of masks."""
        arguments = operation.arguments
        query, key, value = [self.tensor(arguments[name]) for name in ("query", "key", "value")]
        scale = query.shape[-1] ** -0.5 if arguments["scale"] is None else arguments["scale"]
        masks = arguments["attn_mask"]
        if not isinstance(masks, tuple) and "excluded" not in arguments:
            mask = None if masks is None else self.tensor(masks)
            causal, grouped = arguments["is_causal"], arguments["enable_gqa"]
            act = torch.nn.functional.scaled_dot_product_attention
            return act(query, key, value, mask, is_causal=causal, scale=scale, enable_gqa=grouped)
        scores = query @ key.transpose(-1, -2) * scale
        for mask in [self.tensor(mask) for mask in (masks if isinstance(masks, tuple) else (masks,)) if mask]:
            scores = scores.masked_fill(~mask, -1e9) if mask.dtype == torch.bool else scores + mask
        for mask in [self.tensor(mask) for mask in arguments.get("excluded", ())]:
            scores = scores.masked_fill(mask, -1e9)
        return scores.softmax(-1) @ value

    def opened(self, argument: Any, kind: str) -> Any:
        """An argument as PyTorch takes it."""
        if isinstance(argument, Value):
            return self.tensor(argument)
        if isinstance(argument, tuple):
            return [self.opened(part, kind) for part in argument]
        if isinstance(argument, str):
            if argument in ("meta", "cpu"):
                return torch.device("cpu")
            return TORCH_WORDS.get(argument, argument)
        return argument

    def written(self, operation: Operation) -> torch.Tensor:
        """A tensor after a view of it was written to."""
        base, view = operation.arguments["self"], operation.arguments["view"]
        found = self.tensor(base).clone()
        at = found
        for step, number in operation.arguments["steps"]:
            space, name, overload = step.target.split(".")
            operator = getattr(getattr(getattr(torch.ops, space), name), overload)
            args = [self.opened(step.arguments[a.name], "") for a in operator._schema.arguments]
            place = next(i for i, a in enumerate(operator._schema.arguments) if "Tensor" in str(a.type))
            args[place] = at
            given = {a.name: x for a, x in zip(operator._schema.arguments, args, strict=True) if a.kwarg_only}
            plain = [x for a, x in zip(operator._schema.arguments, args, strict=True) if not a.kwarg_only]
            result = operator(*plain, **given)
            at = result if isinstance(result, torch.Tensor) else result[number]
        at.copy_(self.tensor(view))
        return found


def copied(argument_value: Any) -> Any:
    """A copy of a tensor, or of those in a list."""
    if isinstance(argument_value, list):
        return [copied(part) for part in argument_value]
    return None if argument_value is None else argument_value.clone()
