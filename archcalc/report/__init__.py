"""How results look. Nothing here computes a quantity.

Here stands what tables are made of: lines, grids, sheets, words for numbers. ``screens`` holds what
each command shows, ``formats`` what programs and documents read, ``pictures`` what is drawn.
"""
