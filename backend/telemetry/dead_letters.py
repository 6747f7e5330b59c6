"""What was not accepted, as the office and the API see it: listed, counted by reason, kept for a while."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.errors import Fault, InvalidInput, NotFound
from backend.scope import SYSTEM, Scope
from backend.telemetry import rejected_queries
from backend.telemetry.rejected import Refused, keep_inside
from backend.telemetry.views import ReasonCount, RejectedFilter, RejectedPage, RejectedView

KEEP_REJECTED = timedelta(days=90)
"""How long a record that was not accepted is kept after it last came."""

STATES = ("open", "taken")


async def keep_message(scope: Scope, body: bytes, error: InvalidInput, *, source: str, adapter: str = "") -> None:
    """Keep a message that was refused as a whole, with its first fault; opens a transaction of its own."""
    fault = error.faults[0] if error.faults else Fault("", None, error.template)
    params = {name: str(value) for name, value in fault.params.items()} if fault.template else {}
    refused = Refused(
        device=scope.device, field=fault.path or "message", params=params, body=body, adapter=adapter,
        template=fault.template or fault.reason.replace("{", "{{").replace("}", "}}"),
    )  # fmt: skip
    async with database.tx(scope):
        await keep_inside(scope.firm, [refused], source=source, now=clock.now())


async def rejected_records(
    scope: Scope,
    wanted: RejectedFilter | None = None,
    *,
    device: UUID | None = None,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> RejectedPage:
    """Return rejected records, the latest first.

    Parameters
    ----------
    scope
        Whose; what came from an unknown device belongs to no firm and is seen by admins only.
    wanted
        Which; the open ones if None.
    device
        Only those of one device.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, the limit is not in 1..1000, or the filter names no state.
    """
    wanted = wanted or RejectedFilter()
    if device is not None:
        wanted = msgspec.structs.replace(wanted, device=device)
    _require_sound(wanted)
    before = paging.decode(cursor, (int,))
    limit = paging.bounded(limit)
    async with database.tx(scope):
        rows = await rejected_queries.listed(wanted, before[0] if before else None, limit + 1)
    more = len(rows) > limit
    return RejectedPage(rows=rows[:limit], next_cursor=paging.encode((rows[limit - 1].id,)) if more else None)


def _require_sound(wanted: RejectedFilter) -> None:
    faults = []
    if wanted.state is not None and wanted.state not in STATES:
        faults.append(Fault.of("state", wanted.state[:40], "use one of {known}", known=", ".join(STATES)))
    texts = {"text": wanted.text, "adapter": wanted.adapter, "source": wanted.source, "template": wanted.template}
    faults += [Fault(name, None, "leave out the NUL character") for name, text in texts.items() if "\x00" in (text or "")]
    if faults:
        raise InvalidInput("the list cannot be filtered like this", faults=faults)


async def rejected_record(scope: Scope, record: int) -> RejectedView:
    """Return one of what was not accepted.

    Raises
    ------
    NotFound
        If the asker sees none of this number.
    """
    async with database.tx(scope):
        found = await rejected_queries.one(record)
    if found is None:
        raise NotFound("there is no rejected record {record}", record=record)
    return found


async def reason_counts(scope: Scope, wanted: RejectedFilter | None = None) -> list[ReasonCount]:
    """Return how many there are of each reason of now, the most first."""
    wanted = wanted or RejectedFilter()
    _require_sound(wanted)
    async with database.tx(scope):
        return await rejected_queries.counts(wanted)


async def rejected_ways(scope: Scope) -> list[tuple[str, str]]:
    """Return the ways (source, adapter) on which something came that was not accepted."""
    async with database.tx(scope):
        return await rejected_queries.ways()


async def remove_old_rejected() -> int:
    """Remove rejected records that did not come again for `KEEP_REJECTED`; return how many."""
    async with database.tx(SYSTEM):
        return await rejected_queries.remove_before(clock.now() - KEEP_REJECTED)
