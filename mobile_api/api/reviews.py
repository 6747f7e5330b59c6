"""What stands behind a visit, and the review of visits whose proof is weaker than asked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post

from backend.scope import Role
from backend.visits import service
from backend.visits.proof.views import ReviewPage, VisitProof
from backend.visits.views import Review
from mobile_api.api.visits import READERS, ReasonBody, WantedGrade
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

DEFAULT_REVIEWS = 50


@get("/api/v1/reviews", roles=OFFICE_READERS)
async def reviews(
    asker: Asker,
    review: FromQuery[Review] = Review.WAITING,
    grade: FromQuery[WantedGrade | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_REVIEWS,
) -> ReviewPage:
    """List visits in a state of review with the reasons of their grades, newest arrival first."""
    return await service.reviews(asker, review=review, grade=grade, cursor=cursor, limit=limit)


@get("/api/v1/visits/{id:uuid}/proof", roles=(*READERS, Role.OWNER))
async def proof(asker: Asker, id: FromPath[UUID]) -> VisitProof:
    """Return all grades of a visit with every question and answer, and the steps of its review."""
    return await service.proof(asker, id)


@post("/api/v1/visits/{id:uuid}/accept", roles=OFFICE, status_code=200)
async def accept(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> VisitProof:
    """Accept a visit that waits for a review, with a note: it counts."""
    return await service.accept(asker, id, data.reason)


@post("/api/v1/visits/{id:uuid}/dispute", roles=OFFICE, status_code=200)
async def dispute(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> VisitProof:
    """Dispute a visit that waits for a review, with a note: its record is corrected so that it does not count."""
    return await service.dispute(asker, id, data.reason)


@post("/api/v1/visits/{id:uuid}/reopen", roles=OFFICE, status_code=200)
async def reopen(asker: Asker, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> VisitProof:
    """Take an acceptance back: the visit waits for a review again."""
    return await service.reopen(asker, id, data.reason)


HANDLERS: list[Any] = [reviews, proof, accept, dispute, reopen]
