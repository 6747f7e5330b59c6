"""Self-adhesive labels, on sheets and rolls: their sizes as data (`qr/data/stocks.toml`, where the sources stand)."""

from collections.abc import Iterator
from pathlib import Path
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

_PAPERS: Final = {paper.name: paper for paper in (A4, US_LETTER)}


class Box(msgspec.Struct, frozen=True):
    """A label's place: its upper left corner from the sheet's upper left corner, and its size, in millimetres."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float

    def inside(self, x_mm: float, y_mm: float) -> "Box":
        """Return what is left inside a margin."""
        return Box(self.left_mm + x_mm, self.top_mm + y_mm, self.width_mm - 2 * x_mm, self.height_mm - 2 * y_mm)


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of label sheet, or a roll, which is a sheet of one label.

    Parameters
    ----------
    name : str
        The maker's number.
    title : str
        Maker, paper and size for people.
    source : str
        Where the sizes are from.
    paper : Paper
        The sheet; for a roll one label.
    columns, rows : int
        Labels across and down.
    label_width_mm, label_height_mm : float
        Size of a label.
    left_margin_mm, top_margin_mm : float
        Place of the upper left label.
    pitch_x_mm, pitch_y_mm : float
        From the edge of a label to that of its neighbour.
    free_x_mm, free_y_mm : float
        Edges of a roll's label that its printer cannot reach.
    turned : bool
        The label's text runs along the roll.
    """

    name: str
    title: str
    source: str
    paper: Paper
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    left_margin_mm: float = 0
    top_margin_mm: float = 0
    pitch_x_mm: float = 0
    pitch_y_mm: float = 0
    free_x_mm: float = 0
    free_y_mm: float = 0
    turned: bool = False

    @property
    def is_roll(self) -> bool:
        """Whether each label is a page of its own."""
        return self.per_sheet == 1

    @property
    def per_sheet(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows

    def boxes(self) -> Iterator[Box]:
        """Yield the labels' places, row by row from the upper left."""
        for row in range(self.rows):
            for column in range(self.columns):
                yield Box(
                    left_mm=self.left_margin_mm + column * self.pitch_x_mm,
                    top_mm=self.top_margin_mm + row * self.pitch_y_mm,
                    width_mm=self.label_width_mm,
                    height_mm=self.label_height_mm,
                )

    @property
    def drawn_box(self) -> Box:
        """The part of one label that is drawn into, upright as it is read, from the label's upper left corner."""
        box = Box(0, 0, self.label_width_mm, self.label_height_mm).inside(self.free_x_mm, self.free_y_mm)
        return Box(box.top_mm, box.left_mm, box.height_mm, box.width_mm) if self.turned else box


class _Record(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    title: str
    source: str
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    paper: str | None = None
    left_margin_mm: float = 0
    top_margin_mm: float = 0
    pitch_x_mm: float = 0
    pitch_y_mm: float = 0
    free_x_mm: float = 0
    free_y_mm: float = 0
    turned: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    stock: list[_Record]


def load(content: bytes) -> dict[str, Stock]:
    """Read stocks from the content of a TOML file.

    Parameters
    ----------
    content : bytes
        As in `qr/data/stocks.toml`; a record without paper is a roll.

    Raises
    ------
    msgspec.ValidationError
        If a field is missing, unknown or of a wrong type; the message names it.
    ValueError
        If a label lies outside its sheet, or the paper is unknown; the message names the stock.
    """
    return {record.name: _stock(record) for record in msgspec.toml.decode(content, type=_File).stock}


def _stock(record: _Record) -> Stock:
    if record.paper is None:
        paper = Paper(record.name, record.label_width_mm, record.label_height_mm)
    elif record.paper in _PAPERS:
        paper = _PAPERS[record.paper]
    else:
        raise ValueError(f"{record.name}: paper {record.paper!r} is none of {', '.join(_PAPERS)}")
    values = {name: getattr(record, name) for name in _Record.__struct_fields__ if name != "paper"}
    stock = Stock(paper=paper, **values)
    for position, box in enumerate(stock.boxes(), start=1):
        right, bottom = box.left_mm + box.width_mm, box.top_mm + box.height_mm
        if min(box.left_mm, box.top_mm) < 0 or right > paper.width_mm or bottom > paper.height_mm:
            raise ValueError(f"{record.name}: label {position} lies outside of {paper.name}")
    return stock


STOCKS: Final = load((Path(__file__).parent / "data" / "stocks.toml").read_bytes())
"""All known labels by name."""
