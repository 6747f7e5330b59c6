"""What is due and why, and the page of an elevator."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend import clock
from backend.errors import LiftroundsError, NotFound
from backend.labels import service as labels
from backend.labels.views import LabelFilter
from backend.registry import service as registry
from backend.risk import service as risk
from backend.scope import Scope
from backend.telemetry import service as telemetry
from backend.upkeep import service as upkeep
from backend.upkeep.views import DueFilter, ReceiptView
from backend.visits import service as visits
from backend.visits.views import VisitFilter
from mobile_api.i18n import gettext as _
from mobile_api.i18n import translated
from mobile_api.inputs import Asker, FromPath, FromQuery, Ring
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import LISTED, office_page, time_zone_of
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.intervals.items import CLASSES, items_by_code

USAGE_DAYS = 30
"""Days of telemetry on an elevator's page."""


@get("/office/due", roles=OFFICE_READERS, include_in_schema=False)
async def due_page(
    asker: Asker,
    text: FromQuery[str] = "",
    district: FromQuery[str] = "",
    maintenance_class: FromQuery[str] = "",
    mode: FromQuery[str] = "",
    overdue: FromQuery[str] = "",
    fallen_back: FromQuery[str] = "",
    days: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show what is due, most urgent first."""
    wanted = DueFilter(
        until=await _until(asker, days),
        district=district or None,
        maintenance_class=maintenance_class if maintenance_class in CLASSES else None,
        mode_effective=mode if mode in ("fixed", "on_demand") else None,
        fallen_back=True if fallen_back else None,
        overdue=bool(overdue),
        text=text or None,
    )
    found = await upkeep.due_list(asker, wanted, cursor=cursor, limit=LISTED)
    given = {
        "text": text, "district": district, "maintenance_class": maintenance_class, "mode": mode, "overdue": overdue,
        "fallen_back": fallen_back, "days": days,
    }  # fmt: skip
    return await office_page(asker, "office/due.html", due=found, given=given, classes=CLASSES, is_filtered=any(given.values()))


async def _until(asker: Scope, days: str) -> date | None:
    """Return the last day that is asked for; None without one."""
    if not (days.isascii() and days.isdigit() and len(days) <= 4):
        return None
    return clock.today(await time_zone_of(asker)) + timedelta(days=int(days))


@get("/office/elevators/{id:uuid}/receipt", roles=OFFICE_READERS, include_in_schema=False)
async def receipt_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show why an elevator's window is what it is: every rule's last day with clause and source."""
    return await office_page(
        asker, "office/receipt.html", view=await upkeep.receipt(asker, id), item_of=items_by_code().get, elevator_id=id
    )


@get("/office/elevators/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def elevator_page(asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Show all that is known of an elevator."""
    return await _elevator(asker, ring, id)


async def _elevator(asker: Scope, ring: Any, id: UUID, error: LiftroundsError | None = None) -> Response[Any]:
    elevator = await registry.elevator(asker, id)
    now = clock.now()
    since = now - timedelta(days=USAGE_DAYS)
    return await office_page(
        asker,
        "office/elevator.html",
        error=error,
        elevator=elevator,
        receipt=await _receipt(asker, id),
        risk=await risk.elevator_risk(asker, id),
        labels=(await labels.labels(asker, ring, LabelFilter(elevator=id), limit=20)).rows,
        visits=(await visits.visits(asker, VisitFilter(elevator=id), limit=20)).rows,
        findings=await visits.findings(asker, elevator=id, open_only=False),
        usage=_by_day(await telemetry.elevator_usage(asker, id, since, now, by_day=True)),
        events=(await telemetry.elevator_events(asker, id, limit=20)).rows,
        mode_changes=await upkeep.mode_changes(asker, id),
        usage_days=USAGE_DAYS,
    )


async def _receipt(asker: Scope, elevator: UUID) -> ReceiptView | None:
    """Return the receipt; None for an elevator that is not maintained any more."""
    try:
        return await upkeep.receipt(asker, elevator)
    except NotFound:
        return None


def _by_day(usage: list[Any]) -> tuple[list[str], list[tuple[date, dict[str, int]]]]:
    """Return the counters, and the growth of each per day, newest day first."""
    counters = sorted({line.counter for line in usage})
    days: dict[date, dict[str, int]] = {}
    for line in usage:
        days.setdefault(line.day, {})[line.counter] = line.total
    return counters, sorted(days.items(), reverse=True)


@post("/office/elevators/{id:uuid}/return-to-use", roles=OFFICE, include_in_schema=False, status_code=200)
async def return_to_use(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Put a stopped elevator back into use."""
    form = await form_of(request)
    try:
        await visits.return_to_use(asker, id, form.get("reason", ""))
    except NotFound:
        raise
    except LiftroundsError as error:
        return await _elevator(asker, ring, id, error)
    return redirect(f"/office/elevators/{id}", message=_("The elevator is in use again."))


@post("/office/due/recompute", roles=OFFICE, include_in_schema=False, status_code=200)
async def recompute(asker: Asker) -> Response[Any]:
    """Compute all windows of the firm anew."""
    asker.require_firm()
    done = await upkeep.recompute(asker)
    sentence = translated(
        "{elevators} windows computed, {moved} of them moved", {"elevators": done.elevators, "moved": done.moved}
    )
    if done.failed:
        return redirect("/office/due", message=f"{sentence}; {'; '.join(done.failed[:5])}", kind="error")
    return redirect("/office/due", message=sentence)


HANDLERS: list[Any] = [due_page, receipt_page, elevator_page, return_to_use, recompute]
