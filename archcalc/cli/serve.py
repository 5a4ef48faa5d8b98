"""`archcalc serve`."""

from __future__ import annotations

import secrets
import socket

import click

from ..diagnostics import fail
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
    if options.words:
        (target,) = one_target(options.words)
        source, numbers, _ = load_network(target, options).excerpt()
        text = "".join([f"{source.line(number)}\n" for number in numbers])
    if options.export is not None:
        if options.port is not None:
            raise apart("--export", "--port", "a folder is written, and nothing is served")
        _write_folder(text, options.export, options.pyodide or "pyodide/", options.force)
        return 0
    if options.pyodide is not None:
        raise fail("usage", "--pyodide is for --export DIR")
    _serve(text, options.port or 0)
    return 0


def _write_folder(text: str, folder: str, pyodide: str, force: bool) -> None:
    """Write the page as a folder. Raises SpecError where something else lies there."""
    from ..serving.exporting import exported
    from .whole_folder import into_folder

    into_folder(folder, [(name, [data]) for name, data in exported(text, pyodide).items()], force)
    click.echo(f"{folder}: index.html, python.js, archcalc.zip", err=True)
    click.echo(
        "a web server has to serve it, as in `python -m http.server`; Pyodide lies in " + pyodide, err=True
    )


def _serve(text: str, wanted: int) -> None:
    """Serve the page until Ctrl-C. Raises SpecError where the port cannot be used."""
    from ..packages import needed
    from ..serving.application import application

    uvicorn = needed("uvicorn", "the editor")
    token = secrets.token_urlsafe(16)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise fail("usage", f"port {wanted} cannot be used: {error.strerror}", "--port 0") from None
        port = listening.getsockname()[1]
        made = application(text, token, port)
        click.echo(f"http://127.0.0.1:{port}/{token}/")
        click.echo("until Ctrl-C", err=True)
        config = uvicorn.Config(made, log_level="error", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])
