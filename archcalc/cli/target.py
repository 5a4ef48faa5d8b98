"""From the words and options of a call to a network."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from ..diagnostics import NOTE, WARNING, Diagnostic, SpecError, fail
from .given import given_inputs, given_settings, given_tensors
from .options import NetworkOptions

if TYPE_CHECKING:
    from ..loading.letters import LetteredChain
    from ..network import Network


def one_target(words: Sequence[str], more: int = 0) -> list[str]:
    """The target, and up to ``more`` words behind it. Raises SpecError."""
    command = click.get_current_context().command_path
    if not words:
        raise fail("usage", "a TARGET is missing", f"as in {command} vgg16", "`archcalc list` shows the zoo")
    if "-" in words[1:] or (words[0] == "-" and len(words) > 1 + more):
        raise _unquoted(command)
    if len(words) > 1 + more:
        chain = any(character.isdigit() for character in words[0][:1])
        help = f'quote a chain: {command} "32x32x3 -> conv 5x5 10 pad=2"' if chain else f"{command} --help"
        word = words[1 + more]
        if word.endswith("}") or ("=" in word and not chain):
            help = 'the shell parts what stands between braces: quote it, as in --set "width={0.5, 1}"'
        raise fail("usage", f"`{word}` is one word too many", help)
    return list(words)


def is_network(word: str) -> bool:
    """Whether a word names a network: a chain, a file, or an entry of the zoo."""
    from ..language.lexer import ARROW
    from ..language.library import Library
    from ..language.zoo_path import normal
    from ..loading.targets import names_file

    if ARROW.search(word) or names_file(word):
        return True
    return normal(word) in {normal(name) for name in Library().zoo}


def several_targets(words: Sequence[str]) -> list[str]:
    """Two targets or more, one of them perhaps standard input. Raises SpecError."""
    command = click.get_current_context().command_path
    for number, word in enumerate(words):
        if word == "-" and number and words[number - 1][:1].isdigit():
            raise _unquoted(command)
    if len(words) < 2:
        raise fail(
            "usage",
            "two TARGETs or more are needed",
            f"as in {command} resnet50 vgg16",
            "`archcalc list` shows the zoo",
        )
    if words.count("-") > 1:
        raise fail("usage", "standard input can be read once")
    return list(words)


def _unquoted(command: str) -> SpecError:
    """The error for an unquoted chain of which the shell has taken `>` for a redirection."""
    return fail(
        "target",
        "the shell took the `>` of `->` for itself",
        f'quote the chain: {command} "32x32x3 -> conv 5x5 10 pad=2"',
        "the answer went to a file called like the word behind `->`",
    )


def load_network(target: str, options: NetworkOptions, text: str | None = None) -> Network:
    """The network that the target and the options mean. ``text`` is what standard input held, where it was
    read already. Raises SpecError."""
    from ..loading.targets import module_of
    from ..network import Network

    file_format = options.file_format
    if (options.tensors or options.train) and module_of(target, file_format) is None:
        option = "--tensor" if options.tensors else "--train"
        raise fail(
            "usage",
            f"{option} is for a PyTorch module, and {target} is none",
            "as in archcalc summary mymodels.py:Net",
        )
    inputs = (
        given_tensors(options.inputs, options.tensors) if options.tensors else given_inputs(options.inputs)
    )
    try:
        network = Network.of(
            target,
            inputs,
            given_settings(options.settings),
            budget=options.budget,
            layout=options.layout,
            stdin=standard_input() if target.partition(":")[0] == "-" and text is None else text,
            training=options.train,
            runs_code=True,
            until=options.until or "",
            file_format=file_format,
        )
    except SpecError:
        from ..loading.letters import needs_numbers

        needed = needs_numbers(target)
        if needed is None:
            raise
        raise needed from None
    if options.freeze:
        network = network.freeze(options.freeze)
    if options.whole_norms:
        network = network.counting_norms()
    if options.without_faults and options.counter is None:
        raise fail(
            "usage", "--without-faults goes with --counter", "as in --counter ptflops --without-faults"
        )
    if options.counter is not None:
        network = network.counted_by(options.counter, faults=not options.without_faults)
    return network


def lettered(target: str, options: NetworkOptions) -> LetteredChain | None:
    """The chain in letters that a target is; None for every other. Raises SpecError, also where options
    do not go with letters."""
    from ..loading.letters import LetteredChain

    chain = LetteredChain.find(target)
    if chain is not None:
        given = {
            "--input": options.inputs,
            "--set": options.settings,
            "--tensor": options.tensors,
            "--train": options.train,
            "--freeze": options.freeze,
            "--until": options.until,
            "--whole-norms": options.whole_norms,
        }
        for option, value in given.items():
            if value:
                raise fail("usage", f"{option} does not go with letters", "write numbers for them")
    return chain


def standard_input() -> str:
    """The text of standard input. Raises SpecError where it is none, or too long."""
    from ..texts import LONGEST_SOURCE, decoded

    if sys.stdin is None:
        raise fail("file", "there is no standard input")
    return decoded(sys.stdin.buffer.read(LONGEST_SOURCE + 1), "standard input")


def remarks(
    network: Network, target: str, verbose: bool, extra: Iterable[Diagnostic] = ()
) -> list[Diagnostic]:
    """Warnings and notes. That a window does not fit is a note of one-liners, and with -v: specs of
    published networks are full of it."""
    every = verbose or "->" in target
    found = [d for d in (*network.diagnostics, *extra) if d.severity in (WARNING, NOTE)]
    return [d for d in found if every or d.code != "fit" or d.severity == WARNING]
