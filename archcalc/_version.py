"""The version of this release, and nothing else: whatever needs it does not load the API for it."""

__version__ = "0.2.0"
