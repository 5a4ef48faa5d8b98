"""A quiz as an autograder of Gradescope: what it installs, what it runs for each submission, and a zip.

Gradescope documents it at https://gradescope-autograders.readthedocs.io/en/latest/specs/: the zip has
`setup.sh`, which runs once in /autograder/source, and `run_autograder`, which stands in /autograder, reads
/autograder/submission and writes /autograder/results/results.json.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from .wheel import Wheel, zipped

SCRIPTS = ("setup.sh", "run_autograder")
ARCHIVE = "autograder.zip"
# Where the quiz stands, and the Python that marks, below /autograder.
QUIZ = "quiz"
PYTHON = "archcalc-python"
# The oldest Python that archcalc runs on.
OLDEST = (3, 10)

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder: it installs archcalc.
set -euo pipefail
here=$(cd "$(dirname "${{BASH_SOURCE[0]}}")" && pwd)
root=$(dirname "$here")
usable() {{ python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < {oldest})' 2>/dev/null; }}
if ! usable; then
  apt-get update
  apt-get install -y python3 python3-pip python3-venv
fi
usable || {{ echo "archcalc needs Python {version}: take a newer Ubuntu as the base image" >&2; exit 1; }}
python3 -m venv "$root/{python}"
"$root/{python}/bin/python" -m pip install "$here/{wheel}"
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission: it marks what was handed in.
root=$(cd "$(dirname "${{BASH_SOURCE[0]}}")" && pwd)
results=$root/results/results.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$root/results"
cp -R "$root/submission" "$work/submission"
"$root/{python}/bin/python" -m archcalc check "$root/source/{quiz}" "$work" \\
  --format gradescope --output "$results" --force{options}
# 0 is all right, 1 is something wrong on the sheet; all else is no fault of the student.
if [ $? -gt 1 ]; then
  echo '{{"score": 0, "output": "This was not marked: the autograder failed. Please tell your teacher."}}' \\
    >"$results"
fi
exit 0
"""


def autograder_files(quiz: str, beside: Mapping[str, bytes], options: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of an autograder, and the zip of them.

    Args:
        quiz: The name of the quiz's file.
        beside: The quiz and what it needs, each by its place in one folder.
        options: Further words for `archcalc check`.

    Returns:
        The bytes of each file by its name. Raises SpecError where archcalc cannot be packed.
    """
    wheel = Wheel()
    extra = "[course]" if "course" in wheel.extras else ""
    version = ".".join(map(str, OLDEST))
    setup = SETUP.format(oldest=OLDEST, version=version, python=PYTHON, wheel=wheel.name + extra)
    words = "".join([f" {shlex.quote(word)}" for word in options])
    run = RUN.format(python=PYTHON, quiz=shell_quoted(f"{QUIZ}/{quiz}"), options=words)
    files = {
        "setup.sh": setup.encode(),
        "run_autograder": run.encode(),
        wheel.name: wheel.data,
        **{f"{QUIZ}/{name}": data for name, data in beside.items()},
    }
    return {**files, ARCHIVE: zipped(files, SCRIPTS)}


def shell_quoted(path: str) -> str:
    """A path inside of double quotes of a shell."""
    return "".join([f"\\{sign}" if sign in '\\"$`' else sign for sign in path])


def quiz_files(quiz: str, targets: Sequence[str]) -> dict[str, bytes]:
    """The quiz and the specs beside it, each by its place in the folder of the quiz. Raises OSError, and
    ValueError for a spec that stands in another place."""
    folder = os.path.dirname(quiz)
    names = [os.path.basename(quiz)]
    for target in targets:
        path = target.partition(":")[0]
        if "->" in target or not path.endswith(".arch"):
            continue
        inner = os.path.normpath(path)
        if os.path.isabs(inner) or inner.startswith(os.pardir):
            raise ValueError(path)
        # A spec may use the others in its folder.
        place = os.path.dirname(inner)
        found = os.listdir(os.path.join(folder, place) or os.curdir)
        names += [os.path.join(place, name) for name in sorted(found) if name.endswith(".arch")]
    files = {}
    for name in dict.fromkeys(names):
        with open(os.path.join(folder, name), "rb") as file:
            files[name.replace(os.sep, "/")] = file.read()
    return files
