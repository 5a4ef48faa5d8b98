"""Completion in bash, which inserts a word as it is: names of files are quoted here.

Other shells quote what they insert themselves.
"""

from __future__ import annotations

import re

from click.shell_completion import BashComplete, CompletionItem

# What bash takes for itself in a word without quotes. A backslash before any other sign is no harm.
_SAFE = re.compile(r"[A-Za-z0-9_./+@%^,-]+")

# As click's, but that words are read as they are: no backslash is eaten, no sign is a pattern.
_SOURCE = """\
%(complete_func)s() {
    local completion type value
    local IFS=$'\\n'
    local response

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)

    while IFS= read -r completion; do
        IFS=',' read -r type value <<< "$completion"

        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' || $type == 'quoted' ]]; then
            COMPREPLY+=("$value")
        fi
    done <<< "$response"

    return 0
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class Bash(BashComplete):
    """Says of a file's name that it is quoted; a script of click's own leaves such names out."""

    source_template = _SOURCE

    def format_completion(self, item: CompletionItem[str]) -> str:
        if not item.file or _SAFE.fullmatch(item.value):
            return super().format_completion(item)
        return "quoted," + re.sub(r"([^A-Za-z0-9_./+@%^,-])", r"\\\1", item.value)
