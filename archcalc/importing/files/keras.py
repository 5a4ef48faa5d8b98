"""Models of Keras: their configuration, which ``.keras`` and HDF5 files hold and ``model.to_json()`` writes.

Source: https://keras.io/api/models/model_saving_apis and the documentation of each layer, for its settings,
their defaults and its sizes.
"""

from __future__ import annotations

import re

from . import FileFormat, GivenFile, Request, SpecWriter
from ._keras.magic import HDF5, ZIP

# The names of the files in an archive of Keras.
_MEMBERS = (b"metadata.json", b"config.json")
_BEGINS = re.compile(r'\ufeff?\s{0,1000}\{\s{0,1000}"(?:module|class_name|registered_name|config)"')


class Format(FileFormat):
    """Models of Keras."""

    tool = "Keras"
    suffixes = (".keras", ".h5", ".hdf5", ".json")

    def recognises(self, head: bytes) -> bool:
        """Tell by what the files of Keras begin with, or by the keys of a configuration."""
        if head.startswith(HDF5) or (head.startswith(ZIP) and any(name in head for name in _MEMBERS)):
            return True
        text = head.decode("utf-8", "replace")
        return _BEGINS.match(text) is not None and '"class_name"' in text

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a model."""
        from ._keras.config import model_of
        from ._keras.containers import configuration
        from ._keras.json_text import parsed
        from ._keras.writing import written

        source = configuration(file)
        return written(model_of(parsed(source), source), source, request)
