"""Modules that are stored whole with their code: TorchScript (``.pt``), and programs of ``torch.export``
(``.pt2``). To load one is to trust it."""

from __future__ import annotations

import os
import zipfile

from ...diagnostics import fail
from ..parameters import EXPORTED, TORCH_FILES, is_scripted
from .finding import Maker, guarded


class StoredModule:
    """A file that holds a module and its code.

    Attributes:
        text: The target as it was typed, which is the path.
    """

    __slots__ = ("text",)

    def __init__(self, text: str):
        self.text = text

    @classmethod
    def find(cls, text: str) -> StoredModule | None:
        """Read a target, if it is such a file.

        Args:
            text: The target.

        Returns:
            The file; None for a target of another kind.

        Example:
            >>> from archcalc.importing.torch.stored import StoredModule
            >>> StoredModule.find("net.pt2").text
            'net.pt2'
        """
        text = text.strip()
        suffix = os.path.splitext(text)[1].lower()
        if suffix == EXPORTED or (suffix in TORCH_FILES and is_scripted(text)):
            return cls(text)
        return None

    def maker(self) -> Maker:
        """Load the module. This runs what is stored in the file.

        Returns:
            The module, with the inputs that an exported program was made with.

        Raises:
            SpecError: Where there is no such file, or PyTorch cannot read it.
        """
        if not os.path.isfile(self.text):
            raise fail("file", f"{self.text} is not there")
        if not zipfile.is_zipfile(self.text):
            raise fail("file", f"{self.text} is no program of torch.export: it is no archive, or is cut off")
        return guarded(self.text, self._loaded)  # type: ignore[no-any-return]

    def _loaded(self) -> Maker:
        import torch

        if os.path.splitext(self.text)[1].lower() != EXPORTED:
            return Maker(self.text, module=torch.jit.load(self.text, map_location="cpu"))  # type: ignore[no-untyped-call]
        program = torch.export.load(self.text)
        maker = Maker(self.text, module=program.module())
        maker.example = program.example_inputs
        return maker

    def __repr__(self) -> str:
        return f"<StoredModule {self.text}>"
