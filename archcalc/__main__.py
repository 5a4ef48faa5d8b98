"""``python -m archcalc``."""

from .cli import main

main()
