"""Label sheets as PDF: every code reads, in its place, and nothing leaves its label."""

from collections.abc import Callable
from itertools import islice
from random import Random

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from qr import code, keys, sheet
from qr.errors import PrintError
from qr.label import Label
from qr.stock import STOCKS, Stock

HOST = "https://liftrounds.example"
DPI = 200
RANDOM_BYTES = Random(4).randbytes  # noqa: S311 - repeatable on purpose
RING = keys.generate(RANDOM_BYTES)
CODES = [code.mint(RING, RANDOM_BYTES) for _ in range(60)]

LONG_UNIT = "台州市椒江区云西路人才大厦南楼地下车库至二十八层客货两用电梯 12# Freight elevator of the north annex"

SHEETS = {name: stock for name, stock in STOCKS.items() if not stock.is_roll}
every_sheet = pytest.mark.parametrize("stock", SHEETS.values(), ids=SHEETS)
every_stock = pytest.mark.parametrize("stock", STOCKS.values(), ids=STOCKS)


def full(label: code.LabelCode) -> Label:
    return Label(code=label, unit=LONG_UNIT, registration_code="31103310022015030001", rescue_code="310234")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text


def pixels(length_mm: float) -> float:
    return length_mm / 25.4 * DPI


@every_stock
@pytest.mark.parametrize("blank", [False, True], ids=["full", "blank"])
def test_every_code_of_a_sheet_reads_at_200_dpi_in_its_own_place(
    stock: Stock, blank: bool, render: Callable[[bytes, int], list[Image.Image]]
) -> None:
    codes = CODES[: stock.per_sheet]
    labels = [Label(code=label) if blank else full(label) for label in codes]
    [page] = render(sheet.sheet_pdf(labels, HOST, stock), DPI)
    for box, label in zip(stock.boxes(), codes, strict=True):
        cut = page.crop(
            (
                int(pixels(box.left_mm)),
                int(pixels(box.top_mm)),
                int(pixels(box.left_mm + box.width_mm)),
                int(pixels(box.top_mm + box.height_mm)),
            )
        )
        [found] = zxingcpp.read_barcodes(cut)
        assert found.text == code.payload_url(label, HOST)
        assert code.verify(RING, code.parse(found.text)) == 0


@every_stock
def test_nothing_is_printed_within_half_a_millimetre_of_a_label_edge_or_outside(
    stock: Stock, render: Callable[[bytes, int], list[Image.Image]]
) -> None:
    labels = [full(label) for label in CODES[: stock.per_sheet]]
    [page] = render(sheet.sheet_pdf(labels, HOST, stock), DPI)
    pen = ImageDraw.Draw(page)
    for box in stock.boxes():
        left, top = pixels(box.left_mm + 0.5), pixels(box.top_mm + 0.5)
        right, bottom = pixels(box.left_mm + box.width_mm - 0.5), pixels(box.top_mm + box.height_mm - 0.5)
        pen.rectangle((left, top, right, bottom), fill=255)
    assert page.getextrema() == (255, 255)


@every_stock
def test_a_label_shows_its_numbers_whole_however_small_it_is(stock: Stock) -> None:
    text = text_of(sheet.sheet_pdf([full(CODES[0])], HOST, stock))
    assert CODES[0].short_code in text.replace("\ufffe", "-")  # pdfium marks a hyphen so
    assert "31103310022015030001" in text
    assert "310234" in text
    assert "救援" in text
    assert "Rescue" in text


@every_stock
def test_a_blank_label_says_so_in_both_languages(stock: Stock) -> None:
    text = text_of(sheet.sheet_pdf([Label(code=CODES[0])], HOST, stock))
    assert "空白标签" in text
    assert "Blank label" in text
    assert "Rescue" not in text


def test_a_label_with_only_some_facts_shows_those(render: Callable[[bytes, int], list[Image.Image]]) -> None:
    text = text_of(sheet.sheet_pdf([Label(code=CODES[0], registration_code="1P12345")], HOST, STOCKS["L7160"]))
    assert "1P12345" in text
    assert "Rescue" not in text
    assert "Blank" not in text


def test_printing_starts_at_the_asked_position_and_goes_on_on_new_sheets(
    render: Callable[[bytes, int], list[Image.Image]],
) -> None:
    stock = STOCKS["L7165"]
    pages = render(sheet.sheet_pdf([full(label) for label in CODES[:11]], HOST, stock, first_position=7), DPI)
    counts = [len(zxingcpp.read_barcodes(page)) for page in pages]
    assert counts == [2, 8, 1]
    seventh = next(islice(stock.boxes(), 6, None))
    first = min(zxingcpp.read_barcodes(pages[0]), key=lambda found: found.position.top_left.x)
    assert first.text == code.payload_url(CODES[0], HOST)
    assert first.position.top_left.y > pixels(seventh.top_mm)
    assert first.position.bottom_right.x < pixels(seventh.left_mm + seventh.width_mm)


def test_a_full_last_sheet_is_not_followed_by_an_empty_page(
    render: Callable[[bytes, int], list[Image.Image]],
) -> None:
    assert len(render(sheet.sheet_pdf([full(label) for label in CODES[:8]], HOST, STOCKS["L7165"]), 20)) == 1


def test_an_offset_moves_the_print_right_and_down(render: Callable[[bytes, int], list[Image.Image]]) -> None:
    labels = [Label(code=CODES[0])]
    [straight] = render(sheet.sheet_pdf(labels, HOST, STOCKS["L7160"]), DPI)
    [moved] = render(sheet.sheet_pdf(labels, HOST, STOCKS["L7160"], offset_x_mm=2.54, offset_y_mm=-1.27), DPI)
    [before], [after] = zxingcpp.read_barcodes(straight), zxingcpp.read_barcodes(moved)
    assert after.position.top_left.x - before.position.top_left.x == pytest.approx(20, abs=1)
    assert after.position.top_left.y - before.position.top_left.y == pytest.approx(-10, abs=1)


def test_the_same_labels_give_the_same_bytes() -> None:
    labels = [full(label) for label in CODES[:3]]
    assert sheet.sheet_pdf(labels, HOST, STOCKS["5160"]) == sheet.sheet_pdf(labels, HOST, STOCKS["5160"])


def test_all_faults_of_an_order_are_named_at_once() -> None:
    with pytest.raises(PrintError) as caught:
        sheet.sheet_pdf([], HOST, STOCKS["L7160"], first_position=22, offset_x_mm=float("nan"), offset_y_mm=11)
    message = str(caught.value)
    assert "first_position: 22 is not 1 to 21" in message
    assert "offset_x_mm: nan" in message
    assert "offset_y_mm: 11 mm is beyond ±10 mm" in message
    assert "labels: there is none" in message
    assert "起始位置 22" in caught.value.text.zh


def test_position_0_is_refused() -> None:
    with pytest.raises(PrintError, match="first_position: 0"):
        sheet.sheet_pdf([full(CODES[0])], HOST, STOCKS["L7160"], first_position=0)


@every_sheet
def test_the_calibration_page_outlines_every_label(stock: Stock, render: Callable[[bytes, int], list[Image.Image]]) -> None:
    pdf = sheet.calibration_pdf(stock, offset_x_mm=1, offset_y_mm=0.5)
    [page] = render(pdf, DPI)
    box = next(stock.boxes())
    left, top = round(pixels(box.left_mm + 1)), round(pixels(box.top_mm + 0.5))
    near_left_edge = page.crop((left - 3, top + 30, left + 4, top + 32))
    near_top_edge = page.crop((left + 30, top - 3, left + 32, top + 4))
    assert min(near_left_edge.tobytes()) < 200
    assert min(near_top_edge.tobytes()) < 200
    text = text_of(pdf)
    assert str(stock.per_sheet) in text
    assert stock.name in text
    assert "x +1.0 mm, y +0.5 mm" in text


def test_the_calibration_page_refuses_an_offset_out_of_range() -> None:
    with pytest.raises(PrintError, match="check the paper size"):
        sheet.calibration_pdf(STOCKS["L7160"], offset_x_mm=-10.5)
