"""How results look: terminal, plain, CSV, JSON, HTML. Nothing here computes a quantity."""
