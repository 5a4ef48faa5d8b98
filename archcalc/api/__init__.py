"""Reports of the Python API: what the analyses found, and the forms it can be written in.

One file per report, so that a summary does not load what only ``explain`` needs.
"""
