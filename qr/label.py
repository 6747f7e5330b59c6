"""One printed label: the QR code beside what people need to read, drawn as vectors into a box of any usual size.

From the top: the using unit's text, the registration code, the rescue code in large digits, and at the foot the short
code to type when no camera will read the label. A blank label says so instead, and is claimed on site. A label for the machine
room, the car top or the pit says above all else where it belongs.
"""

from typing import Any, Final

import msgspec
from reportlab.lib.units import mm

from qr import symbol as qr_symbol
from qr import typeset
from qr.code import ParsedCode, payload_url
from qr.errors import Bilingual
from qr.evidence import ZONE_NAMES, Zone
from qr.stock import Box
from qr.symbol import Level
from qr.typeset import Block, Weight

_EDGE_MM: Final = 1.2
"""Kept free inside the cut edge: die-cutting and paper feed are off by about a millimetre."""
_TEXT_EDGE_MM: Final = 4.8
"""Kept free above and below the text where the label is high enough."""
_LARGEST_QR_SHARE: Final = 0.5
"""Share of the label's width that the QR code may take, quiet zone included."""
_COMPACT_BELOW_MM: Final = 30
"""Labels lower than this have no room for captions above their values."""

_GREY: Final = 0.35
_DIGIT_LINE: Final = 0.92
"""Height of a line of digits in font sizes: they have no descenders."""
_HAIRLINE_PT: Final = 0.4

_REGISTRATION_CAPTION: Final = "设备代码 Registration code"
_RESCUE_CAPTION: Final = "救援识别码 Rescue code"
_RESCUE_CAPTION_COMPACT: Final = "救援码 Rescue "
_PHONE_CAPTION: Final = "24 小时电话 24 h phone"
_PHONE_ROOM_PT: Final = 82
"""Columns of text lower than this (29 mm) are full without the phone; the public page has it."""
_BLANK_TITLE: Final = "空白标签 Blank label"
_BLANK_TEXT: Final = Bilingual(
    zh="贴好后现场扫码绑定电梯。", en="Put it up, then scan it on site to claim it for the elevator."
)
_BLANK_TEXT_COMPACT: Final = "现场扫码绑定 Claim on site"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed on one label.

    Parameters
    ----------
    code : ParsedCode
        The label's code (a `LabelCode` is one).
    unit : str, optional
        Name of the elevator for people: site, building, number.
    registration_code : str, optional
        设备代码, 20 digits in China, the register's number elsewhere.
    rescue_code : str, optional
        救援识别码, six digits in most of China.
    phone_24h : str, optional
        The firm's phone that is answered day and night; printed where the label has room, and never on the label of a zone.
    zone : Zone, optional
        Where the label hangs if not in the car.
    """

    code: ParsedCode
    unit: str | None = None
    registration_code: str | None = None
    rescue_code: str | None = None
    phone_24h: str | None = None
    zone: Zone | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the label names no elevator yet."""
        return not (self.unit or self.registration_code or self.rescue_code)


def zone_text(zone: Zone) -> str:
    """Return what stands on the label of a zone, in both languages."""
    name = ZONE_NAMES[zone]
    return f"{name.zh} {name.en.capitalize()}"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How a label's QR code comes out in a box.

    Parameters
    ----------
    side_mm : float
        Side of the code, quiet zone included.
    modules : int
        Modules on its side, quiet zone excluded.
    module_mm : float
        Side of a module.
    level : Level
        Error correction.
    """

    side_mm: float
    modules: int
    module_mm: float
    level: Level

    @property
    def dark_side_mm(self) -> float:
        """Side without the quiet zone."""
        return self.modules * self.module_mm

    @property
    def warning(self) -> Bilingual | None:
        """What is too small for every phone and printer; None where all is well."""
        module, dark = self.module_mm, self.dark_side_mm
        if module >= qr_symbol.SMALLEST_MODULE_MM and dark >= qr_symbol.SMALLEST_SIDE_MM:
            return None
        return Bilingual(
            zh=f"二维码偏小：模块 {module:.2f} mm，边长 {dark:.1f} mm（建议不小于 {qr_symbol.SMALLEST_MODULE_MM:g} mm 和"
            f" {qr_symbol.SMALLEST_SIDE_MM:g} mm），部分手机可能无法识别。请用更大的标签或更短的公开网址。",
            en=f"The code is small: modules of {module:.2f} mm, {dark:.1f} mm wide (advised: {qr_symbol.SMALLEST_MODULE_MM:g}"
            f" mm and {qr_symbol.SMALLEST_SIDE_MM:g} mm); some phones may not read it. Take a larger label or a shorter public"
            " address.",
        )


def size_in(box: Box, payload_length: int, dots_per_mm: float | None = None) -> Size:
    """Return how large the QR code of a label is in a box, and at which error correction level.

    Parameters
    ----------
    box : Box
        What is drawn into.
    payload_length : int
        Characters of the label's link.
    dots_per_mm : float, optional
        Of a printer of dots: a module has a whole number of them.
    """
    room_mm = min(box.height_mm - 2 * _EDGE_MM, box.width_mm * _LARGEST_QR_SHARE)
    level = qr_symbol.fitting_level(payload_length, room_mm)
    modules = qr_symbol.modules_of(payload_length, level)
    full = modules + 2 * qr_symbol.QUIET_MODULES
    module_mm = room_mm / full
    if dots_per_mm is not None:
        module_mm = max(1, int(module_mm * dots_per_mm + 1e-9)) / dots_per_mm
    return Size(side_mm=module_mm * full, modules=modules, module_mm=module_mm, level=level)


def draw_label(
    canvas: Any, label: Label, public_url: str, box: Box, page_height_mm: float, *, dots_per_mm: float | None = None
) -> None:
    """Draw one label.

    Parameters
    ----------
    canvas : reportlab.pdfgen.canvas.Canvas or qr.surfaces.Surface
        Where to draw.
    label : Label
        What to print.
    public_url : str
        Where the public pages are served; see `qr.code.payload_url`.
    box : Box
        The label's place on the sheet.
    page_height_mm : float
        Height of the sheet.
    dots_per_mm : float, optional
        Of a printer of dots: the code's modules are whole dots in size and place.

    Raises
    ------
    PrintError
        If `public_url` cannot go on a label.
    """
    payload = payload_url(label.code, public_url)
    size = size_in(box, len(payload), dots_per_mm)
    symbol = qr_symbol.make_symbol(payload, mask_pattern=qr_symbol.SHEET_MASK, level=size.level)
    side_mm = size.side_mm
    centre_mm = page_height_mm - box.top_mm - box.height_mm / 2
    # The quiet zone is white already, so the code may start at the very edge that is kept free.
    qr_left_mm, qr_bottom_mm = box.left_mm + _EDGE_MM / 2, centre_mm - side_mm / 2
    if dots_per_mm is not None:
        qr_left_mm, qr_bottom_mm = (round(at * dots_per_mm) / dots_per_mm for at in (qr_left_mm, qr_bottom_mm))
    centre_pt = centre_mm * mm
    qr_symbol.draw(canvas, symbol, qr_left_mm * mm, qr_bottom_mm * mm, side_mm * mm)

    # Small labels: text as high as the modules. Large ones have room to go as high as the quiet zone.
    modules_mm = size.dark_side_mm / 2
    reach_mm = max(modules_mm, min(side_mm / 2, box.height_mm / 2 - _TEXT_EDGE_MM))
    column = _Column(
        left=(qr_left_mm + side_mm) * mm,
        top=centre_pt + reach_mm * mm,
        bottom=centre_pt - reach_mm * mm,
        right=(box.left_mm + box.width_mm - 2 * _EDGE_MM) * mm,
    )
    if box.height_mm < _COMPACT_BELOW_MM:
        _draw_compact(canvas, label, column)
    else:
        _draw_captioned(canvas, label, column, host=payload.split("/")[2].lower())


class _Column(msgspec.Struct, frozen=True):
    """The room for text, in points."""

    left: float
    top: float
    bottom: float
    right: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


def _draw_captioned(canvas: Any, label: Label, column: _Column, host: str) -> None:
    """Draw values under small captions; the type grows with the label."""
    scale = min(column.height / 74, column.width / 74, 1.6)
    caption, body = 5.2 * scale, 8 * scale
    foot = _draw_foot(canvas, label, column, caption, body, f"{host}/e/")
    if label.zone is not None:
        column = _draw_zone(canvas, label.zone, column, body)
    if label.is_blank:
        title = typeset.shrink(_BLANK_TITLE, column.width, body, 0, Weight.BOLD)
        top = typeset.draw_block(canvas, column.left, column.top, title) - caption * 0.5
        top = typeset.draw_block(canvas, column.left, top, typeset.shrink(_BLANK_TEXT.zh, column.width, body * 0.85, 0))
        _draw_text(canvas, column, top, top - foot - caption, _BLANK_TEXT.en, body * 0.85)
        return
    gap = 0.35 * caption
    top = column.top
    numbers = [
        (text, value, size)
        for text, value, size in (
            (_REGISTRATION_CAPTION, label.registration_code, body * 0.95),
            (_RESCUE_CAPTION, label.rescue_code, body * (1.8 if label.zone is None else 0.95)),
            (_PHONE_CAPTION, label.phone_24h if column.height > _PHONE_ROOM_PT and not label.zone else None, body * 0.95),
        )
        if value
    ]
    blocks = [
        (
            typeset.shrink(text, column.width, caption, 3),
            typeset.shrink(value, column.width, size, 0, Weight.BOLD),
        )
        for text, value, size in numbers
    ]
    needed = sum(above.height + below.size * _DIGIT_LINE + gap for above, below in blocks)
    if label.unit:
        room = top - foot - needed - gap
        top = _draw_text(canvas, column, top, room, label.unit, body, Weight.BOLD) - gap
    for above, below in blocks:
        top = typeset.draw_block(canvas, column.left, top, above, _GREY)
        typeset.draw_block(canvas, column.left, top, below)
        top -= below.size * _DIGIT_LINE + gap


def _draw_zone(canvas: Any, zone: Zone, column: _Column, size: float) -> _Column:
    """Draw where a label belongs, and return the room that is left below."""
    block = typeset.shrink(zone_text(zone), column.width, size * 1.15, 0, Weight.BOLD)
    top = typeset.draw_block(canvas, column.left, column.top, block)
    return msgspec.structs.replace(column, top=top)


def _draw_foot(canvas: Any, label: Label, column: _Column, caption: float, body: float, address: str) -> float:
    """Draw the short code at the foot, under the address to type it after; return the height of the line above."""
    code = typeset.shrink(label.code.short_code, column.width, body, 0, Weight.BOLD)
    typeset.draw_line(canvas, column.left, column.bottom, code.lines[0], code.size, code.weight)
    above = typeset.shrink(address, column.width, caption, 3)
    baseline = column.bottom + typeset.ASCENT * code.size + 0.5 * caption
    typeset.draw_line(canvas, column.left, baseline, above.lines[0], above.size, grey=_GREY)
    rule = baseline + 1.15 * caption
    canvas.setLineWidth(_HAIRLINE_PT)
    canvas.setStrokeGray(_GREY)
    canvas.line(column.left, rule, column.right, rule)
    return rule + 0.35 * caption


def _draw_compact(canvas: Any, label: Label, column: _Column) -> None:
    """Draw bare lines for small labels, the rescue code with a short caption before it."""
    body = min(column.height / 6.6, column.width / 9.2)
    foot = typeset.shrink(label.code.short_code, column.width, body, 0, Weight.BOLD)
    typeset.draw_line(canvas, column.left, column.bottom, foot.lines[0], foot.size, foot.weight)
    bottom = column.bottom + foot.size
    if label.zone is not None:
        column = _draw_zone(canvas, label.zone, column, body)
        body *= 0.85
    if label.is_blank:
        top = _draw_text(canvas, column, column.top, column.height * 0.4, _BLANK_TITLE, body, Weight.BOLD)
        _draw_text(canvas, column, top, top - bottom, _BLANK_TEXT_COMPACT, body * 0.85)
        return
    if label.rescue_code:
        bottom += body * 0.3
        bottom += _draw_rescue_line(canvas, column, bottom, label.rescue_code, body)
    if label.registration_code:
        number = typeset.shrink(label.registration_code, column.width, body * 0.85, 0)
        typeset.draw_line(canvas, column.left, bottom + body * 0.2, number.lines[0], number.size)
        bottom += body * 0.2 + number.size
    if label.unit:
        _draw_text(canvas, column, column.top, column.top - bottom, label.unit, body, Weight.BOLD)


def _draw_rescue_line(canvas: Any, column: _Column, baseline: float, code: str, body: float) -> float:
    """Draw a small caption and the large code on one line; return the size of the code."""
    caption_size, size = body * 0.7, body * 1.4
    caption_width = typeset.width(_RESCUE_CAPTION_COMPACT, caption_size)
    fit = min(1, column.width / (caption_width + typeset.width(code, size, Weight.BOLD)))
    typeset.draw_line(canvas, column.left, baseline, _RESCUE_CAPTION_COMPACT, caption_size * fit)
    typeset.draw_line(canvas, column.left + caption_width * fit, baseline, code, size * fit, Weight.BOLD)
    return size * fit


def _draw_text(
    canvas: Any, column: _Column, top: float, height: float, text: str, size: float, weight: Weight = Weight.REGULAR
) -> float:
    block: Block = typeset.wrap(text, column.width, height, size, 0.55 * size, weight)
    return typeset.draw_block(canvas, column.left, top, block)
