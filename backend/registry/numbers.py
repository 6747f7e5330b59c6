"""Telephone numbers of the register, compared: the same one is written with blanks, dashes, a country code or without. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from backend.errors import Fault

LEAST_DIGITS = 7
"""A local number without its area code; shorter ones (96333) are services that many share, and belong to nobody."""

SHOWN_DIGITS = 3
"""Last digits that are shown: enough to know one's own number, too few to learn somebody else's."""

_SEVERAL = re.compile(r"[,;/，；、]")
_EXTENSION = re.compile(r"转|#|\*|ext", re.IGNORECASE)
_CHINESE_MOBILE = re.compile(r"(?:00)?86(1[3-9]\d{9})")
_LOCAL_MOBILE = re.compile(r"1[3-9]\d{9}")


STAFF_NUMBER = (
    "this is the number of {holder}, who maintains elevators: whoever has it confirms visits for the owner, so enter a number"
    " of the owner's safety officer, or leave it empty and give the owner an account"
)
OWNERS_NUMBER = (
    "this is the number of the owner {holder}, whose safety officer confirms visits with it: enter this person's own number, or"
    " correct the owner's first"
)


class Holder(Struct, frozen=True, kw_only=True):
    """Somebody with a telephone number in the register."""

    kind: str
    """`technician`, `firm`, `account` or `owner`."""

    name: str
    phone: str
    """As in the register."""


def numbers_of(text: str) -> list[str]:
    """Return the numbers in a field of the register, each as its digits, in their order; none where there is none.

    A leading plus or the Chinese country code before a mobile number is left out, and so is an extension.
    """
    found = []
    for part in _SEVERAL.split(text):
        digits = "".join(character for character in _EXTENSION.split(part)[0] if character.isascii() and character.isdigit())
        chinese = _CHINESE_MOBILE.fullmatch(digits)
        if len(digits) >= LEAST_DIGITS:
            found.append(chinese[1] if chinese else digits)
    return found


def for_messages(text: str) -> str | None:
    """Return the number of a field that messages are sent to: the first mobile one, else the first; None without one."""
    found = numbers_of(text)
    return next((number for number in found if _LOCAL_MOBILE.fullmatch(number)), found[0] if found else None)


def dialled(number: str) -> str:
    """Return a number of the register as gateways take it: with its country, a mobile one without is of China.

    Of several the first that is known with its country; a landline without one stays as it is written.
    """
    known = international(number)
    return f"+{known[0]}" if known else number


def international(text: str) -> list[str]:
    """Return the numbers in a field as they are dialled from anywhere, without the plus: country first.

    A mobile number without a country is of China; a plus or two noughts begin a country. Others without a country are left out.
    """
    found = []
    for part in _SEVERAL.split(text):
        own = _EXTENSION.split(part)[0].strip().lstrip("(（")
        digits = "".join(character for character in own if character.isascii() and character.isdigit())
        if own.startswith(("+", "＋")):
            found.append(digits)
        elif digits.startswith("00"):
            found.append(digits[2:])
        elif chinese := _CHINESE_MOBILE.fullmatch(digits):
            found.append(f"86{chinese[1]}")
        elif _LOCAL_MOBILE.fullmatch(digits):
            found.append(f"86{digits}")
    return found


def is_same(one: str, other: str) -> bool:
    """Return whether two numbers, as digits, are one line: one may carry an area or country code that the other lacks."""
    short, long = sorted((one, other), key=len)
    return len(short) >= LEAST_DIGITS and long.endswith(short)


def shared(one: str, other: str) -> str | None:
    """Return a number that two fields of the register have in common, None where there is none."""
    return next((mine for mine in numbers_of(one) if any(is_same(mine, theirs) for theirs in numbers_of(other))), None)


def search_tails(text: str) -> list[str]:
    """Return what another writing of the field's numbers must contain among its digits, to look for it in the database."""
    return [number[-LEAST_DIGITS:] for number in numbers_of(text)]


def tail(number: str) -> str:
    """Return the last digits of a number, as it is shown."""
    return number[-SHOWN_DIGITS:]


def tails(numbers: Iterable[str]) -> list[str]:
    """Return the last digits of several numbers."""
    return [tail(number) for number in numbers]


def staff_fault(phone: str, staff: Sequence[Holder], path: str = "phone") -> list[Fault]:
    """Check that an owner's number is none of those who maintain the elevators."""
    return _fault(phone, staff, STAFF_NUMBER, path)


def owners_fault(phone: str, owners: Sequence[Holder], path: str) -> list[Fault]:
    """Check that the number of somebody who maintains elevators is no owner's."""
    return _fault(phone, owners, OWNERS_NUMBER, path)


def _fault(phone: str, holders: Sequence[Holder], reason: str, path: str) -> list[Fault]:
    for holder in holders:
        if shared(phone, holder.phone) is not None:
            return [Fault.of(path, phone[:60], reason, holder=holder.name)]
    return []
