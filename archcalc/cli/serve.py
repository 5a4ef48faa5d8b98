"""`archcalc serve`."""

from __future__ import annotations

import secrets
import socket

import click

from ..diagnostics import fail
from .answer import reported
from .completion import targets
from .help import Command
from .options import NetworkOptions, network_options
from .target import load_network, one_target

# What the editor begins with where no target is named.
EXAMPLE = "32x32x3 -> conv 5x5 10 pad=2 -> relu -> maxpool 2x2 -> fc 10\n"


class ServeOptions(NetworkOptions):
    """The words and options of `archcalc serve`."""

    words: tuple[str, ...]
    port: int


@click.command("serve", cls=Command)
@click.argument("words", metavar="[TARGET]", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The port.  [default: a free one]"
)
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
    from ..packages import needed
    from ..serving.application import application

    uvicorn = needed("uvicorn", "the editor")
    token = secrets.token_urlsafe(16)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", options.port))
        except OSError as error:
            raise fail("usage", f"port {options.port} cannot be used: {error.strerror}", "--port 0") from None
        port = listening.getsockname()[1]
        made = application(text, token, port)
        click.echo(f"http://127.0.0.1:{port}/{token}/")
        click.echo("until Ctrl-C", err=True)
        config = uvicorn.Config(made, log_level="error", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])
    return 0
