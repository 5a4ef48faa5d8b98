"""Questions whose answer is a matrix: the values that layers put out for numbers that are given.

``MatrixQuestion`` asks, ``read_matrices`` reads what a student wrote, and ``MatrixMarker`` marks it cell by
cell.
What wrong values come from stands in the catalogue, in ``archcalc.answers.misconceptions.matrices``.
"""
