"""The types of layers: a file for each family, found by being there."""
