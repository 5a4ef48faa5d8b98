"""ONNX files: their operations become a recording in PyTorch's words, as a traced module's are.

A file is read without its weights (``container``). Its nodes (``nodes``) are gone through one by one
(``walk``): what concerns sizes and indices is computed (``folding``), and for the rest each operator has a
rule (``operators``), which writes operations into a recording (``reader``).
"""
