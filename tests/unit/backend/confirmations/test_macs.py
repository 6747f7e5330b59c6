"""Keyed hashes: bound to their use, their row and the installation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.confirmations.macs import Macs
from backend.confirmations.passwords import digits_of

ONE, OTHER = Macs("the secret of one installation"), Macs("the secret of another")


def test_a_password_fits_only_its_row_and_its_installation() -> None:
    kept = ONE.password("042137", "row 1")
    assert ONE.is_password("042137", "row 1", kept)
    assert not ONE.is_password("042138", "row 1", kept)
    assert not ONE.is_password("042137", "row 2", kept)
    assert not OTHER.is_password("042137", "row 1", kept)


def test_what_is_kept_of_one_use_is_none_of_another() -> None:
    assert len({ONE.number("1"), ONE.client("1"), ONE.mark("1"), OTHER.number("1")}) == 4


def test_a_mark_that_was_changed_or_is_none_does_not_fit() -> None:
    assert ONE.is_mark("20261126", ONE.mark("20261126"))
    assert not ONE.is_mark("20261127", ONE.mark("20261126"))
    assert not ONE.is_mark("20261126", "not hexadecimal")
    assert not ONE.is_mark("20261126", "")


def test_digits_may_be_typed_full_width_and_with_blanks() -> None:
    assert digits_of(" 042 137 ") == "042137"
    assert digits_of("０４２１３７") == "042137"


@given(st.one_of(st.text(max_size=12), st.from_regex(r"\d{6}", fullmatch=True)))
def test_nothing_but_the_password_is_taken(typed: str) -> None:
    kept = ONE.password("042137", "row")
    assert ONE.is_password(digits_of(typed), "row", kept) is (digits_of(typed) == "042137")
