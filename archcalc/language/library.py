"""Where specs come from: the zoo, the library of blocks, files, and files beside files."""

from __future__ import annotations

import os
import re
from functools import cache

from ..diagnostics import Collector, Diagnostic, SpecError, TooManyProblemsError, did_you_mean, fail, nearest
from ..ops import registry
from ..source import Source, Span
from ..texts import read
from .definitions import BlockDefinition, File, Net
from .neighbours import Neighbours
from .other_tools import code
from .parser import parse
from .spelling import ops_called
from .syntax import all_calls
from .zoo_path import folder, normal

_NET = re.compile(r"^net[ ]+([A-Za-z_]\w*)", re.MULTILINE)
_WHOLE_NET = re.compile(r"^net[ ]+([A-Za-z_]\w*).*(?:\n(?:[ ].*|$))*", re.MULTILINE)
# A chain with `-` in place of `->`: a size, and layers behind dashes.
_DASHED = re.compile(r"\s*\d+(?:\s*[xX×*]\s*\d+){0,8}\s+[-–—−]+\s*[a-zA-Z]")
_DASH = re.compile(r"(?<!\s)\s+[-–—−]+\s*(?=[a-zA-Z])")
_BLOCK = re.compile(r"^block[ ]+([A-Za-z_]\w*)", re.MULTILINE)

# What `use` may name: no path leads out of the folder.
_USED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


@cache
def _defined(path: str, changed: int, definition: re.Pattern[str]) -> tuple[str, ...]:
    """Return what a file defines, as it was last ``changed``: it is read once, and not for each network."""
    with open(path, encoding="utf-8") as file:
        return tuple(match.group(1) for match in definition.finditer(file.read()))


def alone(text: str, net: str) -> str:
    """Return a file's text with all its networks but one blanked out; the lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        return match.group() if match.group(1) == net else "\n" * match.group().count("\n")

    return _WHOLE_NET.sub(blank, text)


class Library:
    """The specs at hand. Files are found by their text, and parsed only when something of them is
    used."""

    def __init__(self) -> None:
        self._parsed: dict[str, File] = {}
        self._zoo: dict[str, str] | None = None
        self._blocks: dict[str, str] | None = None
        # The texts that come with archcalc: what they use is of the zoo, whatever lies around.
        self._shipped: set[Source] = set()
        self._neighbours: dict[str, Neighbours] = {}  # by folder

    # Folders ---------------------------------------------------------------------------------

    @staticmethod
    def folder() -> str:
        """Return the folder of the zoo."""
        return folder()

    @staticmethod
    def _index(folder: str, pattern: re.Pattern[str]) -> dict[str, str]:
        """Return what is defined in a folder: name to path."""
        found: dict[str, str] = {}
        if not os.path.isdir(folder):
            return found
        for name in sorted(os.listdir(folder)):
            if name.endswith(".arch"):
                path = os.path.join(folder, name)
                for defined in _defined(path, os.stat(path).st_mtime_ns, pattern):
                    found.setdefault(defined, path)
        return found

    @property
    def zoo(self) -> dict[str, str]:
        """Networks of the zoo: name to path."""
        if self._zoo is None:
            self._zoo = self._index(self.folder(), _NET)
        return self._zoo

    @property
    def blocks(self) -> dict[str, str]:
        """Blocks of the standard library: name to path."""
        if self._blocks is None:
            self._blocks = self._index(os.path.join(self.folder(), "blocks"), _BLOCK)
        return self._blocks

    # Files -----------------------------------------------------------------------------------

    def file(self, path: str, shown: str | None = None) -> File:
        """Return a file, parsed. Raises SpecError with all its faults."""
        key = os.path.abspath(path)
        if key not in self._parsed:
            self._parsed[key] = self.text(shown or path, read(path))
        return self._parsed[key]

    def text(self, name: str, text: str) -> File:
        """Return a text of definitions, parsed. Raises SpecError."""
        diagnostics = Collector()
        source = Source(name, text)
        try:
            file = parse(source, diagnostics)
            if diagnostics.errors:
                self.check_names(file, diagnostics)
            diagnostics.check()
        except (TooManyProblemsError, SpecError):
            raise code(source) or SpecError(diagnostics.items) from None
        return file

    def _shipped_file(self, path: str) -> File:
        """Return a file that comes with archcalc, shown by its name alone."""
        file = self.file(path, os.path.basename(path))
        self._shipped.add(file.source)
        return file

    # Definitions -----------------------------------------------------------------------------

    def zoo_net(self, name: str) -> Net:
        """Return a network of the zoo. Raises SpecError with a suggestion."""
        wanted = normal(name)
        known = name if name in self.zoo else next((net for net in self.zoo if normal(net) == wanted), None)
        if known is None:
            if _DASHED.match(name):
                raise fail(
                    "name",
                    f"`-` stands between the layers of `{name}`",
                    f"a chain has `->`: {_DASH.sub(' -> ', name)}",
                )
            near = nearest(name.lower(), self.zoo)
            help = [f"did you mean `{near}`?"] if near else []
            if (word := name.lower()) in registry() or word in self.blocks:
                what = "layer" if word in registry() else "block"
                help = [f"`{word}` is a {what}: `archcalc ops {word}` is about it"]
            raise fail(
                "name",
                f"no network of the zoo is called `{name}`",
                *help,
                "`archcalc list` shows them all; a file ends in .arch, a one-liner holds `->`",
            )
        path = self.zoo[known]
        whole = self._parsed.get(os.path.abspath(path))
        if whole is not None:
            return whole.nets[known]
        key = f"{path}:{known}"
        if key not in self._parsed:
            # The other networks of its family are only read when they are asked for.
            file = self.text(os.path.basename(path), alone(read(path), known))
            self._shipped.add(file.source)
            self._parsed[key] = file
        return self._parsed[key].nets[known]

    def read_zoo(self) -> None:
        """Parse all files of the zoo whole: quicker where all networks are asked for."""
        for path in set(self.zoo.values()):
            self._shipped_file(path)

    def block(self, name: str) -> BlockDefinition | None:
        """Return a block of the standard library."""
        path = self.blocks.get(name)
        return self._shipped_file(path).blocks[name] if path is not None else None

    def neighbours(self, file: File) -> Neighbours | None:
        """Return the blocks beside a file; None for a text that stands in no folder, and for one that comes
        with archcalc: what that calls does not depend on what lies around."""
        path = file.source.name
        if not path.endswith(".arch") or self.is_shipped(file):
            return None
        folder = os.path.dirname(path)
        return self._neighbours.setdefault(folder, Neighbours(folder, self.file))

    def is_shipped(self, file: File) -> bool:
        """Return whether a file comes with archcalc."""
        return file.source in self._shipped

    def words(self, file: File) -> list[str]:
        """Return all that can be called in a file, for a suggestion."""
        return [*self.block_names(file), *registry()]

    def block_names(self, file: File) -> list[str]:
        """Return the blocks that can be called in a file, each once."""
        beside = self.neighbours(file)
        others = beside.names(file) if beside is not None else ()
        return list(dict.fromkeys([*file.blocks, *self.blocks, *others]))

    def check_names(self, file: File, diagnostics: Collector) -> None:
        """Report calls of what does not exist. The expansion does that; here for a file that is
        not expanded because of other faults, so that one run reports all."""
        known = set(self.words(file)) | {"use", "shortcut"}
        plain = {normal(word) for word in known}
        for definition in (*file.blocks.values(), *file.nets.values()):
            parameters = {p.name for p in definition.parameters}
            for statement in definition.body.statements:
                for call in all_calls(statement.chain):
                    if call.name in known or call.name in parameters or ops_called(call.name):
                        continue
                    if normal(call.name) not in plain:
                        message = f"no layer or block is called `{call.name}`"
                        help = did_you_mean(call.name, self.words(file))
                        diagnostics.add(Diagnostic("name", message, call.name_span, help=help))

    def net_of_file(self, path: str, name: str | None) -> Net:
        """Return a network of a file: the one named, or the only one. Raises SpecError."""
        return pick(self.file(path), path, name)

    def net_for_use(self, name: str, file: File, span: Span) -> Net:
        """Return the network that ``use NAME`` means in a file: one of the file, one of a file beside it
        (``use other``, ``use other.net``), or one of the zoo. Raises SpecError."""
        if name in file.nets:
            return file.nets[name]
        if not _USED.fullmatch(name):
            raise SpecError(
                [
                    Diagnostic(
                        "use",
                        f"`{name}` is no name of a network",
                        span,
                        help="`use` takes networks of the zoo and of files beside this one",
                    )
                ]
            )
        stem, _, inner = name.partition(".")
        beside = os.path.join(os.path.dirname(file.source.name), f"{stem}.arch")
        if self.neighbours(file) is not None and os.path.isfile(beside):
            known = self.file(beside)
            if inner or stem in known.nets or len(known.nets) == 1:
                return pick(known, beside, inner or (stem if stem in known.nets else None))
        try:
            return self.zoo_net(name)
        except SpecError as error:
            first = error.diagnostics[0]
            if first.span is not None:
                raise
            help = [line for line in first.help if line.startswith("did you mean")]
            raise SpecError([Diagnostic("use", f"no network is called `{name}`", span, help=help)]) from None


def pick(file: File, path: str, name: str | None) -> Net:
    """Return the network of a file that is asked for. Raises SpecError."""
    names = ", ".join(file.nets)
    if name is not None:
        if name not in file.nets:
            near = nearest(name, file.nets)
            raise fail(
                "name",
                f"{path} has no network `{name}`",
                *([f"did you mean `{near}`?"] if near else []),
                *([f"it has {names}"] if names else []),
            )
        return file.nets[name]
    if not file.nets:
        raise fail("name", f"{path} defines blocks but no network")
    if len(file.nets) > 1:
        raise fail(
            "name",
            f"{path} holds {len(file.nets)} networks",
            f"name one, as in {path}:{next(iter(file.nets))}",
            f"it has {names}",
        )
    return next(iter(file.nets.values()))
