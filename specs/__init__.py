"""The zoo of archcalc: networks as spec files, one family per file."""
