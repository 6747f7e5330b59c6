"""Written notices to owners: issued with a finding, numbered without gaps, with a receipt when they are read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.errors import NotAllowed, NotFound
from backend.messages import telling
from backend.messages.views import Kind
from backend.notices import queries, wording
from backend.notices.views import FindingFacts, Issued, NoticePage, NoticeView
from backend.people import service as people
from backend.scope import Role, Scope
from backend.visits.inputs import Severity


async def issue_inside(firm: UUID, facts: FindingFacts) -> Issued:
    """Write the notice of a finding inside the caller's transaction; a finding has one notice, however often it is asked.

    Parameters
    ----------
    firm
        Whose notice.
    facts
        What was found; the owner and the elevator's place come from the register.

    Raises
    ------
    NotFound
        If there is no such elevator.
    """
    existing = await queries.issued_for(facts.finding)
    if existing is not None:
        return existing
    to = await queries.addressed(facts.elevator)
    if to is None:
        raise NotFound("no elevator {elevator}", elevator=facts.elevator)
    now = clock.now()
    day = clock.local_date(now, to.time_zone)
    number = f"GZ-{day.year}-{await queries.next_number(firm, day):04d}"
    text, report = wording.notice_text(number, to, facts), wording.report_text(number, to, facts)
    new = queries.NewNotice(
        firm=firm, owner=to.owner, elevator=facts.elevator, finding=facts.finding, number=number, severity=facts.severity,
        title_zh=facts.title_zh, title_en=facts.title_en, text_zh=text.zh, text_en=text.en, report_zh=report.zh,
        report_en=report.en, issued_at=now,
    )  # fmt: skip
    issued = Issued(id=await queries.insert(new), number=number)
    await _tell(firm, issued, facts, to)
    return issued


async def _tell(firm: UUID, issued: Issued, facts: FindingFacts, to: queries.Addressed) -> None:
    """Tell the owner of a new notice, and the office where the elevator must not be used."""
    place = f"{to.site_name} {to.unit_name}".strip()
    zh, en = f"{issued.number} {place}：{facts.title_zh}", f"{issued.number} {place}: {facts.title_en}"
    if to.owner is not None:
        link = f"/owner/notices/{issued.id}"
        await telling.tell_owner_inside(firm, to.owner, Kind.NOTICE, zh, en, link=link, subject=str(issued.id))
    if facts.severity is not Severity.GENERAL:
        link = f"/office/notices/{issued.id}"
        await telling.tell_managers_inside(firm, Kind.HAZARD, zh, en, link=link, subject=str(issued.id))


async def notices(
    scope: Scope, *, elevator: UUID | None = None, unread_only: bool = False, cursor: str | None = None, limit: int = 100
) -> NoticePage:
    """Return notices, newest first: an owner's own ones, or all that the asker sees.

    Parameters
    ----------
    scope
        The asker.
    elevator
        Only those about it.
    unread_only
        Only those that the owner has not opened.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.
    """
    owner = _owner(scope)
    after = _after(cursor)
    limit = paging.bounded(limit)
    async with database.tx(scope):
        rows = await queries.notices(owner, elevator, unread_only, after, limit + 1)
        unread = await queries.unread(owner)
    more = len(rows) > limit
    rows = rows[:limit]
    next_cursor = paging.encode([rows[-1].issued_at, rows[-1].id]) if more else None
    return NoticePage(rows=[_shown(scope, row) for row in rows], next_cursor=next_cursor, unread=unread)


async def notice(scope: Scope, notice: UUID) -> NoticeView:
    """Return a notice without leaving a receipt.

    Raises
    ------
    NotFound
        If the asker sees no such notice.
    """
    async with database.tx(scope):
        return await _found(scope, notice)


async def read(scope: Scope, notice: UUID) -> NoticeView:
    """Return a notice to its owner and leave the receipt: the first time it was opened, and by whom.

    Raises
    ------
    NotAllowed
        For anybody but an owner: nobody else can receive a notice.
    NotFound
        If it is another owner's.
    """
    if scope.role is not Role.OWNER or scope.owner is None or scope.account is None:
        raise NotAllowed("only the owner acknowledges a notice")
    async with database.tx(scope):
        found = await _found(scope, notice)
        if await queries.leave_receipt(notice, scope.owner, scope.account, clock.now()):
            await people.audit(scope.firm, scope.account, "notice.read", str(notice))
            found = await _found(scope, notice)
            zh, en = f"{found.owner_name}已签收{found.number}", f"{found.owner_name} has received {found.number}"
            link = f"/office/notices/{notice}"
            await telling.tell_managers_inside(scope.require_firm(), Kind.NOTICE, zh, en, link=link, subject=str(notice))
    return found


def _owner(scope: Scope) -> UUID | None:
    """Return the owner whose notices alone are seen; None for those who see all of the firm."""
    if scope.role is not Role.OWNER:
        return None
    if scope.owner is None:
        raise NotAllowed("this account belongs to no owner")
    return scope.owner


async def _found(scope: Scope, notice: UUID) -> NoticeView:
    found = await queries.notice(notice, _owner(scope))
    if found is None:
        raise NotFound("no notice {notice}", notice=notice)
    return _shown(scope, found)


def _shown(scope: Scope, row: NoticeView) -> NoticeView:
    """Return a notice as the asker sees it.

    An owner does not see the firm's draft to the authority, and the text only once they have acknowledged the receipt: the
    receipt would say nothing otherwise.
    """
    if scope.role is not Role.OWNER:
        return row
    row = msgspec.structs.replace(row, report_zh="", report_en="")
    return row if row.read_at is not None else msgspec.structs.replace(row, text_zh="", text_en="")


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the last row that the asker has seen."""
    key = paging.decode(cursor, (datetime, UUID))
    return None if key is None else msgspec.convert(key, tuple[datetime, UUID])
