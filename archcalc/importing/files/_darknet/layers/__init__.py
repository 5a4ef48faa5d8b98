"""The sections that are layers: a file for each family, found by being there."""
