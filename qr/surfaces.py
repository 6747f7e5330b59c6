"""Where a label can be drawn beside a PDF: an SVG picture for the screen, and the dots of a thermal printer.

Both answer the few calls of reportlab's canvas that `qr.label`, `qr.typeset` and `qr.symbol` make, so that the picture and
the label are one drawing. Lengths are points, the origin is the lower left corner, as there.
"""

from functools import lru_cache
from html import escape
from math import ceil, floor
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from qr import fonts

_MM_PT: Final = 72 / 25.4
_BLACK_BELOW: Final = 140
"""Grey levels below this become a black dot: thin strokes of small Chinese characters stay whole."""


_BLACK_OR_WHITE: Final = [0 if level < _BLACK_BELOW else 255 for level in range(256)]


class _Path:
    """Rectangles that are filled together."""

    def __init__(self) -> None:
        self.rectangles: list[tuple[float, float, float, float]] = []

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        """Add a rectangle."""
        self.rectangles.append((x, y, width, height))


class Surface:
    """What both have in common: shift and scale, greys, line width and font.

    Parameters
    ----------
    width_mm, height_mm : float
        Size of the drawing.
    """

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self._at = (0.0, 0.0, 1.0, 1.0)  # shift and scale
        self._kept: list[tuple[float, float, float, float]] = []
        self._fill_grey = self._stroke_grey = 0.0
        self._line_width = 1.0
        self._font, self._size = fonts.LATIN, 10.0

    def saveState(self) -> None:  # noqa: N802 - reportlab's name, as are those below
        """Keep shift and scale."""
        self._kept.append(self._at)

    def restoreState(self) -> None:  # noqa: N802
        """Take up what was kept last."""
        self._at = self._kept.pop()

    def translate(self, x: float, y: float) -> None:
        """Move the origin."""
        left, bottom, across, up = self._at
        self._at = (left + x * across, bottom + y * up, across, up)

    def scale(self, x: float, y: float) -> None:
        """Change the unit."""
        left, bottom, across, up = self._at
        self._at = (left, bottom, across * x, up * y)

    def setFillGray(self, grey: float) -> None:  # noqa: N802
        """Set the grey of areas and text: 0 is black."""
        self._fill_grey = grey

    def setStrokeGray(self, grey: float) -> None:  # noqa: N802
        """Set the grey of lines."""
        self._stroke_grey = grey

    def setLineWidth(self, width: float) -> None:  # noqa: N802
        """Set the width of lines."""
        self._line_width = width

    def setFont(self, font: str, size: float) -> None:  # noqa: N802
        """Set the font of text."""
        self._font, self._size = font, size

    def beginPath(self) -> _Path:  # noqa: N802
        """Start a path of rectangles."""
        return _Path()

    def _placed_mm(self, x: float, y: float) -> tuple[float, float]:
        """Return a point in millimetres from the upper left corner."""
        left, bottom, across, up = self._at
        return (left + x * across) / _MM_PT, self.height_mm - (bottom + y * up) / _MM_PT

    def _boxes_mm(self, path: _Path) -> list[tuple[float, float, float, float]]:
        """Return a path's rectangles as left, top, right, bottom in millimetres from the upper left corner."""
        boxes = []
        for x, y, width, height in path.rectangles:
            (one_x, one_y), (other_x, other_y) = self._placed_mm(x, y), self._placed_mm(x + width, y + height)
            boxes.append((min(one_x, other_x), min(one_y, other_y), max(one_x, other_x), max(one_y, other_y)))
        return boxes


class SvgSurface(Surface):
    """Draws an SVG picture in millimetres, for the preview on a screen."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        super().__init__(width_mm, height_mm)
        self._parts: list[str] = []

    def add(self, part: str) -> None:
        """Add an element as it is."""
        self._parts.append(part)

    def drawPath(self, path: _Path, stroke: int = 0, fill: int = 1) -> None:  # noqa: N802, ARG002
        """Fill a path."""
        drawn = "".join(
            f"M{left:.2f} {top:.2f}H{right:.2f}V{bottom:.2f}H{left:.2f}z" for left, top, right, bottom in self._boxes_mm(path)
        )
        self.add(f'<path fill="{_colour(self._fill_grey)}" shape-rendering="crispEdges" d="{drawn}"/>')

    def line(self, x: float, y: float, end_x: float, end_y: float) -> None:
        """Draw a line."""
        (from_x, from_y), (to_x, to_y) = self._placed_mm(x, y), self._placed_mm(end_x, end_y)
        self.add(
            f'<path stroke="{_colour(self._stroke_grey)}" stroke-width="{self._line_width / _MM_PT:.3f}"'
            f' d="M{from_x:.2f} {from_y:.2f}L{to_x:.2f} {to_y:.2f}"/>'
        )

    def drawString(self, x: float, y: float, text: str, mode: int = 0) -> None:  # noqa: N802
        """Draw text as wide as it is printed, in whatever font the screen has."""
        left, baseline = self._placed_mm(x, y)
        table = fonts.width_table(self._font)
        wide_mm = sum(table.get(ord(character), 0.5) for character in text) * self._size / _MM_PT
        bold = ' font-weight="700"' if mode or self._font == fonts.LATIN_BOLD else ""
        self.add(
            f'<text x="{left:.2f}" y="{baseline:.2f}" font-size="{self._size / _MM_PT:.3f}" fill="{_colour(self._fill_grey)}"'
            f' textLength="{wide_mm:.2f}" lengthAdjust="spacingAndGlyphs"{bold} xml:space="preserve">{escape(text)}</text>'
        )

    def svg(self, title: str) -> str:
        """Return the picture."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width_mm:g} {self.height_mm:g}" role="img"'
            f' font-family="Arimo, Arial, Helvetica, &quot;Noto Sans CJK SC&quot;, &quot;Microsoft YaHei&quot;, sans-serif">'
            f"<title>{escape(title)}</title>{''.join(self._parts)}</svg>"
        )


class DotSurface(Surface):
    """Draws black dots, as a thermal printer does.

    Parameters
    ----------
    width_mm, height_mm : float
        Size of the label.
    dots_per_mm : float
        Of the printer.
    """

    def __init__(self, width_mm: float, height_mm: float, dots_per_mm: float) -> None:
        super().__init__(width_mm, height_mm)
        self.dots_per_mm = dots_per_mm
        self._picture = Image.new("L", (round(width_mm * dots_per_mm), round(height_mm * dots_per_mm)), 255)
        self._pen = ImageDraw.Draw(self._picture)

    def drawPath(self, path: _Path, stroke: int = 0, fill: int = 1) -> None:  # noqa: N802, ARG002
        """Fill a path; a thermal printer has no greys, so what is drawn is black."""
        for box in self._boxes_mm(path):
            left, top, right, bottom = (round(at * self.dots_per_mm) for at in box)
            self._pen.rectangle((left, top, right - 1, bottom - 1), fill=0)

    def line(self, x: float, y: float, end_x: float, end_y: float) -> None:
        """Draw a line, one dot wide at least."""
        ends = [at * self.dots_per_mm for at in (*self._placed_mm(x, y), *self._placed_mm(end_x, end_y))]
        self._pen.line(ends, fill=0, width=max(1, round(self._line_width / _MM_PT * self.dots_per_mm)))

    def drawString(self, x: float, y: float, text: str, mode: int = 0) -> None:  # noqa: N802
        """Draw text in the same fonts as in a PDF."""
        left, baseline = (at * self.dots_per_mm for at in self._placed_mm(x, y))
        size = self._size / _MM_PT * self.dots_per_mm
        x, y = int(left), int(baseline)
        ink, (right, down) = _inked(self._font, round(size, 2), text, size * 0.02 if mode else 0, (left - x, baseline - y))
        self._picture.paste(0, (x + right, y + down), ink)

    def picture(self) -> Image.Image:
        """Return the dots, 0 black and 1 white."""
        return self._picture.point(_BLACK_OR_WHITE, mode="1")


@lru_cache(maxsize=512)
def _inked(font: str, size: float, text: str, stroke: float, part: tuple[float, float]) -> tuple[Image.Image, tuple[int, int]]:
    """Return the ink of a text, and where its picture begins from the whole dot left of its baseline's beginning.

    Most texts of a label stand on all labels of a job, at the same place.

    Parameters
    ----------
    font, size, text, stroke
        What is drawn; size and stroke in dots.
    part
        How far right and down of the whole dot the text begins, each below 1.
    """
    drawn = _pillow_font(font, size)
    box = drawn.getbbox(text, anchor="ls", stroke_width=stroke)
    left, top = floor(box[0]) - 1, floor(box[1]) - 1
    ink = Image.new("L", (ceil(box[2]) + 2 - left, ceil(box[3]) + 2 - top), 0)
    place = (part[0] - left, part[1] - top)
    ImageDraw.Draw(ink).text(place, text, font=drawn, anchor="ls", fill=255, stroke_width=stroke)
    return ink, (left, top)


@lru_cache(maxsize=256)
def _pillow_font(font: str, size: float) -> Any:
    path, number = fonts.file_of(font)
    return ImageFont.truetype(str(path), size, index=number)


def _colour(grey: float) -> str:
    level = round(grey * 255)
    return f"#{level:02x}{level:02x}{level:02x}"
