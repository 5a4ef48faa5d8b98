"""Networks whose sizes and attributes are letters: each quantity as a formula in these letters."""
