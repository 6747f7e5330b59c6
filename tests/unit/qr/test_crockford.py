"""Base 32 as Crockford wrote it down: values worked out by hand."""

import pytest

from qr import crockford


def test_numbers_are_written_most_significant_character_first_with_leading_zeros() -> None:
    assert crockford.encode(1234, 4) == "016J"  # 1234 = 1 * 1024 + 6 * 32 + 18; value 18 is J


def test_the_largest_number_of_a_length_fits_and_the_next_does_not() -> None:
    assert crockford.encode(32**3 - 1, 3) == "ZZZ"
    with pytest.raises(ValueError, match="number: 32768 does not fit"):
        crockford.encode(32**3, 3)


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="number: -1"):
        crockford.encode(-1, 3)


def test_the_alphabet_leaves_out_the_letters_that_are_mistaken() -> None:
    assert set("ILOU").isdisjoint(crockford.ALPHABET)
    assert len(set(crockford.ALPHABET)) == 32


def test_lower_case_and_look_alikes_become_plain() -> None:
    assert crockford.plain("oOiIlLaz") == "001111AZ"


def test_the_check_character_is_the_number_modulo_37() -> None:
    assert crockford.check_character("016J") == crockford.CHECK_ALPHABET[1234 % 37]
    assert crockford.check_character("14") == "U"  # 1 * 32 + 4 = 36, the last of the 37 symbols
