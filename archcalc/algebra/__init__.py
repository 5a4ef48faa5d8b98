"""Formulas in letters: integers that remember how they were made, exact polynomials, and a reader of what
people write. It knows no network."""
