"""What a user's module raises, as one message."""

from __future__ import annotations


def described(target: str, error: BaseException) -> str:
    """Return the message where a module raises something."""
    if isinstance(error, SystemExit):
        # Its exit code would be taken for an answer of ours.
        return f"{target} ends the program: sys.exit()"
    try:
        message = str(error).strip().partition("\n")[0]
    except Exception:  # its own __str__ may be broken too
        message = ""
    return f"{target} raised {type(error).__name__}{': ' if message else ''}{message}"
