"""Labels for Zebra printers, as ZPL II.

Each label is one picture of dots (`^GFA`), not text and `^BQ`: a Zebra printer has no Chinese font unless one was bought for
it, `^BQ` decides over mask and version by itself and its magnification is all that can be set, and where its quiet zone
ends depends on the firmware. A picture is the same on every printer since ZPL II: each module a whole number of dots, the
text in the fonts of the PDF. It is compressed by ZPL's own run lengths, which every firmware reads (the shorter Z64 needs
X.11 or later); a label of 57 × 32 mm at 8 dots is some 9 kB.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final

from qr.errors import Bilingual, PrintError
from qr.label import Label, draw_label
from qr.stock import Box
from qr.surfaces import DotSurface

DOTS_PER_MM: Final = {6: 6.0, 8: 8.0, 12: 12.0, 24: 24.0}
"""Print heads of Zebra's printers, named 152, 203, 300 and 600 dpi; their dots per mm are whole."""

DEFAULT_WIDTH_MM: Final = 57.0
DEFAULT_HEIGHT_MM: Final = 32.0
"""2¼ × 1¼ inch, the usual roll of a desktop printer."""

SMALLEST_MM: Final = (30.0, 18.0)
LARGEST_MM: Final = (168.0, 300.0)
"""Width of the widest print head and a length that any printer feeds; below the smallest no text is legible."""

LARGEST_SHIFT_MM: Final = 10.0

Progress = Callable[[int], None]
"""Told how many labels are done."""

_ONES: Final = ("", *"GHIJKLMNOPQRSTUVWXY")
_TWENTIES: Final = ("", *"ghijklmnopqrstuvwxyz")
"""ZPL's run lengths before a digit: G to Y are 1 to 19, g to z are 20 to 400; one of each is added up."""

_LONGEST_RUN: Final = 419

_INVERTED: Final = bytes(value ^ 0xFF for value in range(256))
"""For `bytes.translate`: Pillow's white is 1, a printer's black is 1."""

_RUNS: Final = re.compile(r"([0-9A-F])\1{2,}")
"""Runs worth a count: two digits are as short as they are."""


def zpl(
    labels: Sequence[Label],
    public_url: str,
    *,
    width_mm: float = DEFAULT_WIDTH_MM,
    height_mm: float = DEFAULT_HEIGHT_MM,
    dots_per_mm: int = 8,
    offset_x_mm: float = 0,
    offset_y_mm: float = 0,
    progress: Progress | None = None,
) -> bytes:
    """Write labels for a Zebra printer.

    Parameters
    ----------
    labels : sequence of Label
        At least one; in this order.
    public_url : str
        Where the public pages are served; see `qr.code.payload_url`.
    width_mm, height_mm : float
        Size of a label.
    dots_per_mm : int
        Of the print head: 6, 8 (203 dpi), 12 (300 dpi) or 24.
    offset_x_mm, offset_y_mm : float
        Shift of the print, right and down positive.
    progress : callable, optional
        Told how many labels are done.

    Returns
    -------
    bytes
        ASCII, to be sent to the printer's port as it is (raw, 9100).

    Raises
    ------
    PrintError
        If there is nothing to print or a size is out of range; the message names all that is wrong.
    """
    _require_printable(labels, width_mm, height_mm, dots_per_mm, (offset_x_mm, offset_y_mm))
    dots = DOTS_PER_MM[dots_per_mm]
    parts = []
    for done, label in enumerate(labels, start=1):
        parts.append(_label(label, public_url, width_mm, height_mm, dots, (offset_x_mm, offset_y_mm)))
        if progress is not None:
            progress(done)
    return "".join(parts).encode("ascii")


def drawn(label: Label, public_url: str, width_mm: float, height_mm: float, dots_per_mm: float) -> DotSurface:
    """Draw one label in dots."""
    surface = DotSurface(width_mm, height_mm, dots_per_mm)
    draw_label(surface, label, public_url, Box(0, 0, width_mm, height_mm), height_mm, dots_per_mm=dots_per_mm)
    return surface


def _label(
    label: Label, public_url: str, width_mm: float, height_mm: float, dots_per_mm: float, offsets_mm: tuple[float, float]
) -> str:
    picture = drawn(label, public_url, width_mm, height_mm, dots_per_mm).picture()
    row_bytes = (picture.width + 7) // 8
    ink = picture.tobytes().translate(_INVERTED)
    spare_bits = row_bytes * 8 - picture.width  # Pillow pads rows with 0 bits, which are black once inverted
    rows = [ink[start : start + row_bytes] for start in range(0, len(ink), row_bytes)]
    total = row_bytes * picture.height
    x, y = (round(offset * dots_per_mm) for offset in offsets_mm)
    # ^LH and ^FO take no negative numbers; ^LS and ^LT shift the whole label left and down.
    return (
        f"^XA^PW{picture.width}^LL{picture.height}^LH0,0^LS{-x}^LT{y}^PON"
        f"^FO0,0^GFA,{total},{total},{row_bytes},{_packed(rows, spare_bits)}^FS^XZ\n"
    )


def _packed(rows: Sequence[bytes], spare_bits: int) -> str:
    """Write rows of dots in ZPL's run lengths: a row like the one above is ``:``, white to its end ``,``."""
    packed = []
    before = None
    for row in rows:
        packed.append(":" if row == before else _packed_row(row[:-1] + bytes([row[-1] >> spare_bits << spare_bits])))
        before = row
    return "".join(packed)


@lru_cache(maxsize=4_096)
def _packed_row(row: bytes) -> str:
    """Write one row; the labels of a job share many, such as their margins and their finder patterns."""
    digits = row.hex().upper()
    kept = digits.rstrip("0")
    end = "," if len(kept) < len(digits) else ""
    if not end and digits.rstrip("F") != digits:
        kept, end = digits.rstrip("F"), "!"
    return _RUNS.sub(_counted, kept) + end


def _counted(found: re.Match[str]) -> str:
    return _run(found[1], len(found[0]))


@cache
def _run(digit: str, length: int) -> str:
    """Write a digit that comes several times; there are at most 16 digits times the widest row."""
    code = ""
    while length:
        part = min(length, _LONGEST_RUN)
        length -= part
        if part > 1:
            twenties, ones = divmod(part, 20)
            code += _TWENTIES[twenties] + _ONES[ones]
        code += digit
    return code


def _require_printable(
    labels: Sequence[Label], width_mm: float, height_mm: float, dots_per_mm: int, offsets_mm: tuple[float, float]
) -> None:
    faults = []
    sizes = zip(("width_mm", "height_mm"), (width_mm, height_mm), SMALLEST_MM, LARGEST_MM, strict=True)
    for name, value, least, most in sizes:
        if not least <= value <= most:  # written so that a NaN is refused as well
            faults.append(
                Bilingual(
                    zh=f"标签尺寸 {name} = {value} mm 超出 {least:g}–{most:g} mm",
                    en=f"{name}: {value} mm is not {least:g} to {most:g} mm; measure the label on the roll",
                )
            )
    if dots_per_mm not in DOTS_PER_MM:
        heads = ", ".join(str(head) for head in DOTS_PER_MM)
        faults.append(
            Bilingual(
                zh=f"打印头 {dots_per_mm} 点/mm 不支持，可选 {heads}（8 = 203 dpi，12 = 300 dpi）",
                en=f"dots_per_mm: {dots_per_mm} is none of {heads}; 8 is 203 dpi, 12 is 300 dpi",
            )
        )
    for name, value in zip(("offset_x_mm", "offset_y_mm"), offsets_mm, strict=True):
        if not -LARGEST_SHIFT_MM <= value <= LARGEST_SHIFT_MM:
            faults.append(
                Bilingual(
                    zh=f"偏移 {name} = {value} mm 超出 ±{LARGEST_SHIFT_MM:g} mm",
                    en=f"{name}: {value} mm is beyond ±{LARGEST_SHIFT_MM:g} mm; check the label size set in the printer",
                )
            )
    if not labels:
        faults.append(Bilingual(zh="没有要打印的标签", en="labels: there is none to print"))
    if faults:
        raise PrintError(
            "zpl_order",
            Bilingual(zh="；".join(fault.zh for fault in faults) + "。", en="; ".join(fault.en for fault in faults) + "."),
        )
