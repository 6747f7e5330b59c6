"""Codes: 26 characters that people may write as they like, of which only the hash stays."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backend.confirmations import codes
from backend.settings import Settings
from qr import crockford
from qr.symbol import make_symbol, png

CODE = "0123456789ABCDEFGHJKMNPQRS"


def test_a_new_code_has_130_bits_of_its_own() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(len(code) == 26 and set(code) <= set(crockford.ALPHABET) for code in made)


@given(st.integers(min_value=0, max_value=2**130 - 1))
def test_a_code_is_read_in_any_case_with_look_alikes_and_dashes(number: int) -> None:
    code = crockford.encode(number, 26)
    assert codes.read(code) == code
    assert codes.read(code.lower()) == code
    assert codes.read(code.replace("0", "o").replace("1", "l")) == code
    assert codes.read("-".join(code[i : i + 5] for i in range(0, 26, 5))) == code


@given(st.text(max_size=40))
def test_whatever_is_read_is_a_code_or_nothing(text: str) -> None:
    found = codes.read(text)
    assert found is None or (len(found) == 26 and set(found) <= set(crockford.ALPHABET))


@pytest.mark.parametrize("text", ["", CODE[:25], CODE + "0", CODE[:25] + "U", CODE[:25] + "*", "../../etc/passwd"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert codes.read(text) is None


def test_what_is_kept_is_the_sha256_of_the_upper_case_characters() -> None:
    assert codes.sha256_of(CODE) == hashlib.sha256(CODE.encode("ascii")).hexdigest()


def test_the_qr_code_is_the_address_in_upper_case_and_another_library_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, public_url="https://lifts.example.cn")
    address = codes.address_of(settings, CODE)
    assert address == f"HTTPS://LIFTS.EXAMPLE.CN/C/{CODE}"
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(png(make_symbol(address)))))
    assert found.text == address
    assert codes.drawn(settings, CODE).startswith("<svg")


@pytest.mark.parametrize(("text", "good"), [("a" * 64, True), ("A" * 64, False), ("a" * 63, False), ("g" * 64, False)])
def test_a_hash_is_64_lower_case_hexadecimal_characters(text: str, good: bool) -> None:
    assert codes.is_hash(text) is good
