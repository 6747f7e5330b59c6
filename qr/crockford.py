"""Crockford's base 32: the letters and digits that people read and type without mixing them up.

Source: Douglas Crockford, "Base 32", https://www.crockford.com/base32.html (alphabet, look-alikes, check symbol).
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET: Final = ALPHABET + "*~$=U"
"""The 37 symbols of the check character; the last five appear nowhere else."""

_BITS_PER_CHARACTER: Final = 5
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode(number: int, length: int) -> str:
    """Write a number in base 32, most significant character first.

    Parameters
    ----------
    number : int
        0 <= number < 32 ** length.
    length : int
        Characters to write, leading zeros included.

    Returns
    -------
    str
        `length` characters of `ALPHABET`.

    Raises
    ------
    ValueError
        If the number is negative or does not fit.
    """
    if not 0 <= number < 1 << (_BITS_PER_CHARACTER * length):
        raise ValueError(f"number: {number} does not fit into {length} base 32 characters")
    shifts = range(_BITS_PER_CHARACTER * (length - 1), -1, -_BITS_PER_CHARACTER)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts)


def plain(text: str) -> str:
    """Upper case, with the look-alikes of 0 and 1 replaced (o and O → 0; i, I, l and L → 1)."""
    return text.upper().translate(_LOOK_ALIKES)


def check_character(text: str) -> str:
    """Return the check character: the number that `text` writes, modulo 37.

    37 is prime and shares no factor with 32 or 31, so every wrong single character and every swap of two different
    neighbours changes the remainder, the check character itself included.

    Parameters
    ----------
    text : str
        Characters of `ALPHABET` only.

    Returns
    -------
    str
        One character of `CHECK_ALPHABET`.

    Raises
    ------
    KeyError
        If `text` holds a character outside `ALPHABET`.
    """
    remainder = 0
    for character in text:
        remainder = (remainder * len(ALPHABET) + _VALUE[character]) % len(CHECK_ALPHABET)
    return CHECK_ALPHABET[remainder]
