"""The command line: one file a command. Nothing is imported before it is needed."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from .. import __version__

# Command to the file in this folder that holds it.
COMMANDS = {
    "list": "zoo",
    "show": "show",
    "summary": "summary",
    "rf": "rf",
    "ops": "ops",
}


class Commands(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from ..spec.diagnostics import nearest

            near = nearest(args[0], COMMANDS) if args else None
            if near is None:
                raise
            error.message = f"No such command '{args[0]}'. Did you mean '{near}'?"
            raise


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "ARCHCALC"},
)
@click.version_option(__version__, prog_name="archcalc")
def cli() -> None:
    """What every layer of a convolutional network puts out, holds, costs and sees.

    TARGET is a network of the zoo (vgg16), a file (nets.arch, or nets.arch:name where it holds
    several), or a chain of layers, quoted: "32x32x3 -> conv 5x5 10 pad=2". A lone - reads a spec
    from standard input.
    """


def main() -> None:
    """Entry point. Exit codes: 0 fine, 1 the answer is no, 2 the call or the spec is wrong."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot write must not end in a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code = 0
    try:
        result = cli.main(standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        if _wants_json():
            from ..report.diagnostics import json_diagnostics
            from ..spec.diagnostics import Diagnostic

            message = error.format_message()
            sys.stderr.write(json_diagnostics([Diagnostic("usage", message)]) + "\n")
        else:
            error.show(file=sys.stderr)
        code = 2
    except BrokenPipeError:
        pass
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _wants_json() -> bool:
    arguments = sys.argv[1:]
    for index, argument in enumerate(arguments):
        if argument == "--format":
            return arguments[index + 1 : index + 2] == ["json"]
        if argument.startswith("--format="):
            return argument == "--format=json"
    return os.environ.get("ARCHCALC_FORMAT") == "json"
