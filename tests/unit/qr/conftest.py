"""Reading back what was printed: PDFs become pictures, pictures are scanned."""

from collections.abc import Callable

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
Render = Callable[[bytes, int], list[Image.Image]]
Scan = Callable[[Image.Image], list[str]]


@pytest.fixture
def render() -> Render:
    """Render the pages of a PDF at a resolution in dots per inch, in grey."""

    def pages(pdf: bytes, dpi: int) -> list[Image.Image]:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
        finally:
            document.close()

    return pages


@pytest.fixture
def scan() -> Scan:
    """Read all QR codes in a picture, as a phone would."""

    def read(picture: Image.Image) -> list[str]:
        return [found.text for found in zxingcpp.read_barcodes(picture, formats=FORMATS)]

    return read
