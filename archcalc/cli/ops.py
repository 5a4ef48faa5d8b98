"""`archcalc ops`."""

from __future__ import annotations

from typing import Any

import click

from ..spec.diagnostics import did_you_mean, fail
from .answer import answer, answer_json, flat_answer, reported, width_for
from .completion import op_names
from .options import COMMON, format_option, no_columns, output_options


@click.command("ops")
@click.argument("name", metavar="[OP]", required=False, shell_complete=op_names)
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@format_option(*COMMON)
@output_options
@reported
def command(name: str | None, **options: Any) -> int:
    """Reference of the layers, or of one OP: its arguments, rules, and where they come from."""
    from ..ops import registry
    from ..report import ops_screen as look
    from ..spec.library import Library

    ops = registry()
    library = Library()
    no_columns(options)
    form, output = options["form"], options["output"]
    if name is not None and name not in ops:
        if name in library.blocks:
            raise fail("name", f"`{name}` is a block, not a layer", f"archcalc show {name}")
        raise fail("name", f"no layer is called `{name}`", *did_you_mean(name, ops))
    shown = [ops[name]] if name is not None else sorted(
        ops.values(), key=lambda op: (look.place_of(op.group), op.__module__)
    )  # fmt: skip
    if form == "json":
        found = [look.op_dict(op, _kept_by(op)) for op in shown]
        answer_json(found[0] if name is not None else found, output)
    elif form in ("plain", "csv"):
        flat_answer(look.ops_table(shown), form, options["columns"], output)
    elif name is not None:
        answer(look.op_lines(shown[0], _kept_by(shown[0]), width_for(options)), output)
    else:
        blocks = {word: _said_of(library.block(word)) for word in library.blocks}
        answer(look.ops_lines(shown, blocks, width_for(options)), output)
    return 0


def _kept_by(op: Any) -> str:
    """What backward keeps of an op, in words: of the layer in its example."""
    from ..network import load

    if not op.example:
        return "no rule"
    if op.expanded:
        return "what the layers keep that it stands for"
    for layer in load(op.example).graph.layers:
        if layer.op.name == op.name:
            return str(layer.op.keeps_words(*(source.output for source in layer.inputs)))
    return "nothing"  # it adds no layer


def _said_of(block: Any) -> str:
    from ..spec.excerpt import summary_of

    return summary_of(block.file, block)
