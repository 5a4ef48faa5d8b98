"""Where pasted code of Keras is read."""

from __future__ import annotations

from ....source import Span
from .. import Request, SpecWriter, refused
from .python_file import Listing


def keras_network(listing: Listing, request: Request) -> SpecWriter:
    """Read the network of a listing for Keras.

    Args:
        listing: The code.
        request: What the caller wants besides.

    Returns:
        The spec.

    Raises:
        SpecError: It cannot be read yet.
    """
    first = listing.tree.body[0] if listing.tree.body else None
    span = listing.span(first)
    raise refused(
        "this is code for Keras, or of no library that is known, and cannot be read yet",
        Span(span.source, span.start, span.end),
        "save the model: `model.save('net.keras')`, and name that file",
        "write the layers as a spec: `conv 3x3 64 pad=1 -> relu -> maxpool 2x2 -> fc 10`",
    )
