"""Why an elevator is where it is in a plan, what would let it be planned, and why not another day or crew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get

from backend.errors import LiftroundsError, NotFound
from backend.rounds import service as rounds
from backend.rounds.explain_views import ExplainedVisit, Help, WhyNotAnswer
from backend.rounds.views import RunView
from backend.scope import Scope
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import told
from mobile_api.pages.office.base import is_id, office_page
from mobile_api.pages.render import day as day_words
from mobile_api.pages.render import minutes
from mobile_api.security import OFFICE_READERS


@get("/office/plan/{id:uuid}/elevators/{elevator:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def why_page(
    asker: Asker, id: FromPath[UUID], elevator: FromPath[UUID], day: FromQuery[str] = "", crew: FromQuery[str] = ""
) -> Response[Any]:
    """Explain an elevator of a plan; with a day or a crew, say what it would take to have it there."""
    run = await rounds.run(asker, id)
    found = await rounds.explain_visit(asker, id, elevator)
    answer, refused = await _answer(asker, found, day, crew)
    page = await office_page(
        asker, "office/plan_why.html", run=run, found=found, answer=answer, refused=told(refused) if refused else None,
        day=day, crew=crew, day_choices=[("", _("any day")), *((one.isoformat(), day_words(one)) for one in _days(run))],
        crew_choices=[("", _("any crew")), *((str(one.crew), one.crew_name) for one in found.choices)], step=step_of,
        signed=signed,
    )  # fmt: skip
    if refused is not None:
        page.status_code = status_of(refused)
    return page


async def _answer(
    asker: Scope, found: ExplainedVisit, day: str, crew: str
) -> tuple[WhyNotAnswer | None, LiftroundsError | None]:
    if not day and not crew:
        return None, None
    wanted = is_id(crew) if crew else None
    if crew and wanted is None:
        return None, NotFound("this run has no such elevator or crew")
    try:
        return await rounds.why_not(asker, found.run, found.place.elevator, crew=wanted, day=_date(day)), None
    except LiftroundsError as error:
        return None, error


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _days(run: RunView) -> list[date]:
    return [run.start_date + timedelta(days=number) for number in range(run.days)]


def signed(seconds: int) -> str:
    """Return a difference of seconds with its sign."""
    return ("+" if seconds > 0 else "−" if seconds < 0 else "±") + minutes(abs(seconds))


def step_of(found: ExplainedVisit, helped: Help) -> tuple[str, str]:
    """Return where a change can be made, and what the way there is called."""
    here = f"/office/plan/{found.run}/elevators"
    crew = f"/office/crews/{helped.crew}"
    ways = {
        "overtime": (f"{crew}#week", _("Hours of the crew")),
        "shift": (f"{crew}#week", _("Hours of the crew")),
        "people": (crew, _("Members of the crew")),
        "skill": (crew, _("Members of the crew")),
        "window": (f"/office/sites/{found.place.site}", _("Access hours of the site")),
        "first_day": (f"/office/elevators/{found.place.elevator}/receipt", _("Receipt")),
        "last_day": (f"/office/elevators/{found.place.elevator}/receipt", _("Receipt")),
        "swap": (f"{here}/{helped.other.elevator if helped.other else found.place.elevator}", _("The other elevator")),
        "plan_it": (f"{here}/{found.place.elevator}?crew={helped.crew}&day={helped.day}#answer", _("What it would change")),
    }
    return ways.get(helped.kind, ("", ""))


HANDLERS: list[Any] = [why_page]
