"""Analyses of a graph. Nothing here knows text, torch or a terminal."""
