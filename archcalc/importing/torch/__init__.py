"""From a PyTorch module to the graph.

The way is: a target names a module (``targets``), which is made without memory for its weights
(``building``) and run once on inputs without values (``inputs``, ``recorder``). What it did is a
``Recording`` of operations, which knows no torch. The operations become layers (``lifting``), and the module
tree becomes the groups that reports fold by (``grouping``).
"""
