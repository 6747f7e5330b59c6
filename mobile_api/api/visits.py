"""The technician's day, visits, findings and records."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import HeaderParameter, QueryParameter
from msgspec import Struct

from backend import keyfile
from backend.paging import DEFAULT_LIMIT
from backend.phones import service as phones
from backend.scope import Role
from backend.visits import service
from backend.visits.day.labels import phone_labels as phone_labels_of
from backend.visits.day.views import PhoneLabels, TechnicianDay
from backend.visits.inputs import AnswerInput, ArrivalInput, CorrectionInput, FindingInput, ScanInput
from backend.visits.views import (
    AnswersSaved,
    Confirmation,
    Departed,
    FindingView,
    RecordVersion,
    Review,
    VisitFilter,
    VisitPage,
    VisitState,
    VisitView,
)
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody, Ring
from mobile_api.security import OFFICE, OFFICE_READERS

TECHNICIAN = (Role.TECHNICIAN,)
WantedState = Annotated[VisitState | None, QueryParameter(name="state")]
"""`?state=`; the name itself is taken by Litestar."""

WantedGrade = Literal["A", "B", "C", "D"]

IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match")]
READERS = (*OFFICE_READERS, Role.TECHNICIAN)
CORRECTORS = (*OFFICE, Role.TECHNICIAN)


class AnswersBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers to any part of the checklist."""

    answers: list[AnswerInput]


class ReasonBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: str


class SecondBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The second technician of a visit; null leaves them out."""

    technician: UUID | None


class RecordList(Struct, frozen=True, kw_only=True):
    """All versions of a record, newest last."""

    rows: list[RecordVersion]


class FindingList(Struct, frozen=True, kw_only=True):
    """Findings, worst and newest first."""

    rows: list[FindingView]


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Return whether a client has this very version: weak comparison, as RFC 9110 section 13.1.2 wants it."""
    if if_none_match is None:
        return False
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return etag in known or "*" in known


@get("/api/v1/day", roles=TECHNICIAN)
async def technician_day(
    asker: Asker, settings: Installation, day: FromQuery[date | None] = None, if_none_match: IfNoneMatch = None
) -> Response[TechnicianDay | None]:
    """Return the signed-in technician's day with the checklists of its stops; 304 where the phone has this version."""
    found = await service.technician_day(asker, day)
    headers = {"ETag": found.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if is_known(found.etag, if_none_match):
        return Response(None, status_code=304, headers=headers)
    beacon = phones.beacon(keyfile.beacon_keys(settings)).token
    return Response(msgspec.structs.replace(found, beacon=beacon), headers=headers)


@get("/api/v1/phone/labels", roles=TECHNICIAN, tags=["phones"])
async def phone_labels(asker: Asker, if_none_match: IfNoneMatch = None) -> Response[PhoneLabels | None]:
    """Return the labels around the technician's rounds, so that a phone without a signal can name a wrong elevator.

    First halves of codes only: what makes a code genuine stays on the server. 304 where the phone has this version.
    """
    found = await phone_labels_of(asker)
    headers = {"ETag": found.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if is_known(found.etag, if_none_match):
        return Response(None, status_code=304, headers=headers)
    return Response(found, headers=headers)


@post("/api/v1/visits", roles=TECHNICIAN)
async def arrive(asker: Asker, ring: Ring, data: JSONBody[ArrivalInput]) -> VisitView:
    """Arrival scan: open the visit of the scanned elevator. The same request again returns the same visit."""
    return await service.arrive(asker, ring, data)


@get("/api/v1/visits", roles=READERS)
async def visits(
    asker: Asker,
    visit_state: WantedState = None,
    confirmation: FromQuery[Confirmation | None] = None,
    review: FromQuery[Review | None] = None,
    grade: FromQuery[WantedGrade | None] = None,
    scheduled: FromQuery[bool | None] = None,
    elevator: FromQuery[UUID | None] = None,
    technician: FromQuery[UUID | None] = None,
    from_day: FromQuery[date | None] = None,
    to_day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> VisitPage:
    """List visits, newest arrival first."""
    wanted = VisitFilter(
        state=visit_state, confirmation=confirmation, review=review, grade=grade, scheduled=scheduled, elevator=elevator,
        technician=technician, from_day=from_day, to_day=to_day,
    )  # fmt: skip
    return await service.visits(asker, wanted, cursor=cursor, limit=limit)


@get("/api/v1/visits/{id:uuid}", roles=READERS)
async def visit(asker: Asker, id: FromPath[UUID]) -> VisitView:
    """Return a visit with checklist, answers, findings and what is still open."""
    return await service.visit(asker, id)


@put("/api/v1/visits/{id:uuid}/second-technician", roles=TECHNICIAN)
async def set_second(asker: Asker, id: FromPath[UUID], data: JSONBody[SecondBody]) -> VisitView:
    """Name, change or leave out the second technician of an open visit."""
    return await service.set_second_technician(asker, id, data.technician)


@put("/api/v1/visits/{id:uuid}/answers", roles=TECHNICIAN)
async def answers(asker: Asker, id: FromPath[UUID], data: JSONBody[AnswersBody]) -> AnswersSaved:
    """Keep answers to any part of the checklist; good ones are kept, bad ones listed."""
    return await service.answer(asker, id, data.answers)


@post("/api/v1/visits/{id:uuid}/findings", roles=TECHNICIAN)
async def add_finding(asker: Asker, id: FromPath[UUID], data: JSONBody[FindingInput]) -> FindingView:
    """Keep a finding and issue its notice to the owner; a stop-use condition stops the elevator at once."""
    return await service.add_finding(asker, id, data)


@post("/api/v1/visits/{id:uuid}/departure", roles=TECHNICIAN, status_code=200)
async def depart(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ScanInput]) -> Departed:
    """Departure scan: finish the visit, write its record, move the due window; refused with the list of what is missing."""
    return await service.depart(asker, ring, id, data)


@post("/api/v1/visits/{id:uuid}/abandon", roles=OFFICE, status_code=200)
async def abandon(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> VisitView:
    """Close an open visit that will have no departure; it never counts."""
    return await service.abandon(asker, id, data.reason)


@post("/api/v1/visits/{id:uuid}/corrections", roles=CORRECTORS)
async def correct(asker: Asker, id: FromPath[UUID], data: JSONBody[CorrectionInput]) -> RecordVersion:
    """Write the next version of a record, with its reason."""
    return await service.correct(asker, id, data)


@get("/api/v1/visits/{id:uuid}/records", roles=READERS)
async def records(asker: Asker, id: FromPath[UUID]) -> RecordList:
    """Return all versions of a record, newest last."""
    return RecordList(rows=await service.records(asker, id))


@get("/api/v1/visits/{id:uuid}/records/{version:int}", roles=READERS)
async def record(asker: Asker, id: FromPath[UUID], version: FromPath[int]) -> RecordVersion:
    """Return one version of a record with its hash."""
    return await service.record(asker, id, version)


@get("/api/v1/findings", roles=READERS)
async def findings(asker: Asker, elevator: FromQuery[UUID | None] = None, open_only: FromQuery[bool] = True) -> FindingList:
    """List findings, worst and newest first."""
    return FindingList(rows=await service.findings(asker, elevator=elevator, open_only=open_only))


@post("/api/v1/findings/{id:uuid}/close", roles=OFFICE, status_code=200)
async def close_finding(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> FindingView:
    """Close a finding with a reason."""
    return await service.close_finding(asker, id, data.reason)


@post("/api/v1/elevators/{id:uuid}/return-to-use", roles=OFFICE, status_code=204)
async def return_to_use(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> None:
    """Put a stopped elevator back into use, once no stop-use finding is open."""
    await service.return_to_use(asker, id, data.reason)


HANDLERS: list[Any] = [
    technician_day,
    phone_labels,
    arrive,
    visits,
    visit,
    set_second,
    answers,
    add_finding,
    depart,
    abandon,
    correct,
    records,
    record,
    findings,
    close_finding,
    return_to_use,
]
