"""A class as source: its constructor and its forward pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from ..graph import Layer
from .classes import Class, Instance, input_names
from .drafts import Piece
from .expressions import Action
from .forward import Forward, composed
from .identifiers import Names, attribute, numbered, variable
from .layout import STEP, Bracket, lines
from .parameters import in_class, in_forward
from .units import ClassRegion, Cycle, LayerUnit, Part, Unit, UnitChain, UnitStack
from .variants import NOTHING


class Writing:
    """One class being written; ``attributes`` are the names of its modules, piece by piece."""

    def __init__(self, cls: Class, instances: dict[ClassRegion, Instance], written: dict[Class, Writing]):
        self.cls = cls
        self.instances = instances
        self.written = written
        fills = iter(cls.parameters.fills)
        self._fills = [[next(fills) for _ in piece.literals] for piece in cls.pieces]
        self._flags = [fill or "" for fill in fills]
        self._names = Names()
        self._kept: dict[str, str] = {}  # parameters that the forward pass needs, as attributes
        self._texts = [self._text(piece, fill) for piece, fill in zip(cls.pieces, self._fills, strict=True)]
        self._conditions = [self._condition(piece) for piece in cls.pieces]
        self._makers = [self._maker(piece, fill) for piece, fill in zip(cls.pieces, self._fills, strict=True)]
        self.attributes = self._attributes()
        self._places: dict[Layer | ClassRegion, str] | None = None

    # Literals --------------------------------------------------------------------------------

    def _keep(self, name: str) -> str:
        if name not in self._kept:
            self._kept[name] = self._names.free(attribute(name))
        return self._kept[name]

    def _text(self, piece: Piece, fills: Sequence[str | None]) -> str:
        """Tell how a layer is applied, its literals in place."""
        if piece.apply is None:
            return ""
        literals = fills[len(fills) - len(piece.apply.literals) :]
        return piece.apply.text(iter([fill and in_forward(fill, self._keep) for fill in literals]))

    def _condition(self, piece: Piece) -> str | None:
        if piece.flag is None or piece.past is None:
            return None
        return in_forward(self._flags[piece.flag], self._keep)

    def _maker(self, piece: Piece, fills: Sequence[str | None]) -> Bracket | str | None:
        if piece.module is None:
            return None
        return piece.module.node(iter([fill and in_class(fill) for fill in fills]))

    # Names -----------------------------------------------------------------------------------

    def _attributes(self) -> list[str | None]:
        """Return names for the modules: labels where a label has one main module, else what they are."""
        pieces = self.cls.pieces
        labelled: dict[str, list[int]] = {}
        for at, piece in enumerate(pieces):
            if piece.unit.label is not None:
                labelled.setdefault(piece.unit.label, []).append(at)
        wanted: dict[int, str] = {}
        for label, places in labelled.items():
            main = _main(pieces, places)
            if main is not None and pieces[main].module is not None:
                wanted[main] = self._names.free(attribute(label))
        alike: dict[str, int] = {}  # modules without parameters, for all who want the same
        same: dict[int, int] = {}
        words: dict[int, str] = {}
        often: dict[str, int] = {}
        for at, piece in enumerate(pieces):
            if piece.module is None or at in wanted:
                continue
            unit = piece.unit
            word = unit.word
            if isinstance(unit, LayerUnit) and not unit.stateful and piece.like is None:
                first = alike.setdefault(str(self._makers[at]), at)
                if first != at:
                    same[at] = first
                    continue
            elif unit.label is not None:
                word = f"{unit.label}_{word}"
            words[at] = word
            often[word] = often.get(word, 0) + 1
        numbers: dict[str, int] = {}
        for at, word in words.items():
            name = attribute(word)
            if often[word] > 1:
                number = numbers.get(word, 0) + 1
                while numbered(word, number) in self._names.taken:
                    number += 1
                numbers[word] = number
                name = attribute(numbered(word, number))
            wanted[at] = self._names.free(name)
        for at, first in same.items():
            wanted[at] = wanted[first]
        return [wanted.get(at) for at in range(len(pieces))]

    def _arguments(self) -> list[str]:
        """Return names of the arguments of the forward pass."""
        names = Names("self")
        return [names.free(variable(name)) for name in input_names(self.cls.region)]

    # Source ----------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return the class."""
        parameters = [
            p.name if p.usual is None else f"{p.name}={_default(p.usual)}" for p in self.cls.parameters.list
        ]
        found = [f"class {self.cls.name}(nn.Module):"]
        found += lines(Bracket("__init__(", ["self", *parameters], "):"), STEP, "def ")
        inner = STEP * 2
        found.append(f"{inner}super().__init__()")
        found += [f"{inner}self.{attr} = {name}" for name, attr in self._kept.items()]
        seen = set()
        for at, piece in enumerate(self.cls.pieces):
            name = self.attributes[at]
            if name is not None and name not in seen:
                seen.add(name)
                found += self._making(at, piece, name)
        found += ["", *lines(Bracket("forward(", ["self", *self._arguments()], "):"), STEP, "def ")]
        return [*found, *self._composed[1]]

    @cached_property
    def _composed(self) -> tuple[Forward, list[str]]:
        return composed(self._arguments(), self._actions(), self.cls.gives, STEP * 2)

    @property
    def forward(self) -> Forward:
        """The forward pass: its actions are those of the pieces of the class."""
        return self._composed[0]

    def _making(self, at: int, piece: Piece, name: str) -> list[str]:
        maker = self._makers[at]
        assert maker is not None
        inner, start = STEP * 2, f"self.{name} = "
        if piece.flag is not None:
            flag = in_class(self._flags[piece.flag])
            chosen = lines(maker, inner, start, f" if {flag} else {NOTHING}")
            if len(chosen) == 1:
                return chosen
            return [f"{inner}{start}{NOTHING}", f"{inner}if {flag}:", *lines(maker, inner + STEP, start)]
        found = lines(maker, inner, start)
        if piece.like is not None:
            assert isinstance(piece.unit, LayerUnit)
            owner = self._path_of(piece.unit.owner.layer)
            found += [
                f"{inner}self.{name}.{tensor.name} = {owner}.{tensor.name}"
                for tensor in piece.unit.layer.facts.tensors or ()
            ]
        return found

    def _path_of(self, wanted: Layer | ClassRegion) -> str:
        """Return the module of a layer or of a region inside the one that is written."""
        if self._places is None:
            self._places = dict(self.places(self.cls.region))
        return "self" + "".join(
            f"[{word}]" if word.isdigit() else f".{word}" for word in self._places[wanted].split(".")
        )

    def _actions(self) -> list[Action]:
        """Return the steps of the forward pass."""
        cls = self.cls
        ends = {}
        for at, piece in enumerate(cls.pieces):
            if piece.unit.label is not None:
                ends[piece.unit.label] = at
        actions = []
        for at, piece in enumerate(cls.pieces):
            unit, name = piece.unit, self.attributes[at]
            label = unit.label if unit.label is not None and ends[unit.label] == at else None
            if isinstance(unit, LayerUnit) and piece.apply is not None:
                actions.append(self._step(at, piece, unit, label))
            elif isinstance(unit, Cycle):
                turn = self.written[self.instances[unit.turns[0].region].cls]
                names = turn._arguments()
                actions.append(
                    Action(
                        str(name),
                        piece.refs,
                        outputs=len(unit.gives),
                        loop=unit.newest,
                        names=names if unit.newest == 0 else names[::-1],
                        statement=unit.statement,
                    )
                )
            else:
                arguments = "*xs" if len(piece.refs) > 1 else "x"
                module = f"self.{name}"
                if isinstance(unit, Part) and unit.same is not None:
                    module = self._path_of(unit.same)
                names = [tensor.name.rpartition(".")[2] for tensor in unit.gives]
                actions.append(
                    Action(
                        f"{module}({arguments})",
                        piece.refs,
                        outputs=len(unit.gives),
                        label=label,
                        names=names if len(names) > 1 else (),
                        statement=unit.statement,
                    )
                )
        return actions

    def _step(self, at: int, piece: Piece, unit: LayerUnit, label: str | None) -> Action:
        assert piece.apply is not None
        name, op = self.attributes[at], unit.layer.op
        module = f"self.{name}" if name is not None else ""
        if piece.like is not None and name is None:
            module = self._path_of(unit.owner.layer)
        text = _with_module(self._texts[at], module)
        function = piece.module is None and piece.like is None and op.inline
        return Action(
            text,
            piece.refs,
            inline=op.inline or op.is_norm or (not module and not op.merge),
            free=function,
            function=function and op.by_value,
            merge=op.merge,
            label=label,
            statement=unit.statement,
            condition=self._conditions[at],
            past=piece.past if self._conditions[at] is not None else None,
        )

    # Where layers are ------------------------------------------------------------------------

    def places(self, region: ClassRegion) -> Iterator[tuple[Layer | ClassRegion, str]]:
        """Yield the layers with parameters or buffers in a region that became this class, the regions in
        it, and where their modules are: ``conv2.0.conv1``."""
        units = self.instances[region].units
        for unit, name in zip(units, self.attributes, strict=True):
            if unit is not None and name is not None:
                yield from self._inside(unit, name)

    def _inside(self, unit: Unit, path: str) -> Iterator[tuple[Layer | ClassRegion, str]]:
        if isinstance(unit, LayerUnit):
            if unit.stateful:
                yield unit.layer, path
        elif isinstance(unit, Part):
            yield unit.region, path
            inner = self.written[self.instances[unit.region].cls]
            for found, rest in inner.places(unit.region):
                yield found, f"{path}.{rest}"
        elif isinstance(unit, UnitChain):
            yield from self._row(unit.items, path)
        elif isinstance(unit, UnitStack):
            for number, turn in enumerate(unit.turns):
                yield from self._row(turn, f"{path}.{number}", alone=True)
        elif isinstance(unit, Cycle):
            for number, part in enumerate(unit.turns):
                yield from self._inside(part, f"{path}.{number}")

    def _row(
        self, items: list[Unit], path: str, alone: bool = False
    ) -> Iterator[tuple[Layer | ClassRegion, str]]:
        sizes = [len(_in_row(item)) for item in items]
        number = 0
        for item, size in zip(items, sizes, strict=True):
            number += size
            whole = alone and sum(sizes) == 1
            yield from self._inside(item, path if whole else f"{path}.{number - 1}")


def _in_row(unit: Unit) -> Sequence[object]:
    """Return the modules of a unit in an nn.Sequential."""
    if isinstance(unit, LayerUnit):
        return unit.counterpart.form(unit.padded).in_row or ()
    return (unit,)


def _main(pieces: Sequence[Piece], places: list[int]) -> int | None:
    """Of the steps under a label the one that it names: the only one, the only one with weights,
    or without weights and merges the first."""
    if len(places) == 1:
        return places[0]
    weighted = [at for at in places if pieces[at].unit.weighted]
    merges = any(pieces[at].unit.merges for at in places)
    if len(weighted) == 1 and (not merges or pieces[weighted[0]].unit.weighted == 1):
        return weighted[0]
    return None if weighted or merges else places[0]


def _default(usual: str) -> str:
    """Return a default: not a list, which all calls would share."""
    return f"({usual[1:-1]})" if usual.startswith("[") else usual


def _with_module(text: str, module: str) -> str:
    """Tell how a layer is applied, its module by name."""
    return re.sub(r"(?<![\w.])m(?=\()", lambda _: module, text)
