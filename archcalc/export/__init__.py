"""A network as source that builds it without archcalc: Python for PyTorch, as a person writes it.

Nothing here imports torch: what a layer is there, its op's torch_code says as text. The way is

- ``units``      the graph cut into classes and steps: blocks, repeats, chains
- ``templates``  a layer's source, and which literals in it may differ from one place to the next
- ``classes``    blocks of one structure become one class, with a parameter for what differs
- ``variants``   blocks that differ in a part become one class too, if the part can be left out
- ``parameters`` how few parameters say all that differs, and what they are called
- ``forward``    lines and variables of a forward pass
- ``layout``     lines of at most 100 columns
- ``source``     the file
"""
