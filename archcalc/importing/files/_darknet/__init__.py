"""Configurations of Darknet: their sections, and what each section is."""
