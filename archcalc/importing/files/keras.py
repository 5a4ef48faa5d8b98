"""Models of Keras: their configuration as JSON, which ``model.to_json()`` writes.

Source: https://keras.io/api/models/model_saving_apis and the documentation of each layer, for its settings,
their defaults and its sizes.
"""

from __future__ import annotations

import re

from . import FileFormat, GivenFile, Request, SpecWriter

_BEGINS = re.compile(r'\ufeff?\s{0,1000}\{\s{0,1000}"(?:module|class_name|registered_name|config)"')


class Format(FileFormat):
    """Models of Keras."""

    tool = "Keras"
    suffixes = (".json",)

    def recognises(self, head: bytes) -> bool:
        """Tell by the keys that it begins with."""
        text = head.decode("utf-8", "replace")
        return _BEGINS.match(text) is not None and '"class_name"' in text

    def network(self, file: GivenFile, request: Request) -> SpecWriter:
        """Write the spec of a model."""
        from ._keras.config import model_of
        from ._keras.json_text import parsed
        from ._keras.writing import written

        source = file.source()
        return written(model_of(parsed(source), source), source, request)
