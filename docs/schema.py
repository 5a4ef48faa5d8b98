"""Writes the JSON Schema of every command's JSON: ``python docs/schema.py`` (``--check`` compares)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from generated import write_or_compare

from archcalc.quantities import BYTES, QUANTITIES
from archcalc.report.records import SCHEMA

HERE = Path(__file__).parent / "schema"
Schema = dict[str, Any]


# Types -------------------------------------------------------------------------------------------


def typed(kind: str, description: str, **more: Any) -> Schema:
    """A value of a JSON type."""
    return {"description": description, "type": kind, **more}


def text(description: str) -> Schema:
    """A text."""
    return typed("string", description)


def whole(description: str) -> Schema:
    """A whole number, exact however large."""
    return typed("integer", description, minimum=0)


def flag(description: str) -> Schema:
    """True or false."""
    return typed("boolean", description)


def listed(items: Schema, description: str) -> Schema:
    """A list."""
    return typed("array", description, items=items)


def mapped(values: Schema, description: str) -> Schema:
    """An object whose keys are names."""
    return typed("object", description, additionalProperties=values)


def record(description: str, keys: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object of these keys and no others; the ``optional`` ones may be missing."""
    return {
        "description": description,
        "type": "object",
        "properties": {**keys, **(optional or {})},
        "required": list(keys),
        "additionalProperties": False,
    }


def maybe(schema: Schema, null: str = "") -> Schema:
    """The same, or null; ``null`` says what that means."""
    description = schema["description"] + (f" Null: {null}." if null else "")
    if isinstance(schema.get("type"), str) and "properties" not in schema:
        return {**schema, "description": description, "type": [schema["type"], "null"]}
    return {"description": description, "anyOf": [schema, {"type": "null"}]}


def either(description: str, *schemas: Schema) -> Schema:
    """One of several."""
    return {"description": description, "anyOf": list(schemas)}


# What several commands have ----------------------------------------------------------------------

NO_RULE = "a layer has no rule for it"
SIZES = typed("array", "Sizes in the order of `layout`, without the batch.", items={"type": "integer"})
SIGNED = {"type": "integer"}
FRACTION = either(
    "A whole number, or a fraction as a text such as `1/2`.", {"type": "integer"}, {"type": "string"}
)
INPUT = either(
    "The input's shape; where there are several inputs, an object by their names.",
    SIZES,
    mapped(SIZES, "Shapes by input."),
)
LAYOUT = typed("string", "Order of the axes in shapes.", enum=["hwc", "chw"])
BATCH = typed(
    "integer", "Batch size; counts of operations and bytes are those of the whole batch.", minimum=1
)
DTYPE = text("Type of the values, as in fp32.")
NAME = text("The network's name in the spec; of a chain the chain itself.")
TITLE = maybe(text("What the network is, in words."))

OPERATIONS = record(
    "Operations of the forward pass, counted apart.",
    {
        name: whole(f"{QUANTITIES[name].words[0].upper()}{QUANTITIES[name].words[1:]}.")
        for name in ("mul_add", "mul", "add", "compare", "div", "special", "outputs")
    },
)
EXTENT = record(
    "A receptive field, per axis.",
    {
        "size": listed({"type": "integer"}, "Input positions that a unit sees."),
        "stride": listed(
            either("One axis.", {"type": "null"}, {"type": "integer"}, {"type": "string"}),
            "Positions between neighbouring windows; a fraction is a text, null is where they are uneven.",
        ),
        "start": listed(
            {"type": "integer"}, "First position of the window of unit 0; below zero in the padding."
        ),
        "aligned": flag("Whether all paths agree in stride and centre."),
        "global": flag("Whether each unit sees the whole input."),
        "gated": flag("Whether a gate that sees the whole input is left out."),
    },
    {
        "normed": flag(
            "Whether the statistics of a norm over the whole map are left out; left out where false."
        )
    },
)
FIELD = maybe(
    either(
        "The receptive field; where there are several inputs, an object by their names.",
        EXTENT,
        mapped(EXTENT, "By input."),
    ),
    NO_RULE,
)


def quantity(key: str) -> Schema:
    """What a quantity under its key counts."""
    of = next(q for q in QUANTITIES.values() if q.key == key)
    unit = "In bytes" if of.form == BYTES else "A count"
    return whole(f"{of.words[0].upper()}{of.words[1:]}. {unit}.")


LAYER_KEYS = [q.key for q in QUANTITIES.values() if q.key and q.layer is not None]
TOTAL_KEYS = [q.key for q in QUANTITIES.values() if q.key]
TENSORS = mapped(listed({"type": "integer"}, "A shape."), "Shapes of tensors by their names.")

LAYER = record(
    "A layer.",
    {
        "name": text("Its name, unlike any other."),
        "op": text("The word of the language for it."),
        "path": listed(
            listed({"type": ["string", "null"]}, "Block and label."),
            "Blocks that it stands in, from the outside.",
        ),
        "inputs": listed({"type": "string"}, "Names of the layers or inputs that it reads."),
        "output": SIZES,
        "tensors": {**TENSORS, "description": "Learned tensors, where they are counted with this layer."},
        "operations": maybe(OPERATIONS, NO_RULE),
        "attributes": mapped(
            {"type": ["integer", "boolean", "string", "array"]},
            "Its arguments by name, those that have a value: numbers, sizes, words, yes and no.",
        ),
        "output_bytes": whole("Bytes of the output, whether it is new in memory or not."),
        **{key: maybe(quantity(key), NO_RULE) for key in LAYER_KEYS},
        "rf": FIELD,
    },
    {
        "buffer_tensors": {**TENSORS, "description": "Tensors that are stored but not learned."},
        "like": text("The layer whose parameters it uses, and which counts them."),
        "module": text(
            "Of a traced network: the dotted name of the module that made it; of a file of another tool: "
            "what that calls the layer."
        ),
        "source": maybe(
            {
                "description": "Of a traced network: file and line of the code that called it; of a file: "
                "its place there.",
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "integer"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "they are not known",
        ),
        "kind": typed(
            "string",
            "Of a traced network: whether archcalc has a layer for it, or has PyTorch's figures alone.",
            enum=["lifted", "opaque"],
        ),
        "class": maybe(
            text("Of a traced network: the class of the module; of a file: the tool's word for the layer."),
            "it has none",
        ),
        "written": typed(
            "string", "Of a traced network: how its code is written.", enum=["module", "subclass", "function"]
        ),
        "counter": whole("With --counter: its operations as the tool counts them."),
    },
)
COUNTED = record(
    "With --counter: the operations as another tool counts them.",
    {
        "name": text("The counter."),
        "version": maybe(text("The version of the tool."), "it is a habit of papers"),
        "figure": whole("The figure."),
        "unit": typed("string", "What is counted.", enum=["MACs", "FLOPs"]),
        "faults": flag("Whether what the tool counts by its faults is in it."),
    },
)
TRACED = record(
    "How a network was traced from a PyTorch module.",
    {
        "target": text("What the module was called."),
        "rung": typed(
            "string",
            "How it was run: without values, without values and with gradients, in memory, or not at all: "
            "a file of operations is read.",
            enum=["meta", "gradients", "cpu", "file"],
        ),
        "why": maybe(text("Why it could not be run without values.")),
        "training": flag("Whether it was in training mode."),
        "unused": mapped(
            listed({"type": "integer"}, "A shape."), "Learned tensors that no output needs, by name."
        ),
        "notes": listed({"type": "string"}, "What else is to be known."),
        "until": maybe(text("The part of the module with which the network ends.")),
    },
)
TOTALS = record(
    "Sums over the network.",
    {
        **{key: quantity(key) for key in TOTAL_KEYS},
        "operations": OPERATIONS,
        "peak_at": maybe(text("The layer at which most memory is in use.")),
        "peak_live": mapped({"type": "integer"}, "Bytes in use at the peak, by the layer that put them out."),
        "units": whole("Values that layers with weights put out, for one image."),
        "depth": whole("Layers with weights on the longest path."),
    },
    {
        "at_least": listed({"type": "string"}, "Keys of sums that leave out a layer without a rule."),
        "counter": COUNTED,
    },
)
HEADS = mapped(
    record(
        "An output; of a side head what only it needs.",
        {"shape": SIZES},
        {"params": quantity("params"), "macs": quantity("macs")},
    ),
    "Outputs by name: `main` and the side heads.",
)
UNCOUNTED = listed(
    record(
        "A layer without a rule.",
        {
            "layer": text("Its name."),
            "quantity": typed(
                "string", "What is not counted.", enum=["params", "macs", "backward", "rf", "saved"]
            ),
        },
    ),
    "Layers without a rule for a quantity; sums leave them out.",
)
REPORT = record(
    "A figure that somebody has published, and whether it agrees.",
    {
        "quantity": text("What it is of."),
        "of": maybe(text("The layer or label that it is of."), "the network"),
        "printed": text("The figure as it is printed."),
        "computed": either("What is computed.", {"type": ["integer", "string", "null"]}),
        "agrees": maybe(flag("Whether they agree."), "it cannot be computed"),
        "how": maybe(text("Under which reading it agrees.")),
        "convention": maybe(text("The convention that it was printed under.")),
        "counter": maybe(text("The tool that counted it, by the name of its profile.")),
        "wrong": maybe(text("Why the figure is known to be wrong.")),
        "source": maybe(text("Where it is printed.")),
    },
)
FORMULA = {
    "of": maybe(text("What the formula makes."), "the quantity"),
    "formula": text("In symbols."),
    "numbers": text("With the numbers put in."),
    "value": FRACTION,
}
WORKING = listed(record("A line of a working.", FORMULA), "A working, line by line.")
CELL = {"type": ["integer", "number", "string"]}
PLAIN = either(
    "A value: a whole number, sizes, words, or a matrix.",
    {"type": ["integer", "number", "string", "null"]},
    listed({"type": ["integer", "string", "null"]}, "Sizes."),
    listed(listed(CELL, "A row."), "A matrix; fractions are texts."),
    listed(listed(listed(CELL, "A row."), "A matrix."), "A matrix for each channel."),
)
POINTS = typed("number", "Points.")
READING = record(
    "What a wrong answer is consistent with.",
    {
        "ids": listed({"type": "string"}, "Misconceptions, as docs/misconceptions.md calls them."),
        "words": text("The same in words."),
        "value": PLAIN,
        "slip": flag("Whether it is a slip of the pen."),
        "kind": text("Slip, misconception, convention, cut-off or factor."),
        "reason": maybe(text("Why, in words.")),
        "follows": flag("Whether it starts from an earlier answer."),
        "working": WORKING,
    },
)
MARKED = record(
    "An answer and the verdict on it.",
    {
        "question": text("What it answers."),
        "layer": text("The layer that is asked about, or total."),
        "quantity": text("The quantity."),
        "answer": text("The answer as it was written."),
        "verdict": typed(
            "string",
            "The verdict.",
            enum=[
                "right",
                "rounded",
                "convention",
                "follow-through",
                "wrong",
                "decided",
                "unreadable",
                "blank",
            ],
        ),
        "points": POINTS,
        "of": typed("number", "The most points."),
        "right": PLAIN,
        "working": WORKING,
        "convention": maybe(text("The convention under which it is right.")),
        "follows": maybe(text("The earlier answer that it starts from.")),
        "own": {**WORKING, "description": "The working that starts from the earlier answer."},
        "readings": listed(READING, "What a wrong answer is consistent with, the likeliest first."),
        "covers": listed(READING, "Wrong values that round to the same."),
        "remark": maybe(text("What else is to be said.")),
        "kind": maybe(text("The kind of the likeliest reading.")),
        "reason": maybe(text("Why, in words.")),
        "unit": maybe(text("The unit of the quantity.")),
        "convention_ids": listed(
            text("An id."), "By which conventions it is right, for `[marks.conventions]`."
        ),
        "counted_at": maybe(text("The question at which the same mistake or convention was counted.")),
        "open": typed("number", "Points that a person has still to decide upon."),
        "decision": maybe(
            record(
                "What a person decided.",
                {
                    "student": text("Of whom."),
                    "points": maybe(typed("number", "The points.")),
                    "reading": maybe(text("What the answer is read as.")),
                    "reason": maybe(text("Why.")),
                    "place": text("Where it stands."),
                },
            ),
            "nobody decided anything",
        ),
        "cells": maybe(
            record(
                "Of a matrix in the right size: its cells.",
                {
                    "right": whole("How many are right."),
                    "of": whole("How many there are."),
                    "wrong": listed(
                        record(
                            "A cell that is wrong.",
                            {
                                "channel": whole("The channel, counted from 0."),
                                "at": listed({"type": "integer"}, "Row and column, counted from 0."),
                            },
                        ),
                        "The others.",
                    ),
                },
            ),
            "it is no matrix, or one of another size",
        ),
    },
    {
        "exact": flag("In letters: the same formula, whatever the letters stand for."),
        "example": maybe(
            mapped({"type": "integer"}, "In letters: numbers for which the answer is wrong."),
            "it is not wrong",
        ),
    },
)
CONVENTIONS = mapped({"type": "string"}, "How things are counted, by the names of `--convention`.")
CHECK = record(
    "A quantity that is compared with PyTorch.",
    {
        "quantity": text("In words."),
        "agrees": flag("Whether all of it agrees."),
        "layers": maybe(whole("Layers compared."), "only a total is"),
        "layers_agree": maybe(whole("Layers that agree.")),
        "predicted": maybe(whole("The total by the rules.")),
        "measured": maybe(whole("The total in PyTorch.")),
        "explained": listed(
            record(
                "A part of the difference.",
                {"reason": text("What it is."), "bytes": typed("integer", "Bytes.")},
            ),
            "What the difference is made of.",
        ),
        "differences": listed(
            record(
                "A difference.",
                {
                    "layer": text("The layer."),
                    "part": maybe(text("What of it.")),
                    "predicted": {"description": "By the rules."},
                    "measured": {"description": "In PyTorch."},
                },
            ),
            "What differs.",
        ),
        "unseen": listed(
            record("A layer.", {"layer": text("Its name."), "reason": text("Why it is not compared.")}),
            "Layers that are not compared.",
        ),
    },
)
VERSION = text("The version of archcalc that wrote this.")
NUMBER = {"description": "The number of this schema. Keys are only added under one number.", "const": SCHEMA}
HEAD = {"archcalc": VERSION, "schema": NUMBER}


# The commands -----------------------------------------------------------------------------------

SUMMARY = record(
    "`archcalc summary TARGET`.",
    {
        **HEAD,
        "name": NAME,
        "title": TITLE,
        "layout": LAYOUT,
        "batch": BATCH,
        "dtype": DTYPE,
        "input": INPUT,
        "layers": listed(LAYER, "The layers in the order of the spec."),
        "totals": TOTALS,
        "outputs": HEADS,
        "reports": listed(REPORT, "Published figures."),
        "uncounted": UNCOUNTED,
    },
    {
        "traced": TRACED,
        "training": record(
            "What training holds; with --optimizer.",
            {
                "optimizer": text("The optimizer."),
                "mixed": flag("Whether it is in mixed precision."),
                "ledger": listed(
                    record(
                        "A line.",
                        {
                            "what": text("What is held."),
                            "dtype": maybe(text("Type of its values.")),
                            "values": maybe(whole("How many.")),
                            "bytes": whole("Bytes."),
                        },
                    ),
                    "Line by line.",
                ),
                "bytes": whole("Bytes in all."),
                "step_bytes": whole("Bytes at the peak of a step."),
            },
            {"at_least": listed({"type": "string"}, "Keys that are lower bounds.")},
        ),
        "fits": record(
            "The largest batches that fit; with --fits.",
            {"bytes": whole("The memory that was asked about, in bytes.")},
            {
                "inference": maybe(whole("The largest batch in inference; 0 if none fits."), "any fits"),
                "training": maybe(whole("The largest batch in training; 0 if none fits."), "any fits"),
                "at_most": listed({"type": "string"}, "Keys that are upper bounds."),
            },
        ),
    },
)
LIKE = record(
    "`archcalc summary TARGET --like TOOL`: the figures of another tool.",
    {
        **HEAD,
        "like": typed("string", "The tool.", enum=["fvcore", "keras", "torchinfo"]),
        "version": text("Its version that is imitated; `main` is what its repository holds."),
        "name": NAME,
        "layers": listed(
            record(
                "A row of the tool's table.",
                {
                    "name": text("The layer, or its attribute."),
                    "type": text("The tool's class."),
                    "output": {
                        "description": "The shape as the tool writes it; of several outputs a list of shapes."
                    },
                    "params": maybe(
                        typed("integer", "Parameters as the tool counts."), "the row prints none"
                    ),
                },
                {
                    "index": text("Depth and number."),
                    "connected_to": {"description": "Layers that it reads."},
                    "mult_adds": maybe(typed("integer", "Multiply-adds as the tool counts.")),
                    "trainable": maybe(typed("integer", "Trainable parameters.")),
                    "recursive": flag("Whether the tool calls it recursive."),
                    "trains": maybe(flag("Whether its weights are trained."), "it has none"),
                    "depth": typed("integer", "How many modules, or models of Keras, it stands in."),
                    "input": {"description": "The shape of what it is given, as the tool writes it."},
                    "kernel_size": {"description": "The size of its window; empty where it has none."},
                },
            ),
            "The rows.",
        ),
        "totals": mapped({"type": "integer"}, "What the tool prints below; sizes in bytes."),
    },
    {"notes": listed({"type": "string"}, "Where the tool itself does something else.")},
)
FIELDS = record(
    "`archcalc rf TARGET [LAYER]`.",
    {
        **HEAD,
        "name": NAME,
        "input": INPUT,
        "layers": listed(
            record(
                "A layer.", {"name": text("Its name."), "op": text("Its word."), "output": SIZES, "rf": FIELD}
            ),
            "The layers, or the one asked for.",
        ),
    },
)
ENDS = listed(
    {"type": ["integer", "null"]},
    "A position per axis, from 0; below zero before the image; null where nothing is seen.",
)
UNIT = record(
    "`archcalc rf TARGET LAYER --at Y,X`: what one unit sees.",
    {
        **HEAD,
        "name": NAME,
        "layer": text("The layer."),
        "unit": listed({"type": "integer"}, "The unit's position, from 0."),
        "input": INPUT,
        "layers": listed(
            record(
                "A tensor before it.",
                {"name": text("The layer or input."), "op": text("Its word."), "first": ENDS, "last": ENDS},
                {"first_read": ENDS, "last_read": ENDS},
            ),
            "Ends of the window on each tensor, and of what of it lies inside and is read.",
        ),
    },
    {"gated": flag("A gate is left out."), "normed": flag("A norm's statistics are left out.")},
)
CALCULATION = record(
    "`archcalc explain TARGET [TARGET] EXPRESSION`.",
    {
        **HEAD,
        "networks": listed({"type": "string"}, "The networks: A is the first, B the second."),
        "calculations": listed(
            record(
                "A calculation.",
                {
                    "expression": text("As it was written."),
                    "kind": typed(
                        "string", "What it comes to.", enum=["difference", "bytes", "ratio", "percentage"]
                    ),
                    "value": FRACTION,
                    "shown": text("The value as a reader sees it, rounded."),
                    "unit": maybe(text("What is counted."), "a quotient, or of several kinds"),
                    "formula": text("In words."),
                    "numbers": text("With the numbers put in."),
                    "quantities": mapped(FRACTION, "The value of each quantity in it."),
                },
            ),
            "What is computed; of two networks and one quantity, the difference, the quotient and the share.",
        ),
        "quantities": listed(
            typed("object", "As `archcalc explain` has it, with the `name` of the quantity in the text."),
            "How each quantity comes about.",
        ),
    },
)
EXPLAIN = record(
    "`archcalc explain TARGET [LAYER [QUANTITY]]`.",
    {
        **HEAD,
        "name": NAME,
        "layer": maybe(text("The layer or label."), "the whole network"),
        "layout": LAYOUT,
        "batch": BATCH,
        "dtype": DTYPE,
        "inputs": listed(SIZES, "Shapes that arrive."),
        "output": SIZES,
        "symbols": mapped({"type": "string"}, "What the symbols mean."),
        "derivations": listed(
            record(
                "A quantity.",
                {
                    "quantity": text("Its name."),
                    "value": {"description": "A number, sizes, operations, or a field; null without a rule."},
                    "formulas": listed(
                        record(
                            "A formula.",
                            {**FORMULA, "expression": typed("object", "The formula as a tree.")},
                            {"expanded": listed(text("A formula."), "In letters: other ways of writing it.")},
                        ),
                        "Its formulas.",
                    ),
                    "notes": listed({"type": "string"}, "What is to be known of it."),
                    "source": maybe(text("Where the rule is from.")),
                },
                {
                    "terms": listed(
                        record("A term.", {"layer": text("The layer."), "value": whole("What it adds.")}),
                        "The terms of a sum.",
                    ),
                    "steps": listed(
                        record(
                            "The recursion of a receptive field.",
                            {
                                "input": text("The input."),
                                "axes": maybe(text("The axes that it holds for."), "all"),
                                "steps": listed(
                                    record(
                                        "A layer.",
                                        {
                                            "layer": text("Its name."),
                                            "kernel": maybe(whole("Kernel."), "it reads everything"),
                                            "stride": maybe(FRACTION),
                                            "dilation": either("Dilation.", {"type": ["integer", "null"]}),
                                            "before": record(
                                                "The field before.",
                                                {
                                                    "size": either("Size.", {"type": ["integer", "null"]}),
                                                    "stride": maybe(FRACTION),
                                                },
                                            ),
                                            "size": either(
                                                "The field's size.", {"type": ["integer", "null"]}
                                            ),
                                            "stride_so_far": maybe(FRACTION),
                                            "start": either(
                                                "Where unit 0's window starts.", {"type": ["integer", "null"]}
                                            ),
                                            "branches": either(
                                                "Branches that meet.", {"type": ["integer", "null"]}
                                            ),
                                            "exact": flag("Whether the recursion is the whole answer."),
                                        },
                                    ),
                                    "From the input.",
                                ),
                            },
                        ),
                        "The steps of a receptive field.",
                    ),
                },
            ),
            "The quantities.",
        ),
    },
    {
        "op": text("The layer's word."),
        "letters": mapped({"type": "integer"}, "Of a chain in letters: the example whose numbers these are."),
    },
)
ACCURACY = maybe(
    record(
        "A published accuracy.",
        {
            "accuracy": text("Per cent of right answers, as a text that keeps its digits."),
            "printed": text("As printed."),
            "source": maybe(text("Where.")),
            "convention": maybe(text("How it was measured.")),
        },
    ),
    "none is known",
)
ON_DEVICE = record(
    "With --on: what a roofline gives.",
    {
        "time": maybe(whole("The least time, in picoseconds."), NO_RULE),
        "traffic": maybe(whole("Bytes that are moved."), NO_RULE),
        "intensity": maybe(text("Operations per byte, a fraction."), NO_RULE),
    },
)
COMPARE = record(
    "`archcalc compare TARGET TARGET …`.",
    {
        **HEAD,
        "layout": LAYOUT,
        "batch": BATCH,
        "dtype": DTYPE,
        "networks": listed(
            record(
                "A network.",
                {
                    "name": NAME,
                    "title": TITLE,
                    "input": INPUT,
                    "outputs": HEADS,
                    "totals": TOTALS,
                    "rf": maybe(EXTENT, "every layer sees everything, or one has no rule"),
                    "top1": ACCURACY,
                    "top5": ACCURACY,
                    "ratios": mapped(
                        {"type": ["string", "null"]}, "Ratios to the first network, as exact fractions."
                    ),
                    "uncounted": UNCOUNTED,
                },
                {"on": ON_DEVICE},
            ),
            "The networks.",
        ),
    },
)
DELTA = maybe(
    typed("integer", "What the second network has more than the first."), "one of the two is not known"
)
SIDE = maybe(
    record(
        "A layer on one side.",
        {
            "name": text("Its name."),
            "op": text("The word of the language for it."),
            "text": text("What the spec says."),
            "inputs": listed({"type": "string"}, "Names of the layers or inputs that it reads."),
            "output": SIZES,
            "rf": FIELD,
        },
    ),
    "this network has no such layer",
)
COST_WORDS = {name: QUANTITIES[name].words for name in ("params", "macs", "activation_bytes")}
COMPARE_QUANTITIES = record(
    "`archcalc compare TARGET TARGET … --quantity EXPRESSION`.",
    {
        **HEAD,
        "layout": LAYOUT,
        "batch": BATCH,
        "dtype": DTYPE,
        "networks": listed(
            {"type": "string"}, "The networks; the first is what the others are compared with."
        ),
        "quantities": listed(
            record(
                "A quantity.",
                {
                    "expression": text("As it was asked for."),
                    "unit": maybe(text("What is counted."), "a quotient, or of several kinds"),
                    "values": listed(
                        record(
                            "The quantity of one network.",
                            {
                                "network": text("Its name."),
                                "value": FRACTION,
                                "at_least": flag("Layers without a rule are left out of it."),
                                "difference": maybe(FRACTION, "the first, or one of the two is not known"),
                                "ratio": maybe(
                                    text("How many times the first's, an exact fraction."), "none"
                                ),
                                "percent": maybe(
                                    text("The difference in per cent of the first's, an exact fraction."),
                                    "none",
                                ),
                            },
                        ),
                        "One for each network, in their order.",
                    ),
                },
            ),
            "The quantities, as they were asked for.",
        ),
    },
)
COMPARE_LAYERS = record(
    "`archcalc compare TARGET TARGET --layers`.",
    {
        **HEAD,
        "layout": LAYOUT,
        "batch": BATCH,
        "dtype": DTYPE,
        "networks": listed(
            record(
                "A network.",
                {
                    "name": text("Its name, with its parameters where both have the same name."),
                    "title": TITLE,
                    "input": INPUT,
                    "outputs": HEADS,
                    "uncounted": UNCOUNTED,
                },
            ),
            "The first and the second network.",
        ),
        "layers": listed(
            record(
                "A layer, beside the one of the other network that it belongs to.",
                {
                    "kind": typed(
                        "string",
                        "What became of it; resized: the same on other sizes, or in another storage.",
                        enum=["alike", "resized", "changed", "inserted", "removed"],
                    ),
                    "first": SIDE,
                    "second": SIDE,
                    "changes": listed(
                        record(
                            "A change.",
                            {
                                "what": text("An attribute, or op, size, inputs, input, parameters, frozen."),
                                "first": text("What the first network has."),
                                "second": text("What the second network has."),
                            },
                        ),
                        "In what the two differ.",
                    ),
                    **{
                        name: record(
                            f"{words[0].upper()}{words[1:]}; 0 where a network has no such layer.",
                            {
                                "first": maybe(quantity(name), NO_RULE),
                                "second": maybe(quantity(name), NO_RULE),
                                "delta": DELTA,
                            },
                        )
                        for name, words in COST_WORDS.items()
                    },
                },
            ),
            "Inputs and layers of both, each once, in order; the deltas sum to those of the totals.",
        ),
        "totals": record(
            "Totals of both networks.",
            {
                name: record(
                    f"{words[0].upper()}{words[1:]}.",
                    {"first": quantity(name), "second": quantity(name), "delta": DELTA},
                    {"at_least": listed({"type": "string"}, "Which of them are lower bounds.")},
                )
                for name, words in COST_WORDS.items()
            },
        ),
    },
)
PARAMETERS = record(
    "`archcalc summary FILE` of a file that holds tensors and no network.",
    {
        **HEAD,
        "file": text("The file."),
        "kind": text("What it is, in words."),
        "tensors": listed(
            record(
                "A tensor.",
                {
                    "name": text("Its name."),
                    "shape": listed({"type": "integer"}, "Its sizes, as PyTorch has them."),
                    "dtype": text("The type of its values."),
                    "values": whole("How many values it has."),
                    "bytes": maybe(whole("What it takes."), "the size of the type is not known"),
                    "learned": flag("Whether it is a parameter, by its name."),
                },
            ),
            "The tensors.",
        ),
        "totals": record(
            "Sums over all tensors.",
            {
                "params": whole("Learned values."),
                "buffers": whole("Values of the others, batch counters left out."),
                "bytes": maybe(whole("What all take."), "a type is of unknown size"),
            },
        ),
    },
)
DESIGN = {
    "description": "A design: its values, and each quantity that the condition names under its own name.",
    "type": "object",
    "properties": {
        "values": mapped({}, "What stands for each question mark."),
        "spec": maybe(text("The chain with the values put in.")),
        "output": SIZES,
        "misses": listed(
            record(
                "A comparison that does not hold, or a shape that is another.",
                {
                    "demand": text("As it was written."),
                    "value": {"type": ["integer", "string", "null"]},
                    "limit": {"type": ["integer", "string", "null"]},
                    "difference": {"type": ["integer", "string", "null"]},
                },
            ),
            "What it misses of the demand, where it does not meet it.",
        ),
    },
    "required": ["values", "spec", "output"],
    "additionalProperties": either("A quantity.", {"type": ["integer", "string", "null"]}),
}
SOLVE = record(
    "`archcalc solve TARGET`.",
    {
        **HEAD,
        "target": text("The target as it was given."),
        "where": maybe(text("The condition.")),
        "batch": BATCH,
        "dtype": DTYPE,
        "asked": listed(
            record(
                "A question mark.",
                {
                    "name": text("Its name."),
                    "looked": text("What was looked at, in words."),
                    "values": whole("How many values."),
                },
            ),
            "What was asked for.",
        ),
        "space": whole("How many designs there are."),
        "tried": whole("Designs that were computed."),
        "refused": whole("Of those, designs that are no networks."),
        "whole": flag("Whether all were looked at, or ruled out."),
        "widened": flag("Whether numbers beyond the first ranges were looked at."),
        "objective": maybe(
            record(
                "What is to be as large or as small as can be.",
                {
                    "quantity": text("A quantity, or one of the values that are asked for."),
                    "wanted": {"enum": ["largest", "smallest"]},
                },
            )
        ),
        "method": {
            "description": "How it was looked: every design was computed, or those with the least "
            "changes; what is larger than what is too large was ruled out; boxes of designs were ruled "
            "out by bounds, along one axis or several; ranges grew while larger numbers came nearer.",
            "enum": [
                "every design",
                "least changes",
                "ruled out",
                "bisection",
                "branch and bound",
                "grown ranges",
            ],
        },
        "bounded": whole("Boxes of designs that were bounded."),
        "proved": flag("Whether the answers are proved to be the best ones of the space, in their order."),
        "bound": {
            "description": "Where they are not: no design has more of what is wanted, or less.",
            "type": ["integer", "string", "null"],
        },
        "met": whole("How many of the designs that were computed meet it."),
        "answers": listed(
            DESIGN,
            "Designs that meet it: the best first where there is an objective, else the smallest change.",
        ),
        "nearest": listed(DESIGN, "Where none does, those that come nearest."),
    },
)
SWEPT_VALUE = {"type": ["integer", "boolean", "string"]}
SWEEP = record(
    "`archcalc sweep TARGET`.",
    {
        **HEAD,
        "target": text("The target as it was given."),
        "axes": listed(
            record(
                "Something that differs from design to design.",
                {
                    "name": text("Its name."),
                    "values": listed(SWEPT_VALUE, "What it may be, each as it is typed."),
                },
            ),
            "What differs.",
        ),
        "where": maybe(text("The condition.")),
        "pareto": listed({"type": "string"}, "Quantities of the front; a `-` in front asks for the largest."),
        "sort": listed({"type": "string"}, "Quantities of the order, likewise."),
        "top": maybe(whole("How many of the order are wanted.")),
        "batch": BATCH,
        "dtype": DTYPE,
        "space": whole("How many designs there are."),
        "seed": maybe(whole("By which designs were drawn."), "none were drawn"),
        "wanted": whole("Designs that were to be computed."),
        "computed": whole("Designs that were computed."),
        "complete": flag("Whether all of them were: not after Ctrl-C."),
        "networks": whole("Of those computed, designs that are networks."),
        "met": whole("Of these, designs that meet the condition; all without one."),
        "unknown": whole("Designs that the front leaves out, as a quantity of theirs is not known."),
        "refused": listed(
            record(
                "A reason for which designs are no networks.",
                {
                    "code": text("The kind of fault, one word."),
                    "message": text("What is wrong with the first of them."),
                    "designs": whole("How many designs."),
                    "example": mapped(SWEPT_VALUE, "The values of the first of them."),
                },
            ),
            "Why the others are none.",
        ),
        "designs": listed(
            record(
                "A design.",
                {
                    "number": whole("Its number in the space; the last axis changes fastest."),
                    "values": mapped(SWEPT_VALUE, "What each axis is."),
                },
                {
                    "output": SIZES,
                    "quantities": mapped(
                        {"type": ["integer", "string", "null"]},
                        "What was computed; null where it is not known.",
                    ),
                    "alike": whole("How many designs are equal to it in all quantities of the front."),
                    "reason": text("With `--refused`: why it is no network."),
                },
            ),
            "The designs in the order that was asked for.",
        ),
    },
)
DRAW = record(
    "`archcalc draw TARGET --format json`.",
    {
        **HEAD,
        "name": NAME,
        "title": TITLE,
        "boxes": listed(
            record(
                "A box of the picture.",
                {
                    "name": text("Its name, unlike any other."),
                    "kind": text("Input, output, head, weighted, free, merge, block or repeat."),
                    "lines": listed({"type": "string"}, "What stands in it."),
                    "layers": listed({"type": "string"}, "Layers that it stands for."),
                },
            ),
            "Boxes.",
        ),
        "edges": listed(
            record(
                "A tensor that passes.",
                {
                    "from": text("A box."),
                    "to": text("A box."),
                    "tensor": text("The layer that puts it out."),
                    "shape": SIZES,
                },
            ),
            "Arrows.",
        ),
    },
)
EXPORT = record(
    "`archcalc export TARGET --format json`.",
    {**HEAD, "name": NAME, "to": text("The tool."), "source": text("The source.")},
)
SHOW = record(
    "`archcalc show TARGET`.",
    {
        **HEAD,
        "name": NAME,
        "file": maybe(text("The file."), "there is none: a module was written as a spec"),
        "lines": listed(
            record(
                "A line.",
                {
                    "line": whole("Its number."),
                    "text": text("Its text."),
                    "output": maybe(SIZES, "it puts out nothing, or various shapes"),
                },
            ),
            "The lines of the spec.",
        ),
    },
)
LIST = listed(
    record(
        "A network of the zoo.",
        {
            "schema": NUMBER,
            "name": NAME,
            "title": TITLE,
            "family": maybe(text("Its family.")),
            "year": maybe(whole("Of its first publication.")),
            "papers": listed({"type": "string"}, "Where it is published."),
            "parameters": mapped({}, "Parameters of the spec, with their defaults."),
            "input": INPUT,
            "size": listed({"type": "integer"}, "Height and width of the output; of a vector its length."),
            "totals": TOTALS,
            "macs_besides": listed({"type": "string"}, "What else than conv and fc has MACs."),
            "rf": maybe(EXTENT, "every layer sees everything"),
            "top1": maybe(text("Published accuracy in per cent.")),
            "top5": maybe(text("Published accuracy in per cent.")),
            "accuracies": mapped({"type": ["number", "null"]}, "The same as numbers."),
        },
        {
            "counters": mapped({"type": "integer"}, "What other tools count, by the names of `--counter`."),
            "on": ON_DEVICE,
        },
    ),
    "`archcalc list`.",
)
OP = record(
    "`archcalc ops NAME`: the reference of a layer or block.",
    {
        "schema": NUMBER,
        "name": text("The word."),
        "group": text("Its group."),
        "summary": text("What it is, in a line."),
        "doc": text("All that is said of it."),
        "signature": text("How it is written."),
        "example": text("A spec that holds it."),
        "keeps": text("What training keeps for the backward pass."),
        "facts": mapped(listed({"type": "string"}, "Lines."), "Its rules, by what they are of."),
        "result": listed({"type": "string"}, "What the example comes to."),
    },
    {
        "attributes": listed(
            record(
                "An argument of a layer.",
                {
                    "name": text("Its name."),
                    "kind": text("What it takes."),
                    "required": flag("Whether it must be given."),
                    "default": maybe(text("Its default.")),
                    "help": text("What it means."),
                    "positional": flag("Whether it is written without its name."),
                    "letter": text("Its letter in formulas."),
                },
            ),
            "Arguments of a layer.",
        ),
        "counting": text("What operations are counted."),
        "macs": flag("Whether its multiply-adds are MACs."),
        "source": text("Where its rules are from."),
        "elsewhere": listed({"type": "string"}, "What it is called elsewhere."),
        "parameters": listed(
            record(
                "A parameter of a block.", {"name": text("Its name."), "default": maybe(text("Its default."))}
            ),
            "Parameters of a block.",
        ),
        "text": text("The text of a block."),
    },
)
ANSWERS = record(
    "`archcalc check TARGET ANSWER …` and `archcalc check TARGET SHEET`.",
    {
        **HEAD,
        "name": NAME,
        "conventions": CONVENTIONS,
        "answers": listed(MARKED, "The answers."),
        "verdicts": mapped({"type": "integer"}, "How many of each verdict."),
        "unread": listed({"type": "string"}, "What could not be read."),
    },
)
HOLDS = maybe(flag("Whether it holds."), "that cannot be decided")
FRACTION = either(
    "A whole number, or a fraction as a text.", {"type": "integer"}, {"type": "string"}, {"type": "null"}
)
BUDGETS = record(
    "`archcalc check TARGET --where CONDITION`: budgets.",
    {
        **HEAD,
        "name": NAME,
        "batch": BATCH,
        "dtype": DTYPE,
        "input": INPUT,
        "holds": {**HOLDS, "description": "Whether all conditions hold. Null: that cannot be decided."},
        "conditions": listed(
            record(
                "A condition.",
                {
                    "where": text("As it was given."),
                    "holds": HOLDS,
                    "comparisons": listed(
                        record(
                            "A comparison of it.",
                            {
                                "text": text("As it was given."),
                                "holds": HOLDS,
                                "value": {**FRACTION, "description": "The value. Null: not known."},
                                "at_least": flag("Whether the value is a lower bound."),
                                "limit": {**FRACTION, "description": "The other side. Null: not known."},
                                "difference": {
                                    **FRACTION,
                                    "description": "Value less limit. Null: not known.",
                                },
                                "bytes": flag("Whether they are in bytes."),
                                "reason": maybe(text("Why the value is not known."), "it is"),
                            },
                        ),
                        "The comparisons that it is made of.",
                    ),
                },
            ),
            "The conditions.",
        ),
        "uncounted": UNCOUNTED,
    },
)
FIGURE = maybe(typed("number", "A figure."), "there is nothing to compute it of")
COUNTED_NAMES = mapped({"type": "integer"}, "How many answers, by name.")
FIGURES = {
    "sheets": whole("The sheets on which nothing is open: the figures are of these."),
    "open": whole("The other sheets."),
    "few": flag("Whether there are too few sheets for the figures to say much."),
    "mean": FIGURE,
    "median": FIGURE,
    "deviation": FIGURE,
    "lowest": FIGURE,
    "highest": FIGURE,
    "questions": listed(
        record(
            "A question.",
            {
                "question": text("Its id."),
                "facility": FIGURE,
                "deviation": FIGURE,
                "discrimination": FIGURE,
                "upper_lower": FIGURE,
                "misconceptions": COUNTED_NAMES,
                "conventions": COUNTED_NAMES,
            },
        ),
        "The questions.",
    ),
    "misconceptions": COUNTED_NAMES,
    "conventions": COUNTED_NAMES,
}
STATISTICS = record(
    "`archcalc check QUIZ SHEETS --statistics`.",
    {**HEAD, "title": text("The quiz."), "points": typed("number", "The most points."), **FIGURES},
)
CLASS = record(
    "`archcalc check QUIZ SHEETS`.",
    {
        **HEAD,
        "title": text("The quiz."),
        "conventions": CONVENTIONS,
        "points": typed("number", "The most points."),
        "sheets": listed(
            record(
                "A student's sheet.",
                {
                    "student": text("Whose it is."),
                    "source": text("Where it stands."),
                    "ids": mapped({"type": "string"}, "What a platform knows the student by."),
                    "attempt": maybe(text("Which attempt of the student it is."), "not known"),
                    "platform": maybe(text("Whose export it is from."), "not known"),
                    "points": POINTS,
                    "open": typed("number", "Points that a person has still to decide upon."),
                    "unreadable": maybe(text("Why nothing of it was read.")),
                    **{
                        key: listed(
                            record(
                                "A place.", {key: text(f"The {key}.") for key in ("place", "message", "text")}
                            ),
                            words,
                        )
                        for key, words in (
                            ("faults", "What could not be read."),
                            ("not_read", "Lines and cells that answer no question."),
                        )
                    },
                    "answers": listed(MARKED, "The answers."),
                },
            ),
            "The sheets.",
        ),
        "questions": listed(
            record(
                "A question.",
                {
                    "question": text("Its id."),
                    "asked": text("What it asks."),
                    "right": PLAIN,
                    "points": typed("number", "The most points."),
                    "verdicts": mapped({"type": "integer"}, "How many of each verdict."),
                    "readings": mapped({"type": "integer"}, "How many wrong answers of each reading."),
                },
            ),
            "The questions.",
        ),
        "unread": listed(
            record(
                "Something to look at.",
                {key: text(f"The {key}.") for key in ("student", "place", "text", "reason")},
            ),
            "What a person has to look at.",
        ),
        "not_read": listed(
            record(
                "A line or cell.",
                {key: text(f"The {key}.") for key in ("student", "place", "text", "reason")},
            ),
            "Lines and cells that answer no question, and stand beside all sheets.",
        ),
        "statistics": record("Statistics of the class.", FIGURES),
    },
)
QUIZ_OPTION = record(
    "An option of a multiple choice.",
    {
        "text": text("As it is read."),
        "right": flag("Whether it is the right one."),
        "ids": listed({"type": "string"}, "The misconceptions that come to it; none of the right one."),
        "words": maybe(text("The same in words.")),
        "reason": maybe(text("Why it is wrong, for a student.")),
    },
)
POSED_QUESTION = record(
    "A question.",
    {
        "question": text("Its id."),
        "text": text("What is asked; words of the language stand between backticks."),
        "target": text("Of which network."),
        "asks": text("What it asks."),
        "points": POINTS,
        "right": PLAIN,
        "unit": maybe(text("The unit of the right value, or the one in which it is wanted.")),
        "digits": maybe(whole("Significant digits that are enough."), "the number is exact"),
        "figure": flag("Whether a picture of the network belongs to it."),
        "options": listed(QUIZ_OPTION, "The options in their order; none where the answer is written."),
        "solution": maybe(
            listed({"type": "string"}, "How the right value comes about, line by line."),
            "--solutions asks for it",
        ),
    },
)
QUIZ = record(
    "`archcalc quiz`.",
    {
        **HEAD,
        "title": text("The quiz."),
        "seed": whole("What everything is drawn from."),
        "conventions": CONVENTIONS,
        "variants": listed(
            record(
                "A variant.",
                {
                    "variant": text("Its name."),
                    "seed": whole("What its values are drawn from."),
                    "points": POINTS,
                    "questions": listed(POSED_QUESTION, "In the order of the sheet."),
                },
            ),
            "The variants in their order.",
        ),
    },
)
PRACTICE_TRY = record(
    "An answer.",
    {
        "answer": text("As it was written."),
        "verdict": text("A verdict, as of `check`."),
        "convention": maybe(text("The convention under which it is right."), "it needs none"),
        "ids": listed({"type": "string"}, "What it is consistent with first, by the ids of the catalogue."),
        "words": maybe(text("The same in words."), "nothing explains it, or nothing has to"),
        "reason": maybe(text("Why it is not simply right, or was not read.")),
    },
)
PRACTICE = record(
    "`archcalc practice`.",
    {
        **HEAD,
        "title": text("What was practised."),
        "target": maybe(text("The network, or the file of the quiz."), "it was the course"),
        "seed": whole("What everything was drawn from."),
        "questions": listed(
            record(
                "A question that was asked.",
                {
                    "number": whole("Its number, from 1."),
                    "quantity": text("The quantity that is asked for."),
                    "of": maybe(text("The kind of layer."), "it is of a whole network"),
                    "letters": flag("Whether the answer is a formula in letters."),
                    "again": flag("Whether it came back because an earlier one was not right at once."),
                    "target": text("The network."),
                    "asks": text("What is asked for, as in conv1.params."),
                    "text": text("The question."),
                    "options": listed({"type": "string"}, "The options of a multiple choice."),
                    "right": PLAIN,
                    "unit": maybe(text("The unit of the right value, or the one in which it is wanted.")),
                    "outcome": typed(
                        "string",
                        "`first`: right at the first try; `helped`: right at a later one, or after a hint; "
                        "`not`; `left`: somebody left before it was answered.",
                        enum=["first", "helped", "not", "left"],
                    ),
                    "tries": listed(PRACTICE_TRY, "The answers, in their order."),
                    "hints": listed(
                        typed("string", "A hint.", enum=["leading", "formula", "solution"]),
                        "The hints that were given, in their order.",
                    ),
                    "misconceptions": listed(
                        {"type": "string"}, "What wrong answers are consistent with, by their ids."
                    ),
                    "explain": text("The call that shows how the right value comes about."),
                },
            ),
            "The questions, in their order.",
        ),
    },
)
AUDIT = record(
    "`archcalc check --audit QUIZ`.",
    {
        **HEAD,
        "title": text("The quiz."),
        "conventions": CONVENTIONS,
        "questions": listed(
            record(
                "A question.",
                {
                    "question": text("Its id."),
                    "asks": text("What it asks."),
                    "target": text("Of which network."),
                    "computed": PLAIN,
                    "key": maybe(MARKED, "the quiz has no key for it"),
                    "wrong": flag("Whether the key is not what is computed."),
                    "by_convention": flag(
                        "Whether the key is right by another convention, and by that alone."
                    ),
                    "batch": whole("Images of the batch that is asked about."),
                    "dtype": text("The type of values that is asked about."),
                    "blind": listed(
                        record(
                            "A misconception.",
                            {"id": text("Its id."), "why": text("Why it is not detected.")},
                        ),
                        "Misconceptions that the question cannot detect.",
                    ),
                    "ties": listed(
                        record(
                            "A value.", {"value": PLAIN, "ids": listed({"type": "string"}, "Misconceptions.")}
                        ),
                        "Misconceptions that the question cannot tell apart.",
                    ),
                    "covered": listed(
                        record(
                            "A value.", {"ids": listed({"type": "string"}, "Misconceptions."), "value": PLAIN}
                        ),
                        "Wrong values that round to the key.",
                    ),
                },
            ),
            "The questions.",
        ),
    },
)
VERIFIED = {
    **HEAD,
    "name": NAME,
    "torch": text("The version of PyTorch."),
    "agrees": flag("Whether everything agrees."),
    "checks": listed(CHECK, "Quantity by quantity."),
}
MEASURED = {
    **VERIFIED,
    "device": typed("string", "Where it was built.", enum=["cpu", "cuda", "meta"]),
    "batch": BATCH,
    "input": INPUT,
}
VERIFY = record("`archcalc verify TARGET`.", MEASURED)
AGAINST = record(
    "`archcalc verify TARGET --against MODULE`.",
    {
        **VERIFIED,
        "against": text("The module."),
        "reordered": flag("Whether branches stand in another order."),
    },
)
VERIFY_ALL = listed(
    record(
        "A network of the zoo.",
        {**MEASURED, "until": maybe(text("The last layer that was compared."), "all were")},
    ),
    "`archcalc verify --all`.",
)
DIAGNOSTICS = record(
    "What any command writes to standard error, with --format json.",
    {
        "diagnostics": listed(
            record(
                "An error, warning or note.",
                {
                    "code": text("What kind of thing is wrong."),
                    "severity": typed("string", "How bad it is.", enum=["error", "warning", "note"]),
                    "message": text("What is wrong."),
                    "file": maybe(text("In which file.")),
                    "line": maybe(whole("In which line, from 1.")),
                    "column": maybe(whole("At which sign, from 1.")),
                    "help": maybe(text("What to do.")),
                },
                {"notes": {"description": "Where else to look."}},
            ),
            "One after the other.",
        ),
        "schema": NUMBER,
    },
)

# A file per form of a command's JSON.
NUMBER = either(
    "A number; a fraction that is not whole is a text such as `1/9`.", {"type": "number"}, {"type": "string"}
)
PLANE = listed(listed(NUMBER, "A row."), "A matrix; a vector is one row.")
MATRIX = either("One matrix, or a list with one for each channel.", PLANE, listed(PLANE, "By channel."))
APPLY = record(
    "What layers do to a matrix.",
    {
        **HEAD,
        "input": MATRIX,
        "layers": listed(
            record(
                "A layer.",
                {
                    "text": text("The layer, as a spec writes it."),
                    "output": MATRIX,
                    "exact": flag("Whether every value is exact; floats are rounded by the processor."),
                    "steps": listed(
                        record(
                            "How a cell was made.",
                            {
                                "at": listed({"type": "integer"}, "Its position, counted from 0."),
                                "channel": whole("Its channel, counted from 0."),
                                "text": text("The calculation, written out."),
                                "value": NUMBER,
                            },
                        ),
                        "The cells that are written out: the first, that of `--at`, or all.",
                    ),
                },
            ),
            "In the order of the chain.",
        ),
        "output": MATRIX,
    },
    {
        "matrix": listed(
            listed(NUMBER, "A row, for a value of the output."),
            "With `--as-matrix`: output = matrix · input + constant, channel by channel, row by row.",
        ),
        "constant": listed(NUMBER, "With `--as-matrix`: what is added to each value of the output."),
        "kernels": listed(
            listed(MATRIX, "A filter: a matrix, or one for each channel."),
            "With `--compose` and several channels: the kernels of each layer.",
        ),
        "kernel": listed(MATRIX, "With `--compose` and several channels: the one kernel, filter by filter."),
    },
)

EXPLANATION = record(
    "What gives a figure, if it is so.",
    {
        "assumptions": listed(
            record(
                "One thing that has to be so.",
                {
                    "kind": typed(
                        "string",
                        "Of what it is said.",
                        enum=["network", "part", "writing", "convention", "printing"],
                    ),
                    "id": text("A word for it, as `counter:fvcore` or `input:227x227x3`."),
                    "words": text("What it is."),
                    "cost": whole("How rare it is, in powers of two."),
                },
            ),
            "None for what archcalc counts itself.",
        ),
        "figure": whole("The exact value."),
        "unit": typed(
            "string", "Of what it is a number.", enum=["MACs", "FLOPs", "parameters", "bytes", "layers"]
        ),
        "terms": listed(
            record("A part.", {"what": text("Of what."), "value": typed("integer", "How much.")}),
            "The parts that add up to the value; the first is ours.",
        ),
        "believed": flag("Whether it is more than a guess."),
        "chance": text(
            "The share of figures as long as this and near it that would be explained as cheaply."
        ),
        "sources": listed(text("A publication."), "Where the figure is printed of this network."),
        "title": maybe(text("What the network is, where it is another of the zoo.")),
    },
)
RECONCILE = record(
    "`archcalc reconcile TARGET FIGURE …`.",
    {
        **HEAD,
        "name": NAME,
        "figures": listed(
            record(
                "A printed figure.",
                {
                    "printed": text("As it was given."),
                    "explained": flag("Whether an explanation is more than a guess."),
                    "explanations": listed(EXPLANATION, "Those of the fewest assumptions first."),
                    "nearest": maybe(EXPLANATION, "there are explanations"),
                    "wrong": maybe(
                        text("Where it is printed, and why the spec holds it to be wrong."),
                        "it is explained, or the spec does not call it wrong",
                    ),
                },
            ),
            "In the order in which they were given.",
        ),
    },
    {
        "with": listed(
            record(
                "A tool that was run.",
                {
                    "counter": text("The name of its profile."),
                    "version": text("The version of its package."),
                    "figure": whole("What it printed."),
                    "by_profile": whole("What its profile says."),
                    "layers": whole("How many layers were compared."),
                    "differing": listed(
                        record(
                            "A layer of which they differ.",
                            {
                                "name": text("The layer."),
                                "figure": whole("What the tool printed."),
                                "by_profile": typed("integer", "What its profile says."),
                            },
                        ),
                        "Those that differ.",
                    ),
                },
            ),
            "With `--with`: the tools that were run.",
        )
    },
)
EXPLAIN_TOOLS = record(
    "`archcalc explain TARGET macs --tools`.",
    {
        **HEAD,
        "name": NAME,
        "macs": whole("Our MACs."),
        "tools": listed(
            record(
                "What a tool counts.",
                {
                    "counter": text("The name of its profile."),
                    "tool": text("The tool."),
                    "version": text("The version; empty for a habit of papers."),
                    "figure": whole("What it prints of the module that is exported, or of the one traced."),
                    "unit": typed("string", "What the figure is.", enum=["MACs", "FLOPs"]),
                    "with_modules": whole("What it prints where activations and pools are modules."),
                    "differences": mapped(
                        typed("integer", "How much more than ours."),
                        "By kind; with ours they are the figure.",
                    ),
                    "faults": listed(
                        record(
                            "A fault of the tool.",
                            {
                                "fault": text("Its name."),
                                "reason": text("Why it is one."),
                                "amount": typed("integer", "How much it changes the figure."),
                            },
                        ),
                        "Those that change it.",
                    ),
                },
            ),
            "By the names of the profiles.",
        ),
        "uncounted": listed(text("A layer."), "Layers that have no rule of ours."),
    },
)

EXPLAIN_TRAINING = record(
    "`archcalc explain TARGET step_macs --tools`.",
    {
        **HEAD,
        "name": NAME,
        "training": listed(
            record(
                "A training step by one way of counting, in FLOPs.",
                {
                    "counter": text("`archcalc`, `2:1`, or the name of a profile."),
                    "rule": text("How the backward pass is counted."),
                    "forward": whole("The forward pass."),
                    "backward": whole("The backward pass."),
                    "step": whole("Both."),
                    "fault": whole("How much of the backward pass is counted by a fault."),
                    "reason": maybe(text("Why it is one.")),
                },
            ),
            "The exact count first.",
        ),
        "saved_by_freezing": whole("FLOPs of the backward pass that what is frozen saves."),
        "uncounted": listed(text("A layer."), "Layers whose backward pass has no rule."),
    },
)

PICOSECONDS = "in picoseconds, rounded down"
SHARE = maybe(text("A fraction, or a whole number, as a text."), "there is none")
BOUND = {
    "description": "What takes longer: moving bytes, or computing. Null: it takes no time, or has no rule.",
    "enum": ["memory", "compute", None],
}
COMPUTE_FROM = maybe(
    whole("The smallest batch for which computing takes at least as long as moving."),
    "there is none, or a layer has no rule",
)
BY_BOUND = {"memory": "that moving bounds", "compute": "that computing bounds"}
TIMES = {
    "bytes": whole("Bytes that all layers move."),
    "operations": whole("Their operations, two for a multiply-add."),
    "intensity": SHARE,
    "memory": whole(f"What all bytes take, {PICOSECONDS}."),
    "compute": whole(f"What all operations take, {PICOSECONDS}."),
    "time": whole(f"The sum of the least times of the layers, one after the other, {PICOSECONDS}."),
    "overlapped": whole(
        f"The larger of `memory` and `compute`: layers run beside each other, {PICOSECONDS}."
    ),
    "bound": BOUND,
    "time_by_bound": record(
        "Of `time`.", {name: whole(f"Of the layers {words}.") for name, words in BY_BOUND.items()}
    ),
    "layers_by_bound": record(
        "How many layers.", {name: whole(f"Those {words}.") for name, words in BY_BOUND.items()}
    ),
    "at_least": flag("Whether a layer has no rule, and is left out of the sums."),
}
DEVICE = record(
    "The device.",
    {
        "name": text("Its name."),
        "title": text("What it is."),
        "year": maybe(whole("When it came out."), "it is not stated"),
        "bandwidth": whole("Bytes a second that its memory moves."),
        "peaks": mapped(whole("Operations a second."), "The most operations a second, by type of values."),
        "source": text("Where its figures are printed."),
        "note": maybe(text("What else is to be known of them."), "nothing"),
    },
)
TIME_HEAD = {
    **HEAD,
    "name": NAME,
    "title": TITLE,
    "layout": LAYOUT,
    "dtype": DTYPE,
    "fused": flag("Whether activations and norms are computed together with the product before them."),
    "input": INPUT,
    "device": DEVICE,
    "uncounted": listed({"type": "string"}, "Layers without a rule."),
}
TIME_KEYS = {
    **TIME_HEAD,
    "batch": BATCH,
    "layers": listed(
        record(
            "A layer.",
            {
                "name": text("Its name."),
                "op": text("Its word."),
                "output": SIZES,
                "input_bytes": whole("Bytes of its inputs, which it reads."),
                "param_bytes": maybe(whole("Bytes of the parameters that it reads."), NO_RULE),
                "output_bytes": whole("Bytes of its output, which it writes."),
                "bytes": maybe(whole("Their sum."), NO_RULE),
                "operations": maybe(whole("Its operations, two for a multiply-add."), NO_RULE),
                "intensity": maybe(SHARE, "it moves nothing"),
                "memory": maybe(whole(f"What its bytes take, {PICOSECONDS}."), NO_RULE),
                "compute": maybe(whole(f"What its operations take, {PICOSECONDS}."), NO_RULE),
                "time": maybe(whole(f"The larger of the two, {PICOSECONDS}."), NO_RULE),
                "bound": BOUND,
                "compute_from": COMPUTE_FROM,
                "measured": maybe(whole("What it took, in picoseconds."), "that was not measured"),
                "free": maybe(text("Why it moves nothing."), "it moves something"),
                "with": maybe(
                    text("The product together with which it is computed."), "it is computed by itself"
                ),
            },
        ),
        "The layers, in the order of the text.",
    ),
    "totals": record("All layers.", {**TIMES, "compute_from": COMPUTE_FROM}),
    "measured": maybe(
        record(
            "With --measured.",
            {
                "time": whole("The measured time, in picoseconds."),
                "utilisation": text("`time` of the totals as a share of it."),
                "peak_share": text("Operations in that time, as a share of the peak."),
                "bandwidth_share": text("Bytes in that time, as a share of the bandwidth."),
            },
        ),
        "no time was measured",
    ),
}
TIME = record("`archcalc time TARGET --on DEVICE`.", TIME_KEYS)
VERIFY_TIME = record(
    "`archcalc verify TARGET --time --on DEVICE`.",
    {
        **TIME_KEYS,
        "run": record(
            "How it was measured.",
            {
                "torch": text("The version of PyTorch."),
                "device": typed("string", "Where it ran.", enum=["cpu", "cuda"]),
                "name": text("What PyTorch calls that device."),
                "repeats": whole("Forward passes, of which the median is taken."),
            },
        ),
    },
)
TIME_BATCHES = record(
    "`archcalc time TARGET --on DEVICE --batch A..B`.",
    {
        **TIME_HEAD,
        "batches": listed(record("A batch.", {"batch": BATCH, **TIMES}), "The batches."),
        "compute_from": COMPUTE_FROM,
        "layers": listed(
            record(
                "A layer.", {"name": text("Its name."), "op": text("Its word."), "compute_from": COMPUTE_FROM}
            ),
            "The layers, in the order of the text.",
        ),
    },
)

SCHEMAS = {
    "summary": SUMMARY,
    "summary-like": LIKE,
    "summary-parameters": PARAMETERS,
    "rf": FIELDS,
    "rf-at": UNIT,
    "time": TIME,
    "time-batches": TIME_BATCHES,
    "explain": EXPLAIN,
    "explain-calculation": CALCULATION,
    "explain-tools": EXPLAIN_TOOLS,
    "explain-training": EXPLAIN_TRAINING,
    "compare": COMPARE,
    "compare-layers": COMPARE_LAYERS,
    "compare-quantities": COMPARE_QUANTITIES,
    "reconcile": RECONCILE,
    "solve": SOLVE,
    "sweep": SWEEP,
    "apply": APPLY,
    "draw": DRAW,
    "export": EXPORT,
    "show": SHOW,
    "list": LIST,
    "ops": either("`archcalc ops`: one layer or block, or all layers.", OP, listed(OP, "All layers.")),
    "check": ANSWERS,
    "check-budgets": BUDGETS,
    "check-class": CLASS,
    "check-statistics": STATISTICS,
    "check-audit": AUDIT,
    "quiz": QUIZ,
    "practice": PRACTICE,
    "verify": VERIFY,
    "verify-against": AGAINST,
    "verify-all": VERIFY_ALL,
    "verify-time": VERIFY_TIME,
    "diagnostics": DIAGNOSTICS,
}


# Parts that a file holds once, under a name.
PARTS = {
    "sizes": SIZES,
    "operations": OPERATIONS,
    "field": EXTENT,
    "layer": LAYER,
    "totals": TOTALS,
    "outputs": HEADS,
    "report": REPORT,
    "value": PLAIN,
    "working": WORKING,
    "reading": READING,
    "answer": MARKED,
    "check": CHECK,
    "design": DESIGN,
    "op": OP,
}


def referring(schema: Any, used: dict[str, Schema], inside: str = "") -> Any:
    """A schema with references for the parts in it, which are gathered in ``used``."""
    for name, part in PARTS.items():
        if part is schema and name != inside:
            if name not in used:
                used[name] = {}
                used[name] = referring(part, used, name)
            return {"$ref": f"#/$defs/{name}"}
    if isinstance(schema, dict):
        return {key: referring(value, used) for key, value in schema.items()}
    return [referring(value, used) for value in schema] if isinstance(schema, list) else schema


def files() -> dict[str, str]:
    """All schemas as text, by file name."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    found = {}
    for name, schema in SCHEMAS.items():
        parts: dict[str, Schema] = {}
        whole = {"$schema": draft, "title": f"archcalc {name}", **referring({**schema}, parts)}
        if parts:
            whole["$defs"] = parts
        found[f"{name}.json"] = json.dumps(whole, indent=1) + "\n"
    return found


def main() -> int:
    """Write what this script makes, or compare it with what is there."""
    return write_or_compare({HERE / name: made for name, made in files().items()})


if __name__ == "__main__":
    sys.exit(main())
