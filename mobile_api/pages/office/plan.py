"""Running the planner, its proposal as tables and on a map, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend import clock
from backend.errors import Conflict, InvalidInput, LiftroundsError, OutdatedSnapshot, RoundTaken
from backend.overview import service as overview
from backend.rounds import service as rounds
from backend.rounds.plan_views import ProposedPlan
from backend.rounds.views import RunState, RunView
from backend.scope import Scope
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of, parsed, told
from mobile_api.pages.office import plan_map as office_map
from mobile_api.pages.office.base import choose_first, office_page, time_zone_of
from mobile_api.pages.office.plan_drawing import chart_of, matrix_of, styles_of, tracks_of
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

DEFAULT_DAYS = 14
DEFAULT_TIME_LIMIT_S = 30.0
NOBODY_TOOK_IT = timedelta(seconds=20)
"""A run that waits longer than this probably has no worker."""

ALL_DAYS = "all"


class NewRun(Struct, frozen=True, kw_only=True):
    """What the form asks for."""

    start_date: date
    days: int = DEFAULT_DAYS
    time_limit_s: float = DEFAULT_TIME_LIMIT_S
    seed: int = 1


@get("/office/plan", roles=OFFICE_READERS, include_in_schema=False)
async def plan_page(asker: Asker, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show the runs of the planner and the form for a new one."""
    return await _runs(asker, cursor=cursor)


async def _runs(
    asker: Scope, *, cursor: str | None = None, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    tomorrow = clock.today(await time_zone_of(asker)) + timedelta(days=1)
    seen, _newest = await overview.overview(asker)
    found = await rounds.runs(asker, cursor=cursor)
    given = form or {"start_date": tomorrow.isoformat(), "days": str(DEFAULT_DAYS), "time_limit_s": "30", "seed": "1"}
    return await office_page(asker, "office/plan_list.html", runs=found, seen=seen, form=given, error=error)


@post("/office/plan", roles=OFFICE, include_in_schema=False, status_code=200)
async def request_run(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Ask for a run."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        wanted = parsed(NewRun, form)
        run = await rounds.request_run(asker, wanted.start_date, wanted.days, wanted.time_limit_s, wanted.seed)
    except (InvalidInput, Conflict) as error:
        return await _runs(asker, form=form, error=error)
    return redirect(f"/office/plan/{run.id}")


@get("/office/plan/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def run_page(asker: Asker, id: FromPath[UUID], day: FromQuery[str] = "") -> Response[Any]:
    """Show a run: how far it is, then what it proposes."""
    return await _run(asker, id, day)


async def _run(asker: Scope, id: UUID, day: str = "", refused: LiftroundsError | None = None) -> Response[Any]:
    run = await rounds.run(asker, id)
    answer: dict[str, Any] = {
        "refused": told(refused) if refused else None,
        "is_outdated": isinstance(refused, OutdatedSnapshot),
        "is_taken": isinstance(refused, RoundTaken),
    }
    if run.outline.planned is None:
        waits = run.state is RunState.QUEUED and clock.now() - run.requested_at > NOBODY_TOOK_IT
        found = await office_page(asker, "office/plan_run.html", run=run, waits=waits, **answer)
    else:
        found = await _proposal(asker, await rounds.run_plan(asker, id), run, day, answer)
    if refused is not None:
        found.status_code = status_of(refused)
    return found


async def _proposal(asker: Scope, plan: ProposedPlan, run: RunView, day: str, answer: dict[str, Any]) -> Any:
    chosen = _chosen_day(plan, day)
    styles = styles_of(plan)
    shown = [one for one in plan.rounds if chosen is None or one.day == chosen]
    return await office_page(
        asker,
        "office/plan.html",
        run=run,
        plan=plan,
        chosen=chosen,
        day=day,
        rounds=shown,
        matrix=matrix_of(plan),
        styles=styles,
        swatch=office_map.swatch,
        chart=chart_of,
        map=_drawn(plan, chosen),
        **answer,
    )


def _chosen_day(plan: ProposedPlan, day: str) -> date | None:
    """Return the day that is shown: the one asked for, else the first with a round; None shows all."""
    if day == ALL_DAYS:
        return None
    days = sorted({one.day for one in plan.rounds})
    return next((one for one in days if one.isoformat() == day), days[0] if days else None)


def _drawn(plan: ProposedPlan, chosen: date | None) -> str:
    tracks, left_out = tracks_of(plan, chosen)
    label = _("Map of the rounds of %(day)s") % {"day": chosen} if chosen else _("Map of all rounds")
    return office_map.draw(tracks, left_out, label=label)


@get("/office/plan/{id:uuid}/map.svg", roles=OFFICE_READERS, include_in_schema=False)
async def map_file(asker: Asker, id: FromPath[UUID], day: FromQuery[str] = "") -> Response[bytes]:
    """Return the map alone, to be looked at closely or printed."""
    plan = await rounds.run_plan(asker, id)
    return Response(_drawn(plan, _chosen_day(plan, day)).encode(), media_type="image/svg+xml")


@get("/office/plan/{id:uuid}/problem.json", roles=OFFICE_READERS, include_in_schema=False)
async def problem_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Return the problem, for `liftrounds plan`."""
    return _file(await rounds.problem_file(asker, id), f"problem-{id}.json")


@get("/office/plan/{id:uuid}/plan.json", roles=OFFICE_READERS, include_in_schema=False)
async def plan_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Return the plan, for `liftrounds check`."""
    return _file(await rounds.plan_file(asker, id), f"plan-{id}.json")


def _file(content: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/json", headers=headers)


async def _do(asker: Scope, id: UUID, act: Callable[[Scope, UUID], Awaitable[RunView]], message: str) -> Response[Any]:
    try:
        await act(asker, id)
    except (Conflict, InvalidInput) as error:
        return await _run(asker, id, refused=error)
    return redirect(f"/office/plan/{id}", message=message)


@post("/office/plan/{id:uuid}/stop", roles=OFFICE, include_in_schema=False, status_code=200)
async def stop(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Stop the search; its best plan so far is kept."""
    return await _do(asker, id, rounds.stop_run, _("The planner stops and keeps its best plan so far."))


@post("/office/plan/{id:uuid}/commit", roles=OFFICE, include_in_schema=False, status_code=200)
async def commit(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Choose the proposal."""
    return await _do(asker, id, rounds.commit_run, _("The plan is committed. Publish it to show it to the technicians."))


@post("/office/plan/{id:uuid}/publish", roles=OFFICE, include_in_schema=False, status_code=200)
async def publish(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show the rounds to the technicians."""
    return await _do(asker, id, rounds.publish_run, _("The rounds are published: technicians see their day now."))


@post("/office/plan/{id:uuid}/discard", roles=OFFICE, include_in_schema=False, status_code=200)
async def discard(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Put the proposal aside."""
    return await _do(asker, id, rounds.discard_run, _("The run is discarded."))


HANDLERS: list[Any] = [
    plan_page,
    request_run,
    run_page,
    map_file,
    problem_file,
    plan_file,
    stop,
    commit,
    publish,
    discard,
]
