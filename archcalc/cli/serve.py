"""`archcalc serve`."""

from __future__ import annotations

import os
import secrets
import socket

import click

from ..diagnostics import SpecError, fail
from .answer import reported
from .completion import targets
from .help import Command
from .options import NetworkOptions, apart, network_options
from .target import load_network, one_target

# What the editor begins with where no target is named.
EXAMPLE = "32x32x3 -> conv 5x5 10 pad=2 -> relu -> maxpool 2x2 -> fc 10\n"


class ServeOptions(NetworkOptions):
    """The words and options of `archcalc serve`."""

    words: tuple[str, ...]
    port: int | None
    export: str | None
    pyodide: str | None
    force: bool


@click.command("serve", cls=Command)
@click.argument("words", metavar="[TARGET]", nargs=-1, shell_complete=targets)
@network_options
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="The port.  [default: a free one]")
@click.option(
    "--export",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Write a folder for a course page, in which Python runs in the browser.",
)
@click.option(
    "--pyodide",
    metavar="PLACE",
    help="With --export: where Pyodide lies, a folder beside the page or an address.  [default: pyodide/]",
)
@click.option("--force", is_flag=True, help="With --export: into a folder that is there already.")
@reported(ServeOptions)
def command(options: ServeOptions) -> int:
    """The page of `archcalc report` with an editor: what is typed is computed as it is typed.

    It serves this machine alone, at the address that it prints, until Ctrl-C. It reads no file but the
    target. A link of the page holds the spec itself.
    """
    text = EXAMPLE
    parameters: dict[str, str] = {}
    if options.words:
        (target,) = one_target(options.words)
        text, parameters = _begun(target, options)
    if options.export is not None:
        if options.port is not None:
            raise apart("--export", "--port", "a folder is written, and nothing is served")
        _write_folder(text, parameters, options.export, options.pyodide or "pyodide/", options.force)
        return 0
    if options.pyodide is not None:
        raise fail("usage", "--pyodide is for --export DIR")
    _serve(text, parameters, options.port or 0)
    return 0


def _begun(target: str, options: ServeOptions) -> tuple[str, dict[str, str]]:
    """The spec that the editor begins with, and values of its parameters. Raises SpecError."""
    from ..language.writing import write
    from ..loading.targets import plain_name
    from ..network import Network
    from ..texts import read

    for option in ("freeze", "counter", "whole_norms", "train", "tensors"):
        if getattr(options, option):
            name = "tensor" if option == "tensors" else option.replace("_", "-")
            raise fail(
                "usage", f"--{name} does not go with the editor", "archcalc report TARGET -o FILE.html"
            )
    changed = options.inputs or options.until
    if target.endswith(".arch") and not options.settings and not changed and not options.file_format:
        text = read(target)
        # What it takes from files beside it is not at hand in the editor; faults of its own are mended there.
        if "\nnet " in f"\n{text}" and (_whole(text) or not _loads(target, options)):
            return text, {}
    network = load_network(target, options)
    if not changed:
        source, numbers, _ = network.excerpt()
        text = "".join([f"{source.line(number)}\n" for number in numbers])
        if _whole(text):
            values = network.graph.metadata.parameters
            usual = Network.of("-", stdin=text).graph.metadata.parameters
            return text, {name: values[name] for name in usual if values.get(name) != usual[name]}
    return write(network.graph, plain_name(network.name)), {}


def _whole(text: str) -> bool:
    """Whether a text says all there is to know of its networks."""
    from ..serving.answering import answer

    found = answer({"text": text, "parameters": {}, "what": "lines"})
    return "shapes" in found


def _loads(target: str, options: ServeOptions) -> bool:
    """Whether a target is a network as it stands."""
    try:
        load_network(target, options)
    except SpecError:
        return False
    return True


def _write_folder(text: str, parameters: dict[str, str], folder: str, pyodide: str, force: bool) -> None:
    """Write the page as a folder. Raises SpecError where something else lies there."""
    from ..serving.exporting import exported
    from .whole_folder import into_folder

    into_folder(folder, [(name, [data]) for name, data in exported(text, pyodide, parameters).items()], force)
    click.echo(f"{folder}: index.html, python.js, archcalc.zip, licenses", err=True)
    click.echo(
        "a web server has to serve it, as in `python -m http.server`; Pyodide lies in " + pyodide, err=True
    )


def _serve(text: str, parameters: dict[str, str], wanted: int) -> None:
    """Serve the page until Ctrl-C. Raises SpecError where the port cannot be used."""
    from ..packages import needed
    from ..serving.application import application

    uvicorn = needed("uvicorn", "the editor")
    token = secrets.token_urlsafe(16)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        if os.name != "nt":  # there it would share a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
            # From now on who comes waits: the address is printed before the first answer can be given.
            listening.listen(128)
        except OSError as error:
            raise fail("usage", f"port {wanted} cannot be used: {error.strerror}", "--port 0") from None
        port = listening.getsockname()[1]
        made = application(text, token, port, parameters=parameters)
        click.echo(f"http://127.0.0.1:{port}/{token}/")
        click.echo("until Ctrl-C", err=True)
        config = uvicorn.Config(
            made, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=1
        )
        uvicorn.Server(config).run(sockets=[listening])
