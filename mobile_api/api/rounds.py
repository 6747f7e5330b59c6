"""Runs of the planner, published rounds and their stops."""

from __future__ import annotations

import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Struct

from backend.rounds import service
from backend.rounds.day_change_views import RoundStanding
from backend.rounds.plan_views import ProposedPlan
from backend.rounds.views import CrewDay, PlannedActual, RunPage, RunView, WorkOrderView
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

Day = Annotated[datetime.date | None, QueryParameter(name="day")]
"""`?day=2026-11-30`; today of the firm without it."""

_TAGS = ["rounds"]


class RunBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to plan."""

    start_date: datetime.date | None = None
    """First day of the horizon, today or later; tomorrow where it is not given."""

    days: int = 5
    """Length of the horizon, 1 to 14."""

    time_limit_s: float = 30.0
    """Seconds for the search, 1 to 600."""

    seed: int = 1
    """Of the search: the same data and seed search the same way."""


class RunReason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a round or stop is taken back."""

    reason: str


class Rounds(Struct, frozen=True, kw_only=True):
    """Published rounds by name of the crew."""

    rows: list[CrewDay]


class DayLines(Struct, frozen=True, kw_only=True):
    """A day planned against actual."""

    rows: list[PlannedActual]
    rounds: list[RoundStanding] = []
    """How far the crews say they are, beside what the scans prove; only those that said anything."""


@post("/api/v1/plan-runs", roles=OFFICE, status_code=202, tags=_TAGS)
async def request_run(asker: Asker, data: JSONBody[RunBody]) -> RunView:
    """Ask for a run of the planner over what is due now; it goes on in the background."""
    return await service.request_run(asker, data.start_date, data.days, data.time_limit_s, data.seed)


@get("/api/v1/plan-runs", roles=OFFICE_READERS, tags=_TAGS)
async def runs(asker: Asker, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50) -> RunPage:
    """List the runs of the planner, newest first."""
    return await service.runs(asker, cursor=cursor, limit=limit)


@get("/api/v1/plan-runs/{id:uuid}", roles=OFFICE_READERS, tags=_TAGS)
async def run(asker: Asker, id: FromPath[UUID]) -> RunView:
    """Return state and progress of a run; light enough to be asked for every second."""
    return await service.run(asker, id)


@get("/api/v1/plan-runs/{id:uuid}/plan", roles=OFFICE_READERS, tags=_TAGS)
async def plan(asker: Asker, id: FromPath[UUID]) -> ProposedPlan:
    """Return the plan of a run: rounds with stops, names and reasons, what is left out and why, what has changed."""
    return await service.run_plan(asker, id)


@get("/api/v1/plan-runs/{id:uuid}/problem", roles=OFFICE_READERS, tags=_TAGS, media_type="application/json")
async def problem_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Download the problem of a run as a file for `liftrounds plan`."""
    return _file(await service.problem_file(asker, id), f"problem-{id}.json")


@get("/api/v1/plan-runs/{id:uuid}/plan-file", roles=OFFICE_READERS, tags=_TAGS, media_type="application/json")
async def plan_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Download the plan of a run as a file for `liftrounds check`."""
    return _file(await service.plan_file(asker, id), f"plan-{id}.json")


def _file(content: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


@post("/api/v1/plan-runs/{id:uuid}/stop", roles=OFFICE, status_code=200, tags=_TAGS)
async def stop_run(asker: Asker, id: FromPath[UUID]) -> RunView:
    """Stop a run; the best plan so far is kept and proposed."""
    return await service.stop_run(asker, id)


@post("/api/v1/plan-runs/{id:uuid}/discard", roles=OFFICE, status_code=200, tags=_TAGS)
async def discard_run(asker: Asker, id: FromPath[UUID]) -> RunView:
    """Put a run aside that nobody will publish."""
    return await service.discard_run(asker, id)


@post("/api/v1/plan-runs/{id:uuid}/commit", roles=OFFICE, status_code=200, tags=_TAGS)
async def commit_run(asker: Asker, id: FromPath[UUID]) -> RunView:
    """Choose a proposed plan; 409 with the changes where its data has changed since."""
    return await service.commit_run(asker, id)


@post("/api/v1/plan-runs/{id:uuid}/publish", roles=OFFICE, status_code=200, tags=_TAGS)
async def publish_run(asker: Asker, id: FromPath[UUID]) -> RunView:
    """Publish a committed plan to the technicians; 409 where a crew has a published round on one of the days."""
    return await service.publish_run(asker, id)


@get("/api/v1/rounds", roles=OFFICE_READERS, tags=_TAGS)
async def rounds(asker: Asker, day: Day = None) -> Rounds:
    """List the published rounds of a day with their stops."""
    return Rounds(rows=await service.published_rounds(asker, day))


@get("/api/v1/rounds/actual", roles=OFFICE_READERS, tags=_TAGS)
async def actual(asker: Asker, day: Day = None) -> DayLines:
    """List the stops of a day, planned against actual, then visits that nobody had planned."""
    changes = await service.office_changes(asker, day)
    return DayLines(rows=await service.planned_against_actual(asker, day), rounds=changes.rounds)


@post("/api/v1/rounds/{id:uuid}/withdraw", roles=OFFICE, status_code=204, tags=_TAGS)
async def withdraw_round(asker: Asker, id: FromPath[UUID], data: JSONBody[RunReason]) -> None:
    """Take back a published round that nobody has started."""
    await service.withdraw_round(asker, id, data.reason)


@post("/api/v1/work-orders/{id:uuid}/cancel", roles=OFFICE, status_code=200, tags=_TAGS)
async def cancel_order(asker: Asker, id: FromPath[UUID], data: JSONBody[RunReason]) -> WorkOrderView:
    """Take one stop out of a published round."""
    return await service.cancel_order(asker, id, data.reason)


HANDLERS: list[Any] = [
    request_run,
    runs,
    run,
    plan,
    problem_file,
    plan_file,
    stop_run,
    discard_run,
    commit_run,
    publish_run,
    rounds,
    actual,
    withdraw_round,
    cancel_order,
]
