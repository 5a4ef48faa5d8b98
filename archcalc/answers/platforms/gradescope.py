"""Gradescope: the file of an export that says whose the submissions are."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...files import read_bytes
from ..sheets import Fault
from ..sheets.decoding import LARGEST, NotTextError, decoded

METADATA = "submission_metadata.yml"


class Submitter(NamedTuple):
    """A student of a submission: the name, the number, and the address."""

    name: str
    number: str
    email: str

    @property
    def called(self) -> str:
        """What the student is called; empty where nothing says it."""
        return self.name or self.number or self.email

    def ids(self, submission: str) -> tuple[tuple[str, str], ...]:
        """What tells who the student is, by the names of ``sheets.IDS``."""
        known = (("name", self.name), ("id", self.number), ("email", self.email), ("submission", submission))
        return tuple([(key, value) for key, value in known if value])


def read_metadata(path: str, faults: list[Fault]) -> dict[str, list[Submitter]]:
    """The students of each submission by its folder. What cannot be read is a fault."""
    try:
        found = _loaded(decoded(read_bytes(path, LARGEST)))
    except ImportError:
        why = "reading it needs PyYAML, which is missing: pip install 'archcalc[course]'"
    except NotTextError as error:
        why = str(error)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
    except (ValueError, RecursionError, MemoryError):
        why = "it is no YAML, or a damaged one"
    else:
        if isinstance(found, dict):
            return {str(name): _submitters(value) for name, value in found.items()}
        why = "it is no list of submissions"
    faults.append(Fault(METADATA, f"it does not say whose the submissions are: {why}"))
    return {}


def _loaded(text: str) -> Any:
    """The values of a YAML text: texts, numbers, lists and tables, nothing of Ruby's. Raises ValueError."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Takes what has a type of its own for nothing, and numbers for the texts that they are."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    Loader.yaml_implicit_resolvers = {}
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _submitters(value: Any) -> list[Submitter]:
    """The students of one submission."""
    listed = _of(value, "submitters")
    people = listed if isinstance(listed, list) else []
    return [
        Submitter(*[str(_of(person, key) or "").strip() for key in ("name", "sid", "email")])
        for person in people
    ]


def _of(table: Any, key: str) -> Any:
    """The value of a key, which Ruby writes with a colon before it."""
    return table.get(f":{key}", table.get(key)) if isinstance(table, dict) else None
