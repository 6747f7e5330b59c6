"""Labels as PDF on a maker's sheets or rolls, the picture of a sheet, and the page that shows how far a printer is off."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from reportlab.lib.units import mm

from qr import typeset
from qr.errors import Bilingual, PrintError
from qr.label import Label, draw_label
from qr.pdf import open_pdf
from qr.stock import Box, Stock
from qr.surfaces import SvgSurface
from qr.typeset import Weight

LARGEST_OFFSET_MM: Final = 10.0
"""A printer that is off by more has the wrong paper size or prints scaled."""

Progress = Callable[[int], None]
"""Told how many labels are done."""

_CROSS_MM: Final = 4.0
_RULER_MM: Final = 50


def sheet_pdf(
    labels: Sequence[Label],
    public_url: str,
    stock: Stock,
    *,
    first_position: int = 1,
    offset_x_mm: float = 0,
    offset_y_mm: float = 0,
    progress: Progress | None = None,
) -> bytes:
    """Print labels onto sheets, or one to the page for a roll.

    Parameters
    ----------
    labels : sequence of Label
        At least one; printed in this order, row by row.
    public_url : str
        Where the public pages are served; see `qr.code.payload_url`.
    stock : Stock
        The label sheets, one of `qr.stock.STOCKS`.
    first_position : int
        Place of the first label on the first sheet, 1 (upper left) to `stock.per_sheet`, so that a sheet that was
        begun can be used up.
    offset_x_mm, offset_y_mm : float
        Shift of everything, right and down positive, at most `LARGEST_OFFSET_MM` either way; read them off the
        calibration page.
    progress : callable, optional
        Told how many labels are done.

    Returns
    -------
    bytes
        The PDF.

    Raises
    ------
    PrintError
        If there is nothing to print, or a position, an offset or `public_url` is out of range; the message names all
        that is wrong with position and offsets.
    """
    _require_printable(labels, stock, first_position, offset_x_mm, offset_y_mm)
    content, canvas = open_pdf(stock.paper.width_mm, stock.paper.height_mm, f"Labels {stock.name}")
    boxes = list(stock.boxes())
    for done, label in enumerate(labels, start=1):
        place = (first_position - 2 + done) % stock.per_sheet
        if place == 0 and done > 1:
            canvas.showPage()
        if stock.is_roll:
            _draw_on_roll(canvas, label, public_url, stock, offset_x_mm, offset_y_mm)
        else:
            draw_label(canvas, label, public_url, _shifted(boxes[place], offset_x_mm, offset_y_mm), stock.paper.height_mm)
        if progress is not None:
            progress(done)
    canvas.save()
    return content.getvalue()


def _draw_on_roll(canvas: Any, label: Label, public_url: str, stock: Stock, offset_x_mm: float, offset_y_mm: float) -> None:
    """Draw into the part that the printer reaches, along the roll where the label is longer than the roll is wide."""
    canvas.saveState()
    canvas.translate(offset_x_mm * mm, -offset_y_mm * mm)
    if stock.turned:
        canvas.translate(stock.label_width_mm * mm, 0)
        canvas.rotate(90)
    upright_height_mm = stock.label_width_mm if stock.turned else stock.label_height_mm
    draw_label(canvas, label, public_url, stock.drawn_box, upright_height_mm)
    canvas.restoreState()


def preview_svg(
    labels: Sequence[Label],
    public_url: str,
    stock: Stock,
    *,
    first_position: int = 1,
    offset_x_mm: float = 0,
    offset_y_mm: float = 0,
) -> str:
    """Draw the first sheet as a picture: what will be printed, with the labels' outlines; of a roll its first label, upright.

    Parameters
    ----------
    labels, public_url, stock, first_position, offset_x_mm, offset_y_mm
        As in `sheet_pdf`.

    Raises
    ------
    PrintError
        As in `sheet_pdf`.
    """
    _require_printable(labels, stock, first_position, offset_x_mm, offset_y_mm)
    if stock.is_roll:
        across, down = stock.label_width_mm, stock.label_height_mm
        if stock.turned:
            across, down = down, across
        surface = SvgSurface(across, down)
        surface.add(_outline(Box(0, 0, across, down), 1))
        draw_label(surface, labels[0], public_url, stock.drawn_box, down)
        return surface.svg(stock.title)
    surface = SvgSurface(stock.paper.width_mm, stock.paper.height_mm)
    surface.add(f'<path fill="#fff" d="M0 0H{stock.paper.width_mm:g}V{stock.paper.height_mm:g}H0z"/>')
    for place, box in enumerate(stock.boxes(), start=1):
        surface.add(_outline(box, place))
        index = place - first_position
        if 0 <= index < len(labels):
            placed = _shifted(box, offset_x_mm, offset_y_mm)
            draw_label(surface, labels[index], public_url, placed, stock.paper.height_mm)
    return surface.svg(stock.title)


def _outline(box: Box, place: int) -> str:
    return (
        f'<rect x="{box.left_mm:.2f}" y="{box.top_mm:.2f}" width="{box.width_mm:.2f}" height="{box.height_mm:.2f}" rx="1.5"'
        f' fill="#fff" stroke="#98a2ad" stroke-width=".25"><title>{place}</title></rect>'
    )


def calibration_pdf(stock: Stock, *, offset_x_mm: float = 0, offset_y_mm: float = 0) -> bytes:
    """Print the outlines of a stock on plain paper, to hold against a label sheet.

    Parameters
    ----------
    stock : Stock
        The label sheets.
    offset_x_mm, offset_y_mm : float
        Shift to try, as in `sheet_pdf`.

    Returns
    -------
    bytes
        The PDF, one page: every label's outline and number, rulers of 50 mm, and how to use it.

    Raises
    ------
    PrintError
        If an offset is out of range.
    """
    faults = _offset_faults(offset_x_mm, offset_y_mm)
    if faults:
        raise _print_error("offset", faults)
    content, canvas = open_pdf(stock.paper.width_mm, stock.paper.height_mm, f"Calibration {stock.name}")
    height_mm = stock.paper.height_mm
    boxes = [_shifted(box, offset_x_mm, offset_y_mm) for box in stock.boxes()]
    canvas.setLineWidth(0.3)
    canvas.setStrokeGray(0.45)
    if stock.is_roll:
        _draw_roll_calibration(canvas, stock, offset_x_mm, offset_y_mm)
        canvas.save()
        return content.getvalue()
    for position, box in enumerate(boxes, start=1):
        bottom_mm = height_mm - box.top_mm - box.height_mm
        canvas.roundRect(box.left_mm * mm, bottom_mm * mm, box.width_mm * mm, box.height_mm * mm, 1.5 * mm)
        centre, baseline = (box.left_mm + box.width_mm / 2) * mm, (bottom_mm + 1.6) * mm
        typeset.draw_centred(canvas, centre, baseline, str(position), 7, grey=0.45)
    canvas.setStrokeGray(0)
    for box in (boxes[0], boxes[-1]):
        _draw_cross(canvas, (box.left_mm + box.width_mm / 2) * mm, (height_mm - box.top_mm - box.height_mm / 2) * mm)
    _draw_instructions(canvas, stock, offset_x_mm, offset_y_mm)
    canvas.save()
    return content.getvalue()


def _draw_roll_calibration(canvas: Any, stock: Stock, offset_x_mm: float, offset_y_mm: float) -> None:
    """Outline what the printer should reach, with a ruler."""
    label = _shifted(Box(0, 0, stock.label_width_mm, stock.label_height_mm), offset_x_mm, offset_y_mm)
    box = label.inside(stock.free_x_mm, stock.free_y_mm)
    bottom_mm = stock.paper.height_mm - box.top_mm - box.height_mm
    canvas.rect(box.left_mm * mm, bottom_mm * mm, box.width_mm * mm, box.height_mm * mm)
    left, top = (box.left_mm + 2) * mm, (bottom_mm + box.height_mm - 2) * mm
    room = (box.width_mm - 4) * mm
    for text, size, weight in (
        (f"校准页 Calibration – {stock.name}", 9.0, Weight.BOLD),
        (f"偏移 Offset: x {offset_x_mm:+.1f} mm, y {offset_y_mm:+.1f} mm", 8.0, Weight.REGULAR),
        ("框线应距标签边缘相等；偏左或偏上，偏移填正值。", 7.0, Weight.REGULAR),
        ("The frame should be as far from opposite edges; too far left or up: a positive offset.", 6.5, Weight.REGULAR),
    ):
        top = typeset.draw_block(canvas, left, top, typeset.wrap(text, room, 2.6 * size, size, 5, weight)) - 2
    _draw_ruler(canvas, left, (bottom_mm + 3) * mm, length_mm=30)


def _shifted(box: Box, offset_x_mm: float, offset_y_mm: float) -> Box:
    return Box(box.left_mm + offset_x_mm, box.top_mm + offset_y_mm, box.width_mm, box.height_mm)


def _draw_cross(canvas: Any, x: float, y: float) -> None:
    arm = _CROSS_MM * mm
    canvas.line(x - arm, y, x + arm, y)
    canvas.line(x, y - arm, x, y + arm)


def _draw_instructions(canvas: Any, stock: Stock, offset_x_mm: float, offset_y_mm: float) -> None:
    """Draw the text and a ruler on a white panel over the middle of the page."""
    width, height = 112 * mm, 56 * mm
    left = (stock.paper.width_mm * mm - width) / 2
    top = (stock.paper.height_mm * mm + height) / 2
    canvas.setFillGray(1)
    canvas.rect(left, top - height, width, height, stroke=1, fill=1)
    left, top = left + 6 * mm, top - 5 * mm
    room = width - 12 * mm
    for text, size, weight in (
        (f"校准页 Calibration page – {stock.name}, {stock.paper.name}", 12.0, Weight.BOLD),
        (f"偏移 Offset: x {offset_x_mm:+.1f} mm, y {offset_y_mm:+.1f} mm", 10.0, Weight.REGULAR),
        ("用普通纸按 100 % 打印（不缩放），与标签纸叠在一起对光查看。", 9.0, Weight.REGULAR),
        ("框线偏左或偏上，偏移填正值；偏右或偏下，填负值。", 9.0, Weight.REGULAR),
        ("Print at 100 % (no scaling) on plain paper and hold it with a label sheet against the light.", 9.0, Weight.REGULAR),
        ("Outlines too far left or up: enter a positive offset; too far right or down: a negative one.", 9.0, Weight.REGULAR),
    ):
        top = typeset.draw_block(canvas, left, top, typeset.wrap(text, room, 2.6 * size, size, 6, weight)) - 2
    _draw_ruler(canvas, left, top - 6 * mm)


def _draw_ruler(canvas: Any, left: float, baseline: float, length_mm: int = _RULER_MM) -> None:
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(0)
    canvas.line(left, baseline, left + length_mm * mm, baseline)
    for tick_mm in range(length_mm + 1):
        tick_length_mm = 3.5 if tick_mm % 10 == 0 else 2.5 if tick_mm % 5 == 0 else 1.5
        canvas.line(left + tick_mm * mm, baseline, left + tick_mm * mm, baseline + tick_length_mm * mm)
    typeset.draw_line(canvas, left + (length_mm + 3) * mm, baseline, f"= {length_mm} mm ?", 9)


def _require_printable(
    labels: Sequence[Label], stock: Stock, first_position: int, offset_x_mm: float, offset_y_mm: float
) -> None:
    faults = _offset_faults(offset_x_mm, offset_y_mm)
    if not 1 <= first_position <= stock.per_sheet:
        faults.append(
            Bilingual(
                zh=f"起始位置 {first_position} 超出范围，{stock.name} 每张为 1–{stock.per_sheet}",
                en=f"first_position: {first_position} is not 1 to {stock.per_sheet}, the places on a {stock.name} sheet",
            )
        )
    if not labels:
        faults.append(Bilingual(zh="没有要打印的标签", en="labels: there is none to print"))
    if faults:
        raise _print_error("sheet_order", faults)


def _offset_faults(offset_x_mm: float, offset_y_mm: float) -> list[Bilingual]:
    # Written so that a NaN is refused as well.
    return [
        Bilingual(
            zh=f"偏移 {name} = {value} mm 超出 ±{LARGEST_OFFSET_MM:g} mm，请检查纸张大小和打印缩放",
            en=f"{name}: {value} mm is beyond ±{LARGEST_OFFSET_MM:g} mm; check the paper size and the print scaling",
        )
        for name, value in (("offset_x_mm", offset_x_mm), ("offset_y_mm", offset_y_mm))
        if not -LARGEST_OFFSET_MM <= value <= LARGEST_OFFSET_MM
    ]


def _print_error(reason: str, faults: list[Bilingual]) -> PrintError:
    return PrintError(
        reason,
        Bilingual(zh="；".join(fault.zh for fault in faults) + "。", en="; ".join(fault.en for fault in faults) + "."),
    )
