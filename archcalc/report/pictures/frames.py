"""Pictures one after the other: a GIF, or an SVG that moves by CSS, in light and in dark."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from ...packages import needed
from .canvas import FAINT, INK, PALE, PAPER, PLATE

# How long a frame stands, in milliseconds; the last stands longer.
SHOWN, LAST = 700, 2000
# In dark: what the colours of a picture become.
DARK = ((PAPER, "#14171c"), (INK, "#e8eaed"), (FAINT, "#9aa3ad"), (PALE, "#454c56"), (PLATE, "#232931"))
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_CUTS = re.compile(r"<clipPath.*?</clipPath>", re.DOTALL)
# Names of groups, which nothing refers to, and which would stand in every frame.
_IDS = re.compile(r'(?<=<g) id="[^"]*"')


def gif_of(pictures: Sequence[bytes], colours: int = 32) -> bytes:
    """A GIF of pictures in PNG, which repeats for ever. Raises SpecError without Pillow."""
    image = needed("PIL.Image", "a GIF")
    frames = [image.open(io.BytesIO(one)).convert("RGB") for one in pictures]
    # Frames may be of several sizes: all get that of the largest.
    size = max(frame.width for frame in frames), max(frame.height for frame in frames)
    for number, frame in enumerate(frames):
        paper = image.new("RGB", size, PAPER)
        paper.paste(frame, (0, 0))
        frames[number] = paper.quantize(colours)
    out = io.BytesIO()
    times = [SHOWN] * (len(frames) - 1) + [LAST]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    return out.getvalue()


def svg_of(pictures: Sequence[bytes]) -> bytes:
    """An SVG in which drawings by matplotlib follow each other.

    What knows no CSS, and paper, shows the last frame, and so does a reader who wants less motion.
    """
    drawn = [one.decode("utf-8") for one in pictures]
    sizes = [_SIZE.search(one) for one in drawn]
    width, height = [max([float(size[at]) for size in sizes if size is not None]) for at in (1, 2)]
    total = SHOWN * (len(drawn) - 1) + LAST
    rules = []
    for number in range(len(drawn)):
        first, until = 100 * SHOWN * number / total, 100 * SHOWN * (number + 1) / total
        before = (
            f"0%{{visibility:hidden}}{first:.4f}%{{visibility:visible}}"
            if number
            else "0%{visibility:visible}"
        )
        behind = f"{until:.4f}%,100%{{visibility:hidden}}" if number < len(drawn) - 1 else ""
        rules.append(f"@keyframes f{number}{{{before}{behind}}}")
        rules.append(f".f{number}{{animation:f{number} {total}ms step-end infinite}}")
    dark = "".join(
        [
            f'[style*="{what}: {light}"]{{{what}:{other}!important}}'
            for light, other in DARK
            for what in ("fill", "stroke")
        ]
    )
    style = [
        f"@media screen and (prefers-reduced-motion:no-preference){{{''.join(rules)}}}",
        f"@media screen and (prefers-color-scheme:dark){{{dark}}}",
    ]
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" ',
        'xmlns:xlink="http://www.w3.org/1999/xlink" ',
        f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}">\n',
        "<style>*{stroke-linejoin:round;stroke-linecap:butt}",
        *style,
        f'</style>\n<path d="M 0 0 H {width:g} V {height:g} H 0 Z" style="fill: {PAPER}"/>\n',
    ]
    # Inside of a hidden frame, what cuts off would cut all off, in the other frames too.
    parts += ["<defs>", *dict.fromkeys([cut for one in drawn for cut in _CUTS.findall(one)]), "</defs>\n"]
    for number, one in enumerate(drawn):
        seen = "visible" if number == len(drawn) - 1 else "hidden"
        inside = one[one.index('<g id="figure_1">') : one.rindex("</svg>")]
        inside = _IDS.sub("", _CUTS.sub("", inside))
        parts.append(f'<g class="f{number}" visibility="{seen}">\n{inside}</g>\n')
    return "".join([*parts, "</svg>\n"]).encode("utf-8")
