"""Whom a rung rings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct

from planner.intervals.pack_rescue import Rung
from planner.rounds.travel import Estimate, great_circle_km

_HOUR_S = 3600


class Person(Struct, frozen=True, kw_only=True):
    """A technician who may be sent."""

    technician: UUID
    account: UUID | None
    name: str
    phone: str
    skills: Sequence[str]
    on_duty: bool
    busy: bool
    """On the way to another rescue, or at it."""

    lat: float | None
    """Where they were last: the site of their last scan today, else their crew's base."""

    lon: float | None
    place: str
    """That place's name; empty where nobody knows."""


class Place(Struct, frozen=True, kw_only=True):
    """Where help is needed, and what it takes."""

    lat: float | None
    lon: float | None
    skills: Sequence[str]


class Call(Struct, frozen=True, kw_only=True):
    """Somebody to ring, and why."""

    who: str
    """The technician, the account or the number: nobody is rung twice by one rung."""

    name: str
    account: UUID | None = None
    technician: UUID | None = None
    phone: str = ""
    why_zh: str
    why_en: str
    travel_s: int | None = None


def travel_s(person: Person, place: Place, estimate: Estimate) -> int | None:
    """Return the estimated seconds from where somebody was last to the elevator; None where a position is missing."""
    if person.lat is None or person.lon is None or place.lat is None or place.lon is None:
        return None
    km = float(great_circle_km(person.lat, person.lon, place.lat, place.lon))
    return round(km * estimate.detour / estimate.speed_kmh * _HOUR_S) + estimate.stop_s


def nearest(people: Sequence[Person], place: Place, estimate: Estimate, but: Collection[UUID], count: int) -> list[Call]:
    """Return the technicians to ring: on duty before off duty, skilled before others, free before busy, then by the way.

    Parameters
    ----------
    people
        All who may be sent.
    place, estimate
        Where to, and how travel is estimated.
    but
        Who was rung already.
    count
        How many at the most.
    """

    def rank(person: Person) -> tuple[bool, bool, bool, float, str]:
        seconds = travel_s(person, place, estimate)
        return (
            person.busy, not person.on_duty, not _is_skilled(person, place), float("inf") if seconds is None else seconds,
            person.name,
        )  # fmt: skip

    free = sorted((person for person in people if person.technician not in but), key=rank)
    return [_call(person, place, travel_s(person, place, estimate)) for person in free[:count]]


def _is_skilled(person: Person, place: Place) -> bool:
    return set(place.skills) <= set(person.skills)


def _call(person: Person, place: Place, seconds: int | None) -> Call:
    zh, en = [], []
    if person.on_duty:
        zh.append("值班")
        en.append("on duty")
    if place.skills:
        skilled = _is_skilled(person, place)
        zh.append("具备所需技能" if skilled else "缺少所需技能")
        en.append("has the skills" if skilled else "lacks the skills")
    if seconds is not None:
        minutes = max(1, round(seconds / 60))
        zh.append(f"从{person.place}约{minutes}分钟")
        en.append(f"about {minutes} min from {person.place}")
    else:
        zh.append("位置未知")
        en.append("place not known")
    if person.busy:
        zh.append("正在其他救援中")
        en.append("at another rescue")
    return Call(
        who=str(person.technician), name=person.name, account=person.account, technician=person.technician, phone=person.phone,
        why_zh="，".join(zh), why_en=", ".join(en), travel_s=seconds,
    )  # fmt: skip


def again(calls: Sequence[Call], refused: Collection[str]) -> list[Call]:
    """Return everybody who was rung and has not said that they cannot: the ladder is at its end and nobody goes."""
    seen: dict[str, Call] = {}
    for call in calls:
        if call.who not in refused:
            seen.setdefault(call.who, call)
    return list(seen.values())


REPEATS = 20
"""After the ladder's end everybody is rung so many times more, each time after the last rung's wait: for 40 minutes with the
pack's 120 s. Then somebody from outside has come, or nobody will."""


def wait_of(ladder: Sequence[Rung], rung: int) -> int:
    """Return the seconds that a rung waits; beyond the ladder's end as its last."""
    return ladder[min(rung, len(ladder) - 1)].wait_s
