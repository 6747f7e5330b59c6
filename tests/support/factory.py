"""Rows for tests, with sensible values where a test does not care."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from backend import database
from backend.scope import SYSTEM

_numbers = itertools.count(1)


async def insert(table: str, **values: Any) -> UUID:
    """Insert one row in a transaction of its own; return its id."""
    columns = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${i}" for i in range(1, len(values) + 1))
    async with database.tx(SYSTEM):
        found = await database.fetch_value(
            f'INSERT INTO "{table}" ({columns}) VALUES ({places}) RETURNING id', *values.values()
        )
    assert isinstance(found, UUID)
    return found


class Factory:
    """Makes firms, elevators and people."""

    async def firm(self, **values: Any) -> UUID:
        """A firm with a licence, credit class A, in Taizhou."""
        n = next(_numbers)
        given = {"name": f"Firm {n}", "phone_24h": "0576-88880000", "licence_number": f"TS33{n:06d}",
                 "licence_expires_on": date(2099, 12, 31), "credit_class": "A"}  # fmt: skip
        return await insert("firm", **(given | values))

    async def owner(self, firm: UUID, **values: Any) -> UUID:
        """An owner of the firm's elevators."""
        n = next(_numbers)
        return await insert("owner", firm=firm, **({"name": f"Owner {n}", "safety_officer": "王安全"} | values))

    async def site(self, firm: UUID, **values: Any) -> UUID:
        """A site in Jiaojiang with a new owner, unless one is given."""
        n = next(_numbers)
        if "owner" not in values:
            values["owner"] = await self.owner(firm)
        given = {"code": f"S{n}", "name": f"Site {n}", "district": "Jiaojiang", "kind": "residential", "lat": 28.6764,
                 "lon": 121.4208}  # fmt: skip
        return await insert("site", firm=firm, **(given | values))

    async def elevator(self, firm: UUID, **values: Any) -> UUID:
        """A traction elevator at a new site, unless one is given."""
        n = next(_numbers)
        if "site" not in values:
            values["site"] = await self.site(firm)
        given = {"registration_code": f"3110331002{n:010d}", "rescue_code": f"{n % 1_000_000:06d}", "unit_name": f"{n}#",
                 "in_use_since": date(2018, 5, 1), "inspection_due_on": date(2099, 6, 30)}  # fmt: skip
        return await insert("elevator", firm=firm, **(given | values))

    async def crew(self, firm: UUID, **values: Any) -> UUID:
        """A crew based in Jiaojiang, without members or shifts."""
        n = next(_numbers)
        return await insert("crew", firm=firm, **({"name": f"Crew {n}", "base_lat": 28.68, "base_lon": 121.43} | values))

    async def technician(self, firm: UUID, **values: Any) -> UUID:
        """A technician with a valid certificate T."""
        n = next(_numbers)
        found = await insert("technician", firm=firm, **({"name": f"Technician {n}", "badge": f"T{n:04d}"} | values))
        await insert("certificate", firm=firm, technician=found, code="T", number=f"C{n:06d}", expires_on=date(2099, 1, 1))
        return found

    async def row(self, table: str, **values: Any) -> UUID:
        """Any other row."""
        return await insert(table, **values)

    def fresh_id(self) -> UUID:
        """An id that no row has."""
        return uuid4()
