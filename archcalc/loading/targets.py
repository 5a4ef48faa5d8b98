"""The syntax tree that a target means: a name of the zoo, a file, a chain, or standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..diagnostics import Collector, Diagnostic, SpecError, TooManyProblemsError, fail, nearest
from ..language.definitions import Net
from ..language.lexer import ARROW
from ..language.library import Library, pick
from ..language.other_tools import code, file_of, saved_model
from ..language.parser import parse, parse_one_liner
from ..source import Source

if TYPE_CHECKING:
    from ..graph import Graph
    from ..importing.files import FileFormat, GivenFile, ImportedGraph, Request, SpecWriter
    from ..importing.opened import Opened
    from ..importing.parameters import ParameterTree
    from ..importing.torch.stored import StoredModule
    from ..importing.torch.targets import ModuleTarget
    from ..language.syntax import Node


# What --from calls our own files, and those that hold modules of PyTorch.
SPEC, TORCH = "arch", "torch"
# Files that may hold a module with its code.
_STORED = (".pt2", ".pt", ".pth", ".ckpt", ".bin")
# How a text of another tool begins: a comment, a bracket, a brace, a field and its value, a line of Python.
_OF_ANOTHER_TOOL = re.compile(
    r"\ufeff?\s*(?:[#\[{]|name *:|layers? *\{|input *:|(?:import|from|class|def)\b|[\w.]{1,200} *[=(])"
)


def file_formats() -> tuple[str, ...]:
    """Return what ``--from`` takes: the formats of the files that are read.

    Returns:
        Names: that of our own specs, those of other tools, and that of PyTorch, whose files hold code.

    Example:
        >>> from archcalc.loading.targets import file_formats
        >>> [name for name in file_formats() if name in ("arch", "caffe", "torch", "docx")]
        ['arch', 'caffe', 'torch']
    """
    from ..importing.files import format_names

    return (SPEC, *format_names(), TORCH)


def require_format(target: str, file_format: str) -> None:
    """Refuse a format that there is not, or one for a target that is no file. Raises SpecError."""
    if not file_format:
        return
    known = file_formats()
    if file_format not in known:
        near = nearest(file_format, known)
        hints = [f"did you mean {near}?"] if near else []
        raise fail(
            "argument", f"no files have the format `{file_format}`", *hints, f"there are {', '.join(known)}"
        )
    path = target.partition(":")[0]
    if target != "-" and file_format != TORCH and not os.path.exists(target) and not os.path.exists(path):
        raise fail("file", f"there is no file {target}, which would be read as {file_format}")


def module_of(target: str, file_format: str = "") -> ModuleTarget | StoredModule | None:
    """Read a target that names a PyTorch module, whose code is run where somebody asks for it.

    Args:
        target: Any target.
        file_format: The format that it has, where that is known.

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
    if file_format not in ("", TORCH) or ARROW.search(target):
        return None
    if ":" in target:
        from ..importing.torch.targets import ModuleTarget

        found = ModuleTarget.find(target)
        if found is not None:
            return found
    if not file_format and os.path.splitext(target)[1].lower() not in _STORED:
        return None
    from ..importing.torch.stored import StoredModule

    return StoredModule(target) if file_format else StoredModule.find(target)


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


def imported(
    target: str,
    stdin: str | None = None,
    inputs: Any = None,
    settings: Mapping[str, Any] | None = None,
    *,
    layout: str = "hwc",
    file_format: str = "",
) -> Net | ImportedGraph | None:
    """Read a target that is the file of another tool, or such a text on standard input.

    Args:
        target: Any target.
        stdin: The text that ``-`` stands for.
        inputs: Sizes of its inputs, where somebody gave them.
        settings: Values by name, as in ``--set``.
        layout: The order of the axes in ``inputs``.
        file_format: The name of the format that it has, where it is known.

    Returns:
        The syntax tree of its network as a spec, or its graph; None for a target of another kind.

    Raises:
        SpecError: For a file that is not there, or cannot be read; or settings that it has no use for.

    Example:
        >>> from archcalc.loading.targets import imported
        >>> imported("vgg16") is None
        True
    """
    require_format(target, file_format)
    read = _other_tool(target, stdin, file_format)
    if read is None:
        return None
    from ..importing.files import Request

    return _network(*read, Request(inputs, settings, layout))


def live(
    opened: Opened, inputs: Any = None, training: bool = False, *, layout: str = "hwc"
) -> tuple[Net, Any]:
    """Read a model of Keras that is there as an object, as if its file were read.

    Args:
        opened: What holds the model, in the middle of its block.
        inputs: Sizes of its inputs, where somebody gave them.
        training: Whether somebody asks for training mode.
        layout: The order of the axes in ``inputs``.

    Returns:
        The syntax tree of its network as a spec; and the sizes that are still to be given to that.

    Raises:
        SpecError: Where its configuration does not tell what it computes.
    """
    if training:
        raise fail("argument", f"{opened.name} is a model of Keras: training mode is that of PyTorch modules")
    from ..importing.files import GivenFile, Request, TranslatedSource, formats
    from ..importing.live_keras import configuration, has_layers, optimizer_figures

    model, name = opened.model, opened.name
    text = configuration(model, name, inputs)
    left = inputs if has_layers(model) else None  # else its inputs were made of these sizes
    found = _network(formats()["keras"], GivenFile(name, text), Request(left, None, layout))
    assert isinstance(found, Net)
    assert found.file is not None
    source = found.file.source
    if isinstance(source, TranslatedSource) and source.keras is not None:
        source.keras.optimizer = optimizer_figures(model)
    return found, left


def _network(format: FileFormat, file: GivenFile, request: Request) -> Net | ImportedGraph:
    """What a reader makes of a file. Raises SpecError."""
    from ..importing.files import ImportedGraph

    if file.path is not None and not os.path.lexists(file.path):
        raise fail("file", f"there is no file {file.name}")  # before a reader asks for what it needs
    network = format.network(file, request)
    for name in request.settings:
        raise fail("argument", f"{file.name} has no parameter `{name}`: it is a network of {format.tool}")
    return network if isinstance(network, ImportedGraph) else _spec_of(network)


def _other_tool(target: str, stdin: str | None, file_format: str) -> tuple[FileFormat, GivenFile] | None:
    """The file of another tool that a target is, and its format; None for a target of another kind."""
    if target == "-":
        if not file_format and not _OF_ANOTHER_TOOL.match(stdin or ""):
            return None
    elif not file_format and not _may_be_a_file(target):
        return None
    if file_format in (SPEC, TORCH):
        return None
    if target != "-" and not file_format and (refused := saved_model(target)) is not None:
        raise refused
    from ..importing.files import STDIN, GivenFile, by_content, by_suffix, formats

    file = GivenFile(STDIN, stdin or "") if target == "-" else GivenFile(target)
    if file_format:
        return formats()[file_format], file
    format = by_suffix(target) if target != "-" else None
    if target == "-" or os.path.isfile(target):
        try:
            head = file.head()
        except OSError:
            head = b""  # who reads it says what is wrong
        # What a file holds decides where its name says nothing, or something else.
        if format is None or not format.recognises(head):
            format = by_content(head) or format
    return None if format is None else (format, file)


def _may_be_a_file(target: str) -> bool:
    """Whether a target may be the file of another tool by its name."""
    suffix = os.path.splitext(target)[1].lower()
    return suffix != ".arch" and (suffix != "" or "/" in target or os.sep in target)


def find(target: str, library: Library, stdin: str | None = None, file_format: str = "") -> Net:
    """Read the syntax tree of the network that a target means.

    Args:
        target: A name of the zoo, a file, a chain, ``-``, or ``-:name`` for one network of several.
        library: Where the zoo and the blocks are from.
        stdin: The text that ``-`` stands for.
        file_format: The format that a file has, where that is known.

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
    if target != "-" and not file_format and ARROW.search(target):
        return _one_liner(target)
    if target != "-" and module_of(target, file_format) is not None:
        raise runs_no_code(target)
    path, _, name = target.partition(":")
    other_tool = imported(target, stdin, file_format=file_format)
    if other_tool is not None:
        return other_tool if isinstance(other_tool, Net) else _written(other_tool)
    if path == "-":
        return _from_text(stdin if stdin is not None else "", library, name or None)
    if file_format == SPEC:
        return library.net_of_file(path, name or None)
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
        if os.path.isfile(target) and len(error.diagnostics) == 1:
            first = error.diagnostics[0]
            help = f"there is a file {target} here: say ./{target}, with --from where that is needed"
            raise fail(first.code, first.message, help, *first.help) from None
        beside = f"{path}.arch"
        if os.path.isfile(beside) and len(error.diagnostics) == 1:
            first = error.diagnostics[0]
            help = f"there is a file {beside} here: say {beside}{target[len(path) :]}"
            raise fail(first.code, first.message, help, *first.help) from None
        raise


def _spec_of(spec: SpecWriter) -> Net:
    """The network that a reader has written. Raises SpecError."""
    source = spec.translated()
    diagnostics = Collector()
    file = parse(source, diagnostics)
    diagnostics.check()
    file.remarks += spec.notes
    return pick(file, source.name, None)


def _written(network: ImportedGraph) -> Net:
    """The network of a graph that was read, as a spec. Raises SpecError."""
    from ..language.writing import write

    name = network.graph.metadata.name
    diagnostics = Collector()
    file = parse(Source(name, write(network.graph, plain_name(name))), diagnostics)
    diagnostics.check()
    file.remarks += network.diagnostics
    return pick(file, name, None)


def origins(graph: Graph, calls: Iterable[Node]) -> None:
    """State in the layers of a graph where each is from in the file of another tool.

    Args:
        graph: Of a spec that was written from such a file.
        calls: What each of its layers is in the syntax tree.
    """
    from ..importing.files import TranslatedSource

    for layer, call in zip(graph.layers, calls, strict=True):
        source = call.span.source
        if isinstance(source, TranslatedSource):
            layer.origin = source.layer_origin(call.span)
            graph.metadata.keras = source.keras
    if graph.metadata.keras is not None:
        graph.metadata.keras.graph_layers = len(graph.layers)


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


def _from_text(text: str, library: Library, name: str | None = None) -> Net:
    text = text.removeprefix("\ufeff")
    if not re.search(r"(?:^|[\r\n])(net|block|default)\b", text) and ARROW.search(text):
        return _one_liner(text.strip())
    return pick(library.text("<stdin>", text), "-", name)
