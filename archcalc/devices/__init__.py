"""Devices for which a time is bounded: those of ``devices.toml``, which come with archcalc, and those that a
TOML file of one's own describes in the same form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..analysis.roofline import Device
from ..diagnostics import did_you_mean, fail
from ..texts import read
from .reading import read_devices

FILE = Path(__file__).parent / "devices.toml"
# What a stranger's file may ask of the machine.
LARGEST = 2**18


def devices() -> tuple[Device, ...]:
    """Give the devices that come with archcalc.

    Returns:
        The devices, in the order of the file.

    Example:
        >>> from archcalc.devices import devices
        >>> [device.name for device in devices()][:3]
        ['h100-sxm', 'h100-pcie', 'h200']
    """
    return _shipped()


@cache
def _shipped() -> tuple[Device, ...]:
    return read_devices(FILE.read_text("utf-8"), FILE.name)


def device(name: str) -> Device:
    """Look a device up.

    Args:
        name: The name of one that comes with archcalc, in any case; or a TOML file of one's own:
            ``mine.toml``, and ``mine.toml:board`` where it describes several.

    Returns:
        The device.

    Raises:
        SpecError: For a name that there is not, and a file that describes no device, with all its faults.

    Example:
        >>> from archcalc.devices import device
        >>> device("H100").title, device("h100").bandwidth
        ('NVIDIA H100 SXM5, 80 GB', 3350000000000)
    """
    path, colon, which = name.rpartition(":")
    if name.endswith(".toml"):
        return _one_of(name, "")
    if colon and path.endswith(".toml"):
        return _one_of(path, which)
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    for known in devices():
        if plain in (known.name, *known.aliases):
            return known
    names = [known for each in devices() for known in (each.name, *each.aliases)]
    raise fail(
        "device",
        f"there is no device `{name}`",
        *did_you_mean(plain, names),
        f"there are {', '.join([each.name for each in devices()])}; a file of one's own ends in .toml",
    )


def _one_of(path: str, which: str) -> Device:
    """The device of a file, or the one of several that is named. Raises SpecError."""
    found = read_devices(read(path, LARGEST), path)
    names = [each.name for each in found]
    if which:
        for each in found:
            if which in (each.name, *each.aliases):
                return each
        raise fail(
            "device",
            f"{path} describes no device `{which}`",
            *did_you_mean(which, names),
            f"there are {', '.join(names)}",
        )
    if len(found) > 1:
        raise fail("device", f"{path} describes {len(found)} devices", f"name one, as in {path}:{names[0]}")
    return found[0]
