"""A firm that can be planned: sites around its crews' base, elevators due, crews of two who work every day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct

from backend import database
from backend.scope import SYSTEM, Scope, of_firm
from tests.support.factory import Factory

FRIDAY = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
"""Nine in the morning in Taizhou."""

MONDAY = date(2026, 11, 30)


class PlannedFirm(Struct, frozen=True, kw_only=True):
    """What was made."""

    firm: UUID
    scope: Scope
    elevators: list[UUID]
    crews: list[UUID]
    technicians: list[list[UUID]]
    """By crew."""


async def planned_firm(
    factory: Factory, *, elevators: int = 9, crews: int = 2, seed: int = 1, windows: Sequence[tuple[int, int]] = ((0, 4),)
) -> PlannedFirm:
    """Make a firm.

    Parameters
    ----------
    factory
        Makes its people.
    elevators
        Three to a site, in one bank.
    crews
        Of two technicians each.
    seed
        Of the positions.
    windows
        First and last day after Monday, 2026-11-30, in turn.
    """
    firm = await factory.firm()
    rng = random.Random(seed)  # noqa: S311 - positions, not secrets
    sites = [uuid4() for _ in range((elevators + 2) // 3)]
    ids = [uuid4() for _ in range(elevators)]
    await _sites(firm, sites, rng)
    await _elevators(firm, ids, sites)
    days = [windows[n % len(windows)] for n in range(elevators)]
    await set_windows(firm, ids, [(MONDAY + timedelta(days=a), MONDAY + timedelta(days=b)) for a, b in days])
    made = [await _crew(factory, firm, rng) for _ in range(crews)]
    return PlannedFirm(
        firm=firm, scope=of_firm(firm), elevators=ids, crews=[crew for crew, _ in made], technicians=[who for _, who in made]
    )


async def _sites(firm: UUID, sites: Sequence[UUID], rng: random.Random) -> None:
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO site (id, firm, code, name, district, address, lat, lon) SELECT u.id, $1, 'S' || u.n, 'Site ' || u.n,"
            " 'Jiaojiang', 'Road ' || u.n, u.lat, u.lon"
            " FROM unnest($2::uuid[], $3::int[], $4::float8[], $5::float8[]) AS u(id, n, lat, lon)",
            firm,
            list(sites),
            list(range(1, len(sites) + 1)),
            [28.66 + rng.uniform(-0.06, 0.06) for _ in sites],
            [121.42 + rng.uniform(-0.06, 0.06) for _ in sites],
        )


async def _elevators(firm: UUID, ids: Sequence[UUID], sites: Sequence[UUID]) -> None:
    numbers = list(range(len(ids)))
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO elevator (id, firm, site, registration_code, rescue_code, unit_name, bank) SELECT u.id, $1, u.site,"
            " u.code, u.rescue, u.unit, 'A'"
            " FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[]) AS u(id, site, code, rescue, unit)",
            firm,
            list(ids),
            [sites[n // 3] for n in numbers],
            [f"{firm.int % 10**12:012d}{n:08d}" for n in numbers],
            [f"{n:06d}" for n in numbers],
            [f"{n % 3 + 1}号梯" for n in numbers],
        )


async def set_windows(
    firm: UUID, elevators: Sequence[UUID], days: Sequence[tuple[date, date]], maintenance_class: str = "half_month"
) -> None:
    """Write due windows, over those that were there."""
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO due_window (firm, elevator, first_day, last_day, maintenance_class, mode_effective, reason_en,"
            " reason_zh, computed_on)"
            " SELECT $1, u.id, u.a, u.b, $5, 'fixed', '15 days after the last visit', '距上次维保 15 天', u.a"
            " FROM unnest($2::uuid[], $3::date[], $4::date[]) AS u(id, a, b)"
            " ON CONFLICT (elevator) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day,"
            " maintenance_class = excluded.maintenance_class",
            firm,
            list(elevators),
            [first for first, _ in days],
            [last for _, last in days],
            maintenance_class,
        )


async def _crew(factory: Factory, firm: UUID, rng: random.Random) -> tuple[UUID, list[UUID]]:
    crew = await factory.crew(firm, base_lat=28.66 + rng.uniform(-0.02, 0.02), base_lon=121.42 + rng.uniform(-0.02, 0.02))
    people = [await factory.technician(firm) for _ in range(2)]
    for technician in people:
        await factory.row("crew_member", firm=firm, crew=crew, technician=technician, starts_on=date(2020, 1, 1))
    for weekday in range(7):
        await shift(factory, firm, crew, weekday)
    return crew, people


async def shift(factory: Factory, firm: UUID, crew: UUID, weekday: int, **values: Any) -> UUID:
    """Eight to five with an hour's break."""
    given: dict[str, Any] = {
        "weekday": weekday, "from_s": 28_800, "to_s": 61_200, "max_overtime_s": 1800, "break_from_s": 41_400,
        "break_to_s": 46_800, "break_duration_s": 3600,
    }  # fmt: skip
    return await factory.row("shift", firm=firm, crew=crew, **(given | values))


async def change(sql: str, *args: Any) -> None:
    """Change a row as somebody else would meanwhile."""
    async with database.tx(SYSTEM):
        await database.execute(sql, *args)
