"""Levelling problems by hand and by lot."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from planner.levelling.calendar import Calendar, SpecialDay
from planner.levelling.problem import Crew, Elevator, LevellingProblem, Service, Weights

MONDAY = date(2026, 8, 31)
HALF = (Service("half_month", 3600),)
FULL = (28_800,) * 5 + (0, 0)
"""Eight hours from Monday to Friday."""

NATIONAL_DAY = Calendar("cn", (2026,), tuple(SpecialDay(date(2026, 10, day), "holiday", "国庆节") for day in range(1, 8)))


def elevator(number: int, first: int = 0, last: int = 6, **values: Any) -> Elevator:
    """An elevator of area a with a visit every 9 to 15 days."""
    given: dict[str, Any] = {"area": "a", "opens_days": 9, "gap_days": 15, "services": HALF}
    return Elevator(id=f"e{number}", first_day=first, last_day=last, **(given | values))


def crew(number: int, **values: Any) -> Crew:
    """A crew of two for area a."""
    given: dict[str, Any] = {"areas": ("a",), "people": 2, "week_s": FULL}
    return Crew(id=f"c{number}", **(given | values))


def problem(elevators: list[Elevator], crews: list[Crew], **values: Any) -> LevellingProblem:
    """Thirty days from the Monday."""
    given: dict[str, Any] = {"start_date": MONDAY, "days": 30}
    return LevellingProblem(schema="liftrounds/levelling/1", elevators=tuple(elevators), crews=tuple(crews), **(given | values))


def fleet(
    count: int, seed: int, *, days: int = 60, start: date = date(2026, 9, 1), use: float = 0.6, area_size: int = 250
) -> LevellingProblem:
    """A made-up fleet with a known use of its crews' hours: sites of one to six, on demand and fixed, some at night."""
    rng = random.Random(seed)  # noqa: S311 - a made-up fleet
    areas = max(1, count // area_size)
    elevators: list[Elevator] = []
    site = 0
    while len(elevators) < count:
        site += 1
        gap, opens = rng.choice([(30, 18), (15, 9), (15, 9), (15, 9)])
        due, night = rng.randrange(-1, gap), rng.random() < 0.04
        for _ in range(min(rng.choice([1, 1, 1, 2, 2, 3, 4, 6]), count - len(elevators))):
            last = due + rng.choice([0, 0, 0, 1])
            services = (
                Service("half_month", 2400), Service("quarter", 4200, 90, rng.randrange(90)),
                Service("half_year", 5400, 180, rng.randrange(180)), Service("year", 7200, 365, rng.randrange(365)),
            )  # fmt: skip
            elevators.append(
                Elevator(
                    id=f"e{len(elevators)}", area=f"a{site % areas}", first_day=last - gap + opens, last_day=last,
                    opens_days=opens, gap_days=gap, services=services, site=f"s{site}", hours="night" if night else "day",
                    people=2, weekdays=(0, 1, 2, 3, 4) if rng.random() < 0.1 else (),
                )
            )  # fmt: skip
    crews_per_area = max(1, round(count / areas * 3100 / 13 * 7 / 5 / 25_200 / use))
    crews = [
        Crew(
            id=f"c{area}-{number}", areas=(f"a{area}",), people=2,
            week_s=(25_200,) * 5 + (14_400 if number % 2 else 0, 0),
            night_week_s=(14_400 if number == 0 else 0,) * 5 + (0, 0),
        )
        for area in range(areas)
        for number in range(crews_per_area)
    ]  # fmt: skip
    return LevellingProblem(
        "liftrounds/levelling/1", start, days, tuple(elevators), tuple(crews), NATIONAL_DAY, weights=Weights()
    )  # fmt: skip
