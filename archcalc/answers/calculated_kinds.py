"""The kinds of what is computed of quantities, in the place of a quantity's name."""

from __future__ import annotations

from ..quantities import ON_DEVICE, QUOTIENT

# A number of something, a number of bytes, a quotient, a quotient in per cent.
DIFFERENCE, BYTES, RATIO, PERCENTAGE = "difference", "bytes", "ratio", "percentage"
# Those whose answers are fractions.
SHARES = (RATIO, PERCENTAGE, *[q.name for q in ON_DEVICE.values() if q.form == QUOTIENT])
