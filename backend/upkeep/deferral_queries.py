"""SQL of authorised deferrals."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.upkeep.views import DeferralFile, DeferralInput
from planner.intervals.facts import DeferralReason


class DeferralDetail(Struct, frozen=True, kw_only=True):
    """A stored deferral without its file."""

    id: UUID
    firm: UUID
    elevator: UUID
    counted_from: date
    due_on: date
    days: int
    reason: DeferralReason
    words: str
    document: str
    issuer: str
    dated_on: date
    consent_on: date
    consent_by: str
    file_sha256: str
    file_name: str
    has_file: bool
    entered_on: date
    created_at: datetime
    withdrawn_at: datetime | None
    withdrawn_why: str


_DETAIL = (
    "id, firm, elevator, counted_from, due_on, days, reason, words, document, issuer, dated_on, consent_on, consent_by,"
    " file_sha256, file_name, file IS NOT NULL AS has_file, entered_on, created_at, withdrawn_at, withdrawn_why"
)


async def insert_deferral(
    firm: UUID, elevator: UUID, asked: DeferralInput, file: DeferralFile | None, *, counted_from: date, due_on: date,
    entered_on: date, by: UUID | None, at: datetime,
) -> UUID:  # fmt: skip
    """Write a deferral; return its id."""
    found: UUID = await database.fetch_value(
        "INSERT INTO deferral (id, firm, elevator, counted_from, due_on, days, reason, words, document, issuer, dated_on,"
        " consent_on, consent_by, file_sha256, file_name, file_type, file, entered_on, created_by, created_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
        " RETURNING id",
        firm, elevator, counted_from, due_on, asked.days, asked.reason, asked.words, asked.document, asked.issuer,
        asked.dated_on, asked.consent_on, asked.consent_by, asked.file_sha256, file.name if file else "",
        file.content_type if file else "", file.content if file else None, entered_on, by, at,
    )  # fmt: skip
    return found


async def deferrals_of(elevators: Collection[UUID]) -> list[DeferralDetail]:
    """Return the deferrals of elevators, the newest first."""
    return await database.fetch_as(
        DeferralDetail,
        f"SELECT {_DETAIL} FROM deferral WHERE elevator = ANY($1::uuid[]) ORDER BY created_at DESC, id",
        list(elevators),
    )


async def deferral(deferral_id: UUID) -> DeferralDetail | None:
    """Return a deferral, None where the scope sees none of this id; locked until the end of the transaction."""
    return await database.fetch_one_as(DeferralDetail, f"SELECT {_DETAIL} FROM deferral WHERE id = $1 FOR UPDATE", deferral_id)


async def file_of(deferral_id: UUID) -> DeferralFile | None:
    """Return the document of a deferral, None where there is none."""
    return await database.fetch_one_as(
        DeferralFile,
        "SELECT file_name AS name, file_type AS content_type, file AS content FROM deferral WHERE id = $1 AND file IS NOT NULL",
        deferral_id,
    )


async def withdraw(deferral_id: UUID, why: str, by: UUID | None, at: datetime) -> None:
    """Note that a deferral does not hold any more."""
    await database.execute(
        "UPDATE deferral SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4 WHERE id = $1", deferral_id, at, by, why
    )
