"""The command line: one file per command. Nothing is imported before it is needed."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from .._version import __version__
from .help import Command
from .streams import ReaderGoneError, flush

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..diagnostics import Diagnostic

# Command to the file in this folder that holds it.
COMMANDS = {
    "list": "zoo",
    "show": "show",
    "summary": "summary",
    "rf": "rf",
    "time": "time",
    "explain": "explain",
    "compare": "compare",
    "reconcile": "reconcile",
    "solve": "solve",
    "sweep": "sweep",
    "apply": "apply",
    "draw": "draw",
    "report": "report",
    "serve": "serve",
    "verify": "verify",
    "export": "export",
    "check": "check",
    "quiz": "quiz",
    "practice": "practice",
    "ops": "ops",
}


class Commands(Command, click.Group):
    """The group; a command's file is imported when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = import_module(f"{__name__}.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # click cuts a description to one line; here it is wrapped, and whole.
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(limit=1000)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # A group's own would ask every command for its help, and import them all.
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = not args or args[0] in COMMANDS or args[0].startswith("-")
        if not known and not ctx.resilient_parsing:
            from .usage import no_command

            raise no_command(args[0], COMMANDS)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archcalc")
def cli() -> None:
    """What every layer of a convolutional network puts out, holds, costs and sees.

    TARGET is a network of the zoo (vgg16), a file (nets.arch, or nets.arch:name where it holds
    several), a chain of layers, quoted: "32x32x3 -> conv 5x5 10 pad=2", the file of another tool
    (Keras, ONNX, TFLite, Darknet, Caffe), code with a network in it, which is read and not run
    (net.py, notebook.ipynb), or a PyTorch module or Keras model, whose code is run: net.py:Net,
    torchvision.models:resnet50. A lone - reads any of these texts from standard input.

    Exit codes: 0 fine, 1 the answer is no, 2 the call or the spec is wrong, 130 ended by Ctrl-C.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Answer a call and exit: 0 fine, 1 the answer is no, 2 the call or the spec is wrong, or
    archcalc itself; 130 after Ctrl-C. Without arguments they are those of the process."""
    if arguments is None:
        from ..interrupts import install

        install()
        # A process of its own lives for a moment and makes few cycles: looking for them while a
        # long network is read would double its time.
        gc.disable()
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: nobody listens
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            # A name that the terminal cannot write must not end in a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(given)
    except ReaderGoneError:
        code = 0
    except Exception as error:
        from .unforeseen import unforeseen

        code = _refused([unforeseen(error)], given)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from ..diagnostics import SpecError

    if os.environ.get("_ARCHCALC_COMPLETE", "").startswith("bash"):
        from click.shell_completion import add_completion_class

        from .bash import Bash

        add_completion_class(Bash)
    try:
        # A call without a word asks what there is.
        result = cli.main(arguments or ["--help"], prog_name="archcalc", standalone_mode=False)
        flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return 130
    except SystemExit:
        raise ReaderGoneError from None  # so click answers a reader of its help who has gone away
    except (click.ClickException, SpecError) as error:
        from .usage import usage_diagnostics

        return _refused(usage_diagnostics(error), arguments)


def _refused(diagnostics: Sequence[Diagnostic], arguments: Sequence[str]) -> int:
    """Say what is wrong, as far as somebody listens."""
    from .answer import report_diagnostics
    from .usage import form_asked_for

    report_diagnostics(diagnostics, form_asked_for(arguments))
    return 2
