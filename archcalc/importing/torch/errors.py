"""What a user's module raises, as one message."""

from __future__ import annotations


def text_of(error: BaseException) -> str:
    """Return the text of an error; nothing where it cannot say it."""
    try:
        return str(error)
    except Exception:  # its own __str__ may be broken too
        return ""


def described(target: str, error: BaseException) -> str:
    """Return the message where a module raises something."""
    if isinstance(error, SystemExit):
        # Its exit code would be taken for an answer of ours.
        return f"{target} ends the program: sys.exit()"
    message = text_of(error).strip().partition("\n")[0]
    return f"{target} raised {type(error).__name__}{': ' if message else ''}{message}"
