"""The cities of the demo: a register, a firm and its crews."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct

from backend.demo import taizhou
from backend.registry.inputs import CertificateCreate, CrewSetup, FirmUpdate, ShiftInput, TechnicianSetup

DATA = Path(__file__).parent / "data"
SEED = 56
"""Of all that is drawn by lot: the same day and city are the same demo."""

VISITS_PER_CREW_DAY = 6
"""What a crew of two does in a day with an hour on site and the drives between."""

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗"
_GIVEN_NAMES = ("建国", "志强", "海峰", "晓明", "文斌", "立新", "国庆", "永康", "俊杰", "光明")


class City(Struct, frozen=True, kw_only=True):
    """Everything that a demo of a city is made of."""

    key: str
    title: str
    firm_name: str
    firm: FirmUpdate
    mapping: str | None
    """Name of the import mapping of its register."""

    filename: str
    register: Callable[[int, date], bytes]
    """Content of the register's file for a number of elevators on a day."""

    bases: Sequence[tuple[str, float, float]]
    """Where crews start their day: name, latitude, longitude (WGS-84)."""

    most_elevators: int
    default_elevators: int
    days_between_visits: int
    """Mean, which sets the number of crews."""

    supplement: Callable[[int, date], bytes | None] = lambda _count, _today: None
    """A second file with what the register does not know and the demo makes up; None where nothing is missing."""


def crews_of(city: City, elevators: int, today: date) -> list[CrewSetup]:
    """Return as many crews of two as the elevators need, each with one free day a week, spread over the week."""
    rng = random.Random(SEED)  # noqa: S311 - names, not secrets
    needed = max(2, -(-elevators // (city.days_between_visits * VISITS_PER_CREW_DAY)))
    return [_crew(city, number, rng, today) for number in range(needed)]


def _crew(city: City, number: int, rng: random.Random, today: date) -> CrewSetup:
    name, lat, lon = city.bases[number % len(city.bases)]
    expires_on = today + timedelta(days=40 + 30 * number)
    free_weekday = (today.weekday() + 2 + number) % 7  # never today for the first crew, whose technician signs in
    members = [
        TechnicianSetup(
            name=rng.choice(_SURNAMES) + rng.choice(_GIVEN_NAMES),
            badge=f"T{2 * number + place + 1:03d}",
            phone=f"139{rng.randrange(10**8):08d}",
            certificates=[CertificateCreate(number=f"T3310{2 * number + place + 1:05d}", expires_on=expires_on)],
        )
        for place in range(2)
    ]
    shifts = [_shift(weekday) for weekday in range(7) if weekday != free_weekday]
    return CrewSetup(
        name=f"{name} {number // len(city.bases) + 1}",
        base_lat=lat,
        base_lon=lon,
        area=name,
        members=members,
        members_since=today - timedelta(days=365),
        shifts=shifts,
    )


def _shift(weekday: int) -> ShiftInput:
    """Return a day from 8:00 to 17:30 with an hour's break at noon and an hour of overtime at the most."""
    return ShiftInput(
        weekday=weekday, from_s=28_800, to_s=63_000, max_overtime_s=3_600,
        break_from_s=41_400, break_to_s=48_600, break_duration_s=3_600,
    )  # fmt: skip


def _taizhou_register(count: int, today: date) -> bytes:
    rows = list(taizhou.register(count, today, SEED))
    return _csv(rows)


def _midtown_register(count: int, _today: date) -> bytes:
    """Return the first rows of the real register, whole buildings after one another as in the file."""
    lines = (DATA / "nyc_midtown_passenger.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[: count + 1]).encode()


_LONGEST_AGO_DAYS = {"last_visit_on": 14, "last_quarter_on": 80, "last_half_year_on": 165, "last_year_on": 345}
"""Of made-up last visits: a little less than each class's gap, so that next to nothing is overdue."""

_BUILDINGS_PER_OWNER = 40


def _midtown_supplement(count: int, today: date) -> bytes:
    """Return owners and last visits, drawn by lot; elevators of one building have one owner and were seen on one day."""
    rng = random.Random(SEED)  # noqa: S311 - a made-up past
    lines = _midtown_register(count, today).decode().splitlines()
    by_building: dict[str, dict[str, object]] = {}
    rows = []
    for row in csv.DictReader(lines):
        if row["bin"] not in by_building:
            manager = f"Property manager {len(by_building) // _BUILDINGS_PER_OWNER + 1} (made up)"
            days = {name: today - timedelta(days=rng.randint(1, most)) for name, most in _LONGEST_AGO_DAYS.items()}
            by_building[row["bin"]] = {"owner": manager, "owner_safety_officer": "Safety officer", **days}
        rows.append({"registration_code": row["device_number"], **by_building[row["bin"]]})
    return _csv(rows)


def _csv(rows: Sequence[dict[str, object]]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


_MIDTOWN_BASES = [
    ("Penn Station", 40.7505, -73.9934),
    ("Grand Central", 40.7527, -73.9772),
    ("53rd Street", 40.7614, -73.9776),
    ("Flatiron", 40.7410, -73.9897),
]
"""Made-up places to start from, spread over the register's area."""

CITIES = {
    "taizhou": City(
        key="taizhou",
        title="Taizhou (simulated)",
        firm_name="台州恒安电梯维保有限公司",
        firm=FirmUpdate(
            phone_24h="0576-88886666", licence_number="TS3333001-2029", licence_expires_on=date(2029, 12, 31),
            credit_class="A", region="CN-ZJ-TZ", time_zone="Asia/Shanghai", rescue_phone="96333",
        ),
        mapping=None,
        filename="taizhou.csv",
        register=_taizhou_register,
        bases=[(each.name_zh, each.lat, each.lon) for each in taizhou.DISTRICTS],
        most_elevators=20_000,
        default_elevators=500,
        days_between_visits=17,
    ),
    "midtown": City(
        key="midtown",
        title="Midtown Manhattan (real register of 2015)",
        firm_name="Midtown Elevator Maintenance (demo)",
        firm=FirmUpdate(
            phone_24h="+1 212 555 0100", licence_number="DEMO", licence_expires_on=date(2099, 12, 31),
            credit_class="A", region="US-NY-NYC", time_zone="America/New_York", rescue_phone="911",
        ),
        mapping="nyc-dob-2015",
        filename="nyc_midtown_passenger.csv",
        register=_midtown_register,
        bases=_MIDTOWN_BASES,
        most_elevators=4_605,
        default_elevators=4_605,
        days_between_visits=15,
        supplement=_midtown_supplement,
    ),
}  # fmt: skip
