"""Devices from their TOML. Every fault points at the file, the table and the key."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..analysis.roofline import Device
from ..analysis.totals import DTYPES
from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, did_you_mean, fail
from ..source import Source
from ..toml_places import Places
from ..toml_text import OutOfBounds, read_toml

# Of a figure in GB/s, 10^12 operations a second, GHz: as many of the unit.
GIGA, TERA = 10**9, 10**12
# The most that a figure of a file may be, in its unit, and the most devices of a file.
MOST, MOST_DEVICES = 10**9, 1_000
_KEYS = ("title", "year", "source", "note", "aliases", "bandwidth", "peak", "cores")
_CORES = ("number", "clock", "per_cycle")


def read_devices(text: str, path: str) -> tuple[Device, ...]:
    """Read the devices of a TOML text.

    Args:
        text: The text, a table for each device.
        path: What messages call its file.

    Returns:
        The devices, in the order of the text.

    Raises:
        SpecError: For what describes no device, with all faults, each at its place.

    Example:
        >>> from archcalc.devices.reading import read_devices
        >>> (board,) = read_devices("[board]\\nbandwidth = 1.5\\npeak.int8 = 0.004", "mine.toml")
        >>> board.bandwidth, board.peaks
        (1500000000, {'int8': 4000000000})
    """
    source = Source(path, text)
    table = read_toml(source)
    reader = _Reader(Places(source))
    found = reader.devices(table)
    if reader.wrong:
        raise SpecError(reader.wrong)
    return found


class _Reader:
    """Takes devices from tables, and gathers what is wrong with them."""

    def __init__(self, places: Places):
        self.places = places
        self.wrong: list[Diagnostic] = []

    def fault(self, message: str, table: str = "", key: str = "", *help: str) -> None:
        self.wrong.append(Diagnostic("device", message, self.places.of(table, 0, key), help=help))
        if len(self.wrong) >= MOST_ERRORS:
            raise SpecError(self.wrong)

    def devices(self, tables: Mapping[str, Any]) -> tuple[Device, ...]:
        """The devices. Raises SpecError for very many faults."""
        if not tables:
            raise fail(
                "device",
                f"{self.places.source.name} describes no device",
                "a table for each: [board], bandwidth = 25.6, and below [board.peak] fp32 = 0.5",
            )
        if len(tables) > MOST_DEVICES:
            raise fail("device", f"{self.places.source.name} describes more than {MOST_DEVICES:,} devices")
        found, names = [], set[str]()
        for name, table in tables.items():
            if not isinstance(table, dict):
                self.fault(
                    f"`{name}` stands outside of a table",
                    "",
                    name,
                    "a device is a table with a name: [board] in the line above",
                )
                continue
            made = self.device(name, table)
            for word in (made.name, *made.aliases):
                if word in names:
                    self.fault(f"a second device is called `{word}`", name)
                names.add(word)
            found.append(made)
        return tuple(found)

    def device(self, name: str, table: Mapping[str, Any]) -> Device:
        """One device."""
        self.known(table, _KEYS, name)
        texts = {key: self.text(table, name, key) for key in ("title", "source", "note")}
        year = table.get("year")
        if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
            self.fault("`year` is a whole number", name, "year")
            year = None
        aliases = table.get("aliases", [])
        if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
            self.fault('`aliases` is a list of names: ["board"]', name, "aliases")
            aliases = []
        if "bandwidth" not in table:
            self.fault(
                f"`{name}` has no `bandwidth`", name, "", "that of its memory, in GB/s: bandwidth = 25.6"
            )
        bandwidth = self.figure(table, "bandwidth", name, GIGA) if "bandwidth" in table else 1
        return Device(
            name,
            texts["title"] or name,
            bandwidth,
            self.peaks(name, table),
            year,
            texts["source"],
            texts["note"],
            tuple(aliases),
        )

    def peaks(self, name: str, table: Mapping[str, Any]) -> dict[str, int]:
        """Operations a second by dtype: as stated, or of cores."""
        given = [key for key in ("peak", "cores") if key in table]
        if len(given) != 1:
            problem = "has both `peak` and `cores`" if given else "has no `peak`"
            help = (
                "either [NAME.peak] with fp32 = 8.1 in TFLOPS, or [NAME.cores] with number, clock, per_cycle"
            )
            self.fault(f"`{name}` {problem}", name, "", help)
            return {}
        where = f"{name}.{given[0]}"
        inside = table[given[0]]
        if not isinstance(inside, dict):
            self.fault(f"`{given[0]}` is a table", name, given[0], f"[{where}]")
            return {}
        if given[0] == "peak":
            return self.by_dtype(inside, where, TERA)
        self.known(inside, _CORES, where)
        missing = [key for key in _CORES if key not in inside]
        if missing:
            self.fault(
                f"`{where}` has no `{missing[0]}`", where, "", "it has number, clock in GHz, per_cycle"
            )
            return {}
        number = self.figure(inside, "number", where, 1)
        clock = self.figure(inside, "clock", where, GIGA)
        cycle = inside["per_cycle"]
        if not isinstance(cycle, dict):
            self.fault("`per_cycle` is a table of operations by dtype", where, "per_cycle")
            return {}
        done = self.by_dtype(cycle, f"{where}.per_cycle", 1)
        return {dtype: number * clock * each for dtype, each in done.items()}

    def by_dtype(self, table: Mapping[str, Any], where: str, unit: int) -> dict[str, int]:
        """A figure for each type of values."""
        found = {}
        if not table:
            self.fault(f"`{where}` has no figure", where, "", f"a line for each of {', '.join(DTYPES)}")
        for dtype in table:
            if dtype not in DTYPES:
                near = did_you_mean(dtype, DTYPES)
                self.fault(
                    f"there is no dtype `{dtype}`", where, dtype, *near, f"there are {', '.join(DTYPES)}"
                )
                continue
            found[dtype] = self.figure(table, dtype, where, unit)
        return found

    def figure(self, table: Mapping[str, Any], key: str, where: str, unit: int) -> int:
        """A figure above 0, as a whole number of ones; 1 where it is none."""
        value = table[key]
        if isinstance(value, bool) or not isinstance(value, (int, Fraction, OutOfBounds)):
            self.fault(f"`{key}` is a number", where, key)
            return 1
        if isinstance(value, OutOfBounds) or not 0 < value <= MOST:
            self.fault(f"`{key}` is a number above 0, {MOST:,} at most, and not {value}", where, key)
            return 1
        ones = Fraction(value) * unit
        if ones.denominator != 1:
            digits = len(str(unit)) - 1
            allowed = f"of at most {digits} decimals" if digits else "a whole number"
            self.fault(f"`{key}` is {allowed}", where, key)
        return int(ones) or 1

    def text(self, table: Mapping[str, Any], name: str, key: str) -> str:
        """A text on one line; empty where there is none."""
        value = table.get(key, "")
        if not isinstance(value, str):
            self.fault(f'`{key}` is a text: {key} = "…"', name, key)
            return ""
        return " ".join(value.split())

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        """Refuse keys that mean nothing."""
        for key in table:
            if key not in keys:
                near = did_you_mean(key, keys)
                self.fault(
                    f"there is no key `{key}`",
                    where,
                    key if self.places.has(where, 0, key) else "",
                    *near,
                    f"there are {', '.join(keys)}",
                )
