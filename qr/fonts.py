"""The typefaces of everything that is printed, embedded into every PDF.

Latin text is set in Arimo (SIL Open Font License; the Windows-1252 characters, kept in `qr/data/fonts`), whose widths are
Helvetica's. Chinese is set in WenQuanYi Micro Hei (Apache License 2.0, from the package `paperang-p2-fonts-cjk`), which has
all of GBK but three signs. Both are TrueType: reportlab embeds the glyphs that are used, Pillow draws them into the
dots of a thermal label, and both measure alike, so a label looks the same from every printer.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

LATIN: Final = "Arimo"
LATIN_BOLD: Final = "Arimo-Bold"
CHINESE: Final = "WenQuanYi"

_CHINESE_PACKAGE: Final = "paperang_p2_fonts_cjk"


@cache
def file_of(font: str) -> tuple[Path, int]:
    """Return a font's file and its number in that file.

    Raises
    ------
    FileNotFoundError
        If the package with the Chinese font is not installed.
    """
    own = Path(__file__).parent / "data" / "fonts"
    if font == LATIN:
        return own / "Arimo-Regular.ttf", 0
    if font == LATIN_BOLD:
        return own / "Arimo-Bold.ttf", 0
    found = importlib.util.find_spec(_CHINESE_PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError("the Chinese font is missing: install paperang-p2-fonts-cjk")
    return Path(found.origin).parent / "fonts" / "wqy-microhei.ttc", 0


@cache
def face(font: str) -> Any:
    """Return a font that reportlab knows by its name from now on; it keeps its fonts in a table of the process."""
    path, number = file_of(font)
    loaded = TTFont(font, str(path), subfontIndex=number)
    pdfmetrics.registerFont(loaded)
    return loaded.face


@cache
def width_table(font: str) -> dict[int, float]:
    """Return the widths of a font's characters in font sizes."""
    return {character: width / 1000 for character, width in face(font).charWidths.items()}


def has(font: str, character: str) -> bool:
    """Return whether a font can draw a character."""
    return ord(character) in width_table(font)
