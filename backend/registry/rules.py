"""What the register refuses: one function per rule or kind of thing, each giving all faults at once; today is an argument."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.errors import Fault
from backend.registry.views import Hours, Mode
from planner.intervals.items import EQUIPMENT_TYPES, items_by_code
from planner.intervals.rules import pack_ids

Check: TypeAlias = Callable[[Mapping[str, Any], date], list[Fault]]
"""All fields of a thing, and today in its firm's time zone; gives its faults."""

DAY_S = 24 * 3600
DEGREE_DIGITS = 7
"""Decimals of a position: a centimetre. A spreadsheet keeps them exactly."""

LONGEST_TEXT = 500
LONGEST_NOTE = 4_000
NOTES = frozenset({"access_notes", "state_reason", "reason", "address"})

LIMITS: Mapping[str, tuple[int, int]] = {
    "rated_load_kg": (20, 60_000),
    "rated_speed_mm_s": (20, 25_000),
    "floors": (1, 300),
    "stops": (1, 300),
    "doors": (1, 600),
    "travel_mm": (100, 1_500_000),
    "service_min": (1, 1_440),
    "on_demand_gap_days": (1, 366),
    "programme_gap_days": (1, 366),
}
"""Least and most of each number, both possible: what is outside is a mistake of typing or of unit. The fastest elevators run
20.5 m/s, the longest single run is below 700 m."""

REGISTRATION_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/#-]{0,39}")
RESCUE_CODE = re.compile(r"[0-9A-Za-z-]{1,12}")
REGISTRATION_CODE_RULE = "use 1 to 40 letters, digits and . _ / # - only"
RESCUE_CODE_RULE = "use 1 to 12 digits or letters only"
CERTIFICATE_CODE = re.compile(r"[A-Z][A-Z0-9]{0,3}")
_PHONE = re.compile(r"[0-9+*#(][0-9+*#()/ ,;转-]{2,60}")
_SKILL = re.compile(r"[^\s,;，；、|]{1,40}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

ONE_OF = "use one of {accepted}"
TOO_LONG = "is too long: use at most 500 characters, in notes and addresses 4000"

FIRST_DAY = date(1850, 1, 1)
"""Safety elevators are younger (the first ran in 1857)."""

LAST_DAY = date(2200, 12, 31)
LONGEST_SHIFT_S = 16 * 3600
LONGEST_CERTIFICATE = timedelta(days=10 * 366)
"""Certificates hold for four years; a day beyond ten is a mistake of typing."""

USUAL_PACK = {Mode.FIXED: "cn-fixed-15", Mode.ON_DEMAND: "cn-on-demand-30"}


def tidy_text(text: str) -> str:
    """Return a text without blanks around it and with plain line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def text_fault(name: str, text: str) -> str | None:
    """Return what is wrong with a text as such, None where nothing is."""
    if _CONTROL.search(text):
        return "holds a control character: type the text anew"
    if len(text) > (LONGEST_NOTE if name in NOTES else LONGEST_TEXT):
        return TOO_LONG
    return None


def tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with all texts tidied and positions rounded."""
    return {name: _tidy_value(value) for name, value in values.items()}


def rounded(degrees: float) -> float:
    """Return a coordinate as it is stored; zero has no sign."""
    return round(degrees, DEGREE_DIGITS) + 0.0


def _tidy_value(value: Any) -> Any:
    if isinstance(value, str):
        return tidy_text(value) if type(value) is str else value
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, list | tuple):
        return [_tidy_value(part) for part in value]
    if isinstance(value, dict):
        return {" ".join(key.split()): _tidy_value(part) for key, part in value.items()}
    return value


def texts(values: Mapping[str, Any], required: Iterable[str]) -> list[Fault]:
    """Check that all texts can be stored and that the required ones are there."""
    faults = [
        Fault(name, _short(value), reason)
        for name, value in values.items()
        if isinstance(value, str) and (reason := text_fault(name, value))
    ]
    return faults + [Fault(name, None, "is needed") for name in required if not values.get(name)]


def days(values: Mapping[str, Any]) -> list[Fault]:
    """Check that no day is centuries away."""
    return [
        Fault.of(name, value.isoformat(), "use a day from {first} to {last}", first=str(FIRST_DAY), last=str(LAST_DAY))
        for name, value in values.items()
        if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY
    ]


def in_order(values: Mapping[str, Any], first: str, second: str) -> list[Fault]:
    """Check that a day is not before another."""
    a, b = values.get(first), values.get(second)
    if a is None or b is None or a <= b:
        return []
    return [Fault.of(second, b.isoformat(), "is before {first} ({day}): correct one of the two", first=first, day=str(a))]


def not_after(values: Mapping[str, Any], names: Iterable[str], today: date) -> list[Fault]:
    """Check that what has happened did not happen in the future."""
    return [
        Fault.of(
            name, str(values[name]), "is in the future (today is {today}): enter the day on which it happened", today=str(today)
        )
        for name in names
        if values.get(name) is not None and values[name] > today
    ]


def numbers(values: Mapping[str, Any]) -> list[Fault]:
    """Check that technical data are possible."""
    return [
        Fault.of(name, str(values[name]), "use a whole number from {least} to {most}", least=least, most=most)
        for name, (least, most) in LIMITS.items()
        if values.get(name) is not None and not least <= values[name] <= most
    ]


def position(values: Mapping[str, Any], lat: str = "lat", lon: str = "lon") -> list[Fault]:
    """Check that coordinates are on the globe, and that both or none are given."""
    faults = []
    for name, most in ((lat, 90), (lon, 180)):
        value = values.get(name)
        if value is not None and not -most <= value <= most:
            faults.append(Fault.of(name, str(value), "use decimal degrees from {least} to {most}", least=-most, most=most))
    if (values.get(lat) is None) != (values.get(lon) is None):
        missing = lat if values.get(lat) is None else lon
        faults.append(Fault.of(missing, None, "give both {lat} and {lon}, or neither", lat=lat, lon=lon))
    if values.get(lat) == 0 and values.get(lon) == 0:
        faults.append(Fault(lat, "0", "0, 0 lies in the sea: leave both empty where the position is not known"))
    return faults


def phone(values: Mapping[str, Any], name: str) -> list[Fault]:
    """Check that a phone number is one, or several."""
    text = values.get(name) or ""
    if not text or _PHONE.fullmatch(text):
        return []
    return [Fault(name, _short(text), "use digits, spaces and + - ( ) only, several numbers with a comma between them")]


def skills(values: Mapping[str, Any]) -> list[Fault]:
    """Check that skills are short words, each named once."""
    given: Sequence[str] = values.get("skills") or ()
    faults = [Fault("skills", _short(skill), "use one short word a skill") for skill in given if not _SKILL.fullmatch(skill)]
    if len(set(given)) != len(given):
        faults.append(Fault("skills", _short(", ".join(given)), "name each skill once"))
    return faults


def hours(spans: Sequence[Hours], name: str = "access_hours") -> list[Fault]:
    """Check that spans of a day lie inside it, in order, apart from each other."""
    faults = [
        Fault(f"{name}[{i}]", f"{span.from_s}-{span.to_s}", "use seconds after midnight, 0 <= from_s < to_s <= 86400")
        for i, span in enumerate(spans)
        if not 0 <= span.from_s < span.to_s <= DAY_S
    ]
    for i, (before, after) in enumerate(itertools.pairwise(spans)):
        if after.from_s <= before.to_s:
            faults.append(Fault(f"{name}[{i + 1}]", str(after.from_s), "begins before the one above has ended: join the two"))
    return faults


def firm(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check a firm."""
    faults = texts(values, ("name", "region", "time_zone")) + days(values) + phone(values, "phone_24h")
    faults += phone(values, "rescue_phone")
    if values["credit_class"] not in ("", "A", "B", "C", "D"):
        faults.append(Fault("credit_class", _short(values["credit_class"]), "use A, B, C or D, or leave it empty"))
    try:
        ZoneInfo(values["time_zone"] or "none")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(Fault("time_zone", _short(values["time_zone"]), "use an IANA name such as Asia/Shanghai"))
    return faults


def owner(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check an owner."""
    return texts(values, ("name",)) + phone(values, "phone")


def site(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check a site."""
    return texts(values, ("name", "code")) + position(values) + hours(values["access_hours"])


def contract(values: Mapping[str, Any], today: date) -> list[Fault]:
    """Check a contract."""
    return [
        *texts(values, ("number",)),
        *days(values),
        *in_order(values, "starts_on", "ends_on"),
        *in_order(values, "on_demand_consent_on", "on_demand_withdrawn_on"),
        *not_after(values, ("on_demand_consent_on",), today),
    ]


def elevator(values: Mapping[str, Any], today: date) -> list[Fault]:
    """Check an elevator."""
    faults = texts(values, ("registration_code",)) + days(values) + numbers(values) + skills(values)
    faults += elevator_days(values, today) + elevator_codes(values) + elevator_choices(values)
    return faults + item_exclusions(values) + extra(values["extra"])


def elevator_days(values: Mapping[str, Any], today: date) -> list[Fault]:
    """Check that an elevator's days are in order, and that what has happened is not in the future."""
    faults = in_order(values, "inspected_on", "inspection_due_on")
    return faults + not_after(
        values, ("inspected_on", "monitored_since", "on_demand_filed_on", "on_demand_declared_on", "programme_dated_on"), today
    )


def item_exclusions(values: Mapping[str, Any]) -> list[Fault]:
    """Check that items that do not apply exist, each with a reason."""
    unknown = [code for code in values["item_exclusions"] if code not in items_by_code()]
    faults = [Fault("item_exclusions", _short(code), "use item codes such as A-1-05") for code in unknown]
    unclear = [code for code, reason in values["item_exclusions"].items() if not reason or re.search("[;；\n]", reason)]
    way_out = "say in one line, without a semicolon, why the item does not apply"
    return faults + [Fault("item_exclusions", _short(code), way_out) for code in unclear]


def elevator_codes(values: Mapping[str, Any]) -> list[Fault]:
    """Check the characters and lengths of codes."""
    faults = []
    code = values["registration_code"]
    if code and not REGISTRATION_CODE.fullmatch(code):
        faults.append(Fault("registration_code", _short(code), REGISTRATION_CODE_RULE))
    if values["rescue_code"] and not RESCUE_CODE.fullmatch(values["rescue_code"]):
        faults.append(Fault("rescue_code", _short(values["rescue_code"]), RESCUE_CODE_RULE))
    return faults


def elevator_choices(values: Mapping[str, Any]) -> list[Fault]:
    """Check that the type and the rule pack exist."""
    faults = []
    if values["equipment_type"] not in EQUIPMENT_TYPES:
        faults.append(Fault.of("equipment_type", _short(values["equipment_type"]), ONE_OF, accepted=", ".join(EQUIPMENT_TYPES)))
    if values["rule_pack"] not in pack_ids():
        faults.append(Fault.of("rule_pack", _short(values["rule_pack"]), ONE_OF, accepted=", ".join(pack_ids())))
    return faults


def extra(values: Mapping[str, str]) -> list[Fault]:
    """Check that columns without a place are few and short."""
    faults = [Fault("extra", _short(name), "use names of 1 to 100 characters") for name in values if not 1 <= len(name) <= 100]
    faults += [
        Fault(f"extra.{name}", _short(text), reason)
        for name, text in values.items()
        if (reason := text_fault("extra", text) or text_fault("extra", name))
    ]
    if len(values) > 200:
        faults.append(Fault("extra", str(len(values)), "keep at most 200 columns"))
    return faults


def technician(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check a technician."""
    return texts(values, ("name", "badge")) + phone(values, "phone") + skills(values)


def certificate(values: Mapping[str, Any], today: date) -> list[Fault]:
    """Check a certificate as such; whether it has expired is asked only of a day that is newly entered."""
    faults = texts(values, ("code", "number")) + days(values)
    if values["code"] and not CERTIFICATE_CODE.fullmatch(values["code"]):
        faults.append(Fault("code", _short(values["code"]), "use a code such as T (elevators) or A (safety manager)"))
    if values["expires_on"] > today + LONGEST_CERTIFICATE:
        faults.append(Fault("expires_on", values["expires_on"].isoformat(), "is more than ten years away: check the year"))
    return faults


def not_expired(expires_on: date, today: date) -> list[Fault]:
    """Check that a certificate that is entered anew holds today."""
    if expires_on >= today:
        return []
    return [Fault("expires_on", expires_on.isoformat(), "this certificate has expired: enter the renewed one")]


def crew(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check a crew."""
    return texts(values, ("name",)) + position(values, "base_lat", "base_lon")


def membership(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check a membership by itself."""
    return days(values) + in_order(values, "starts_on", "ends_on")


def absence(values: Mapping[str, Any], today: date) -> list[Fault]:  # noqa: ARG001 - all kinds are asked alike
    """Check an absence by itself."""
    return texts(values, ()) + days(values) + in_order(values, "starts_on", "ends_on")


def week(shifts: Sequence[Any]) -> list[Fault]:
    """Check that a week has each weekday at most once, with possible hours and breaks inside them."""
    faults: list[Fault] = []
    seen: set[int] = set()
    for i, shift in enumerate(shifts):
        path = f"shifts[{i}]"
        if not 0 <= shift.weekday <= 6:
            faults.append(Fault(f"{path}.weekday", str(shift.weekday), "use 0 (Monday) to 6 (Sunday)"))
        elif shift.weekday in seen:
            faults.append(Fault(f"{path}.weekday", str(shift.weekday), "give each weekday once"))
        seen.add(shift.weekday)
        faults += _shift_hours(path, shift) + _shift_break(path, shift)
    return faults


def _shift_hours(path: str, shift: Any) -> list[Fault]:
    faults = []
    if not 0 <= shift.from_s < DAY_S:
        faults.append(Fault(f"{path}.from_s", str(shift.from_s), "use seconds after midnight, 0 to 86399"))
    if not shift.from_s < shift.to_s <= shift.from_s + LONGEST_SHIFT_S:
        faults.append(Fault(f"{path}.to_s", str(shift.to_s), "a shift ends after it begins, and at most 16 hours later"))
    if not 0 <= shift.max_overtime_s <= 4 * 3600:
        faults.append(Fault(f"{path}.max_overtime_s", str(shift.max_overtime_s), "use 0 to 14400 seconds"))
    return faults


def _shift_break(path: str, shift: Any) -> list[Fault]:
    parts = (shift.break_from_s, shift.break_to_s, shift.break_duration_s)
    if all(part is None for part in parts):
        return []
    if any(part is None for part in parts):
        reason = "give break_from_s, break_to_s and break_duration_s together, or none of them"
        return [Fault(f"{path}.break_from_s", None, reason)]
    begins, ends, lasts = parts
    if not shift.from_s <= begins < ends <= shift.to_s:
        return [Fault(f"{path}.break_from_s", f"{begins}-{ends}", "the break lies inside the shift and ends after it begins")]
    if not 0 < lasts <= ends - begins:
        return [Fault(f"{path}.break_duration_s", str(lasts), "the break fits between break_from_s and break_to_s")]
    return []


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
