"""Networks in pasted Python code, read from its syntax tree: nothing of it is run or imported."""
