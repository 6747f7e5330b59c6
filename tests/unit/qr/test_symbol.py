"""The QR code in all its drawings, read back by a scanner."""

import io
import re
from collections.abc import Callable, Iterable

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from qr import symbol
from qr.errors import PrintError
from qr.pdf import open_pdf
from qr.symbol import Symbol

PAYLOAD = "HTTPS://LIFTROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D"
SYMBOL = symbol.make_symbol(PAYLOAD)


def picture_of(modules: Iterable[Iterable[bool]]) -> Image.Image:
    """Draw rows of modules, quiet zone included, eight pixels to the module."""
    rows = [list(row) for row in modules]
    picture = Image.new("L", (len(rows[0]), len(rows)), 255)
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    return picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)


def with_quiet_zone(drawn: Symbol) -> list[list[bool]]:
    margin = [False] * symbol.QUIET_MODULES
    empty = [[False] * drawn.full_side] * symbol.QUIET_MODULES
    return [*empty, *([*margin, *row, *margin] for row in drawn.modules), *empty]


def test_a_usual_host_fits_version_3_and_a_long_one_version_4() -> None:
    tail = "/E/8KQ3T4ZV-XABC0D"
    assert SYMBOL.version == 3
    assert SYMBOL.side == 29
    assert symbol.make_symbol("HTTPS://" + "A" * 21 + tail).version == 3
    assert symbol.make_symbol("HTTPS://" + "A" * 22 + tail).version == 4
    assert symbol.make_symbol("HTTPS://" + "A" * 41 + tail).version == 4


def test_the_code_is_of_level_q() -> None:
    [found] = zxingcpp.read_barcodes(picture_of(with_quiet_zone(SYMBOL)))
    assert found.ec_level == "Q"


@pytest.mark.parametrize("payload", ["https://liftrounds.example", "HTTPS://电梯.CN", "A_B"])
def test_a_payload_outside_the_alphanumeric_mode_is_refused(payload: str) -> None:
    with pytest.raises(PrintError, match="outside the alphanumeric mode") as caught:
        symbol.make_symbol(payload)
    assert caught.value.reason == "payload_characters"


@pytest.mark.parametrize("mask_pattern", range(8))
def test_the_code_reads_under_every_mask(mask_pattern: int, scan: Callable[[Image.Image], list[str]]) -> None:
    drawn = symbol.make_symbol(PAYLOAD, mask_pattern=mask_pattern)
    assert scan(picture_of(with_quiet_zone(drawn))) == [PAYLOAD]


def test_a_scratch_over_ten_percent_of_the_code_leaves_it_readable(scan: Callable[[Image.Image], list[str]]) -> None:
    picture = Image.open(io.BytesIO(symbol.png(SYMBOL))).convert("L")
    side = picture.width
    left, right = side * 0.4, side * 0.6
    ImageDraw.Draw(picture).rectangle((left, side * 0.35, right, side * 0.65), fill=255)
    assert scan(picture) == [PAYLOAD]


def test_rectangles_cover_each_dark_module_once_and_no_light_one() -> None:
    covered = [[0] * SYMBOL.side for _ in range(SYMBOL.side)]
    for column, row, columns, rows in symbol.rectangles(SYMBOL):
        for y in range(row, row + rows):
            for x in range(column, column + columns):
                covered[y][x] += 1
    assert covered == [[int(dark) for dark in row] for row in SYMBOL.modules]


def test_the_svg_is_one_black_path_over_a_white_square_and_reads(scan: Callable[[Image.Image], list[str]]) -> None:
    drawn = symbol.svg(SYMBOL)
    assert 'viewBox="0 0 37 37"' in drawn
    assert drawn.count("<path") == 2
    assert '<path fill="#fff" d="M0 0h37v37h-37z"/>' in drawn
    picture = Image.new("L", (37 * 8, 37 * 8), 255)
    pen = ImageDraw.Draw(picture)
    black = drawn.rsplit("<path", 1)[1]
    for x, y, wide, high in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", black):
        left, top = int(x) * 8, int(y) * 8
        pen.rectangle((left, top, left + int(wide) * 8 - 1, top + int(high) * 8 - 1), fill=0)
    assert scan(picture) == [PAYLOAD]


def test_the_png_is_black_and_white_of_the_asked_size_and_reads(scan: Callable[[Image.Image], list[str]]) -> None:
    picture = Image.open(io.BytesIO(symbol.png(SYMBOL, module_px=3)))
    assert picture.mode == "1"
    assert picture.size == (37 * 3, 37 * 3)
    assert scan(picture.convert("L")) == [PAYLOAD]


@pytest.mark.parametrize("colour", [True, False])
def test_the_terminal_text_shows_the_code_with_its_quiet_zone(colour: bool, scan: Callable[[Image.Image], list[str]]) -> None:
    lines = symbol.terminal_text(SYMBOL, colour=colour).split("\n")
    if colour:
        assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)
        lines = [line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m") for line in lines]
    assert len(lines) == 19
    assert {len(line) for line in lines} == {37}
    painted = [[character in half for character in line] for line in lines for half in ("▀█", "▄█")]
    # Without colours the paint is the light of a dark terminal.
    dark = painted if colour else [[not paint for paint in row] for row in painted]
    assert dark[:37] == with_quiet_zone(SYMBOL)
    assert scan(picture_of(dark)) == [PAYLOAD]


@pytest.mark.parametrize("payload", [PAYLOAD, "HTTPS://" + "LONG-NAME.ELEVATORS.EXAMPLE.COM:8443" + PAYLOAD[26:]])
def test_a_code_printed_15_mm_wide_at_300_dpi_reads(
    payload: str, render: Callable[[bytes, int], list[Image.Image]], scan: Callable[[Image.Image], list[str]]
) -> None:
    content, canvas = open_pdf(30, 30, "test")
    side_pt = 15 / 25.4 * 72
    symbol.draw(canvas, symbol.make_symbol(payload, mask_pattern=symbol.SHEET_MASK), 20, 20, side_pt)
    canvas.save()
    [page] = render(content.getvalue(), 300)
    assert scan(page) == [payload]
    # Turned, out of focus a little and grey, as from a hand-held phone.
    photo = page.rotate(17, expand=True, fillcolor=255).resize((280, 280)).point(lambda level: 60 + level // 2)
    assert scan(photo) == [payload]
