"""Today goes another way: an emergency, a crew that is out, a closed building, a delay; what would change; apply and undo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend import clock
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.registry import service as registry
from backend.rounds import service as rounds
from backend.rounds.repair_views import (
    GOOD_FOR,
    ClosedEvent,
    CrewLine,
    CrewOutEvent,
    DelayEvent,
    EmergencyEvent,
    Events,
    Part,
    RepairLine,
    RepairState,
    RepairView,
)
from backend.rounds.views import CrewDay, OrderState
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.forms import form_of, parsed
from mobile_api.pages.office.base import choose_first, is_id, office_page, time_zone_of
from mobile_api.pages.office.parts import beside
from mobile_api.pages.render import clock_time, redirect
from mobile_api.security import OFFICE, OFFICE_READERS

SEARCH_S = 2.0
"""Seconds that the office waits for something better than the first answer; an emergency does not wait."""

WIDTH = 1000
"""Of a bar's drawing, in its own units; it fills whatever width there is."""

KINDS = ("emergency", "out", "closed", "delay")

_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::[0-9]{2})?")
"""What a field for a time of day sends; some browsers add the seconds."""


class Bar(Struct, frozen=True, kw_only=True):
    """A rectangle of a bar: its kind, whether it is new there, where it begins and how long it is."""

    kind: str
    changed: bool
    x: float
    width: float


class Bars(Struct, frozen=True, kw_only=True):
    """A crew's day before and after on one scale; `now` is where the present lies, None if outside."""

    before: list[Bar]
    after: list[Bar]
    now: float | None
    from_s: int
    to_s: int


@get("/office/today/repair", roles=OFFICE, include_in_schema=False)
async def ask_page(asker: Asker, kind: FromQuery[str] = "emergency", elevator: FromQuery[str] = "") -> Response[Any]:
    """Show the form in which the office tells what has happened."""
    if asker.firm is None:
        return choose_first()
    return await _ask(asker, kind, {"elevator": elevator})


async def _ask(asker: Scope, kind: str, form: Mapping[str, str], error: LiftroundsError | None = None) -> Response[Any]:
    kind = kind if kind in KINDS else KINDS[0]
    published = await rounds.published_rounds(asker, clock.today(await time_zone_of(asker)))
    return await office_page(
        asker,
        "office/repair_ask.html",
        error=error,
        form=dict(form),
        kind=kind,
        kinds=_kind_names(),
        crews=[(str(each.crew), each.crew_name) for each in published],
        sites=_sites(published),
        late=[("", _("choose…")), *_late(published)],
    )


def _kind_names() -> list[tuple[str, str]]:
    return [
        ("emergency", _("Emergency")), ("out", _("Crew out")), ("closed", _("Building closed")), ("delay", _("Delay")),
    ]  # fmt: skip


def _sites(published: list[CrewDay]) -> list[tuple[str, str]]:
    """Return the sites that are still to be visited today."""
    found = {str(stop.site): stop.site_name for each in published for stop in each.stops if stop.state is OrderState.SCHEDULED}
    return sorted(found.items(), key=lambda pair: pair[1])


def _late(published: list[CrewDay]) -> list[tuple[str, str]]:
    """Return crews and stops that may be late."""
    found = []
    for each in published:
        found.append((f"crew:{each.crew}", _("The whole crew: %(crew)s") % {"crew": each.crew_name}))
        for stop in each.stops:
            if stop.state in (OrderState.SCHEDULED, OrderState.IN_PROGRESS):
                name = f"{stop.site_name} {stop.unit_name or stop.registration_code}".strip()
                found.append((f"order:{stop.id}", f"{each.crew_name} · {clock_time(stop.start_s)} {name}"))
    return found


@post("/office/today/repair", roles=OFFICE, include_in_schema=False, status_code=200)
async def ask(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Take what has happened, and go to what may be done about it."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    kind = form.get("kind", "")
    try:
        events = await _events(asker, kind, form)
        found = await rounds.propose_repair(asker, events, engine=rounds.engine_of(settings))
    except (Conflict, InvalidInput, NotFound) as error:
        return await _ask(asker, kind, form, _at_the_field(error))
    return redirect(f"/office/repairs/{found.id}")


def _at_the_field(error: LiftroundsError) -> LiftroundsError:
    """Return a refusal with its faults at the fields of the form: the last part of their paths."""
    if not isinstance(error, InvalidInput):
        return error
    faults = [
        Fault(fault.path.rpartition(".")[2] or fault.path, fault.value, fault.reason, fault.template, fault.params)
        for fault in error.faults
    ]
    return InvalidInput(error.template, faults=faults, **error.params)


async def _events(asker: Scope, kind: str, form: Mapping[str, str]) -> Events:
    """Return what the form tells.

    Raises
    ------
    InvalidInput
        With all its faults.
    """
    if kind == "emergency":
        try:
            elevator = await registry.find_elevator(asker, form.get("elevator", ""))
        except (NotFound, Conflict) as error:
            raise beside(error, "elevator") from error
        # a form cannot say null: somebody chooses how soon, and "any time today" is empty
        event = parsed(EmergencyEvent, form, elevator=elevator.id, within_minutes=_within(form))
        return Events(emergencies=[event])
    if kind == "out":
        return Events(crews_out=[parsed(CrewOutEvent, _with_times(form, "from_s"))], search_s=SEARCH_S)
    if kind == "closed":
        return Events(closed=[parsed(ClosedEvent, _with_times(form, "from_s", "to_s"))], search_s=SEARCH_S)
    who, _colon, text = form.get("who", "").partition(":")
    named = is_id(text)
    if who not in ("crew", "order") or named is None:
        raise InvalidInput("please check the marked fields", faults=[Fault("who", None, "please fill this in")])
    given = {"crew": named if who == "crew" else None, "order": named if who == "order" else None}
    return Events(delays=[parsed(DelayEvent, form, **given)], search_s=SEARCH_S)


def _within(form: Mapping[str, str]) -> int | None:
    text = form.get("within_minutes", "")
    return int(text) if text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and 1 <= int(text) <= 1440 else None


def _with_times(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return a form whose clock times are seconds; what is no time stays and is refused as such."""
    read = dict(form)
    for name in names:
        if found := _CLOCK.fullmatch(form.get(name, "")):
            read[name] = str(int(found[1]) * 3600 + int(found[2]) * 60)
    return read


@get("/office/repairs/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def repair_page(asker: Asker, id: FromPath[UUID], option: FromQuery[int] = 1) -> Response[Any]:
    """Show what may be done, who it concerns, and what became of it."""
    return await _shown(asker, await rounds.repair(asker, id), option)


async def _shown(asker: Scope, found: RepairView, option: int, error: LiftroundsError | None = None) -> Response[Any]:
    number = found.chosen or (option if 1 <= option <= len(found.options) else 1)
    chosen = found.options[number - 1] if found.options else None
    crews = [(line, _bars(line, found)) for line in chosen.crews] if chosen else []
    return await office_page(
        asker,
        "office/repair.html",
        error=error,
        repair=found,
        number=number,
        chosen=chosen,
        crews=crews,
        said=_said,
        told=_told(found.events),
        lost=[line for line in chosen.visits if line.kind == "dropped"] if chosen else [],
        open=found.state is RepairState.PROPOSED and bool(found.options) and not _is_old(found),
        old=_is_old(found),
        width=WIDTH,
        state_name=_states()[found.state],
    )


def _is_old(found: RepairView | RepairLine) -> bool:
    """Say whether a proposal waited until the crews were somewhere else: it can only be asked anew."""
    return found.state is RepairState.PROPOSED and found.asked_at + GOOD_FOR < clock.now()


def _said(thing: Any) -> str:
    """Return the sentence of a thing in the language of the request."""
    return str(thing.zh if language.get() == "zh" else thing.en)


def _states() -> dict[RepairState, str]:
    return {
        RepairState.PROPOSED: _("Proposed"), RepairState.APPLIED: _("Applied"), RepairState.UNDONE: _("Undone"),
        RepairState.DISCARDED: _("Discarded"),
    }  # fmt: skip


def _told(events: Events) -> str:
    """Say what has happened, by kind."""
    names = dict(_kind_names())
    kinds = [
        (events.emergencies, names["emergency"]), (events.crews_out, names["out"]), (events.closed, names["closed"]),
        (events.delays, names["delay"]), (events.cancelled, _("Stop off")),
    ]  # fmt: skip
    return ("、" if language.get() == "zh" else ", ").join(name for told, name in kinds if told)


def _bars(line: CrewLine, found: RepairView) -> Bars:
    parts = [*line.before, *line.after]
    from_s = min((part.from_s for part in parts), default=0)
    to_s = max((part.to_s for part in parts), default=1)
    whole = max(1, to_s - from_s)
    here = (found.now_s - from_s) * WIDTH / whole
    return Bars(
        before=[_bar(part, from_s, whole) for part in line.before],
        after=[_bar(part, from_s, whole) for part in line.after],
        now=round(here, 1) if line.day == found.day and 0 <= here <= WIDTH else None,
        from_s=from_s,
        to_s=to_s,
    )


def _bar(part: Part, from_s: int, whole: int) -> Bar:
    x, end = (part.from_s - from_s) * WIDTH / whole, (part.to_s - from_s) * WIDTH / whole
    return Bar(kind=part.kind, changed=part.changed, x=round(x, 1), width=round(max(2.0, end - x), 1))


@post("/office/repairs/{id:uuid}/apply", roles=OFFICE, include_in_schema=False, status_code=200)
async def apply(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Carry an option out."""
    form = await form_of(request)
    text = form.get("option", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    try:
        done = await rounds.apply_repair(asker, id, number)
    except (Conflict, InvalidInput) as error:
        return await _shown(asker, await rounds.repair(asker, id), number, error)
    return redirect(f"/office/repairs/{done.id}", message=_("Done: the technicians see their new round."))


@post("/office/repairs/{id:uuid}/undo", roles=OFFICE, include_in_schema=False, status_code=200)
async def undo(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take a repair back."""
    try:
        await rounds.undo_repair(asker, id)
    except Conflict as error:
        return await _shown(asker, await rounds.repair(asker, id), 1, error)
    return redirect(f"/office/repairs/{id}", message=_("Undone: the rounds are as they were before."))


@post("/office/repairs/{id:uuid}/again", roles=OFFICE, include_in_schema=False, status_code=200)
async def again(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Ask once more, from where the crews are now."""
    old = await rounds.repair(asker, id)
    try:
        found = await rounds.propose_repair(asker, old.events, engine=rounds.engine_of(settings))
    except (Conflict, InvalidInput) as error:
        return await _shown(asker, old, 1, error)
    return redirect(f"/office/repairs/{found.id}")


@post("/office/repairs/{id:uuid}/discard", roles=OFFICE, include_in_schema=False, status_code=200)
async def discard(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Put a proposal aside."""
    try:
        await rounds.discard_repair(asker, id)
    except Conflict as error:
        return await _shown(asker, await rounds.repair(asker, id), 1, error)
    return redirect("/office/today", message=_("Nothing was changed."))


async def repairs_of_day(asker: Scope, day: date) -> list[tuple[RepairLine, str, str]]:
    """Return the repairs of a day for the day's page, what happened and the state in words; not what was only looked at."""
    return [
        (line, _told(line.events), _states()[line.state])
        for line in await rounds.repairs(asker, day)
        if line.state is not RepairState.DISCARDED and not _is_old(line)
    ]


HANDLERS: list[Any] = [ask_page, ask, repair_page, apply, undo, again, discard]
