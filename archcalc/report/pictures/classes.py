"""A class, question by question: how many answers got which verdict, the facility and the discrimination."""

from __future__ import annotations

from ...answers.quiz import Quiz
from ...answers.statistics import ClassStatistics
from ...answers.tally import Tally
from ...answers.verdict import VERDICTS
from ...diagnostics import SpecError
from ..lines import clean
from ..screens.check_words import COUNTED
from ..words import coefficient, percent
from ..wrapping import shortened
from .canvas import FAINT, INK, RIM, Canvas, PictureFrame

# Inches: the bar of a whole class, the height of a bar, from one question to the next, to the figures.
BAR, THICK, STEP, GAP = 5.2, 0.2, 0.32, 0.2
# Columns of the figures, and points of the texts.
FIGURE, POINTS = 0.95, 9
# A colour per verdict, told apart by their lightness too.
COLOURS = ("#1b7837", "#7fbf7b", "#2c7fb8", "#a6bddb", "#b2182b", "#762a83", "#e6a100", "#d0d5dc")


def class_svg(quiz: Quiz, tally: Tally, found: ClassStatistics) -> str | None:
    """The picture as an element of a page; None where there is nothing to draw with."""
    try:
        text = class_picture(quiz, tally, found, "svg").decode()
    except SpecError:
        return None
    return text[text.index("<svg") :].rstrip()


def class_picture(quiz: Quiz, tally: Tally, found: ClassStatistics, form: str) -> bytes:
    """The picture's bytes, ``png`` or ``svg``. Raises SpecError where there is nothing to draw with."""
    colours = dict(zip(VERDICTS, COLOURS, strict=True))
    with Canvas() as canvas:
        sheets = f"{tally.sheets:,} {'sheet' if tally.sheets == 1 else 'sheets'}"
        frame = PictureFrame(canvas, clean(quiz.title) or "quiz", sheets)
        names = [shortened(f"{clean(item.id)}  {clean(item.asked.words)}", 34) for item in tally.items]
        left = RIM + max([canvas.width_of(name, POINTS) for name in names], default=0) + GAP
        right = left + BAR
        y = frame.bottom
        for at, head in enumerate(("facility", "discrimination")):
            canvas.text(right + GAP + (at + 1) * FIGURE, y, head, POINTS, FAINT, align="right")
        y += STEP
        for item, name, one in zip(tally.items, names, found.questions, strict=True):
            canvas.text(RIM, y, name, POINTS, INK)
            x = left
            for kind in VERDICTS:
                width = BAR * tally.verdicts[item.id][kind] / max(tally.sheets, 1)
                if width:
                    canvas.plate(((y - THICK / 2, y + THICK / 2), (x, x + width)), colours[kind])
                x += width
            for at, text in enumerate((percent(one.facility), coefficient(one.discrimination))):
                canvas.text(right + GAP + (at + 1) * FIGURE, y, text, POINTS, INK, align="right")
            y += STEP
        x = left
        for kind in VERDICTS:
            if any(tally.verdicts[item.id][kind] for item in tally.items):
                wide = canvas.width_of(COUNTED[kind], POINTS)
                if x + 0.2 + wide > right + GAP + 2 * FIGURE:
                    x, y = left, y + STEP
                canvas.plate(((y - 0.06, y + 0.06), (x, x + 0.12)), colours[kind])
                canvas.text(x + 0.18, y, COUNTED[kind], POINTS, FAINT)
                x += 0.18 + wide + GAP
        notes = ["facility and discrimination of the sheets on which nothing is open"]
        if found.few:
            notes.append(found.caution)
        return frame.close(right + GAP + 2 * FIGURE, y + 0.1, notes, form)
