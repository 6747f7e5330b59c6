"""One code as a picture of its own; that of a zone's label has the zone below it, because there is no other text on it."""

from typing import Final, TypeVar

from reportlab.lib.units import mm

from qr import symbol as qr_symbol
from qr import typeset
from qr.evidence import Zone
from qr.label import zone_text
from qr.surfaces import DotSurface, Surface, SvgSurface
from qr.symbol import QUIET_MODULES, Symbol
from qr.typeset import Weight

_STRIP_MODULES: Final = 5
"""Height of the text below the quiet zone. Everything here is drawn with a module to the millimetre."""

_LARGEST_TEXT_MODULES: Final = 3.6

_Drawn = TypeVar("_Drawn", bound=Surface)


def svg(symbol: Symbol, zone: Zone | None = None) -> str:
    """Draw a code as a scalable picture, quiet zone included.

    Parameters
    ----------
    symbol : Symbol
        The code.
    zone : Zone, optional
        Of the label, if it does not hang in the car.
    """
    if zone is None:
        return qr_symbol.svg(symbol)
    drawn = SvgSurface(symbol.full_side, symbol.full_side + _STRIP_MODULES)
    drawn.add(f'<path fill="#fff" d="M0 0h{drawn.width_mm:g}v{drawn.height_mm:g}H0z"/>')
    return _drawn(drawn, symbol, zone).svg(zone_text(zone))


def png(symbol: Symbol, zone: Zone | None = None, *, module_px: int = 8) -> bytes:
    """Draw a code as a black and white PNG, quiet zone included.

    Parameters
    ----------
    symbol, zone
        As in `svg`.
    module_px : int
        Pixels on the side of a module, 1 or more.
    """
    if zone is None:
        return qr_symbol.png(symbol, module_px=module_px)
    surface = DotSurface(symbol.full_side, symbol.full_side + _STRIP_MODULES, module_px)
    return qr_symbol.png_bytes(_drawn(surface, symbol, zone).picture())


def _drawn(surface: _Drawn, symbol: Symbol, zone: Zone) -> _Drawn:
    side = symbol.full_side
    qr_symbol.draw(surface, symbol, 0, _STRIP_MODULES * mm, side * mm)
    text = typeset.shrink(zone_text(zone), (side - 2 * QUIET_MODULES) * mm, _LARGEST_TEXT_MODULES * mm, 0, Weight.BOLD)
    typeset.draw_centred(
        surface, side / 2 * mm, (_STRIP_MODULES - _LARGEST_TEXT_MODULES) * mm, text.lines[0], text.size, text.weight
    )
    return surface
