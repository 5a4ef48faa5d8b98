"""The check against PyTorch: a graph is built as a module and measured beside what the rules say.

The folder is called ``witness``, and not after PyTorch, for what it has to be: independent. It asks
PyTorch what it does, and computes no figure by a rule of its own.

Everything here imports torch, and is itself imported only when a command or a
call asks for it.
"""
