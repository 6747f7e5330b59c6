"""Builds the demo through the same services that people and machines call: nothing is put into tables behind their backs."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from backend import clock
from backend.demo import schedule
from backend.demo.cities import SEED, City, crews_of
from backend.demo.day import Carrier, DemoCrew
from backend.demo.history import history_of
from backend.demo.phones import DemoPhone
from backend.demo.schedule import PlannedVisit
from backend.demo.state import DemoAccount, DemoDevice, DemoLabel, DemoState, DemoZoneLabel
from backend.errors import Conflict
from backend.labels import service as labels
from backend.labels.views import LabelView, LabelZone
from backend.people import service as people
from backend.registry import importer
from backend.registry import service as registry
from backend.registry.inputs import ContractUpdate, ElevatorFilter
from backend.registry.views import CrewView, DemandedGrade, ElevatorView
from backend.rounds import service as rounds
from backend.scope import SYSTEM, Role, Scope, of_firm
from backend.settings import read_settings
from backend.telemetry import service as telemetry
from backend.upkeep import service as upkeep
from backend.visits import service as visits
from backend.visits.inputs import DecisionInput
from backend.visits.views import Confirmation, VisitFilter
from qr.keys import KeyRing

BLANK_LABELS = 12
WITH_ZONE_LABELS = 3
"""Every third elevator has second labels, so that visits with and without them stand side by side."""

ZONES = (LabelZone.MACHINE_ROOM, LabelZone.PIT)
MONITORED_DAYS = 32
"""Longer than the longest gap of the demo's packs (30 days), so that every window has its telemetry."""

FRESH_MONITORS = 4
"""Just installed and first in `demo.json`: they have told nothing yet, so they take any totals to begin with."""

MOST_MONITORED = 200
"""Monitors with five weeks of hourly records are loaded in some seconds."""

PLANNED_DAYS = 4
LONGEST_SEARCH_S = 12.0
ELEVATORS_PER_SEARCH_S = 40
"""A small city is planned in a few seconds."""

_MORNING = time(6, 30)
_TELEMETRY_MORNING = time(6)
"""Until when telemetry is told before yesterday's rounds are planned; what comes later shows what the rounds did."""

_PAGE = 500


class Steps(Protocol):
    """Shows how far the work is."""

    def step(self, title: str, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """Show one step; the function it gives is told how much was done since the last call."""


class _Built(Struct, frozen=True, kw_only=True):
    """What the steps hand on."""

    firm: Scope
    time_zone: str
    fleet: list[ElevatorView]
    monitored: list[ElevatorView]
    """With telemetry."""

    crews: list[CrewView]
    ring: KeyRing
    code_of: Mapping[UUID, str]
    zone_codes: Mapping[tuple[UUID, LabelZone], str]


async def build(ring: KeyRing, city: City, elevators: int, steps: Steps) -> DemoState:
    """Load a city into an empty installation and let its crews work since yesterday morning.

    Parameters
    ----------
    ring
        Label keys of the installation; its database is open and empty.
    city, elevators
        What to load, and how much of it.
    steps
        Told about progress.

    Raises
    ------
    Conflict
        If the city's register cannot be read, which is a mistake of ours.
    """
    time_zone = str(city.firm.time_zone)
    today = clock.today(time_zone)
    with steps.step("Register", elevators) as done:
        fleet = await _load_register(city, elevators, done)
    firm = of_firm(fleet[0].firm)
    with steps.step("Crews and technicians"):
        crews = await registry.set_up_crews(firm, crews_of(city, len(fleet), today))
    with steps.step("Labels", len(fleet)) as done:
        printed = await labels.mint(firm, ring, elevators=[each.id for each in fleet])
        second = [each.id for each in fleet[::WITH_ZONE_LABELS]]
        zoned = [label for zone in ZONES for label in await labels.mint(firm, ring, elevators=second, zone=zone)]
        blank = await labels.mint(firm, ring, BLANK_LABELS)
        done(len(fleet))
    code_of = {each.elevator: str(each.code) for each in printed if each.elevator is not None}
    fresh, monitored = _monitored(fleet)
    built = _Built(
        firm=firm, time_zone=time_zone, fleet=fleet, monitored=monitored, crews=crews, ring=ring, code_of=code_of,
        zone_codes={(label.elevator, label.zone): str(label.code) for label in zoned if label.elevator is not None},
    )  # fmt: skip
    devices = await _install_monitors(built, fresh, steps)
    earlier = schedule.of_weeks(city, elevators, monitored, crews, today)
    morning = datetime.combine(today - timedelta(days=1), _TELEMETRY_MORNING, ZoneInfo(time_zone))
    await _tell(built, morning - timedelta(days=MONITORED_DAYS - 1), morning, earlier, steps)
    await _publish(built, today - timedelta(days=1), steps)
    with steps.step("Accounts", 2 * len(crews) + 4) as done:
        leads = await _technicians(built, today, done)
        staff = await _staff(built, done)
    with steps.step("Phones"):
        crews_at_work = await _at_work(built, leads, earlier)
    await _let_work(built, crews_at_work, earlier, morning, steps)
    first = next(iter(leads.values()))
    owner = await _owner(built)
    return DemoState(
        city=city.key,
        elevators=len(fleet),
        accounts=[first.account, *staff, owner],
        labels=[_demo_label(each) for each in (*printed, *blank)],
        zone_labels=[_demo_zone_label(each) for each in zoned],
        devices=devices,
        showpiece=await _showpiece(built, first.lead),
    )


def _demo_label(label: LabelView) -> DemoLabel:
    return DemoLabel(code=str(label.code), registration_code=label.registration_code, state=label.state.value)


def _demo_zone_label(label: LabelView) -> DemoZoneLabel:
    assert label.registration_code is not None  # noqa: S101 - minted for an elevator
    return DemoZoneLabel(code=str(label.code), registration_code=label.registration_code, zone=label.zone.value)


async def _load_register(city: City, elevators: int, done: Callable[[int], None]) -> list[ElevatorView]:
    """Import the city's register and what it lacks, and complete the firm."""
    today = clock.today(str(city.firm.time_zone))
    for data, mapping in ((city.register(elevators, today), city.mapping), (city.supplement(elevators, today), None)):
        if data is None:
            continue
        report = await importer.import_elevators(SYSTEM, data, city.filename, mapping=mapping, firm_name=city.firm_name)
        if report.bad:
            first = report.bad[0]
            raise Conflict("row {row} of the demo's register: {reason}", row=first.row, reason=first.reason)
    fleet: list[ElevatorView] = []
    cursor: str | None = None
    while True:
        part = await registry.elevators(SYSTEM, ElevatorFilter(), cursor=cursor, limit=_PAGE)
        fleet += part.rows
        done(len(part.rows))
        cursor = part.next_cursor
        if cursor is None:
            break
    await registry.change_firm(SYSTEM, fleet[0].firm, city.firm)
    return fleet


def _monitored(fleet: Sequence[ElevatorView]) -> tuple[list[ElevatorView], list[ElevatorView]]:
    """Return the elevators with a monitor just installed, and those with one that has told for weeks."""
    fixed = [each for each in fleet if each.monitored_since is None]
    fresh, fixed = fixed[:FRESH_MONITORS], fixed[FRESH_MONITORS:]
    return fresh, ([each for each in fleet if each.monitored_since is not None] or fixed)[:MOST_MONITORED]


async def _install_monitors(built: _Built, fresh: Sequence[ElevatorView], steps: Steps) -> list[DemoDevice]:
    devices = []
    with steps.step("Monitors", len(fresh) + len(built.monitored)) as done:
        for each in [*fresh, *built.monitored]:
            _, key = await telemetry.add_device(built.firm, each.id, f"monitor-{each.registration_code}")
            devices.append(DemoDevice(elevator=each.registration_code, key=key))
            done(1)
    return devices


async def _tell(built: _Built, since: datetime, until: datetime, planned: Sequence[PlannedVisit], steps: Steps) -> None:
    """Load the telemetry of a time, with what the visits leave in it."""
    visits_of: dict[UUID, list[PlannedVisit]] = {}
    for visit in sorted(planned, key=lambda visit: visit.arrival):
        visits_of.setdefault(visit.elevator, []).append(visit)
    hours = int((until - since) / timedelta(hours=1))
    with steps.step(f"Telemetry of {hours} hours", len(built.monitored) * hours) as done:
        records = history_of(built.monitored, since, until, built.time_zone, SEED, visits_of)
        await telemetry.load_history(built.firm.require_firm(), records, progress=done)


class _Lead(Struct, frozen=True, kw_only=True):
    """The first technician of a crew with their account, and the second one."""

    lead: Scope
    account: DemoAccount
    second: Scope


async def _technicians(built: _Built, today: date, done: Callable[[int], None]) -> dict[UUID, _Lead]:
    """Make accounts for the two technicians of every crew; the first that is shown has a round today, if any has."""
    busy = {each.crew for each in await rounds.published_rounds(built.firm, today)}
    found = {}
    for number, crew in enumerate(sorted(built.crews, key=lambda crew: crew.id not in busy)):
        first, second = crew.members[:2]
        login = "technician" if number == 0 else f"technician{number + 1}"
        account, lead = await _account(built.firm, login, Role.TECHNICIAN, first.technician_name, technician=first.technician)
        _, mate = await _account(built.firm, f"{login}b", Role.TECHNICIAN, second.technician_name, technician=second.technician)
        found[crew.id] = _Lead(lead=lead, account=account, second=mate)
        done(2)
    return found


async def _at_work(built: _Built, leads: Mapping[UUID, _Lead], earlier: Sequence[PlannedVisit]) -> dict[UUID, DemoCrew]:
    """Enrol the crews' phones, some weeks ago; the last crew has none yet, and in the one before only the lead has one.

    Whoever invents a visit has a phone and signs it: everything is in order but what the elevator says.
    """
    settings, rng = read_settings(), random.Random(SEED)  # noqa: S311 - positions, not secrets
    inventive = {visit.crew for visit in earlier if visit.conduct == "absent"}
    order = sorted(leads, key=lambda crew: crew not in inventive)
    count_of = dict.fromkeys(order, 2) | {order[-1]: 0} | ({order[-2]: 1} if len(order) > 2 else {})
    found = {}
    with clock.stopped_at(clock.now() - timedelta(days=schedule.FIRST_DAYS_AGO + 2)):
        for crew, each in leads.items():
            own = [DemoPhone(who, built.ring, settings, rng) for who in (each.lead, each.second)[: count_of[crew]]]
            for phone in own:
                await phone.enrol(built.firm, "demo phone")
            first, second = [*own, None, None][:2]
            found[crew] = DemoCrew(lead=each.lead, second=each.second.technician, phone=first, second_phone=second)
    return found


async def _staff(built: _Built, done: Callable[[int], None]) -> list[DemoAccount]:
    admin = Scope(role=Role.ADMIN, firm=None)
    found = []
    for asker, role, name in (
        (built.firm, Role.MANAGER, "陈经理 Chen"),
        (admin, Role.REGULATOR, "市场监管 Regulator"),
        (admin, Role.ADMIN, "Admin"),
    ):
        account, _ = await _account(asker, role.value, role, name)
        found.append(account)
        done(1)
    return found


async def _account(
    asker: Scope, login: str, role: Role, name: str, *, technician: UUID | None = None, owner: UUID | None = None
) -> tuple[DemoAccount, Scope]:
    password = f"demo-{secrets.token_hex(6)}"
    made = await people.create_account(
        asker, login=login, password=password, role=role, name=name, technician=technician, owner=owner
    )
    scope = Scope(role=role, firm=asker.firm, account=made.id, technician=technician, owner=owner)
    return DemoAccount(role=role.value, login=login, password=password), scope


async def _publish(built: _Built, first_day: date, steps: Steps) -> None:
    """Plan and publish rounds as of the morning of a day."""
    search_s = min(LONGEST_SEARCH_S, max(2.0, len(built.fleet) / ELEVATORS_PER_SEARCH_S))
    with clock.stopped_at(datetime.combine(first_day, _MORNING, ZoneInfo(built.time_zone))):
        with steps.step("Due windows"):
            await upkeep.recompute(built.firm)
        with steps.step("Rounds"):
            run = await rounds.request_run(built.firm, first_day, PLANNED_DAYS, search_s, SEED)
            await rounds.execute_run(run.id, engine=rounds.engine_of(read_settings()))
            await rounds.commit_run(built.firm, run.id)
            await rounds.publish_run(built.firm, run.id)


async def _let_work(
    built: _Built, crews: Mapping[UUID, DemoCrew], earlier: Sequence[PlannedVisit], morning: datetime, steps: Steps
) -> None:
    """Make the visits of the weeks before, then what the published rounds have before this moment."""
    zone = ZoneInfo(built.time_zone)
    now = clock.now()
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    rng = random.Random(SEED)  # noqa: S311 - delays and positions, not secrets
    fleet = {each.id: each for each in built.fleet}
    days: dict[date, list[list[PlannedVisit]]] = {}
    for day in (yesterday, yesterday + timedelta(days=1)):
        with clock.stopped_at(datetime.combine(day, _MORNING, zone)):  # by evening, stops that nobody came to are missed
            published = await rounds.published_rounds(built.firm, day)
        days[day] = [schedule.of_day(each, now, built.time_zone, rng, fleet) for each in published]
    until = now.replace(minute=0, second=0, microsecond=0)
    of_days = [visit for planned in days.values() for each in planned for visit in each]
    await _tell(built, morning, until, [*earlier, *of_days], steps)
    await _demand_a_grade(built, [visit for visit in of_days if crews[visit.crew].phone is None])
    carrier = Carrier(built.ring, built.code_of, built.zone_codes, crews, rng)
    with steps.step("Visits of the weeks before", len(earlier)) as done:
        await carrier.carry_out(earlier, now, done=done)
    for day, planned in days.items():
        with steps.step(f"Visits of {day}", sum(len(each) for each in planned)) as done:
            for number, each in enumerate(planned):
                await carrier.carry_out(each, now, findings=3 if number == 0 and day == yesterday else 0, done=done)
    with steps.step("Due windows of today"):
        await rounds.miss_past_orders()
        await upkeep.recompute(built.firm)


async def _demand_a_grade(built: _Built, unsigned: Sequence[PlannedVisit]) -> None:
    """Let one contract demand the grade B that visits without a phone do not reach: they count, and wait for a review."""
    contract_of = {each.id: each.contract for each in built.fleet}
    contract = next((found for visit in unsigned if (found := contract_of[visit.elevator]) is not None), None)
    if contract is not None:
        await registry.change_contract(built.firm, contract, ContractUpdate(demanded_grade=DemandedGrade.B))


async def _owner(built: _Built) -> DemoAccount:
    """Make an account for the owner with most finished visits; they have confirmed half of them."""
    finished = await visits.visits(built.firm, VisitFilter(confirmation=Confirmation.PENDING), limit=_PAGE)
    owner_of = {each.id: each.owner for each in built.fleet}
    counted: dict[UUID, int] = {}
    for row in finished.rows:
        owner = owner_of[row.elevator]
        if owner is not None and row.departed_at is not None:
            counted[owner] = counted.get(owner, 0) + 1
    some = next(owner for owner in owner_of.values() if owner is not None)
    chosen = max(counted, key=lambda owner: counted[owner], default=some)
    name = (await registry.owner(built.firm, chosen)).safety_officer or "Safety officer"
    account, scope = await _account(built.firm, "owner", Role.OWNER, name, owner=chosen)
    pending = await visits.owner_visits(scope, VisitFilter(confirmation=Confirmation.PENDING), limit=_PAGE)
    for row in pending.rows[: len(pending.rows) // 2]:
        await visits.decide(scope, row.id, DecisionInput(version=row.version or 1), confirmed=True)
    return account


async def _showpiece(built: _Built, lead: Scope) -> str:
    """Return the code of the label worth scanning first: the next stop of the technician who signs in, if there is one."""
    day = await visits.technician_day(lead)
    stops = [stop for stop in day.stops if stop.state != "done"] or day.stops
    return built.code_of[stops[0].elevator.id if stops else built.fleet[0].id]
