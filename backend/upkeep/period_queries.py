"""SQL of special periods."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend import database
from backend.upkeep.areas import Place
from backend.upkeep.views import SpecialPeriodInput, SpecialPeriodView

_PERIOD = (
    "id, firm, name, kind, district, site_kind, sector, lat, lon, radius_m, elevator, starts_on, ends_on, gap_days, note,"
    " created_at"
)


async def insert_period(
    firm: UUID, period: SpecialPeriodInput, created_by: UUID | None, created_at: datetime
) -> SpecialPeriodView:
    """Write a special period."""
    found = await database.fetch_one_as(
        SpecialPeriodView,
        "INSERT INTO special_period (id, firm, created_by, created_at, name, kind, starts_on, ends_on, gap_days, note,"
        " district, site_kind, sector, lat, lon, radius_m, elevator)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        f" $11, $12, $13, $14, $15, $16) RETURNING {_PERIOD}",
        firm, created_by, created_at, *_period_values(period),
    )  # fmt: skip
    assert found is not None  # noqa: S101 - an insert that returns
    return found


def _period_values(period: SpecialPeriodInput) -> tuple[Any, ...]:
    return (
        period.name, period.kind.value, period.starts_on, period.ends_on, period.gap_days, period.note, period.district,
        period.site_kind, period.sector, period.lat, period.lon, period.radius_m, period.elevator,
    )  # fmt: skip


async def special_period(period: UUID) -> SpecialPeriodView | None:
    """Return a special period, None where the scope sees none of this id; locked until the end of the transaction."""
    return await database.fetch_one_as(
        SpecialPeriodView, f"SELECT {_PERIOD} FROM special_period WHERE id = $1 FOR UPDATE", period
    )


async def update_period(period: UUID, new: SpecialPeriodInput, announced_at: datetime) -> SpecialPeriodView:
    """Write a special period anew.

    Parameters
    ----------
    period, new
        Which, and what it says now.
    announced_at
        When what it asks for became known: nobody can have come sooner because of it.
    """
    found = await database.fetch_one_as(
        SpecialPeriodView,
        "UPDATE special_period SET created_at = $2, name = $3, kind = $4, starts_on = $5, ends_on = $6, gap_days = $7,"
        " note = $8, district = $9, site_kind = $10, sector = $11, lat = $12, lon = $13, radius_m = $14, elevator = $15"
        f" WHERE id = $1 RETURNING {_PERIOD}",
        period, announced_at, *_period_values(new),
    )  # fmt: skip
    assert found is not None  # noqa: S101 - it was just locked
    return found


async def special_periods(not_before: date) -> list[SpecialPeriodView]:
    """Return the scope's special periods that have not ended before a day, by first day."""
    return await database.fetch_as(
        SpecialPeriodView,
        f"SELECT {_PERIOD} FROM special_period WHERE ends_on IS NULL OR ends_on >= $1 ORDER BY starts_on, name, id",
        not_before,
    )


async def delete_period(period: UUID) -> SpecialPeriodView | None:
    """Remove a special period; return it, None where there is none."""
    return await database.fetch_one_as(
        SpecialPeriodView, f"DELETE FROM special_period WHERE id = $1 RETURNING {_PERIOD}", period
    )


async def places(firm: UUID, elevator: UUID | None = None) -> list[Place]:
    """Return a firm's elevators, or one of them, with what their sites say of where they are."""
    return await database.fetch_as(
        Place,
        "SELECT e.id, s.district, s.kind AS site_kind, s.sector, s.lat, s.lon FROM elevator e JOIN site s ON s.id = e.site"
        " WHERE e.firm = $1 AND ($2::uuid IS NULL OR e.id = $2) ORDER BY e.id",
        firm,
        elevator,
    )
