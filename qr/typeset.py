"""Lines of Chinese and Latin text on a PDF page: measure, wrap, shrink, draw.

Latin text is set in Arimo, everything else in WenQuanYi Micro Hei, both embedded (`qr.fonts`). Bold Chinese is the same
font with its outline stroked, as the family has no bold cut.

What draws (`canvas`) is reportlab's canvas, or one of `qr.surfaces` that answers the same few calls.

Sizes and lengths are points (1/72 inch) unless the name says otherwise.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import msgspec

from qr import fonts

LINE_HEIGHT: Final = 1.22
"""Distance of baselines in font sizes."""

ASCENT: Final = 0.76
"""Height of capitals and of Chinese characters above the baseline, in font sizes."""

CAPITAL_HEIGHT: Final = 0.72
"""Height of capitals and digits of Arimo, in font sizes."""

_BOLD_STROKE: Final = 0.025
"""Outline width of bold Chinese, in font sizes."""

_NO_GLYPH: Final = "〓"
"""The printers' mark for a character that the fonts lack (U+3013)."""

_ELLIPSIS: Final = "…"
_SIZE_STEP_PT: Final = 0.25

_WORDS: Final = re.compile(
    r"""(?: [\u2e80-\uffef]                         # a Chinese character
          | [^\s\u2e80-\uffef]+[\u2e80-\uffef]? )   # or a word, with its counter: "3号" stays together,
        [、。，．：；！？）】》」』”’]*                 # and closing punctuation stays on its line
      | \s+""",
    re.VERBOSE,
)

_FILL: Final = 0
_FILL_AND_STROKE: Final = 2


class Weight(StrEnum):
    """Weight of the type."""

    REGULAR = fonts.LATIN
    BOLD = fonts.LATIN_BOLD


class Block(msgspec.Struct, frozen=True):
    """Lines that fit a given width and height.

    Parameters
    ----------
    lines : tuple of str
        From the top.
    size : float
        Font size.
    weight : Weight
        Weight of all lines.
    """

    lines: tuple[str, ...]
    size: float
    weight: Weight = Weight.REGULAR

    @property
    def height(self) -> float:
        """Height of all lines."""
        return len(self.lines) * self.size * LINE_HEIGHT


def width(text: str, size: float, weight: Weight = Weight.REGULAR) -> float:
    """Measure one line."""
    return sum(_run_width(part, font, size) for font, part in _runs(text, weight))


def _run_width(text: str, font: str, size: float) -> float:
    table = fonts.width_table(font)
    return size * sum(table.get(ord(character), 0.5) for character in text)


def shrink(text: str, room: float, largest: float, smallest: float, weight: Weight = Weight.REGULAR) -> Block:
    """Set text on one line, as large as it fits.

    Parameters
    ----------
    text : str
        What to set; line breaks count as blanks.
    room : float
        Width to fit.
    largest, smallest : float
        Range of the font size. Text that is too long at the smallest is cut with an ellipsis; with 0 it is never cut,
        as codes and phone numbers must not be.
    weight : Weight
        Weight of the type.
    """
    text = " ".join(text.split())
    needed = width(text, largest, weight)
    if needed <= room:
        return Block((text,), largest, weight)
    fitting = largest * room / needed
    if fitting >= smallest:
        return Block((text,), fitting, weight)
    return Block((_cut(text, room, smallest, weight),), smallest, weight)


def wrap(text: str, room: float, height: float, largest: float, smallest: float, weight: Weight = Weight.REGULAR) -> Block:
    """Set text on as many lines as fit a height, in the largest size that does.

    Parameters
    ----------
    text : str
        A paragraph; blanks and line breaks in it are places to break.
    room, height : float
        Width and height to fit.
    largest, smallest : float
        Font sizes to try, from the largest down.
    weight : Weight
        Weight of the type.

    Returns
    -------
    Block
        All of the text, or at the smallest size as much as fits, with an ellipsis.
    """
    size = largest
    while True:
        lines = _break(text, room, size, weight)
        if len(lines) == 1 or len(lines) * size * LINE_HEIGHT <= height:
            return Block(tuple(lines), size, weight)
        if size <= smallest:
            most = max(1, int(height / (size * LINE_HEIGHT)))
            last = _cut(lines[most - 1] + _ELLIPSIS, room, size, weight)
            return Block((*lines[: most - 1], last), size, weight)
        size = max(smallest, size - _SIZE_STEP_PT)


def draw_line(
    canvas: Any, left: float, baseline: float, text: str, size: float, weight: Weight = Weight.REGULAR, grey: float = 0
) -> None:
    """Draw one line.

    Parameters
    ----------
    canvas : reportlab.pdfgen.canvas.Canvas or qr.surfaces.Surface
        Where to draw.
    left, baseline : float
        Start of the line.
    text : str
        What to draw.
    size : float
        Font size.
    weight : Weight
        Weight of the type.
    grey : float
        0 is black, 1 is white.
    """
    canvas.setFillGray(grey)
    for font, part in _runs(text, weight):
        fonts.face(font)
        canvas.setFont(font, size)
        if font == fonts.CHINESE and weight is Weight.BOLD:
            canvas.setLineWidth(size * _BOLD_STROKE)
            canvas.setStrokeGray(grey)
            canvas.drawString(left, baseline, part, mode=_FILL_AND_STROKE)
        else:
            canvas.drawString(left, baseline, part, mode=_FILL)
        left += _run_width(part, font, size)


def draw_centred(
    canvas: Any,
    centre: float,
    baseline: float,
    text: str,
    size: float,
    weight: Weight = Weight.REGULAR,
    grey: float = 0,
) -> None:
    """Draw one line around a centre."""
    draw_line(canvas, centre - width(text, size, weight) / 2, baseline, text, size, weight, grey)


def draw_block(canvas: Any, left: float, top: float, block: Block, grey: float = 0) -> float:
    """Draw the lines of a block downward from `top`; return where the block ends."""
    for index, text in enumerate(block.lines):
        baseline = top - (index * LINE_HEIGHT + ASCENT) * block.size
        draw_line(canvas, left, baseline, text, block.size, block.weight, grey)
    return top - block.height


def _runs(text: str, weight: Weight) -> Iterator[tuple[str, str]]:
    """Yield ``(font, part)``; characters that neither font has are replaced."""
    if text.isascii():  # the common case, and printable ASCII needs no look at each character
        yield weight.value, text
        return
    pairs = (_font_and_character(character, weight) for character in text)
    for font, group in groupby(pairs, key=lambda pair: pair[0]):
        yield font, "".join(character for _, character in group)


@lru_cache(maxsize=8192)
def _font_and_character(character: str, weight: Weight) -> tuple[str, str]:
    if fonts.has(weight.value, character):
        return weight.value, character
    if fonts.has(fonts.CHINESE, character) and unicodedata.category(character) != "Co":
        return fonts.CHINESE, character
    base = unicodedata.normalize("NFKD", character)[0]
    return (weight.value, base) if fonts.has(weight.value, base) else (fonts.CHINESE, _NO_GLYPH)


def _break(text: str, room: float, size: float, weight: Weight) -> list[str]:
    """Break a paragraph into lines, a word that is wider than a line anywhere."""
    lines: list[str] = []
    line = ""
    for word in _WORDS.findall(text):
        if word.isspace():
            line += " " if line else ""
            continue
        rest = word
        while width(line + rest, size, weight) > room:
            if line.strip():
                lines.append(line.rstrip())
                line = ""
                continue
            fitting = _fitting_prefix(rest, room, size, weight)
            lines.append(rest[:fitting])
            rest = rest[fitting:]
        line += rest
    if line.strip():
        lines.append(line.rstrip())
    return lines or [""]


def _fitting_prefix(text: str, room: float, size: float, weight: Weight) -> int:
    """Return how many characters fit, at least one so that breaking goes on."""
    count = 1
    while count < len(text) and width(text[: count + 1], size, weight) <= room:
        count += 1
    return count


def _cut(text: str, room: float, size: float, weight: Weight) -> str:
    if width(text, size, weight) <= room:
        return text
    kept = text.rstrip(_ELLIPSIS)
    while kept and width(kept + _ELLIPSIS, size, weight) > room:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS
