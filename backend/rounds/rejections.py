"""Stops that technicians hand back: out of the round at once, told to the office, taken up again while nothing has followed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.messages.telling import tell_managers_inside
from backend.messages.views import Kind
from backend.people.service import audit
from backend.rounds import day_change_queries as changes
from backend.rounds import order_queries
from backend.rounds.day_change_queries import NewRejection, RejectionRow
from backend.rounds.day_change_views import MOST_NOTE, RejectionInput, RejectionView
from backend.rounds.day_marks import acting_technician, told_at
from backend.rounds.fact_queries import time_zone
from backend.rounds.queries import lock_publishing
from backend.rounds.rejection_reasons import BY_CODE, RejectionReason
from backend.rounds.views import OrderState, WorkOrderView
from backend.scope import Role, Scope


async def reject_stop(scope: Scope, data: RejectionInput) -> RejectionView:
    """Hand a stop back: it is cancelled with the reason, and its elevator can be planned again. Safe to repeat.

    Parameters
    ----------
    scope
        The technician.
    data
        Which stop, why and when, by their phone.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    InvalidInput
        If there is no such reason, or it says nothing without words.
    NotFound
        If the firm has no such stop.
    Conflict
        If it is under way, done or cancelled, or on another crew's round by now.
    """
    technician, firm, now = acting_technician(scope), scope.require_firm(), clock.now()
    reason = _reason(data)
    async with database.tx(scope):
        known = await changes.rejection(data.id)
        if known is not None:
            if known.work_order != data.work_order or known.technician != technician:
                raise Conflict("this id was used for something else: make a new one")
            return view(known)
        await lock_publishing(firm)
        at = told_at(data.at, now)
        order = await _mine(technician, data.work_order, now)
        if clock.local_date(at, await time_zone(firm)) > order.day:
            raise Conflict("the day of this stop is over: it is planned again")
        note = data.note.strip()
        await order_queries.set_state(order.id, OrderState.CANCELLED, _told(reason, note))
        new = NewRejection(
            id=data.id, firm=firm, work_order=order.id, elevator=order.elevator, crew=order.crew, technician=technician,
            day=order.day, reason=reason.code, note=note, at=at,
        )  # fmt: skip
        if not await changes.insert_rejection(new, now):
            raise Conflict("this id was used for something else: make a new one")
        await audit(firm, scope.account, "work_order.rejected", str(order.id), {"reason": _told(reason, note)})
        row = await _existing(data.id)
        await _tell_office(row, reason, order)
        return view(row)


def _reason(data: RejectionInput) -> RejectionReason:
    reason = BY_CODE.get(data.reason)
    faults: list[Fault] = []
    if reason is None:
        faults.append(Fault("reason", data.reason[:60], "choose one of the reasons that come with the day"))
    elif reason.needs_note and not data.note.strip():
        faults.append(Fault("note", None, "say why in a few words"))
    if len(data.note) > MOST_NOTE:
        faults.append(Fault.of("note", data.note[:60], "use up to {most} characters", most=MOST_NOTE))
    if faults or reason is None:
        raise InvalidInput("the stop cannot be handed back", faults=faults)
    return reason


async def _mine(technician: UUID, id: UUID, now: datetime) -> WorkOrderView:  # noqa: A002 - as everywhere in this room
    """Return a stop of the technician's own round that nobody has begun, locked."""
    order = await order_queries.order(id, now, lock=True)
    if order is None:
        raise NotFound("no stop {id}", id=id)
    if await changes.crew_of(technician, order.day) != order.crew:
        raise Conflict("this stop is on the round of {crew} by now: nothing was changed", crew=order.crew_name)
    if order.state in (OrderState.IN_PROGRESS, OrderState.DONE):
        raise Conflict("this stop is under way or done")
    if order.state is OrderState.CANCELLED:
        raise Conflict("this stop was cancelled: {reason}", reason=order.state_reason)
    return order


def _told(reason: RejectionReason, note: str) -> str:
    """Say why in both languages: the office, the technicians and the audit trail read it."""
    if reason.needs_note:
        return note
    return f"{reason.zh} / {reason.en}" + (f": {note}" if note else "")


async def _tell_office(row: RejectionRow, reason: RejectionReason, order: WorkOrderView) -> None:
    name, last = name_of(row), order.due_last_day.isoformat()
    why_zh, why_en = (row.note, row.note) if reason.needs_note else (reason.zh, reason.en)
    await tell_managers_inside(
        row.firm, Kind.PLAN, f"{row.technician_name}退回站点 {name}：{why_zh}（最迟 {last}）",
        f"{row.technician_name} hands back {name}: {why_en} (due until {last})",
        link=f"/office/today?day={row.day.isoformat()}#handed-back", subject=str(row.work_order), once=f"rejected:{row.id}",
    )  # fmt: skip


async def undo_rejection(scope: Scope, id: UUID) -> RejectionView:  # noqa: A002
    """Take a stop up again that was handed back, as long as nothing has followed. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id, or it is another crew's.
    Conflict
        If its day is over, its round has changed since, or its elevator was planned or visited meanwhile.
    """
    now = clock.now()
    async with database.tx(scope):
        row = await _existing(id, lock=True)
        if scope.role is Role.TECHNICIAN and await changes.crew_of(acting_technician(scope), row.day) != row.crew:
            raise NotFound("no stop handed back {id}", id=id)
        if row.undone_at is not None:
            return view(row)
        await lock_publishing(row.firm)
        if row.day < clock.today(await time_zone(row.firm)):
            raise Conflict("the day of this stop is over: it is planned again")
        if await changes.followed(row):
            raise Conflict("the round has changed since, or the elevator was planned again: ask the office")
        await order_queries.set_state(row.work_order, OrderState.SCHEDULED)
        await changes.undo_rejection(id, scope.account, now)
        await audit(row.firm, scope.account, "work_order.rejection_undone", str(row.work_order))
        name = name_of(row)
        await tell_managers_inside(
            row.firm, Kind.PLAN, f"{row.crew_name}重新接手站点 {name}", f"{row.crew_name} takes up {name} again",
            link=f"/office/today?day={row.day.isoformat()}", subject=str(row.work_order), once=f"rejection-undone:{row.id}",
        )  # fmt: skip
        return view(await _existing(id))


async def _existing(id: UUID, *, lock: bool = False) -> RejectionRow:  # noqa: A002
    row = await changes.rejection(id, lock=lock)
    if row is None:
        raise NotFound("no stop handed back {id}", id=id)
    return row


def name_of(row: RejectionRow) -> str:
    """Return what people call the elevator of a stop handed back."""
    return f"{row.site_name} {row.unit_name or row.registration_code}".strip()


def view(row: RejectionRow) -> RejectionView:
    """Return what leaves the room about a stop handed back."""
    reason = BY_CODE.get(row.reason)
    return RejectionView(
        id=row.id, firm=row.firm, work_order=row.work_order, elevator=row.elevator, name=name_of(row), crew=row.crew,
        crew_name=row.crew_name, technician=row.technician_name, day=row.day, reason=row.reason,
        reason_zh=reason.zh if reason else row.reason, reason_en=reason.en if reason else row.reason, note=row.note,
        at=row.at, undone_at=row.undone_at,
    )  # fmt: skip
