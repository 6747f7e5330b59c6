"""The QR code itself: modules from the library `qrcode`, drawn as SVG, PNG, terminal text or into a PDF.

House style of every code: alphanumeric mode forced, a quiet zone of four modules as ISO/IEC 18004 section 9.1 requires.
On a screen the error correction level is Q (a quarter of the symbol may be scratched); on paper it is chosen for the size
(`fitted`): the highest whose modules a phone still reads easily.
"""

import io
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import msgspec
import qrcode
from PIL import Image
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from qr.errors import Bilingual, PrintError

QUIET_MODULES: Final = 4

SHEET_MASK: Final = 3
"""Mask pattern for long print runs. Trying all eight to find the one that scores best takes seven times as long as all
the rest of encoding; scanners read any mask, and the random ids keep the symbol even."""

EASY_MODULE_MM: Final = 0.5
"""Modules of this size are read by any phone at arm's length in poor light; half of it is the limit at ten centimetres."""

SMALLEST_MODULE_MM: Final = 0.4
"""Below this, old phones fail and a printer of 203 dpi has three dots for a module: warn."""

SMALLEST_SIDE_MM: Final = 15.0
"""Side without the quiet zone below which people do not find the code, let alone frame it: warn."""

_UPPER_HALF, _LOWER_HALF, _FULL, _EMPTY = "▀", "▄", "█", " "
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"


class Level(StrEnum):
    """Error correction level (ISO/IEC 18004, section 7.5.1), with the share of code words that may be lost."""

    M = "M"
    Q = "Q"
    H = "H"

    @property
    def recovers_percent(self) -> int:
        """Share of the code words that may be unreadable."""
        return {"M": 15, "Q": 25, "H": 30}[self.value]


_LEVELS: Final = {
    Level.M: qrcode.constants.ERROR_CORRECT_M,
    Level.Q: qrcode.constants.ERROR_CORRECT_Q,
    Level.H: qrcode.constants.ERROR_CORRECT_H,
}


class Symbol(msgspec.Struct, frozen=True):
    """A QR code's modules.

    Parameters
    ----------
    payload : str
        What a scanner reads.
    version : int
        1 to 40; the symbol has ``17 + 4 * version`` modules on a side.
    modules : tuple of tuple of bool
        Rows from the top, True is dark; without the quiet zone.
    level : Level
        Error correction.
    """

    payload: str
    version: int
    modules: tuple[tuple[bool, ...], ...]
    level: Level = Level.Q

    @property
    def side(self) -> int:
        """Modules on a side, quiet zone excluded."""
        return len(self.modules)

    @property
    def full_side(self) -> int:
        """Modules on a side, quiet zone included."""
        return self.side + 2 * QUIET_MODULES


def make_symbol(payload: str, *, mask_pattern: int | None = None, level: Level = Level.Q) -> Symbol:
    """Encode a payload.

    Parameters
    ----------
    payload : str
        Digits, upper-case A-Z, blank and ``$%*+-./:`` only, as `qr.code.payload_url` writes it.
    mask_pattern : int, optional
        0 to 7; by default the one that scores best.
    level : Level
        Error correction.

    Returns
    -------
    Symbol
        Of the smallest version that holds the payload.

    Raises
    ------
    PrintError
        If the payload has a character outside alphanumeric mode.
    """
    encoder = qrcode.QRCode(error_correction=_LEVELS[level], border=QUIET_MODULES, mask_pattern=mask_pattern)
    try:
        data = QRData(payload.encode(), mode=MODE_ALPHA_NUM)
    except ValueError as error:
        raise PrintError(
            "payload_characters",
            Bilingual(
                zh=f"二维码内容 {payload!r} 含有字母数字模式以外的字符，请使用 payload_url 生成。",
                en=f"payload: {payload!r} has characters outside the alphanumeric mode; write it with payload_url.",
            ),
        ) from error
    return _made(encoder, data, payload, level)


def make_link_symbol(link: str) -> Symbol:
    """Encode a link for a screen that has to keep its letters as they are, such as one with a part behind ``#``.

    Parameters
    ----------
    link : str
        Any text; far denser than `make_symbol`, so not for print.

    Returns
    -------
    Symbol
        In byte mode, error correction M.
    """
    encoder = qrcode.QRCode(error_correction=_LEVELS[Level.M], border=QUIET_MODULES)
    return _made(encoder, QRData(link.encode(), mode=MODE_8BIT_BYTE), link, Level.M)


def _made(encoder: Any, data: QRData, payload: str, level: Level) -> Symbol:
    encoder.add_data(data, optimize=0)
    encoder.make()
    return Symbol(
        payload=payload,
        version=encoder.version,
        modules=tuple(tuple(bool(module) for module in row) for row in encoder.modules),
        level=level,
    )


def fitted(payload: str, side_mm: float, *, mask_pattern: int | None = None) -> Symbol:
    """Encode a payload for a printed square: at the highest level whose modules are easy to read there.

    Parameters
    ----------
    payload : str
        As in `make_symbol`.
    side_mm : float
        Side of the square, quiet zone included.
    mask_pattern : int, optional
        As in `make_symbol`.

    Returns
    -------
    Symbol
        At level H, Q or M; at M where no level has modules of `EASY_MODULE_MM`, because there the size matters more.
    """
    level = fitting_level(len(payload), side_mm)
    return make_symbol(payload, mask_pattern=mask_pattern, level=level)


@lru_cache(maxsize=256)
def fitting_level(length: int, side_mm: float) -> Level:
    """Return the highest level whose modules are easy to read in a square of this side, quiet zone included."""
    for level in (Level.H, Level.Q):
        if side_mm / (modules_of(length, level) + 2 * QUIET_MODULES) >= EASY_MODULE_MM:
            return level
    return Level.M


@lru_cache(maxsize=1024)
def modules_of(length: int, level: Level) -> int:
    """Return the modules on the side of a symbol for so many alphanumeric characters, quiet zone excluded."""
    return make_symbol("A" * length, mask_pattern=SHEET_MASK, level=level).side


def rectangles(symbol: Symbol) -> Iterator[tuple[int, int, int, int]]:
    """Cover the dark modules with rectangles that do not overlap.

    Equal runs in neighbouring rows are one rectangle, which halves the size of a drawing.

    Yields
    ------
    tuple of int
        ``(column, row, columns, rows)`` in modules from the upper left of the symbol, quiet zone excluded.
    """
    open_since: dict[tuple[int, int], int] = {}
    for row, modules in enumerate((*symbol.modules, ())):
        runs = set(_dark_runs(modules))
        for run in [run for run in open_since if run not in runs]:
            top = open_since.pop(run)
            yield run[0], top, run[1], row - top
        for run in runs:
            open_since.setdefault(run, row)


def svg(symbol: Symbol) -> str:
    """Draw as a scalable picture: a white square and one black path, one unit to the module, quiet zone included."""
    side = symbol.full_side
    path = "".join(
        f"M{column + QUIET_MODULES} {row + QUIET_MODULES}h{columns}v{rows}h-{columns}z"
        for column, row, columns, rows in rectangles(symbol)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>'
    )


def png(symbol: Symbol, *, module_px: int = 8) -> bytes:
    """Draw as a black and white PNG, quiet zone included.

    Parameters
    ----------
    symbol : Symbol
        What to draw.
    module_px : int
        Pixels on the side of a module, 1 or more.
    """
    side = symbol.full_side
    picture = Image.new("1", (side, side), 1)
    for column, row, columns, rows in rectangles(symbol):
        left, top = column + QUIET_MODULES, row + QUIET_MODULES
        picture.paste(0, (left, top, left + columns, top + rows))
    scaled = picture.resize((side * module_px, side * module_px), Image.Resampling.NEAREST)
    return png_bytes(scaled)


def png_bytes(picture: Image.Image) -> bytes:
    """Return a picture as a PNG file."""
    content = io.BytesIO()
    picture.save(content, format="PNG", optimize=True)
    return content.getvalue()


def terminal_text(symbol: Symbol, *, colour: bool = True) -> str:
    """Draw with half blocks, two rows of modules to the line, so that a phone can scan it from the screen.

    Parameters
    ----------
    symbol : Symbol
        What to draw.
    colour : bool
        With ANSI colours the code is black on white in any terminal. Without, light modules are the text colour,
        which is right on a dark terminal.

    Returns
    -------
    str
        ``(full_side + 1) // 2`` lines of ``full_side`` characters, quiet zone included, no line break at the end.
    """
    quiet_row = (False,) * symbol.full_side
    margin = (False,) * QUIET_MODULES
    rows = [quiet_row] * QUIET_MODULES
    rows += [margin + modules + margin for modules in symbol.modules]
    rows += [quiet_row] * (QUIET_MODULES + 1)  # the side is odd: the last line's lower half needs a row as well
    dark_halves = {(True, True): _FULL, (True, False): _UPPER_HALF, (False, True): _LOWER_HALF, (False, False): _EMPTY}
    light_halves = {(not upper, not lower): block for (upper, lower), block in dark_halves.items()}
    blocks = dark_halves if colour else light_halves
    lines = []
    for upper, lower in zip(rows[0:-1:2], rows[1::2], strict=True):
        line = "".join(blocks[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"{_BLACK_ON_WHITE}{line}{_RESET}" if colour else line)
    return "\n".join(lines)


def draw(canvas: Any, symbol: Symbol, left_pt: float, bottom_pt: float, side_pt: float) -> None:
    """Draw into a reportlab canvas as one filled path; nothing is painted in the quiet zone.

    Parameters
    ----------
    canvas : reportlab.pdfgen.canvas.Canvas
        Where to draw.
    symbol : Symbol
        What to draw.
    left_pt, bottom_pt : float
        Lower left corner, quiet zone included, in points.
    side_pt : float
        Side, quiet zone included, in points.
    """
    module_pt = side_pt / symbol.full_side
    canvas.saveState()
    canvas.translate(left_pt + QUIET_MODULES * module_pt, bottom_pt + side_pt - QUIET_MODULES * module_pt)
    canvas.scale(module_pt, -module_pt)
    path = canvas.beginPath()
    for column, row, columns, rows in rectangles(symbol):
        path.rect(column, row, columns, rows)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _dark_runs(modules: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Yield ``(first column, length)`` of each run of dark modules in a row."""
    start: int | None = None
    for column, dark in enumerate((*modules, False)):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column - start
            start = None
