"""How files begin that Keras writes: a zip archive, and HDF5."""

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
