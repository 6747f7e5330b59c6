"""Labels of machine room, car top and pit: their zone is printed in both languages, and the code still reads."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from qr import code, keys, sheet, single, symbol, zpl
from qr.evidence import Zone
from qr.label import Label, zone_text
from qr.stock import STOCKS, Stock

RANDOM_BYTES = Random(17).randbytes  # noqa: S311 - repeatable on purpose
CODE = code.mint(keys.generate(RANDOM_BYTES), RANDOM_BYTES)
HOST = "https://liftrounds.example"
PAYLOAD = code.payload_url(CODE, HOST)
NAMES = {Zone.MACHINE_ROOM: ("机房", "Machine room"), Zone.CAR_TOP: ("轿顶", "Car top"), Zone.PIT: ("底坑", "Pit")}

every_stock = pytest.mark.parametrize("stock", STOCKS.values(), ids=lambda stock: stock.name)
every_zone = pytest.mark.parametrize("zone", Zone)


def full(zone: Zone | None) -> Label:
    return Label(
        code=CODE, unit="人才大厦 3#", registration_code="31103310022015030001", rescue_code="310234", phone_24h="0576-12345",
        zone=zone,
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text.replace("\ufffe", "-")  # pdfium marks a hyphen so


@every_stock
@every_zone
@pytest.mark.parametrize("blank", [False, True], ids=["full", "blank"])
def test_every_stock_names_the_zone_in_both_languages_and_reads(
    stock: Stock, zone: Zone, blank: bool, render: Callable[[bytes, int], list[Image.Image]]
) -> None:
    printed = sheet.sheet_pdf([Label(code=CODE, zone=zone) if blank else full(zone)], HOST, stock)
    text = text_of(printed)
    assert all(name in text for name in NAMES[zone])
    assert CODE.short_code in text
    assert ("空白标签" in text) is blank
    assert blank or all(number in text for number in ("31103310022015030001", "310234"))
    assert [found.text for found in zxingcpp.read_barcodes(render(printed, 200)[0])] == [PAYLOAD]


@every_stock
def test_the_car_s_label_names_no_zone(stock: Stock) -> None:
    text = text_of(sheet.sheet_pdf([full(None)], HOST, stock))
    assert not any(name in text for names in NAMES.values() for name in names)


def test_the_24_h_phone_is_not_on_a_zone_s_label() -> None:
    assert "0576-12345" not in text_of(sheet.sheet_pdf([full(Zone.PIT)], HOST, STOCKS["L7165"]))


@every_zone
@pytest.mark.parametrize("dots_per_mm", zpl.DOTS_PER_MM)
def test_a_zebra_label_has_the_zone_at_its_top_and_reads(zone: Zone, dots_per_mm: int) -> None:
    """The same drawing as on paper: its uppermost text is the zone's, as wide as nothing else there."""
    with_zone, other, without = (
        zpl.drawn(full(one), HOST, 57, 32, dots_per_mm).picture().convert("L") for one in (zone, Zone.CAR_TOP, None)
    )
    assert [found.text for found in zxingcpp.read_barcodes(with_zone)] == [PAYLOAD]
    assert with_zone.tobytes() != without.tobytes()
    assert (with_zone.tobytes() == other.tobytes()) is (zone is Zone.CAR_TOP), "each zone has its own text"


@every_zone
def test_a_single_picture_has_the_zone_below_the_code_and_reads(zone: Zone) -> None:
    drawn = symbol.make_symbol(PAYLOAD)
    svg = single.svg(drawn, zone)
    assert all(name in svg for name in NAMES[zone])
    picture = Image.open(io.BytesIO(single.png(drawn, zone)))
    assert [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] == [PAYLOAD]
    plain = Image.open(io.BytesIO(single.png(drawn)))
    assert (picture.width, picture.height > plain.height) == (plain.width, True)
    strip = picture.convert("L").crop((0, plain.height, picture.width, picture.height))
    assert strip.getextrema() == (0, 255), "something is written there"


def test_a_single_picture_of_the_car_s_label_is_the_code_alone() -> None:
    drawn = symbol.make_symbol(PAYLOAD)
    assert single.svg(drawn) == symbol.svg(drawn)
    assert single.png(drawn) == symbol.png(drawn)


def test_zones_are_named_in_both_languages() -> None:
    assert {zone: zone_text(zone) for zone in Zone} == {zone: " ".join(names) for zone, names in NAMES.items()}
