"""The listings of lectures in ``examples/listings/``, for docs/lectures.md: code as it stands on a slide."""

from __future__ import annotations

from typing import NamedTuple


class LectureListing(NamedTuple):
    """A network as a lecture writes it.

    asked   what is asked about it
    name    the file in ``examples/listings/``, without its ending
    call    the command that answers, as it stands before and after the file
    says    what stands in its output
    lecture what the lecture says itself
    fails   whether the code cannot run, and the call says why
    """

    asked: str
    name: str
    call: tuple[str, str]
    says: tuple[str, ...]
    lecture: str
    fails: bool = False

    @property
    def path(self) -> str:
        """Where the code stands, from the folder of the project."""
        return f"examples/listings/{self.name}.py"

    @property
    def command(self) -> str:
        """The call, without the name of the program."""
        before, after = self.call
        return f"{before} {self.path} {after}".strip()


PARAMS = ("explain", "params")
TEXT = """\
Code as a course writes it is a target as it stands: `archcalc summary classroom.py`, or pasted
into `archcalc summary -`. It is read from its syntax tree, and Keras need not be installed
([code.md](code.md)).
"""
LISTINGS = (
    LectureListing(
        "The classroom network: how many parameters has each layer?",
        "classroom",
        PARAMS,
        ("93,322", "36,928", "18,496", "650", "320"),
        "The slide leaves the answer to the class: 320, 18,496, 36,928, 36,928 and 650, 93,322 in all.",
    ),
    LectureListing(
        "Three convolutions without pooling: which volume comes out, and how far does one of its units see?",
        "no_pool",
        ("summary", "--width 80"),
        ("55,744", "22x22x64", "7"),
        "320, 18,496 and 36,928 parameters. Behind it the lecture has `Flatten` and `Dense(1)`: 30,977 more.",
    ),
    LectureListing(
        "Cats against dogs, with dropout?",
        "dropout",
        PARAMS,
        ("3,453,121", "3,211,776"),
        "The notebook of the course prints the same sum.",
    ),
    LectureListing(
        "A perceptron with two hidden layers, as a functional model?",
        "functional_mlp",
        PARAMS,
        ("55,050", "50,240"),
        "The lecture leaves the sum to the reader.",
    ),
    LectureListing(
        "A residual network of sixteen blocks, in a loop?",
        "residual_loop",
        PARAMS,
        ("74,858", "2,320"),
        "Each block adds what came before to what its two convolutions make; an addition has no parameters. "
        "The first line of the listing has the same sum.",
    ),
    LectureListing(
        "A thousand convolutions in a loop, as its author means it?",
        "very_deep",
        PARAMS,
        ("433,290", "999 x 404"),
        "Python repeats what is indented under `for`, here one convolution. The notebook of the course has "
        "it so; it was run with 8 turns and with 16, and prints 32,522 and 35,754.",
    ),
    LectureListing(
        "And as the slide prints it, with all that follows indented into the loop?",
        "very_deep_indented",
        ("summary", ""),
        ("conv2d_3 (Conv2D)", "10 arrives"),
        "As Python runs it there is no such network, and Keras refuses it too: the first turn ends in a "
        "vector of 10, and the second begins with a convolution. 433,290 is the answer to what its author "
        "meant, the listing before this one.",
        fails=True,
    ),
)
