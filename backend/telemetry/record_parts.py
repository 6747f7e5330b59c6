"""The parts of a record that few devices send: statistics of periods, signals that last, and what is kept as it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct

from backend.telemetry.rollup import CLOCK_SLACK_S
from backend.telemetry.values import MAX_BIGINT, instant, is_name, is_number, kind_of, short, told, whole
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import Counter

MAX_PERIODS = 1000
"""Periods of one record: a month of hours, and more."""

LONGEST_PERIOD = timedelta(days=32)
"""A month: what was counted over a longer time says nothing about its days."""

MAX_STATES = 200
"""Groups of signals in one record; a monitor with more than a few dozen is not known."""

MAX_RAW = 1000
"""Names of one record that are kept as they came."""

MAX_RAW_NAME = 120
MAX_RAW_TEXT = 500

Why = Literal["unknown", "unreadable", "text"]
"""Why a value is kept as it came: no table knows its name; its name is known and the value cannot be; it is text, such as a
floor's name, of which there is no number."""


class Period(Struct, frozen=True, kw_only=True):
    """What counters grew by over a period."""

    from_at: datetime
    """UTC, whole seconds."""

    to_at: datetime
    """Excluded."""

    stated_at: datetime
    """When the device said so: of two statements about the same period the later one counts."""

    growth: dict[str, int]


class Raw(Struct, frozen=True):
    """A value that is kept as it came."""

    why: Why
    value: str | int | float | bool


def periods_of(
    value: object, record_at: datetime | None, known: Mapping[str, Counter], now: datetime, problems: list[Problem]
) -> tuple[Period, ...]:
    """Read the statistics of periods: `[{"from": …, "to": …, "growth": {"trips": 100}, "stated": …}]`."""
    if not isinstance(value, list):
        problems.append(Problem("periods", "this is a list of periods, not {kind}", {"kind": kind_of(value)}))
        return ()
    if len(value) > MAX_PERIODS:
        problems.append(Problem("periods", "a record has at most {most} periods; split it", {"most": str(MAX_PERIODS)}))
        return ()
    found = (_period(given, f"periods[{n}]", record_at, known, now, problems) for n, given in enumerate(value))
    return tuple(period for period in found if period is not None)


def _period(
    given: object,
    field: str,
    record_at: datetime | None,
    known: Mapping[str, Counter],
    now: datetime,
    problems: list[Problem],
) -> Period | None:
    if not isinstance(given, dict):
        problems.append(Problem(field, "a period is an object with from, to and growth, not {kind}", {"kind": kind_of(given)}))
        return None
    before = len(problems)
    strange = given.keys() - {"from", "to", "growth", "stated"}
    reason = "a period has no such field; it has from, to, growth, stated"
    problems.extend(Problem(f"{field}.{short(name)}", reason) for name in sorted(strange))
    begins = instant(given.get("from"), f"{field}.from", now, problems)
    ends = instant(given.get("to"), f"{field}.to", now, problems)
    stated = instant(given["stated"], f"{field}.stated", now, problems) if "stated" in given else record_at
    growth = given.get("growth")
    if not isinstance(growth, dict):
        reason = "this is an object of names and growths, not {kind}"
        problems.append(Problem(f"{field}.growth", reason, {"kind": kind_of(growth)}))
    if begins is None or ends is None or stated is None or not isinstance(growth, dict):
        return None
    begins, ends = begins.replace(microsecond=0), ends.replace(microsecond=0)
    if not begins < ends:
        told_both = {"begin": told(begins), "end": told(ends)}
        problems.append(Problem(f"{field}.to", "a period ends after it begins, not from {begin} to {end}", told_both))
    elif ends - begins > LONGEST_PERIOD:
        most = {"days": str(LONGEST_PERIOD.days)}
        problems.append(Problem(f"{field}.to", "a period has at most {days} days: give statistics of days or hours", most))
    else:
        span_s = int((ends - begins).total_seconds())
        for name, grown in growth.items():
            problems.extend(_unfit_growth(name, grown, f"{field}.growth.{short(name)}", span_s, known))
    if len(problems) > before:
        return None
    return Period(from_at=begins, to_at=ends, stated_at=stated, growth={name: int(grown) for name, grown in growth.items()})


def _unfit_growth(name: str, grown: object, field: str, span_s: int, known: Mapping[str, Counter]) -> list[Problem]:
    """Return what is wrong with what a counter is said to have grown by."""
    number = whole(grown)
    counter = known.get(name)
    if counter is None:
        return [Problem(field, "there is no such counter; there are {known}", {"known": ", ".join(sorted(known))})]
    if number is None:
        return [Problem(field, "a growth is a whole number, not {kind}", {"kind": kind_of(grown)})]
    most = counter.most_per_hour * (span_s + CLOCK_SLACK_S) // 3600
    if 0 <= number <= most:
        return []
    reason = "no elevator makes {value} in {minutes} min: a growth lies between 0 and {most}"
    return [Problem(field, reason, {"value": short(grown), "minutes": str(span_s // 60), "most": str(most)})]


def states_of(value: object, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Read signals that last: group → the codes that are on now, all others of the group being off."""
    if not isinstance(value, dict):
        problems.append(Problem("states", "this is an object of groups and codes, not {kind}", {"kind": kind_of(value)}))
        return {}
    if len(value) > MAX_STATES:
        problems.append(Problem("states", "a record has at most {most} groups of states", {"most": str(MAX_STATES)}))
        return {}
    found = {}
    for topic, codes in value.items():
        if is_name(topic) and isinstance(codes, list) and len(codes) <= MAX_STATES and all(is_name(code) for code in codes):
            found[topic] = tuple(sorted(set(codes)))
        else:
            reason = "give the codes that are on as a list of texts with their scheme, such as gbt24476:3"
            problems.append(Problem(f"states.{short(topic)}", reason))
    return found


def raw_of(value: object, problems: list[Problem]) -> dict[str, Raw]:
    """Read what is kept as it came: why → name with its source → number, truth value or text."""
    if not isinstance(value, dict) or not all(why in get_args(Why) and isinstance(of, dict) for why, of in value.items()):
        reason = "give what is kept as it came as an object of {reasons}, each with names and values"
        problems.append(Problem("raw", reason, {"reasons": ", ".join(get_args(Why))}))
        return {}
    if sum(len(names) for names in value.values()) > MAX_RAW:
        problems.append(Problem("raw", "a record keeps at most {most} values as they came", {"most": str(MAX_RAW)}))
        return {}
    found: dict[str, Raw] = {}
    for why, names in value.items():
        for name, given in names.items():
            if _is_raw_name(name) and _is_raw(given):
                found[name] = Raw(why, given)
            else:
                reason = "a name has its source before it (thingsboard:key), and its value is a number, true, false or text"
                problems.append(Problem(f"raw.{short(name)}", reason))
    return found


def _is_raw_name(name: str) -> bool:
    return ":" in name and len(name) <= MAX_RAW_NAME and name.isprintable()


def _is_raw(given: object) -> bool:
    if isinstance(given, str):
        return len(given) <= MAX_RAW_TEXT and given.isprintable()
    return isinstance(given, bool) or (is_number(given) and abs(given) <= MAX_BIGINT)
