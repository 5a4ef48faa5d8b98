"""What a student, an assistant, an engineer gets wrong first: one message that says what to do."""

from __future__ import annotations

import pytest
from calling import call


@pytest.mark.parametrize(
    ("arguments", "stdin", "expected"),
    [
        (["summary", "8x8x3 -> pool 2x2"], "", "did you mean `maxpool`?"),
        (["summary", "32*32*3 -> conv 5x5 10"], "", "as in 32x32x3"),
        (["summary", "32x32x3"], "", "a chain of layers goes on from it"),
        (["summary", "vgg16", "--input", "3x224x224"], "", "is it 224x224x3?"),
        (["summary", "vgg16", "--freeze", "input"], "", "there are no layers up to `input`"),
        (
            ["summary", "-"],
            "net a\n  input 8x8x3\n  a: 2 x conv 3x3 3 pad=1\n  conv 3x3 3 like=a\n",
            "as in `like=a_1`",
        ),
    ],
)
def test_says_what_to_do(arguments: list[str], stdin: str, expected: str) -> None:
    answer = call(*arguments, stdin=stdin)
    assert answer.code == 2
    assert answer.out == ""
    assert expected in answer.err


def test_a_guess_says_nothing_of_itself() -> None:
    """Defeats a second error about a layer that nobody wrote."""
    answer = call("summary", "8x8x3 -> frobnicat")
    assert answer.err.count("error[") == 1
