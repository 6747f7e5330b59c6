"""The canonical form of a record and its hash."""

from __future__ import annotations

import hashlib

import pytest

from backend.visits.record import canonical, decimal_text, sha256_of


def test_keys_are_in_order_and_nothing_is_spaced() -> None:
    assert canonical({"b": [1, {"z": None, "a": True}], "a": "x"}) == b'{"a":"x","b":[1,{"a":true,"z":null}]}'


def test_the_order_of_keys_is_that_of_utf_16_as_rfc_8785_shows_it() -> None:
    # RFC 8785 section 3.2.3, with the names of its own example.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    told = canonical(dict.fromkeys(names, 0)).decode()
    order = ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert told == "{" + ",".join(f'"{name}":0' for name in order) + "}"


def test_chinese_is_not_escaped() -> None:
    assert canonical({"name": "机房"}) == '{"name":"机房"}'.encode()


def test_the_order_in_which_keys_were_written_does_not_matter() -> None:
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1})


def test_the_hash_is_sha_256_in_lower_case_hexadecimal() -> None:
    assert sha256_of({"a": "x"}) == hashlib.sha256(b'{"a":"x"}').hexdigest()


@pytest.mark.parametrize(
    "change", [{"a": 1, "b": "x "}, {"a": 2, "b": "x"}, {"a": "1", "b": "x"}, {"a": 1}, {"a": 1, "b": "x", "c": None}]
)
def test_any_change_changes_the_hash(change: dict[str, object]) -> None:
    assert sha256_of(change) != sha256_of({"a": 1, "b": "x"})


def test_what_no_json_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (7.0, "7"), (7.25, "7.25"), (-0.5, "-0.5"), (0.0, "0"), (1e-7, "0.0000001"), (123456789.0, "123456789")],
)
def test_measured_values_are_decimal_texts_without_an_exponent(value: float | None, text: str) -> None:
    assert decimal_text(value) == text
