"""A photo's file as it comes in: read safely, freed of metadata, hashed so that a second use of it is found. Pure.

Only JPEG, WebP and PNG are read, one picture each, and no more pixels than a phone's photo has; a file that promises more is
refused before anything is decoded. Metadata (EXIF with its place and serial numbers, XMP, comments) is cut out without
decoding the picture anew, so that a file that had none is kept byte for byte. Of a JPEG that a camera held sideways has
marked as turned that mark alone is kept, as an EXIF of its own: without it the picture would lie on its side.

The perceptual hash is the DCT hash of 64 bits (Zauner 2010, as in the library imagehash). It says how alike two pictures are,
nothing about what they show: no face is looked for, recognized or kept as data.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import imagehash
import numpy as np
from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 12 * 1024 * 1024
"""Of a file: the app's own have under 1 MB, a photo from the gallery as a phone's camera made it up to 12."""

MOST_PIXELS = 50_000_000
"""Of a picture: what the cameras of phones give in their usual mode; decoded it takes 150 MB for a moment."""

MOST_EDGE_PX = 16_383
"""Of an edge: the largest of WebP."""

BANDS = 4
"""Parts of the hash that are searched for; of two hashes that differ in fewer bits than there are bands, one band is equal."""

BAND_BITS = 16

_PLAIN = 6.0
"""Standard deviation of the grey levels (0–255) below which a picture shows nothing: all dark shafts are alike."""

_SEEN_PX = 512
"""A JPEG may be decoded at a fraction of its size that is no smaller than this: the hash looks at 32 × 32 pixels."""

_TURNED_PX = 32
"""The size at which the hash looks."""

_FORMATS = {"JPEG": "image/jpeg", "WEBP": "image/webp", "PNG": "image/png"}

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB")
_WEBP_KEPT = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH")
_WEBP_METADATA_FLAGS = 0x20 | 0x08 | 0x04
"""In VP8X: ICC profile, EXIF, XMP."""

_ORIENTATION_TAG = 0x0112

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_ALONE = (*range(0xD0, 0xD8), 0x01)
"""Markers of JPEG that stand without a length."""

_JPEG_KEPT_APPS = (0xE0, 0xEE)
"""JFIF, and Adobe's, which names the colour transform."""


class PictureError(Exception):
    """A file that is no picture we keep; the message says why and the way out."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that was read."""

    content: bytes
    """Without metadata."""

    media_type: str
    width_px: int
    height_px: int
    phash: int | None
    """64 bits, unsigned, of the upright picture; None for one that is too plain to tell it from others."""

    turned_phashes: tuple[int, ...]
    """Of the picture mirrored and turned by quarters: the eight ways to lay it, the upright one first; none without a hash."""


def read(content: bytes) -> Picture:
    """Read a file.

    Raises
    ------
    PictureError
        If it is none of the three formats, damaged, cut off, animated or too large.
    """
    if len(content) > MOST_BYTES:
        raise PictureError("make the photo smaller: at most 12 MB")
    stripped = without_metadata(content)
    try:
        with Image.open(io.BytesIO(stripped), formats=tuple(_FORMATS)) as image:
            width_px, height_px = image.size
            _refuse_large(width_px, height_px, getattr(image, "n_frames", 1))
            media_type = _FORMATS[str(image.format)]
            image.draft("RGB", (_SEEN_PX, _SEEN_PX))
            image.load()
            grey = ImageOps.exif_transpose(image).convert("L")
    except PictureError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("send a whole JPEG, WebP or PNG file") from error
    except Exception as error:  # a decoder that meets what nobody thought of: OSError, SyntaxError, ValueError, struct.error …
        raise PictureError("this file is damaged or was cut off: send it again") from error
    phash = _phash(grey)
    turned = () if phash is None else _turned(grey)
    return Picture(
        content=stripped, media_type=media_type, width_px=width_px, height_px=height_px, phash=phash, turned_phashes=turned
    )


def _refuse_large(width_px: int, height_px: int, frames: int) -> None:
    """Refuse what its head promises, before anything is decoded."""
    if not 1 <= width_px * height_px <= MOST_PIXELS or max(width_px, height_px) > MOST_EDGE_PX:
        raise PictureError("make the photo smaller: at most 50 million pixels")
    if frames != 1:
        raise PictureError("send a single picture, no animation")


def without_metadata(content: bytes) -> bytes:
    """Return a file without EXIF, XMP, comments, thumbnails, profiles and whatever follows its end.

    Raises
    ------
    PictureError
        If it is none of the three formats, or its parts do not fit together.
    """
    for head, strip in _STRIPPERS.items():
        if content.startswith(head):
            try:
                return _with_orientation(b"".join(strip(content)), _orientation(content) if strip is _jpeg else 1)
            except (IndexError, ValueError) as error:
                raise PictureError("this file is damaged or was cut off: send it again") from error
    raise PictureError("send a whole JPEG, WebP or PNG file")


def _orientation(content: bytes) -> int:
    """Return how a JPEG says that it is turned (CIPA DC-008, tag 0x0112): 1 upright, 2 to 8 mirrored or turned."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            told = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # an EXIF that nobody can read says nothing; the picture itself is read later
        return 1
    return told if isinstance(told, int) and 2 <= told <= 8 else 1


def _with_orientation(stripped: bytes, orientation: int) -> bytes:
    """Return a JPEG with the orientation as its only EXIF, behind the start; one that is upright stays as it is."""
    if orientation == 1:
        return stripped
    entry = _ORIENTATION_TAG.to_bytes(2) + b"\0\x03" + b"\0\0\0\1" + orientation.to_bytes(2) + b"\0\0"
    body = b"Exif\0\0" + b"MM\0*\0\0\0\x08" + b"\0\1" + entry + b"\0\0\0\0"
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    at = 2
    while stripped[at : at + 2] == b"\xff\xe0":  # JFIF stays first
        at += 2 + int.from_bytes(stripped[at + 2 : at + 4])
    return stripped[:at] + segment + stripped[at:]


def bands(phash: int) -> list[int]:
    """Return the parts of a hash that are searched for, the lowest bits first."""
    return [phash >> (BAND_BITS * n) & (1 << BAND_BITS) - 1 for n in range(BANDS)]


def signed(phash: int) -> int:
    """Return a hash as PostgreSQL's bigint has it: two's complement."""
    return phash - (1 << 64) if phash >= 1 << 63 else phash


def _phash(grey: Image.Image) -> int | None:
    if float(np.asarray(grey.resize((32, 32), Image.Resampling.BOX), dtype=np.float64).std()) < _PLAIN:
        return None
    return int(str(imagehash.phash(grey)), 16)


def _turned(grey: Image.Image) -> tuple[int, ...]:
    """Return the hashes of a picture in the eight ways to lay it: a copy may be mirrored or turned to look new."""
    small = grey.resize((_TURNED_PX, _TURNED_PX), Image.Resampling.LANCZOS)  # a square: turned it stays the same pixels
    ways = [grey, *(small.transpose(way) for way in Image.Transpose)]
    return tuple(int(str(imagehash.phash(way)), 16) for way in ways)


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the segments that make the picture, up to its end (ITU-T T.81, annex B)."""
    yield content[:2]
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == _EOI:
            yield content[at : at + 2]
            return
        if marker in _ALONE:
            yield content[at : at + 2]
            at += 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if end > len(content) or end < at + 4:
            raise ValueError("a segment is cut off")
        if marker == _SOS:
            end = _after_scan(content, end)
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _JPEG_KEPT_APPS:
            yield content[at:end]
        at = end


def _after_scan(content: bytes, at: int) -> int:
    """Return where the entropy-coded data of a scan ends: at the next marker that is no restart and no stuffed byte."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] != 0 and content[at + 1] not in _ALONE:
            return at
        at += 2


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks that make the picture (W3C PNG, section 5)."""
    yield _PNG_HEAD
    at = len(_PNG_HEAD)
    while True:
        kind = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if len(kind) < 4 or end > len(content):
            raise ValueError("a chunk is cut off")
        if kind in _PNG_KEPT:
            yield content[at:end]
        if kind == b"IEND":
            return
        at = end


def _webp(content: bytes) -> Iterator[bytes]:
    """Yield the file with the chunks that make the picture only (RFC 9649)."""
    length = int.from_bytes(content[4:8], "little") + 8
    if content[8:12] != b"WEBP" or length > len(content):
        raise ValueError("no WebP, or cut off")
    chunks = []
    at = 12
    while at < length:
        kind = content[at : at + 4]
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
        if len(kind) < 4 or end > length:
            raise ValueError("a chunk is cut off")
        body = content[at + 8 : end]
        if kind == b"VP8X":
            body = bytes([body[0] & ~_WEBP_METADATA_FLAGS]) + body[1:]
        if kind in (b"ANIM", b"ANMF"):
            raise PictureError("send a single picture, no animation")
        if kind in _WEBP_KEPT:
            chunks.append(kind + content[at + 4 : at + 8] + body + b"\0" * (len(body) % 2))
        at = end + len(body) % 2
    size = 4 + sum(len(chunk) for chunk in chunks)
    yield b"RIFF" + size.to_bytes(4, "little") + b"WEBP"
    yield from chunks


_STRIPPERS: dict[bytes, Callable[[bytes], Iterator[bytes]]] = {b"\xff\xd8": _jpeg, _PNG_HEAD: _png, b"RIFF": _webp}
