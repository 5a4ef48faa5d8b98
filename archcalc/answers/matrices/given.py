"""The matrices that a question of a quiz gives to layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...loading.applying import Applied
    from ...loading.chain_kernels import GivenMatrix


class GivenMatrices(NamedTuple):
    """What layers are given: texts, as a quiz writes them. None of them names a file.

    matrix      the input
    kernels     the kernel of each filter, ``conv2=1 0; 0 1`` behind the name of a layer
    biases      the biases of layers
    statistics  what normalisations are given: ``mean=1``
    flip        whether kernels are turned round
    """

    matrix: str
    kernels: tuple[str, ...] = ()
    biases: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    flip: bool = False

    def applied(self, layers: str) -> Applied:
        """Layers, run on it. Raises SpecError."""
        from ...loading.applying import apply_layers
        from ...loading.matrices import typed_matrix

        return apply_layers(
            layers,
            typed_matrix(self.matrix, "matrix"),
            [_named(text, "kernel") for text in self.kernels],
            [_named(text, "bias") for text in self.biases],
            [_named(text, "statistics") for text in self.statistics],
            flip=self.flip,
        )

    def parts(self, but: str = "") -> list[str]:
        """What is given, for the text of a question: each matrix below words for it, a row on a line.

        Args:
            but: A text; matrices that stand in it are left out.
        """
        plain = shown(but)
        given = [("The input", self.matrix)]
        for name, texts in (("kernel", self.kernels), ("bias", self.biases), ("statistics", self.statistics)):
            for number, text in enumerate(texts, 1):
                layer, sign, values = text.rpartition("=")
                which = f" {number}" if len(texts) > 1 and not sign else ""
                given.append((f"The {name}{which}{f' of `{layer.strip()}`' if sign else ''}", values))
        return [_part(words, matrix) for words, matrix in given if not but or shown(matrix) not in plain]

    @property
    def turned(self) -> str:
        """Whether kernels are turned round, in a sentence; empty where there are none."""
        if not self.kernels:
            return ""
        several = len(self.kernels) > 1
        turned = "turned round first, as mathematics does" if self.flip else "not turned round"
        return f"{'The kernels are' if several else 'The kernel is'} {turned}."


def _part(words: str, matrix: str) -> str:
    """A matrix below words for it, its rows on lines that stand as they are; of one row or of several
    channels behind them."""
    rows = [row.replace(",", " ").split() for row in shown(matrix).split(";")]
    if len(rows) < 2 or "|" in matrix or len(set(map(len, rows))) > 1:
        return f"{words} is `{shown(matrix)}`."
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([cell.rjust(n) for cell, n in zip(row, wide, strict=True)]) for row in rows]
    return "\n".join([f"{words}:", *[f"    {line}" for line in lines]])


def shown(text: str) -> str:
    """A matrix on one line, its rows parted by ``;``."""
    lines = [" ".join(line.split()) for line in text.replace("\n", ";").split(";")]
    return "; ".join(filter(None, lines))


def _named(text: str, role: str) -> GivenMatrix:
    from ...loading.applying import given_matrix
    from ...loading.matrices import typed_matrix

    return given_matrix(text, role, lambda values: typed_matrix(values, role))
