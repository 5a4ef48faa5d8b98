"""`archcalc list`."""

from __future__ import annotations

from typing import Any

import click

from ..spec.diagnostics import fail, nearest
from .answer import answer, answer_json, answer_sheets, flat_answer, reported, say, width_for
from .options import SHEETS, format_option, no_columns, output_options


@click.command("list")
@click.option("--family", metavar="NAME", help="Only this family, as in resnet.")
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@format_option()
@output_options
@reported
def command(**options: Any) -> int:
    """What is in the zoo: input, parameters, MACs, receptive field."""
    no_columns(options)
    from ..network import build
    from ..report.list_screen import Entry, list_lines, list_sheet, list_table
    from ..spec.library import Library, normal

    library = Library()
    library.read_zoo()
    warnings = []
    entries = []
    for name in library.zoo:
        network = build(name, library=library)
        summary = network.summary()
        warnings += network.doubts(summary)
        entries.append(Entry(summary))
    families = {normal(entry.about.family or "others"): entry.about.family for entry in entries}
    if options["family"] is not None:
        wanted = normal(options["family"])
        if wanted not in families:
            near = nearest(wanted, families)
            help = [f"did you mean `{families[near]}`?"] if near else []
            known = ", ".join(str(family or "others") for family in families.values())
            raise fail("name", f"no family is called `{options['family']}`", *help,
                       f"there are {known}")  # fmt: skip
        entries = [e for e in entries if normal(e.about.family or "others") == wanted]
    # Families in the order of their first year, networks as their file has them.
    first: dict[str | None, int] = {}
    for entry in entries:
        year = entry.about.year or 9999
        first[entry.about.family] = min(year, first.get(entry.about.family, 9999))
    entries.sort(key=lambda entry: (first[entry.about.family], entry.about.family or ""))
    form, output = options["form"], options["output"]
    if form == "json":
        answer_json([entry.to_dict() for entry in entries], output)
    elif form in ("plain", "csv"):
        flat_answer(list_table(entries), form, options["columns"], output)
    elif form in SHEETS:
        answer_sheets([list_sheet(entries)], form, output)
    else:
        answer(list_lines(entries, width_for(options)), output)
    say(warnings, form)
    return 0
