"""Sweeping: every design of a space of designs, its quantities, and which of them are best."""
