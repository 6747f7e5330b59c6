"""A camera's view of a printed label: the label's own PDF, rendered, laid before the camera and filmed (YUV4MPEG2).

Chromium plays such a file as its camera (`--use-file-for-fake-video-capture`) and reads it again each time the camera is
opened, so that another film at the same place is another label before the same camera.
"""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 640, 480
FRAMES = 6
DPI = 300
WALL = (118, 122, 120)
"""Grey of a car's wall."""

LABEL_WIDTH_PX = 430
"""Of the label in the picture: held at arm's length."""


def film(pdf: bytes, path: Path) -> None:
    """Write a film of the first label of a sheet, held in a hand that is not quite still."""
    label = _label(pdf)
    frames = [_frame(label, turn) for turn in (-3.0, -1.5, 0.0, 2.0, 4.0, 1.0)[:FRAMES]]
    # Written beside and put in place at once: a camera that is open never sees half a film.
    beside = path.with_suffix(".part")
    beside.write_bytes(_y4m(frames))
    beside.replace(path)


def blank(path: Path) -> None:
    """Write a film of the bare wall."""
    path.write_bytes(_y4m([Image.new("RGB", (WIDTH, HEIGHT), WALL)] * 2))


def _label(pdf: bytes) -> Image.Image:
    """Return the first label of a sheet with a margin of its paper."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72).to_pil().convert("RGB")
    ink = page.convert("L").point(lambda grey: 255 if grey < 250 else 0).getbbox()
    assert ink is not None, "the sheet is empty"
    margin = DPI // 12
    left, top, right, bottom = ink
    label: Image.Image = page.crop((left - margin, top - margin, right + margin, bottom + margin))
    return label


def _frame(label: Image.Image, turn_deg: float) -> Image.Image:
    frame = Image.new("RGB", (WIDTH, HEIGHT), WALL)
    size = (LABEL_WIDTH_PX, round(label.height * LABEL_WIDTH_PX / label.width))
    turned = label.resize(size, Image.Resampling.LANCZOS).rotate(
        turn_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=WALL
    )
    frame.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2))
    return frame.filter(ImageFilter.GaussianBlur(0.6))


def _y4m(frames: list[Image.Image]) -> bytes:
    """Return frames as YUV4MPEG2, 4:2:0, ten a second."""
    parts = [f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()]
    for frame in frames:
        luma, blue, red = frame.convert("YCbCr").split()
        half = (WIDTH // 2, HEIGHT // 2)
        parts += [b"FRAME\n", luma.tobytes(), blue.resize(half).tobytes(), red.resize(half).tobytes()]
    return b"".join(parts)
