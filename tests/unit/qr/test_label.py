"""One label: the level chosen for the size, warnings, and the phone where there is room."""

from random import Random

import pypdfium2
import pytest

from qr import code, keys, sheet
from qr.label import Label, size_in
from qr.stock import STOCKS, Box
from qr.symbol import Level, fitting_level

RANDOM_BYTES = Random(9).randbytes  # noqa: S311 - repeatable on purpose
CODE = code.mint(keys.generate(RANDOM_BYTES), RANDOM_BYTES)
HOST = "https://liftrounds.example"
USUAL = len(code.payload_url(CODE, HOST))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text.replace("\ufffe", "-")  # pdfium marks a hyphen so


def printed(stock: str) -> bytes:
    label = Label(
        code=CODE, unit="人才大厦 3#", registration_code="31103310022015030001", rescue_code="310234", phone_24h="0576-12345"
    )
    return sheet.sheet_pdf([label], HOST, STOCKS[stock])


def test_the_level_is_the_highest_whose_modules_are_half_a_millimetre() -> None:
    assert fitting_level(USUAL, 41 * 0.5) is Level.H
    assert fitting_level(USUAL, 41 * 0.5 - 0.01) is Level.Q
    assert fitting_level(USUAL, 37 * 0.5 - 0.01) is Level.M
    assert size_in(Box(0, 0, 45.7, 21.2), USUAL).level is Level.Q


def test_a_format_that_is_too_small_for_the_address_warns_in_both_languages_and_a_usual_one_does_not() -> None:
    assert size_in(STOCKS["L7160"].drawn_box, USUAL).warning is None
    small = size_in(Box(0, 0, 40, 18), 90)
    assert small.warning is not None
    assert f"{small.module_mm:.2f} mm" in small.warning.en
    assert "模块" in small.warning.zh
    assert size_in(Box(0, 0, 30, 12), USUAL).warning is not None


@pytest.mark.parametrize("stock", STOCKS)
def test_the_quiet_zone_has_four_modules_inside_of_the_label(stock: str) -> None:
    box = STOCKS[stock].drawn_box
    size = size_in(box, USUAL)
    assert size.side_mm == pytest.approx((size.modules + 8) * size.module_mm)
    assert size.side_mm <= box.height_mm
    assert size.side_mm <= box.width_mm / 2


@pytest.mark.parametrize(
    ("stock", "has_room"), [("L7165", True), ("5163", True), ("62x100", True), ("L7160", False), ("L4736", False)]
)
def test_the_24_h_phone_stands_where_there_is_room(stock: str, has_room: bool) -> None:
    assert ("0576-12345" in text_of(printed(stock))) is has_room


def test_every_font_is_embedded() -> None:
    document = pypdfium2.PdfDocument(printed("L7165"))
    texts = list(document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]))
    embedded = [pypdfium2.raw.FPDFFont_GetIsEmbedded(pypdfium2.raw.FPDFTextObj_GetFont(item.raw)) for item in texts]
    document.close()
    assert len(embedded) > 8
    assert set(embedded) == {1}
