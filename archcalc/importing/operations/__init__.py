"""Networks as operations on tensors, in PyTorch's words, and the way from them to a graph. No torch here.

What reads a network from code, or from a file of operations, writes it as a ``Recording`` (``builder``), with
the arguments that PyTorch's schemas name (``schemas``) and the sizes that each operation gives (``sizing``);
what traces a module writes one as it runs. The operations become layers (``lifting``), and the module tree
becomes the groups that reports fold by (``grouping``).
"""
