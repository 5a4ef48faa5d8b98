"""`archcalc ops`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..diagnostics import did_you_mean, fail
from ..report.answer import Answer, Page, Pieces
from .answer import reported, write_answer
from .completion import op_names
from .help import Command
from .options import OutputOptions, answer_options, columns_option, no_columns, ops_option

if TYPE_CHECKING:
    from ..language.library import Library
    from ..report.flat import FlatTable
    from ..report.screens.op_page import ReferencePage


class OpsOptions(OutputOptions):
    """The words and options of `archcalc ops`."""

    name: str | None


@click.command("ops", cls=Command)
@click.argument("name", metavar="[OP]", required=False, shell_complete=op_names)
@columns_option
@ops_option
@answer_options()
@reported(OpsOptions)
def command(options: OpsOptions) -> int:
    """Reference of the layers, or of one OP or block: its arguments, rules, and where they come
    from."""
    from ..language.library import Library
    from ..loading.own_ops import load_installed
    from ..ops import registry
    from ..report.formats import in_reach
    from ..report.records.reference import page_record
    from ..report.screens.ops import ops_sheets, ops_table, page_sheets
    from ..report.screens.ops_markdown import one, reference

    no_columns(options)
    for reason in load_installed():
        raise fail("ops", reason)
    library = Library()
    name = options.name
    ops = registry()
    if name is not None and name not in ops and name not in library.blocks:
        known = [*ops, *library.blocks]
        raise fail("name", f"no layer or block is called `{name}`", *did_you_mean(name, known))

    def table() -> FlatTable:
        if name is not None and name not in ops:
            raise fail(
                "usage",
                f"`{name}` is a block: --format {options.format} has layers alone",
                f"archcalc show {name} --format plain",
            )
        return ops_table([ops[word] for word in ([name] if name is not None else _in_order())])

    def markdown(page: Page) -> Pieces:
        pieces = reference(pages(library)) if name is None else one(_page(name, library))
        return in_reach(pieces, page)

    if name is None:
        answer = Answer(
            lambda: [page_record(ops.get(word), _page(word, library)) for word in _in_order()],
            table,
            lambda space: ops_sheets([ops[word] for word in _in_order()], _block_summaries(library), space),
            {"markdown": markdown},
        )
    else:
        answer = Answer(
            lambda: page_record(ops.get(name), _page(name, library)),
            table,
            lambda space: page_sheets(_page(name, library), space),
            {"markdown": markdown},
        )
    write_answer(answer, options)
    return 0


def pages(library: Library | None = None) -> list[ReferencePage]:
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


def _page(name: str, library: Library) -> ReferencePage:
    from ..network import Network
    from ..ops import registry
    from ..report.screens.op_page import block_page, op_page

    op = registry().get(name)
    if op is not None:
        return op_page(op, Network.of(op.example, library=library).graph if op.example else None)
    block = library.block(name)
    assert block is not None
    return block_page(block, lambda example: Network.of(example, library=library).graph)


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
