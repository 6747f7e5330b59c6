"""Sheets of self-adhesive labels: their sizes as data.

Sources: label sizes and gaps as Avery names them for L7160, L7163, L7165 and L4736 (sheet A4), 5160 and 5163 (sheet US
Letter). Second-hand: compared with the public table of Inkscape's label guides extension (A4) and with the outlines
of Avery's template U-0090-01 (5163), not measured on paper; the calibration page is there for the rest. All of
them centre their labels on the sheet, so the margins follow: those published (L7160: 7.25 and 15.15 mm) come out.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

_INCH_MM: Final = 25.4


class Paper(msgspec.Struct, frozen=True):
    """A sheet's size in millimetres."""

    name: str
    width_mm: float
    height_mm: float


A4: Final = Paper("A4", 210, 297)
US_LETTER: Final = Paper("US Letter", 8.5 * _INCH_MM, 11 * _INCH_MM)


class Box(msgspec.Struct, frozen=True):
    """A label's place: its upper left corner from the sheet's upper left corner, and its size, in millimetres."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


class Stock(msgspec.Struct, frozen=True):
    """A kind of label sheet.

    Parameters
    ----------
    name : str
        The maker's number.
    paper : Paper
        The sheet.
    columns, rows : int
        Labels across and down.
    label_width_mm, label_height_mm : float
        Size of a label.
    gap_x_mm, gap_y_mm : float
        Space between neighbours.
    """

    name: str
    paper: Paper
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    gap_x_mm: float = 0
    gap_y_mm: float = 0

    @property
    def per_sheet(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows

    @property
    def left_margin_mm(self) -> float:
        """Left and right margin: the labels are centred."""
        used = self.columns * self.label_width_mm + (self.columns - 1) * self.gap_x_mm
        return (self.paper.width_mm - used) / 2

    @property
    def top_margin_mm(self) -> float:
        """Upper and lower margin: the labels are centred."""
        used = self.rows * self.label_height_mm + (self.rows - 1) * self.gap_y_mm
        return (self.paper.height_mm - used) / 2

    def boxes(self) -> Iterator[Box]:
        """Yield the labels' places, row by row from the upper left."""
        for row in range(self.rows):
            for column in range(self.columns):
                yield Box(
                    left_mm=self.left_margin_mm + column * (self.label_width_mm + self.gap_x_mm),
                    top_mm=self.top_margin_mm + row * (self.label_height_mm + self.gap_y_mm),
                    width_mm=self.label_width_mm,
                    height_mm=self.label_height_mm,
                )


STOCKS: Final = {
    stock.name: stock
    for stock in (
        Stock("L7160", A4, 3, 7, 63.5, 38.1, gap_x_mm=2.5),
        Stock("L7163", A4, 2, 7, 99.1, 38.1, gap_x_mm=2.5),
        Stock("L7165", A4, 2, 4, 99.1, 67.7, gap_x_mm=2.5),
        Stock("L4736", A4, 4, 12, 45.7, 21.2, gap_x_mm=2.5),
        Stock("5160", US_LETTER, 3, 10, 2.625 * _INCH_MM, 1 * _INCH_MM, gap_x_mm=0.125 * _INCH_MM),
        Stock("5163", US_LETTER, 2, 5, 4 * _INCH_MM, 2 * _INCH_MM, gap_x_mm=0.1875 * _INCH_MM),
    )
}
"""All known label sheets by name."""
