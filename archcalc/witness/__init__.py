"""The independent witness: a graph as a PyTorch module, measured beside what the rules say.

Everything here but ``torch_code`` imports torch, and is itself imported only when a command or a call
asks for it.
"""
