"""``python -m archcalc``, and the command ``archcalc``."""

from __future__ import annotations


def run() -> None:
    """Answer the command line. From the first moment on, Ctrl-C ends without a traceback."""
    from .interrupts import install

    install()
    from .cli import main

    main()


if __name__ == "__main__":
    run()
