"""The one way this package opens a PDF."""

import io
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas


def open_pdf(width_mm: float, height_mm: float, title: str) -> tuple[io.BytesIO, Any]:
    """Start a PDF that carries no date and no random id, so that the same content gives the same bytes.

    Parameters
    ----------
    width_mm, height_mm : float
        Size of its pages.
    title : str
        Shown in the window of the reader.

    Returns
    -------
    tuple of BytesIO and reportlab.pdfgen.canvas.Canvas
        Where the PDF is once the canvas is saved, and the canvas; its origin is the lower left corner.
    """
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(width_mm * mm, height_mm * mm), pageCompression=1, invariant=1)
    canvas.setTitle(title)
    # Readers scale to the printable area by default; then labels miss their places and codes shrink.
    canvas.setViewerPreference("PrintScaling", "None")
    return content, canvas
