"""Telephone numbers are the same however they are written."""

from __future__ import annotations

import pytest

from backend.registry import numbers
from backend.registry.numbers import Holder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("96333", []),  # a service that many share
        ("138 0013-8123", ["13800138123"]),
        ("+86 13800138123", ["13800138123"]),
        ("0086-13800138123", ["13800138123"]),
        ("0576-88880000转801", ["057688880000"]),
        ("0576-88880000, 13800138123", ["057688880000", "13800138123"]),
        ("+1 (212) 555-0100", ["12125550100"]),
        ("١٣٨٠٠١٣٨١٢٣", []),  # digits of another script are none that one can dial here
    ],
)
def test_numbers_are_read_as_digits(text: str, found: list[str]) -> None:
    assert numbers.numbers_of(text) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13800138123", "13800138123", True),
        ("057688880000", "88880000", True),  # with and without the area code
        ("12125550100", "2125550100", True),  # with and without the country code
        ("13800138123", "13900138123", False),
        ("13800138123", "138123", False),  # too short to be one line
    ],
)
def test_one_line_may_be_written_with_its_area(one: str, other: str, same: bool) -> None:
    assert numbers.is_same(one, other) is same
    assert numbers.is_same(other, one) is same


def test_messages_go_to_the_first_mobile_number_of_several() -> None:
    assert numbers.for_messages("0576-88880000 / 13800138123") == "13800138123"
    assert numbers.for_messages("0576-88880000") == "057688880000"
    assert numbers.for_messages("96333") is None


def test_gateways_get_chinese_mobile_numbers_with_their_country() -> None:
    assert numbers.dialled("13800138123") == "+8613800138123"
    assert numbers.dialled("12125550100") == "12125550100"


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("139 0000-1111", "+8613900001111"),
        ("+86 139 0000 1111", "+8613900001111"),
        ("0049 170 1234567", "+491701234567"),
        ("021-62345678", "021-62345678"),
        ("021-62345678, 13900001111", "+8613900001111"),
        ("+8613900001111", "+8613900001111"),
    ],
)
def test_a_number_is_dialled_with_its_country_however_the_register_writes_it(written: str, given: str) -> None:
    assert numbers.dialled(written) == given


def test_only_the_last_digits_are_shown() -> None:
    assert numbers.tail("13800138123") == "123"


def test_a_number_of_maintenance_staff_is_a_fault_that_says_whose_it_is_and_what_to_do() -> None:
    staff = [Holder(kind="technician", name="Li Wei", phone="+86 138-0013-8123")]
    (fault,) = numbers.staff_fault("0576-88880000, 13800138123", staff)
    assert (fault.path, "Li Wei" in fault.reason, "safety officer" in fault.reason) == ("phone", True, True)
    assert numbers.staff_fault("13900138123", staff) == []


def test_every_writing_of_a_number_holds_its_search_tail() -> None:
    for text in ("13800138123", "+86 138 0013 8123", "0086-138-0013-8123"):
        digits = "".join(character for character in text if character.isdigit())
        assert all(tail in digits for tail in numbers.search_tails("13800138123"))


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("13800138000", ["8613800138000"]), ("+86 138-0013-8000", ["8613800138000"]), ("0086 13800138000", ["8613800138000"]),
        ("8613800138000", ["8613800138000"]), ("+1 380 013 8000", ["13800138000"]), ("00852 9123 4567", ["85291234567"]),
        ("010-88887777", []), ("96333", []), ("138 0013 8000 转 12; +44 20 7946 0000", ["8613800138000", "442079460000"]),
        ("（+86）13800138000", ["8613800138000"]), ("", []),
    ],
)  # fmt: skip
def test_numbers_are_told_apart_by_their_country(written: str, dialled: list[str]) -> None:
    """A plus makes another number of the same digits."""
    assert numbers.international(written) == dialled
