"""What is printed is read back from its own rendering by another library: clean, and as phones see it."""

from collections.abc import Callable
from itertools import islice
from math import ceil
from random import Random

import pytest
import zplkit
import zplkit.rendering
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from qr import code, keys, notice, sheet, symbol, zpl
from qr.label import Label, size_in
from qr.stock import STOCKS, Box, Stock

HOST = "https://liftrounds.example"
DPI = 300
RANDOM_BYTES = Random(12).randbytes  # noqa: S311 - repeatable on purpose
CODES = [code.mint(keys.generate(RANDOM_BYTES), RANDOM_BYTES) for _ in range(50)]
Render = Callable[[bytes, int], list[Image.Image]]


def label(number: int = 0) -> Label:
    return Label(
        code=CODES[number], unit="台州市椒江区云西路人才大厦南楼 3#", registration_code="31103310022015030001",
        rescue_code="310234", phone_24h="0576-88886666",
    )  # fmt: skip


def payload(number: int = 0) -> str:
    return code.payload_url(CODES[number], HOST)


def read(picture: Image.Image) -> list[str]:
    return sorted(found.text for found in zxingcpp.read_barcodes(picture))


def photos(stock: Stock, render: Render) -> Image.Image:
    """The first label of a sheet, cut out with half a label's quiet surroundings."""
    [page] = render(sheet.sheet_pdf([label()], HOST, stock), DPI)
    box = next(islice(stock.boxes(), 1))
    cut = [at / 25.4 * DPI for at in (box.left_mm, box.top_mm, box.left_mm + box.width_mm, box.top_mm + box.height_mm)]
    return page.crop((int(cut[0]), int(cut[1]), ceil(cut[2]), ceil(cut[3])))


every_stock = pytest.mark.parametrize("stock", STOCKS.values(), ids=STOCKS)


@every_stock
def test_every_place_of_every_stock_reads(stock: Stock, render: Render) -> None:
    count = min(stock.per_sheet, 48)
    pages = render(sheet.sheet_pdf([label(number) for number in range(count)], HOST, stock), DPI)
    assert [text for page in pages for text in read(page)] == sorted(payload(number) for number in range(count))


@every_stock
def test_a_label_out_of_focus_reads(stock: Stock, render: Render) -> None:
    photo = photos(stock, render)
    # Blurred by two fifths of a module: what a phone does at the near end of its focus.
    module_px = size_in(stock.drawn_box, len(payload())).module_mm / 25.4 * DPI
    assert read(photo.filter(ImageFilter.GaussianBlur(module_px * 0.4))) == [payload()]


@every_stock
def test_a_label_at_an_angle_in_dim_light_reads(stock: Stock, render: Render) -> None:
    photo = photos(stock, render)
    wide, high = photo.size
    # Seen from the side: the right edge of a square would be a quarter shorter; then turned by 20 degrees, and grey on grey.
    lean = 0.14 * min(wide, high)
    corners = (0, 0, 0, high, wide, high + lean, wide, -lean)
    tilted = photo.transform((wide, high), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)
    turned = tilted.rotate(20, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert read(turned.point(lambda level: 70 + level * 0.4)) == [payload()]


@every_stock
def test_a_label_with_a_scratched_middle_reads(stock: Stock, render: Render) -> None:
    """Two fifths of the area that the level promises of code words, in one spot (words at its edge are lost too)."""
    photo = photos(stock, render)
    [found] = zxingcpp.read_barcodes(photo)
    place = found.position
    xs = [place.top_left.x, place.top_right.x, place.bottom_left.x, place.bottom_right.x]
    ys = [place.top_left.y, place.top_right.y, place.bottom_left.y, place.bottom_right.y]
    side = max(max(xs) - min(xs), max(ys) - min(ys))
    share = size_in(stock.drawn_box, len(payload())).level.recovers_percent / 100 * 0.4
    spot = side * share**0.5
    middle_x, middle_y = sum(xs) / 4, sum(ys) / 4
    ImageDraw.Draw(photo).rectangle(
        (middle_x - spot / 2, middle_y - spot / 2, middle_x + spot / 2, middle_y + spot / 2), fill=255
    )
    assert read(photo) == [payload()]


@pytest.mark.parametrize("level", list(symbol.Level))
def test_a_code_of_15_mm_reads_at_every_level_from_203_dpi_on(level: symbol.Level) -> None:
    drawn = symbol.make_symbol(payload(), level=level)
    module_dots = max(1, int(15 / drawn.full_side * 8))
    picture = Image.new("L", (drawn.full_side * module_dots,) * 2, 255)
    pen = ImageDraw.Draw(picture)
    for column, row, columns, rows in symbol.rectangles(drawn):
        left, top = (column + 4) * module_dots, (row + 4) * module_dots
        pen.rectangle((left, top, left + columns * module_dots - 1, top + rows * module_dots - 1), fill=0)
    assert picture.width <= 15 * 8
    assert read(picture) == [payload()]


def test_a_notice_reads_out_of_focus_and_turned(render: Render) -> None:
    [page] = render(notice.notice_pdf([notice.Notice(code=CODES[0], rescue_number="96333")], HOST), 200)
    assert read(page.filter(ImageFilter.GaussianBlur(3)).rotate(12, expand=True, fillcolor=255)) == [payload()]


@pytest.mark.parametrize("dots_per_mm", zpl.DOTS_PER_MM)
@pytest.mark.parametrize(("width_mm", "height_mm"), [(57, 32), (50, 25), (100, 50), (62.5, 30.2)])
def test_a_zebra_label_renders_in_its_size_without_a_warning_and_reads(
    dots_per_mm: int, width_mm: float, height_mm: float
) -> None:
    content = zpl.zpl([label(0), label(1)], HOST, width_mm=width_mm, height_mm=height_mm, dots_per_mm=dots_per_mm)
    pictures, warnings = rendered(content, width_mm, height_mm, dots_per_mm)
    assert warnings == []
    assert [read(picture) for picture in pictures] == [[payload(0)], [payload(1)]]
    drawn = zpl.drawn(label(0), HOST, width_mm, height_mm, dots_per_mm).picture().convert("L")
    assert pictures[0].size == drawn.size
    assert pictures[0].tobytes() == drawn.tobytes(), "every dot arrives"


def rendered(content: bytes, width_mm: float, height_mm: float, dots_per_mm: int) -> tuple[list[Image.Image], list[object]]:
    dpi = {6: 152, 8: 203, 12: 300, 24: 600}[dots_per_mm]
    width, height = round(width_mm * dots_per_mm), round(height_mm * dots_per_mm)
    document = zplkit.render(
        content,
        zplkit.Options(profile="specification", dpi=dpi, width=width, height=height),
        limits=zplkit.rendering.Limits(graphic_bytes=2**23),
    )
    rasters = [one.rasterize() for one in document.labels]
    pictures = [Image.frombytes("L", (raster.width, raster.height), raster.pixels) for raster in rasters]
    return pictures, list(document.warnings)


@pytest.mark.parametrize("dots_per_mm", [8, 12])
def test_modules_of_a_zebra_label_are_whole_dots(dots_per_mm: int) -> None:
    size = size_in(Box(0, 0, 57, 32), len(payload()), dots_per_mm)
    assert size.module_mm * dots_per_mm == pytest.approx(round(size.module_mm * dots_per_mm))
    picture = zpl.drawn(label(), HOST, 57, 32, dots_per_mm).picture().convert("L")
    [found] = zxingcpp.read_barcodes(picture)
    side = found.position.top_right.x - found.position.top_left.x
    assert side == pytest.approx(size.modules * size.module_mm * dots_per_mm, abs=2)
