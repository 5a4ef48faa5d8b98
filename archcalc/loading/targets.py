"""The syntax tree that a target means: a name of the zoo, a file, a chain, or standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..diagnostics import Collector, Diagnostic, SpecError, TooManyProblemsError, fail
from ..language.definitions import Net
from ..language.lexer import ARROW
from ..language.library import Library, pick
from ..language.other_tools import code, file_of
from ..language.parser import parse, parse_one_liner
from ..language.texts import read
from ..source import Source

if TYPE_CHECKING:
    from ..importing.files import FileFormat
    from ..importing.parameters import ParameterTree
    from ..importing.torch.stored import StoredModule
    from ..importing.torch.targets import ModuleTarget


# Files that may hold a module with its code.
_STORED = (".pt2", ".pt", ".pth", ".ckpt", ".bin")


def module_of(target: str) -> ModuleTarget | StoredModule | None:
    """Read a target that names a PyTorch module, whose code is run where somebody asks for it.

    Args:
        target: Any target.

    Returns:
        What it names; None for a target of another kind.

    Raises:
        SpecError: For arguments that are no literals.

    Example:
        >>> from archcalc.loading.targets import module_of
        >>> module_of("torchvision.models:resnet50")
        <ModuleTarget torchvision.models:resnet50>
        >>> module_of("resnet50") is module_of("32x32x3 -> conv 3x3 8") is None
        True
    """
    if ARROW.search(target):
        return None
    if ":" in target:
        from ..importing.torch.targets import ModuleTarget

        found = ModuleTarget.find(target)
        if found is not None:
            return found
    if os.path.splitext(target)[1].lower() not in _STORED:
        return None
    from ..importing.torch.stored import StoredModule

    return StoredModule.find(target)


def parameters_of(target: str) -> ParameterTree | None:
    """Read a target that is a file of tensors without a network, such as a state dict.

    Args:
        target: Any target.

    Returns:
        Its tensors; None for a target of another kind.

    Raises:
        SpecError: Where the file is not there, cannot be read, or holds a pickled module.

    Example:
        >>> from archcalc.loading.targets import parameters_of
        >>> parameters_of("resnet50") is None
        True
    """
    if os.path.splitext(target)[1].lower() not in (*_STORED, ".safetensors") or module_of(target):
        return None
    from ..importing.parameters import is_parameter_file, parameter_tree

    return parameter_tree(target) if is_parameter_file(target) else None


def names_file(target: str) -> bool:
    """Tell whether a target is a file by the end of its name: a spec, or the network of another tool.

    Args:
        target: Any target.

    Returns:
        Whether it names a file that holds a network as text.

    Example:
        >>> from archcalc.loading.targets import names_file
        >>> names_file("nets.arch:small"), names_file("yolov3.cfg"), names_file("resnet50")
        (True, True, False)
    """
    path = target.partition(":")[0]
    suffix = os.path.splitext(path)[1].lower()
    if suffix in ("", ".arch"):
        return bool(suffix)
    from ..importing.files import by_suffix

    return by_suffix(path) is not None


def plain_name(target: str) -> str:
    """Return the name that a spec of a module has.

    It is that of the class or function, or of the model that such a function is asked for.

    Args:
        target: What names the module.

    Returns:
        A name of the language.

    Example:
        >>> from archcalc.loading.targets import plain_name
        >>> plain_name("examples/small_net.py:SmallNet(depth=3)"), plain_name('timm:create_model("vit_tiny")')
        ('SmallNet', 'vit_tiny')
    """
    module = module_of(target)
    asked = getattr(module, "args", ())
    if asked and isinstance(asked[0], str) and re.fullmatch(r"[A-Za-z][\w.-]*", asked[0]):
        name = asked[0]
    elif module is not None:
        name = getattr(module, "attribute", os.path.basename(target).partition(".")[0])
    else:
        name = target
    name = re.sub(r"\W+", "_", name.rpartition(".")[2] if asked == () else name).strip("_")
    return name if re.match(r"[A-Za-z]", name) else f"net_{name}".rstrip("_")


def runs_no_code(target: str, who: str = "archcalc") -> SpecError:
    """Return the error where a target names code, and nobody has asked for it to be run."""
    return fail(
        "target",
        f"{who} does not run the code of {target.strip()}",
        "a module is traced only where somebody names it: in a call, or in Python",
        f"`archcalc show {target.strip()} -o net.arch` writes it as a spec, which runs nothing",
    )


def find(target: str, library: Library, stdin: str | None = None) -> Net:
    """Read the syntax tree of the network that a target means.

    Args:
        target: A name of the zoo, a file, a chain, or ``-``.
        library: Where the zoo and the blocks are from.
        stdin: The text that ``-`` stands for.

    Returns:
        The syntax tree. Its name is empty for a chain.

    Raises:
        SpecError: For a target that is none, or text that has faults of grammar.

    Example:
        >>> from archcalc.language.library import Library
        >>> from archcalc.loading.targets import find
        >>> find("lenet5", Library()).name
        'lenet5'
    """
    if target == "-":
        return _from_text(stdin if stdin is not None else "", library)
    if ARROW.search(target):
        return _one_liner(target)
    if module_of(target) is not None:
        raise runs_no_code(target)
    path, _, name = target.partition(":")
    translated = _translated(target)
    if translated is not None:
        return translated
    other = file_of(target)
    if other is not None:
        raise other
    if path.endswith(".arch") or "/" in target or os.sep in target:
        return library.net_of_file(path, name or None)
    if not target.strip():
        raise fail("target", "the target is empty", "`archcalc list` shows the zoo")
    try:
        return library.zoo_net(target)
    except SpecError as error:
        if re.fullmatch(r"\d+([x×*]\d+)*", target):
            raise fail(
                "target",
                f"`{target}` is a size, and no network",
                'a chain of layers goes on from it: "32x32x3 -> conv 5x5 10 pad=2"',
            ) from None
        pasted = code(Source("<command line>", target))
        if pasted is not None:
            raise pasted from None
        if "." in path and os.path.isfile(path):
            return library.net_of_file(path, name or None)
        beside = f"{path}.arch"
        if os.path.isfile(beside) and len(error.diagnostics) == 1:
            first = error.diagnostics[0]
            help = f"there is a file {beside} here: say {beside}{target[len(path) :]}"
            raise fail(first.code, first.message, help, *first.help) from None
        raise


def _translated(target: str) -> Net | None:
    """The network in a file of another tool, written in the language; None for a target of another kind."""
    suffix = os.path.splitext(target)[1].lower()
    if suffix in ("", ".arch"):
        return None
    from ..importing.files import by_suffix

    format = by_suffix(target)
    return None if format is None else _spec_of(format, Source(target, read(target)))


def _spec_of(format: FileFormat, text: Source) -> Net:
    """The network that a text of another tool holds. Raises SpecError."""
    spec = format.write(text)
    source = spec.translated()
    diagnostics = Collector()
    file = parse(source, diagnostics)
    diagnostics.check()
    file.remarks += spec.notes
    return pick(file, text.name, None)


def placed(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what there is to say, with places in the files that people wrote: of a spec that was written
    from the file of another tool those in that file."""
    found = tuple(diagnostics)
    if all(type(one.span.source) is Source for one in found if one.span is not None):
        return found
    from ..importing.files import in_file

    return tuple([in_file(one) for one in found])


def _one_liner(text: str) -> Net:
    diagnostics = Collector()
    source = Source("<command line>", text)
    try:
        file = parse_one_liner(source, diagnostics)
        diagnostics.check()
    except (TooManyProblemsError, SpecError):
        raise code(source) or SpecError(diagnostics.items) from None
    return file.nets[""]


def _from_text(text: str, library: Library) -> Net:
    text = text.removeprefix("\ufeff")
    if not re.search(r"(?:^|[\r\n])(net|block|default)\b", text) and ARROW.search(text):
        return _one_liner(text.strip())
    if re.match(r"\s*(?:#|\[|name *:|layers? *\{|input *:)", text):
        from ..importing.files import by_text

        format = by_text(text)
        if format is not None:
            return _spec_of(format, Source("<stdin>", text))
    return pick(library.text("<stdin>", text), "<stdin>", None)
