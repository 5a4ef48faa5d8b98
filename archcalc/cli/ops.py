"""`archcalc ops`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import did_you_mean, fail
from .answer import answer, answer_json, answer_markdown, flat_answer, reported, width_for
from .completion import op_names
from .options import COMMON, format_option, no_columns, output_options

if TYPE_CHECKING:
    from ..language.library import Library
    from ..report.screens.op_page import Page


@click.command("ops")
@click.argument("name", metavar="[OP]", required=False, shell_complete=op_names)
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@format_option(*COMMON, "markdown")
@output_options
@reported
def command(name: str | None, **options: Any) -> int:
    """Reference of the layers, or of one OP or block: its arguments, rules, and where they come
    from."""
    from ..language.library import Library
    from ..ops import registry
    from ..report.screens import ops as screen
    from ..report.screens.ops_markdown import one, reference

    library = Library()
    no_columns(options)
    form, output = options["form"], options["output"]
    ops = registry()
    if name is not None and name not in ops and name not in library.blocks:
        known = [*ops, *library.blocks]
        raise fail("name", f"no layer or block is called `{name}`", *did_you_mean(name, known))
    names = _in_order() if name is None else [name]
    shown = [ops[word] for word in names if word in ops]
    if form == "json":
        found = [screen.page_dict(ops.get(word), _page(word, library)) for word in names]
        answer_json(found[0] if name is not None else found, output)
    elif form in ("plain", "csv"):
        if not shown:
            raise fail(
                "usage",
                f"`{name}` is a block: --format {form} has layers alone",
                f"archcalc show {name} --format plain",
            )
        flat_answer(screen.ops_table(shown), form, options["columns"], output)
    elif form == "markdown":
        text = reference(pages(library)) if name is None else one(_page(name, library))
        answer_markdown(text, output)
    elif name is not None:
        answer(screen.page_lines(_page(name, library), width_for(options)), output)
    else:
        answer(screen.ops_lines(shown, _block_summaries(library), width_for(options)), output)
    return 0


def pages(library: Library | None = None) -> list[Page]:
    """All pages of the reference."""
    from ..language.library import Library

    library = library or Library()
    return [_page(name, library) for name in [*_in_order(), *library.blocks]]


def _in_order() -> list[str]:
    """The layers in the order of the reference."""
    from ..ops import registry
    from ..report.screens.op_page import place_of

    ops = registry().values()
    return [op.name for op in sorted(ops, key=lambda op: (place_of(op.group), op.__module__))]


def _page(name: str, library: Library) -> Page:
    from ..network import build
    from ..ops import registry
    from ..report.screens.op_page import block_page, op_page

    op = registry().get(name)
    if op is not None:
        return op_page(op, build(op.example, library=library).graph if op.example else None)
    block = library.block(name)
    assert block is not None
    return block_page(block, lambda example: build(example, library=library).graph)


def _block_summaries(library: Library) -> dict[str, str]:
    """Each block of the library, in a line."""
    from ..language.excerpt import comment_of

    found = {}
    for name in library.blocks:
        block = library.block(name)
        assert block is not None
        assert block.file is not None
        found[name] = comment_of(block.file, block).text
    return found
