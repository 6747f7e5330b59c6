"""A photo's file is read safely and freed of all that is not the picture."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from backend.visits.photos import picture
from backend.visits.photos.picture import PictureError
from tests.support import pictures

SECRET = b"121 degrees 25 minutes east"
KINDS = ("JPEG", "PNG", "WEBP")


def with_metadata(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    more: dict[str, object] = {"exif": exif}
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET.decode(), zip=False)
        more["pnginfo"] = text
    if kind == "JPEG":
        more["comment"] = SECRET
    if kind in ("JPEG", "WEBP"):
        more["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    return pictures.file_of(pictures.picture(1), kind, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_is_cut_out_and_the_picture_stays(kind: str) -> None:
    sent = with_metadata(kind)
    assert SECRET in sent
    read = picture.read(sent)
    assert SECRET not in read.content
    assert (read.width_px, read.height_px) == (160, 120)
    plain = picture.read(pictures.file_of(pictures.picture(1), kind))
    assert read.phash == plain.phash


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_metadata_is_kept_byte_for_byte(kind: str) -> None:
    sent = pictures.file_of(pictures.picture(2), kind)
    assert picture.read(sent).content == sent


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_the_end_of_a_picture_is_cut_off(kind: str) -> None:
    sent = pictures.file_of(pictures.picture(3), kind)
    assert picture.read(sent + b"<script>" + SECRET).content == sent


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_off_anywhere_is_refused(kind: str) -> None:
    sent = pictures.file_of(pictures.picture(4), kind)
    for length in [0, 1, 4, 11, *range(12, len(sent) - 1, max(1, len(sent) // 40)), len(sent) - 1]:
        with pytest.raises(PictureError):
            picture.read(sent[:length])


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_refused_or_read_and_never_breaks_anything(kind: str) -> None:
    sent = with_metadata(kind)
    chance = random.Random(5)  # noqa: S311 - a test repeats itself
    for _ in range(150):
        damaged = bytearray(sent)
        for _hit in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read = picture.read(bytes(damaged))
        except PictureError:
            continue
        assert read.media_type == f"image/{kind.lower()}"


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16_000, 16_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")
    with pytest.raises(PictureError):
        picture.read(bomb)


def test_other_formats_and_animations_are_refused() -> None:
    frames = [pictures.picture(seed) for seed in (1, 2)]
    animated = pictures.file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    for sent in (pictures.file_of(frames[0], "GIF"), pictures.file_of(frames[0], "BMP"), animated, b"<svg/>", b"%PDF-1.7"):
        with pytest.raises(PictureError):
            picture.read(sent)


def test_another_compression_or_size_shares_a_band_and_another_picture_none() -> None:
    first = picture.read(pictures.photo_file(6)).phash
    assert first is not None
    for again in (
        pictures.file_of(pictures.picture(6), "JPEG", quality=35),
        pictures.file_of(pictures.picture(6), "PNG"),
        pictures.file_of(pictures.picture(6).resize((200, 150)), "WEBP", quality=60),
    ):
        other = picture.read(again).phash
        assert other is not None
        assert (first ^ other).bit_count() <= 3
        assert set(enumerate(picture.bands(first))) & set(enumerate(picture.bands(other)))
    different = picture.read(pictures.photo_file(7)).phash
    assert different is not None
    assert (first ^ different).bit_count() > 10


def test_any_two_hashes_within_three_bits_share_a_band() -> None:
    chance = random.Random(8)  # noqa: S311 - a test repeats itself
    for _ in range(500):
        one = chance.getrandbits(64)
        other = one
        for bit in chance.sample(range(64), 3):
            other ^= 1 << bit
        assert any(a == b for a, b in zip(picture.bands(one), picture.bands(other), strict=True))


def test_a_picture_of_a_dark_shaft_has_no_hash() -> None:
    assert picture.read(pictures.file_of(Image.new("RGB", (160, 120), (9, 9, 11)))).phash is None


def test_a_hash_fits_into_the_database() -> None:
    assert picture.signed((1 << 64) - 1) == -1
    assert picture.signed(1 << 63) == -(1 << 63)
    assert picture.signed((1 << 63) - 1) == (1 << 63) - 1


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_jpeg_that_says_it_is_turned_stays_upright_and_keeps_nothing_else(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    sent = pictures.file_of(pictures.picture(9), exif=exif, quality=90)
    read = picture.read(sent)
    assert SECRET not in read.content
    with Image.open(io.BytesIO(sent)) as before, Image.open(io.BytesIO(read.content)) as after:
        assert dict(after.getexif()) == {0x0112: orientation}
        upright = ImageOps.exif_transpose(before)
        assert ImageOps.exif_transpose(after).tobytes() == upright.tobytes()
        assert (read.width_px, read.height_px) == before.size
    again = picture.read(pictures.file_of(upright, quality=95)).phash
    assert again is not None
    assert read.phash is not None
    assert (read.phash ^ again).bit_count() <= 3


@pytest.mark.parametrize("way", Image.Transpose)
def test_a_mirrored_or_turned_copy_has_one_of_the_eight_hashes(way: Image.Transpose) -> None:
    first = picture.read(pictures.photo_file(6)).phash
    copy = picture.read(pictures.file_of(pictures.picture(6).transpose(way), quality=60))
    assert first is not None
    assert len(copy.turned_phashes) == 8
    assert min((first ^ one).bit_count() for one in copy.turned_phashes) <= 4
