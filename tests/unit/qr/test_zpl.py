"""ZPL: run lengths as the printer counts them, and refusals that name what is wrong."""

import re
from random import Random

import pytest

from qr import code, keys, zpl
from qr.errors import PrintError
from qr.label import Label

RANDOM_BYTES = Random(3).randbytes  # noqa: S311 - repeatable on purpose
LABEL = Label(code=code.mint(keys.generate(RANDOM_BYTES), RANDOM_BYTES), unit="人才大厦 3#", rescue_code="310234")
HOST = "https://liftrounds.example"


def unpacked(data: str, row_bytes: int) -> bytes:
    """Read ZPL's compressed hexadecimal digits, written from the format's description and not from the writer."""
    rows: list[str] = []
    row, times = "", 0
    for letter in data:
        if "G" <= letter <= "Y":
            times += ord(letter) - ord("G") + 1
        elif "g" <= letter <= "z":
            times += 20 * (ord(letter) - ord("g") + 1)
        elif letter in ",!":
            row = row.ljust(row_bytes * 2, "0" if letter == "," else "F")
        elif letter == ":":
            row = rows[-1]
        else:
            row += letter * max(1, times)
            times = 0
        if len(row) == row_bytes * 2:
            rows.append(row)
            row = ""
    assert not row
    return bytes.fromhex("".join(rows))


def test_the_packed_picture_is_the_drawn_one_bit_for_bit_and_the_counts_are_right() -> None:
    text = zpl.zpl([LABEL], HOST, width_mm=57, height_mm=32, dots_per_mm=8).decode("ascii")
    found = re.fullmatch(
        r"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^LS0\^LT0\^PON\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-Za-z,:!]+)\^FS\^XZ\n", text
    )
    assert found is not None
    width, height, total, again, row_bytes = (int(number) for number in found.groups()[:5])
    assert (width, height) == (456, 256)
    assert total == again == row_bytes * height
    assert row_bytes == 57
    ink = unpacked(found[6], row_bytes)
    assert len(ink) == total
    white = bytes(value ^ 0xFF for value in ink)
    assert white == zpl.drawn(LABEL, HOST, 57, 32, 8).picture().tobytes()


def test_spare_bits_at_the_end_of_a_row_stay_white() -> None:
    text = zpl.zpl([LABEL], HOST, width_mm=50.1, height_mm=25, dots_per_mm=8).decode("ascii")
    data = text.split(",", 6)[-1]
    found = re.search(r"\^GFA,\d+,\d+,(\d+),(.+)\^FS", text)
    assert found is not None, data
    row_bytes = int(found[1])
    ink = unpacked(found[2], row_bytes)
    assert 50.1 * 8 % 8 != 0
    assert all(ink[end - 1] & 0b111_1111 == 0 for end in range(row_bytes, len(ink) + 1, row_bytes))


def test_an_offset_shifts_the_label_right_and_down_in_dots() -> None:
    assert b"^LS-12^LT6" in zpl.zpl([LABEL], HOST, dots_per_mm=12, offset_x_mm=1, offset_y_mm=0.5)


def test_progress_counts_every_label() -> None:
    told: list[int] = []
    zpl.zpl([LABEL] * 3, HOST, progress=told.append)
    assert told == [1, 2, 3]


def test_all_faults_are_named_at_once_with_the_way_out() -> None:
    with pytest.raises(PrintError) as caught:
        zpl.zpl([], HOST, width_mm=float("nan"), height_mm=900, dots_per_mm=11, offset_x_mm=11)
    message = str(caught.value)
    wanted = (
        "width_mm: nan",
        "height_mm: 900 mm is not 18 to 300 mm",
        "11 is none of 6, 8, 12, 24",
        "offset_x_mm: 11",
        "none to print",
    )
    for said in wanted:
        assert said in message
    assert "打印头 11" in caught.value.text.zh
