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

    @property
    def words(self) -> list[str]:
        """What is given, a sentence each, its matrices between backticks."""
        found = [f"The input is `{shown(self.matrix)}`."]
        for name, texts in (("kernel", self.kernels), ("bias", self.biases), ("statistics", self.statistics)):
            for text in texts:
                layer, sign, values = text.rpartition("=")
                where = f" of `{layer.strip()}`" if sign else ""
                found.append(f"The {name}{where} is `{shown(values)}`.")
        if self.kernels:
            turned = "turned round first, as mathematics does" if self.flip else "not turned round"
            found.append(f"{'Kernels are' if len(self.kernels) > 1 else 'The kernel is'} {turned}.")
        return found


def shown(text: str) -> str:
    """A matrix on one line, its rows parted by ``;``."""
    lines = [" ".join(line.split()) for line in text.replace("\n", ";").split(";")]
    return "; ".join(filter(None, lines))


def _named(text: str, role: str) -> GivenMatrix:
    from ...loading.applying import given_matrix
    from ...loading.matrices import typed_matrix

    return given_matrix(text, role, lambda values: typed_matrix(values, role))
