"""A crew's weekly hours as a form: seven days with clock times, breaks and overtime in minutes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend.errors import Fault, InvalidInput
from backend.registry.inputs import ShiftInput
from backend.registry.views import ShiftView

DAY_S = 24 * 3600
LONGEST_OVERTIME_MIN = 240
FIELDS = ("from", "to", "break_from", "break_to", "break_min", "overtime_min")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?")
_SUGGESTED = {
    "from": "08:00", "to": "17:00", "break_from": "11:30", "break_to": "13:30", "break_min": "60", "overtime_min": "0",
}  # fmt: skip
"""Shown for Monday to Friday where a crew has no hours yet; nothing holds before it is saved."""

_FIELD_OF = {
    "from_s": "from", "to_s": "to", "max_overtime_s": "overtime_min", "break_from_s": "break_from", "break_to_s": "break_to",
    "break_duration_s": "break_min", "weekday": "from",
}  # fmt: skip


def as_texts(shifts: Sequence[ShiftView]) -> dict[str, str]:
    """Return a week as the texts of its form; hours past midnight as the clock shows them."""
    if not shifts:
        return {f"week-{day}-{name}": text for day in range(5) for name, text in _SUGGESTED.items()}
    texts: dict[str, str] = {}
    for shift in shifts:
        told = {
            "from": _clock(shift.from_s), "to": _clock(shift.to_s), "overtime_min": str(shift.max_overtime_s // 60),
            "break_from": _clock(shift.break_from_s), "break_to": _clock(shift.break_to_s),
            "break_min": "" if shift.break_duration_s is None else str(shift.break_duration_s // 60),
        }  # fmt: skip
        texts |= {f"week-{shift.weekday}-{name}": text for name, text in told.items()}
    return texts


def _clock(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds % DAY_S // 3600:02d}:{seconds % 3600 // 60:02d}"


def read(form: Mapping[str, str]) -> list[ShiftInput]:
    """Return the days that have hours; an end before the beginning lies on the next day.

    Raises
    ------
    InvalidInput
        With all faults, by field of the form.
    """
    faults: list[Fault] = []
    shifts = [shift for day in range(7) if (shift := _day(form, day, faults)) is not None]
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return shifts


def named(error: InvalidInput, shifts: Sequence[ShiftInput]) -> InvalidInput:
    """Return the register's refusal of a week with its faults at the fields of the form."""
    faults = []
    for fault in error.faults:
        found = re.fullmatch(r"shifts\[(\d+)\]\.(\w+)", fault.path)
        if found is None:
            faults.append(fault)
            continue
        field = f"week-{shifts[int(found[1])].weekday}-{_FIELD_OF[found[2]]}"
        faults.append(Fault(field, fault.value, fault.reason, fault.template, fault.params))
    return InvalidInput(error.template, faults=faults, **error.params)


def _day(form: Mapping[str, str], day: int, faults: list[Fault]) -> ShiftInput | None:
    texts = {name: form.get(f"week-{day}-{name}", "") for name in FIELDS}
    if not texts["from"] and not texts["to"]:
        return None  # a free day; what is left of its break does not count
    begins = _time(texts, day, "from", faults)
    ends = _time(texts, day, "to", faults)
    overtime = _whole(texts["overtime_min"] or "0", day, "overtime_min", LONGEST_OVERTIME_MIN, faults)
    parts = [texts[name] for name in ("break_from", "break_to", "break_min")]
    pause: list[int | None] = [None, None, None]
    if any(parts):
        pause = [
            _time(texts, day, "break_from", faults),
            _time(texts, day, "break_to", faults),
            _whole(texts["break_min"], day, "break_min", 16 * 60, faults),
        ]
    if begins is None or ends is None or overtime is None or (any(parts) and None in pause):
        return None
    if ends <= begins:
        ends += DAY_S
    return ShiftInput(
        weekday=day, from_s=begins, to_s=ends, max_overtime_s=overtime * 60, break_from_s=_after(pause[0], begins),
        break_to_s=_after(pause[1], begins), break_duration_s=None if pause[2] is None else pause[2] * 60,
    )  # fmt: skip


def _after(seconds: int | None, begins: int) -> int | None:
    """Return a time of a break; one before the shift begins lies on the next day."""
    return seconds if seconds is None or seconds >= begins else seconds + DAY_S


def _time(texts: Mapping[str, str], day: int, name: str, faults: list[Fault]) -> int | None:
    found = _CLOCK.fullmatch(texts[name])
    if found is None:
        reason = "write a time such as 08:00" if texts[name] else "please fill this in, or empty the whole day or break"
        faults.append(Fault(f"week-{day}-{name}", texts[name] or None, reason))
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60


def _whole(text: str, day: int, name: str, most: int, faults: list[Fault]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= most:
        return int(text)
    faults.append(
        Fault.of(f"week-{day}-{name}", text[:20] or None, "use a whole number of minutes from 0 to {most}", most=most)
    )
    return None
