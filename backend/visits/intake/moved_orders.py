"""A stop that was given to another crew, or to another day, while the phone that did it was offline: both sides are told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.messages import service as messages
from backend.messages.views import Kind, Message, ToAccount
from backend.people import service as people
from backend.scope import Scope
from backend.visits import reading
from backend.visits.intake import queries as entry_queries
from backend.visits.rows import VisitRow
from backend.visits.views import Planned


async def note_inside(scope: Scope, row: VisitRow, meant: UUID | None) -> dict[str, Any] | None:
    """Return what the technician has to know of the stop that they meant to do; None where it is as they saw it.

    Parameters
    ----------
    scope
        The technician.
    row
        The visit that was opened.
    meant
        The work order that their phone showed; None for none.
    """
    if meant is None or row.planned is Planned.OWN_ROUND:
        return None
    if row.work_order is None:
        await _audit(scope, row, meant)
        if await entry_queries.order_is_to_do(meant):
            return {"template": "this stop asks for more than was done: it stays to be done"}
        return {"template": "this stop was done or cancelled meanwhile: your visit counts as one that nobody had planned"}
    crew = await entry_queries.crew_of_order(row.work_order)
    if row.planned is Planned.OTHER_DAY or crew is None:
        await _audit(scope, row, meant)
        return {"template": "this stop was moved to another day meanwhile: your visit counts for it"}
    await _audit(scope, row, meant)
    line = await reading.summary_inside(row.id)
    who, where = f"{line.technician.name} ({line.technician.badge})", f"{line.site_name} {line.unit_name}".strip()
    for account in crew.accounts:
        message = Message(
            to=ToAccount(account=account), kind=Kind.VISIT, title_zh="你们的一个站点已由他人完成维保",
            title_en="A stop of yours is being done by somebody else",
            text_zh=f"{who} 已在 {where} 到场维保：无需再去。", text_en=f"{who} is at {where}: you need not go there.",
            subject=str(row.id), dedupe_key=f"order-done-by-others:{row.id}:{account}",
        )  # fmt: skip
        await messages.send_inside(row.firm, message)
    return {
        "template": "this stop was given to crew {crew} meanwhile: your visit counts, and they have been told",
        "params": {"crew": crew.name},
    }


async def _audit(scope: Scope, row: VisitRow, meant: UUID) -> None:
    detail = {"meant": str(meant), "served": str(row.work_order or ""), "planned": row.planned.value}
    await people.audit(row.firm, scope.account, "visit.order_moved", str(row.id), detail)
