"""What `archcalc explain` says as Markdown and as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.derivation import Derivation
from ...analysis.explanation import Explanation
from ...analysis.notation import FIELD
from ..formats.latex import latex
from ..formats.markdown import escaped, markdown_table
from ..formula_tex import tex_count, tex_formula, tex_symbol
from ..lines import clean
from ..sheet import Sheet
from ..tex import tex, tex_number
from .explain import (
    format_legend,
    format_notes,
    format_result,
    head,
    is_alone,
    is_named,
    result,
    shown_formulas,
    tables,
)
from .formulas import formula_pair


def explain_markdown(explanation: Explanation) -> Iterator[str]:
    """Each quantity with its formula in a block, where signs stand below signs."""
    name, what, shapes = head(explanation)
    yield f"**{escaped(name)}**: `{what}` ({shapes})\n"
    alone = is_alone(explanation)
    for derivation in explanation.derivations:
        yield f"\n**{derivation.quantity}** {escaped(format_result(derivation))}\n"
        shown = shown_formulas(derivation, alone)
        if shown:
            yield "\n```text\n"
            for formula in shown:
                named = is_named(derivation, alone)
                above, below = formula_pair(formula, FIELD, named)
                sign = "" if named and formula.of else "  "
                yield f"{sign}{above.rstrip()}\n"
                yield f"{'= ' if sign else ''}{below} = {''.join(result(derivation, formula))}\n"
            yield "```\n"
        notes = [escaped(note) for note in format_notes(derivation)]
        notes += [f"from {escaped(clean(derivation.source))}"] if derivation.source else []
        if notes:
            yield "\n" + "".join([f"- {note}\n" for note in notes])
        for grid in tables(explanation, derivation, alone):
            yield "\n"
            for line in markdown_table(grid):
                yield line + "\n"
    legend = format_legend(explanation)
    if legend:
        yield f"\n{escaped(' · '.join(legend))}\n"


def explain_latex(explanation: Explanation) -> Iterator[str]:
    """Each quantity as a paragraph with a display; sums and steps as tables. All of it is ASCII."""
    name, what, shapes = head(explanation)
    alone = is_alone(explanation)
    packages: list[str] = []
    body: list[str] = []
    for derivation in explanation.derivations:
        body += _paragraph(derivation, alone)
        for number, grid in enumerate(tables(explanation, derivation, alone)):
            label = f"{explanation.label or 'total'} {derivation.quantity} {number or ''}"
            title = f"{derivation.quantity}, {what}"
            sheet = Sheet(name, title, shapes, label.strip(), grid, [])
            comment, *lines = "".join(latex([sheet])).splitlines(keepends=True)
            packages += [p for p in ("booktabs", "longtable") if p in comment and p not in packages]
            body += lines
    if packages:
        yield f"% Needs \\usepackage{{{','.join(packages)}}} in the preamble.\n"
    yield f"\\noindent\\textbf{{{tex(name)}}}: {tex(what)} ({tex_number(shapes)})\n"
    yield from body
    legend = []
    shown = [formula for each in explanation.derivations for formula in shown_formulas(each, alone)]
    for symbol, means in explanation.legend(shown).items():
        legend.append(f"${tex_symbol(symbol)}$ {tex(means)}")
    if legend:
        yield f"\n\\medskip\\noindent{{\\footnotesize\\raggedright {', '.join(legend)}\\par}}\n"


def _paragraph(derivation: Derivation, alone: bool) -> Iterator[str]:
    yield f"\n\\paragraph{{{tex(derivation.quantity)}}} {tex_number(format_result(derivation))}\n"
    shown = shown_formulas(derivation, alone)
    if shown:
        # Formulas of text, which are broken where a line ends.
        lines = []
        for formula in shown:
            made = tex_formula(formula.made)
            numbers = tex_formula(formula.made, numbers=True)
            if formula.of:
                names = [tex_symbol(name) for name in formula.of.split(", ")]
                made = f"{', '.join(names)} = {made}"
            lines.append(f"$\\displaystyle {made}$")
            lines.append(f"$\\displaystyle = {numbers} = \\mathbf{{{tex_count(formula.value)}}}$")
        display = "\\\\[2pt]\n".join(lines)
        yield f"\\begin{{quote}}\\raggedright\n{display}\n\\end{{quote}}\n"
    notes = [f"{tex(note)}." for note in format_notes(derivation)]
    if derivation.source:
        notes.append(f"\\textit{{From {tex(clean(derivation.source))}.}}")
    if notes:
        text = "\\par\n".join(notes)
        yield f"\\par\\noindent{{\\footnotesize\\raggedright\n{text}\\par}}\n"
