"""What a call means where it stands; and what a call of an unknown name may have meant."""

from __future__ import annotations

from ..diagnostics import ERROR, NOTE, Diagnostic, PlacedError, UnknownSizeError, fault, nearest
from ..graph import Layer
from ..ops.attributes import show
from .frames import Frame
from .neighbours import beside
from .problems import Problems
from .spelling import LAYERS_LISTED, apart, doubt_of, ops_called, suiting
from .syntax import Call, Item
from .words import Callee, Words
from .zoo_path import normal

# Faults that may only mean that a guess was wrong.
_OF_GUESSES = ("argument", "syntax")


class Callees:
    """Finds the block or layer of a call."""

    def __init__(self, words: Words, problems: Problems):
        self._words = words
        self._problems = problems
        self._guesses: dict[Item, Callee | None] = {}  # of calls whose name is unknown

    def find(self, call: Call, frame: Frame, arriving: Layer | None) -> Callee:
        """Return the block or layer of a call. An unknown name is reported, and read as the nearest known
        one, so that the rest of the text can still be checked. Raises PlacedError, or
        UnknownSizeError where no known name is near."""
        value = frame.env.get(call.name)
        if isinstance(value, Callee):
            return value
        cached = call.cache.get("callee")
        if cached is not None:
            assert isinstance(cached, Callee)
            return cached
        found = frame.lookup(call.name)
        if found is not None and found.block is None and found.name != call.name:
            return self._synonym(call, frame, arriving)
        if found is not None:
            hides = found.block is not None and found.block.file is not frame.file
            if hides and self._words.library.block(call.name) is found.block:
                self._note_hidden(call, frame, "the block of the standard library")
            call.cache["callee"] = found
            return found
        if value is not None:
            raise fault("name", f"`{call.name}` is {show(value)}, not a layer or block", call.name_span)
        if call not in self._guesses:
            near = self._meant(call.name, frame)
            help = [f"did you mean `{apart(call.name, near)}`?"] if near else [LAYERS_LISTED]
            help += self._unread(frame)
            message = f"no layer or block is called `{call.name}`"
            self._problems.report(Diagnostic("name", message, call.name_span, help=help), frame)
            self._guesses[call] = frame.lookup(near) if near is not None else None
        guess = self._guesses[call]
        if guess is None:
            raise UnknownSizeError
        return guess

    def blames_guess(self, diagnostic: Diagnostic, item: Item) -> bool:
        """Tell whether a fault of an item may only mean that its name was guessed wrong."""
        return diagnostic.code in _OF_GUESSES and item in self._guesses

    def _synonym(self, call: Call, frame: Frame, arriving: Layer | None) -> Callee:
        """Return the layer that another tool's word means; what arrives may decide."""
        called = ops_called(call.name)
        shape = arriving.output if arriving is not None else None
        meant = suiting(called, shape)
        self._note_hidden(call, frame, f"the layer `{meant.name}`")
        doubt = doubt_of(call, called, meant, shape) if shape is not None else None
        if doubt is not None:
            if doubt.severity == ERROR:
                raise PlacedError(doubt)
            self._problems.report(doubt, frame)
        return Callee(meant.name, None)

    def _note_hidden(self, call: Call, frame: Frame, meant: str) -> None:
        """Say it where a file beside this one has a block that archcalc's own word hides."""
        neighbours = self._words.library.neighbours(frame.file)
        hidden = neighbours.places(call.name, frame.file) if neighbours is not None else []
        if hidden:
            message = f"`{call.name}` is {meant}, not the block at {beside(hidden[0])}"
            help = "a name of archcalc's own comes before those of other files: give the block another"
            note = Diagnostic("reading", message, call.name_span, severity=NOTE, help=help)
            self._problems.report(note, frame)

    def _unread(self, frame: Frame) -> list[str]:
        """Return the files beside this one in which nothing could be looked up."""
        neighbours = self._words.library.neighbours(frame.file)
        found = neighbours.unread if neighbours is not None else {}
        return [f"{name}, beside this file, was not looked through: {why}" for name, why in found.items()][:2]

    def _meant(self, name: str, frame: Frame) -> str | None:
        """Return the layer or block that an unknown name may mean: what other tools may mean by it, else
        the nearest name."""
        plain = normal(name)
        for op in self._words.ops.values():
            if plain in op.elsewhere:
                return op.name
        return nearest(name, self._words.library.words(frame.file))
