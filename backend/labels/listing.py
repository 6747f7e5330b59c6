"""Labels as they are: lists, one label, counts of refused codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from backend import clock, database, paging
from backend.errors import Fault, InvalidInput, NotFound
from backend.labels import queries
from backend.labels.queries import LabelRow
from backend.labels.resolve import genuine_inside
from backend.labels.views import LabelFilter, LabelPage, LabelState, LabelView, LabelZone, RefusedCount
from backend.scope import Scope
from qr import code
from qr.errors import CodeError
from qr.keys import KeyRing

MOST_DAYS = 3660
"""Ten years of counts: nobody looks back further."""


async def labels(
    scope: Scope, ring: KeyRing, wanted: LabelFilter, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> LabelPage:
    """Return labels, newest first, inside a batch in the order of printing.

    Raises
    ------
    InvalidInput
        If the cursor is none of ours, or the page's size is out of range.
    """
    limit = paging.bounded(limit)
    after = paging.decode(cursor, (datetime, UUID, int))
    wanted = _with_code_id(wanted)
    async with database.tx(scope):
        rows = await queries.labels_page(wanted, after, limit + 1)
        total = await queries.label_count(wanted)
    more = len(rows) > limit
    rows = rows[:limit]
    following = paging.encode([rows[-1].created_at, rows[-1].batch, rows[-1].number]) if more else None
    return LabelPage(rows=[view_of(row, ring) for row in rows], next_cursor=following, total=total)


def _with_code_id(wanted: LabelFilter) -> LabelFilter:
    """Look for a whole code, as scanned or typed, by its first half: the second is not in the database."""
    try:
        found = code.parse(wanted.text or "")
    except CodeError:
        return wanted
    return LabelFilter(state=wanted.state, elevator=wanted.elevator, batch=wanted.batch, text=found.id, zone=wanted.zone)


async def printable(scope: Scope, ring: KeyRing, wanted: LabelFilter) -> list[UUID]:
    """Return the labels that fit and can be printed, newest batch first, inside a batch in the order of printing."""
    return [view.id for view in await all_labels(scope, ring, wanted) if view.ended_at is None and view.code is not None]


async def labelled_elevators(scope: Scope, ring: KeyRing) -> list[UUID]:
    """Return the elevators with an active label in the car, each once."""
    active = await all_labels(scope, ring, LabelFilter(state=LabelState.ACTIVE, zone=LabelZone.CAR))
    return list(dict.fromkeys(view.elevator for view in active if view.elevator is not None))


async def all_labels(scope: Scope, ring: KeyRing, wanted: LabelFilter) -> list[LabelView]:
    """Return all labels that fit, newest batch first, inside a batch in the order of printing."""
    wanted = _with_code_id(wanted)
    async with database.tx(scope):
        rows = await queries.labels_page(wanted, None, None)
    return [view_of(row, ring) for row in rows]


async def label(scope: Scope, ring: KeyRing, label_id: UUID) -> LabelView:
    """Return one label.

    Raises
    ------
    NotFound
        If the scope has no such label.
    """
    async with database.tx(scope):
        row = await queries.label(label_id)
    if row is None:
        raise NotFound("no label {label}", label=label_id)
    return view_of(row, ring)


async def find_label(scope: Scope, ring: KeyRing, text: str) -> LabelView:
    """Return the label that somebody at the terminal or in the office means: by its id, or by its code in any form.

    Raises
    ------
    NotFound
        With the reason, counted like a refused scan.
    """
    async with database.tx(scope):
        try:
            row = await queries.label(UUID(text.strip()))
        except ValueError:
            row = await genuine_inside(ring, text, firm=scope.firm, lock=False)
    if row is None:
        raise NotFound("no label {label}", label=text)
    return view_of(row, ring)


async def refused(scope: Scope, days: int = 30) -> list[RefusedCount]:
    """Return how often codes were refused in the last days, newest first.

    A firm sees the counts of its own labels; codes that are nobody's are counted for the installation.

    Raises
    ------
    InvalidInput
        If the days are not in 1..3660.
    """
    if not 1 <= days <= MOST_DAYS:
        fault = Fault("days", str(days)[:20], "use a whole number of days from 1 to 3660")
        raise InvalidInput("the refused codes cannot be counted", faults=[fault])
    since = clock.now().date() - timedelta(days=days - 1)
    async with database.tx(scope):
        return await queries.refused_counts(scope.firm, since)


async def view_inside(label_id: UUID, ring: KeyRing) -> LabelView:
    """Return a label that is known to be there, inside the caller's transaction."""
    row = await queries.label(label_id)
    assert row is not None  # noqa: S101 - locked or written in this transaction
    return view_of(row, ring)


def view_of(row: LabelRow, ring: KeyRing) -> LabelView:
    """Return a label as the office sees it."""
    made = code.rebuild(ring, row.code_id, row.epoch, kept=row.kept_at is not None)
    return LabelView(
        id=row.id,
        code=made.text if made else None,
        short_code=made.short_code if made else None,
        state=row.state,
        state_reason=row.state_reason,
        zone=row.zone,
        batch=row.batch,
        number=row.number,
        elevator=row.elevator,
        registration_code=row.registration_code,
        rescue_code=row.rescue_code,
        unit_name=row.unit_name,
        site_name=row.site_name,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        ended_at=row.ended_at,
        replaced_by=row.replaced_by,
        epoch=row.epoch,
        kept_at=row.kept_at,
    )
