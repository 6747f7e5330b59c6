"""The notice in the car: A6, Chinese and English, for people who are trapped first and for the curious second.

From the top: the rescue number, the rescue code to tell, what to do and not to do, and below, the QR code with what it
opens beside the facts that have to be shown in the car (TSG 08-2017, the use mark): maintenance firm with its 24 h
phone, owner, registration code, next inspection. Many cars have no phone signal, so everything that matters in an
entrapment stands there in clear text.
"""

from collections.abc import Sequence
from datetime import date
from math import inf
from typing import Any, Final

import msgspec
from reportlab.lib.units import mm

from qr import symbol as qr_symbol
from qr import typeset
from qr.code import ParsedCode, payload_url
from qr.errors import Bilingual, PrintError
from qr.pdf import open_pdf
from qr.typeset import Block, Weight

WIDTH_MM: Final = 105.0
HEIGHT_MM: Final = 148.0
"""ISO 216, A6 upright."""

QR_SIDE_MM: Final = 41.0
"""Side of the QR code without its quiet zone; 40 mm is read from a metre away."""

_MARGIN_MM: Final = 5.0
_RED: Final = (0.72, 0.07, 0.09)
_PALE: Final = 0.94
_GREY: Final = 0.35

_CALL_MM: Final = (5.0, 41.0)
_CODE_TO_TELL_MM: Final = (43.0, 59.0)
_SAFETY_MM: Final = (61.0, 75.5)
_FACTS_MM: Final = (80.5, 143.0)
"""Upper and lower edge of each part, from the top of the page."""

_CALL: Final = Bilingual(zh="被困请拨打救援电话", en="Trapped? Call the rescue number")
_RESCUE_CODE: Final = "救援识别码 Rescue code"
_TELL: Final = "请告知接线员 Tell the operator"
_SAFETY: Final = (
    Bilingual(zh="请勿扒门", en="Do not force the doors"),
    Bilingual(zh="保持冷静", en="Stay calm"),
    Bilingual(zh="按报警按钮", en="Press the alarm button"),
)
_OPENS: Final = Bilingual(zh="扫码查看本电梯维保记录", en="Scan: this elevator's maintenance record")

_FIRM: Final = "维保单位 Maintenance firm"
_PHONE: Final = "24 小时电话 24 h phone"
_OWNER: Final = "使用单位 Using unit"
_UNIT: Final = "电梯 Elevator"
_REGISTRATION: Final = "设备代码 Registration code"
_INSPECTION: Final = "下次检验日期 Next inspection"

_LARGEST_FACT_PT: Final = 9.5
_SMALLEST_FACT_PT: Final = 5.0
_FACT_STEP_PT: Final = 0.25
_CAPTION_PT: Final = 5.6
_PHONE_GROWTH: Final = 1.35


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the notice; parts that are None are left out.

    Parameters
    ----------
    code : ParsedCode
        The label's code.
    rescue_number : str
        The public rescue number of the region, 96333 in most of Zhejiang.
    rescue_code : str, optional
        救援识别码 of this elevator.
    unit : str, optional
        Name of the elevator for people: site, building, number.
    owner : str, optional
        使用单位.
    firm : str, optional
        维保单位.
    firm_phone : str, optional
        Its phone that is answered day and night.
    registration_code : str, optional
        设备代码.
    next_inspection : datetime.date, optional
        下次检验日期.
    """

    code: ParsedCode
    rescue_number: str
    rescue_code: str | None = None
    unit: str | None = None
    owner: str | None = None
    firm: str | None = None
    firm_phone: str | None = None
    registration_code: str | None = None
    next_inspection: date | None = None


def notice_pdf(notices: Sequence[Notice], public_url: str) -> bytes:
    """Print notices, one A6 page each.

    Parameters
    ----------
    notices : sequence of Notice
        At least one.
    public_url : str
        Where the public pages are served; see `qr.code.payload_url`.

    Returns
    -------
    bytes
        The PDF, vectors only.

    Raises
    ------
    PrintError
        If there is nothing to print, a notice has no rescue number, or `public_url` cannot go on a label.
    """
    _require_printable(notices)
    content, canvas = open_pdf(WIDTH_MM, HEIGHT_MM, "Elevator notice")
    for notice in notices:
        code_to_tell = _code_to_tell(notice)
        _draw_call(canvas, notice.rescue_number, _CALL_MM[1] if code_to_tell else _CODE_TO_TELL_MM[1])
        if code_to_tell:
            _draw_code_to_tell(canvas, *code_to_tell)
        _draw_safety(canvas)
        _draw_qr(canvas, notice, public_url)
        _draw_facts(canvas, notice)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _require_printable(notices: Sequence[Notice]) -> None:
    if not notices:
        raise PrintError("nothing_to_print", Bilingual(zh="没有要打印的告示。", en="notices: there is none to print."))
    missing = [notice.code.text for notice in notices if not notice.rescue_number.strip()]
    if missing:
        listed = ", ".join(missing)
        raise PrintError(
            "rescue_number",
            Bilingual(
                zh=f"以下标签缺少救援电话：{listed}。请先填写所在地区的救援电话（如 96333）。",
                en=f"rescue_number: empty for {listed}; set the region's rescue number (e.g. 96333) first.",
            ),
        )


def _y(from_top_mm: float) -> float:
    return (HEIGHT_MM - from_top_mm) * float(mm)


def _code_to_tell(notice: Notice) -> tuple[str, str] | None:
    """Return caption and code by which the rescue service knows the elevator: lacking its own, the registration code."""
    if notice.rescue_code:
        return _RESCUE_CODE, notice.rescue_code
    if notice.registration_code:
        return _REGISTRATION, notice.registration_code
    return None


def _draw_call(canvas: Any, number: str, bottom_mm: float) -> None:
    top_mm = _CALL_MM[0]
    width = (WIDTH_MM - 2 * _MARGIN_MM) * mm
    canvas.setFillColorRGB(*_RED)
    canvas.roundRect(_MARGIN_MM * mm, _y(bottom_mm), width, (bottom_mm - top_mm) * mm, 2.5 * mm, stroke=0, fill=1)
    centre = WIDTH_MM / 2 * mm
    typeset.draw_centred(canvas, centre, _y(top_mm + 7), _CALL.zh, 15, Weight.BOLD, grey=1)
    typeset.draw_centred(canvas, centre, _y(top_mm + 11.5), _CALL.en, 9, Weight.REGULAR, grey=1)
    digits = typeset.shrink(number, width - 8 * mm, 70, 0, Weight.BOLD)
    middle = _y((top_mm + 12.5 + bottom_mm) / 2)
    baseline = middle - typeset.CAPITAL_HEIGHT * digits.size / 2
    typeset.draw_centred(canvas, centre, baseline, digits.lines[0], digits.size, digits.weight, grey=1)


def _draw_code_to_tell(canvas: Any, caption: str, code: str) -> None:
    top_mm, bottom_mm = _CODE_TO_TELL_MM
    width = (WIDTH_MM - 2 * _MARGIN_MM) * mm
    canvas.setStrokeColorRGB(*_RED)
    canvas.setLineWidth(1.4)
    canvas.roundRect(_MARGIN_MM * mm, _y(bottom_mm), width, (bottom_mm - top_mm) * mm, 2.5 * mm, stroke=1, fill=0)
    left = (_MARGIN_MM + 4) * mm
    captions_width = 36 * mm
    middle = _y((top_mm + bottom_mm) / 2)
    first = typeset.shrink(caption, captions_width, 11, 5, Weight.BOLD)
    typeset.draw_line(canvas, left, middle + 1.2, first.lines[0], first.size, first.weight)
    below = typeset.shrink(_TELL, captions_width, 8, 5)
    typeset.draw_line(canvas, left, middle - below.size - 1.2, below.lines[0], below.size, below.weight, _GREY)
    room = width - captions_width - 11 * mm
    digits = typeset.shrink(code, room, 46, 0, Weight.BOLD)
    baseline = middle - typeset.CAPITAL_HEIGHT * digits.size / 2
    centre = left + captions_width + 3 * mm + room / 2
    typeset.draw_centred(canvas, centre, baseline, digits.lines[0], digits.size, digits.weight)


def _draw_safety(canvas: Any) -> None:
    top_mm, bottom_mm = _SAFETY_MM
    width_mm = (WIDTH_MM - 2 * _MARGIN_MM) / len(_SAFETY)
    for index, text in enumerate(_SAFETY):
        left_mm = _MARGIN_MM + index * width_mm + (1 if index else 0)
        tile_mm = width_mm - (1 if index else 0)
        canvas.setFillGray(_PALE)
        canvas.roundRect(left_mm * mm, _y(bottom_mm), tile_mm * mm, (bottom_mm - top_mm) * mm, 1.5 * mm, stroke=0, fill=1)
        centre, room = (left_mm + tile_mm / 2) * mm, (tile_mm - 2) * mm
        chinese = typeset.shrink(text.zh, room, 13, 6, Weight.BOLD)
        typeset.draw_centred(canvas, centre, _y(top_mm + 7.2), chinese.lines[0], chinese.size, chinese.weight)
        english = typeset.shrink(text.en, room, 7.5, 5)
        typeset.draw_centred(canvas, centre, _y(top_mm + 11.6), english.lines[0], english.size)


def _draw_qr(canvas: Any, notice: Notice, public_url: str) -> None:
    payload = payload_url(notice.code, public_url)
    symbol = qr_symbol.fitted(payload, QR_SIDE_MM)
    module_mm = QR_SIDE_MM / symbol.side
    quiet_mm = qr_symbol.QUIET_MODULES * module_mm
    left_mm, top_mm = _MARGIN_MM + 0.5, _FACTS_MM[0]
    side_mm = symbol.full_side * module_mm
    qr_symbol.draw(canvas, symbol, (left_mm - quiet_mm) * mm, _y(top_mm - quiet_mm + side_mm), side_mm * mm)

    left, room = left_mm * mm, QR_SIDE_MM * mm
    top = _y(top_mm + QR_SIDE_MM + quiet_mm)
    host = payload.split("/")[2].lower()
    for text, size, weight, grey in (
        (_OPENS.zh, 9.0, Weight.BOLD, 0.0),
        (_OPENS.en, 7.0, Weight.REGULAR, 0.0),
        (f"{host}/e/", 6.5, Weight.REGULAR, _GREY),
        (notice.code.short_code, 9.0, Weight.BOLD, 0.0),
    ):
        top = typeset.draw_block(canvas, left, top, typeset.shrink(text, room, size, 0, weight), grey)


class _Fact(msgspec.Struct, frozen=True):
    """A caption with its value; a number stands on one line and is never cut, other text wraps."""

    caption: str
    value: str
    is_number: bool = False
    growth: float = 1.0

    def block(self, room: float, size: float, height: float = inf) -> Block:
        size *= self.growth
        if self.is_number:
            return typeset.shrink(self.value, room, size, 0, Weight.BOLD)
        return typeset.wrap(self.value, room, height, size, size, Weight.BOLD)


def _draw_facts(canvas: Any, notice: Notice) -> None:
    facts = [fact for fact in _facts(notice) if fact.value]
    left = (_MARGIN_MM + 0.5 + QR_SIDE_MM + 7) * mm
    room = (WIDTH_MM - _MARGIN_MM) * mm - left
    top_mm, bottom_mm = _FACTS_MM
    blocks = _fit(facts, room, (bottom_mm - top_mm) * mm)
    top = _y(top_mm)
    for fact, block in zip(facts, blocks, strict=True):
        caption = typeset.shrink(fact.caption, room, _CAPTION_PT, 4)
        top = typeset.draw_block(canvas, left, top, caption, _GREY)
        top = typeset.draw_block(canvas, left, top, block) - _CAPTION_PT / 2


def _facts(notice: Notice) -> tuple[_Fact, ...]:
    inspection = notice.next_inspection.isoformat() if notice.next_inspection else ""
    return (
        _Fact(_FIRM, notice.firm or ""),
        _Fact(_PHONE, notice.firm_phone or "", is_number=True, growth=_PHONE_GROWTH),
        _Fact(_UNIT, notice.unit or ""),
        _Fact(_OWNER, notice.owner or ""),
        _Fact(_REGISTRATION, notice.registration_code or "", is_number=True),
        _Fact(_INSPECTION, inspection, is_number=True),
    )


def _fit(facts: Sequence[_Fact], room: float, height: float) -> list[Block]:
    """Set the values in the largest common size that fits; at the smallest, long texts share what is left."""
    for_values = height - len(facts) * _CAPTION_PT * (typeset.LINE_HEIGHT + 0.5)
    size = _LARGEST_FACT_PT
    while size >= _SMALLEST_FACT_PT:
        blocks = [fact.block(room, size) for fact in facts]
        if sum(block.height for block in blocks) <= for_values:
            return blocks
        size -= _FACT_STEP_PT
    numbers = [fact.block(room, _SMALLEST_FACT_PT) for fact in facts if fact.is_number]
    left_over = for_values - sum(block.height for block in numbers)
    share = left_over / (len(facts) - len(numbers))
    return [fact.block(room, _SMALLEST_FACT_PT, share) for fact in facts]
