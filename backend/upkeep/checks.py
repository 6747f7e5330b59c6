"""Special checks with an interval of their own: which there are for an elevator, when they were made last."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.people import service as people
from backend.scope import Scope
from backend.upkeep import fact_queries, queries
from backend.upkeep.compute import compute_inside
from backend.upkeep.fact_queries import ElevatorRow
from backend.upkeep.views import SpecialCheckView
from planner.intervals.items import items_by_code
from planner.intervals.rules import UnknownPackError, load_pack

LONGEST_NOTE = 2000


async def special_checks(scope: Scope, elevator: UUID) -> list[SpecialCheckView]:
    """Return the special checks that an elevator's rule pack asks for, with the day of the last one.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        row, zone = await _elevator_inside(elevator)
        done = {code: (at, note) for code, at, note in await queries.special_checks_done(elevator)}
    return [
        SpecialCheckView(
            check=code, title_zh=zh, title_en=en, done_on=clock.local_date(done[code][0], zone) if code in done else None,
            note=done[code][1] if code in done else "",
        )
        for code, (zh, en) in _checks_of(row, clock.today(zone)).items()
    ]  # fmt: skip


async def note_special_check(scope: Scope, elevator: UUID, check: str, done_on: date, note: str = "") -> None:
    """Note that a special check was made, by whomever, and compute the elevator's window anew.

    Raises
    ------
    NotFound
        If the firm has no such elevator.
    InvalidInput
        If there is no such check for this equipment, or its day is in the future.
    """
    async with database.tx(scope):
        row, zone = await _elevator_inside(elevator)
        faults = []
        checks = _checks_of(row, clock.today(zone))
        if check not in checks:
            known = ", ".join(checks) or "none"
            faults.append(Fault.of("check", check[:60], "name a check of this elevator: {known}", known=known))
        if done_on > clock.today(zone):
            faults.append(Fault("done_on", str(done_on), "use the day on which it was made, not one to come"))
        if len(note) > LONGEST_NOTE or "\x00" in note:
            faults.append(Fault.of("note", None, "use at most {most} characters, and no NUL", most=LONGEST_NOTE))
        if faults:
            raise InvalidInput("the check cannot be noted", faults=faults)
        firm = await queries.firm_of(elevator)
        assert firm is not None  # noqa: S101 - the elevator was just found
        done_at = datetime.combine(done_on, time(12), ZoneInfo(zone))
        await queries.write_special_check(
            firm=firm, elevator=elevator, check=check, done_at=done_at, told_by=scope.account, note=note
        )
        await compute_inside(firm, [elevator])
        detail = {"check": check, "done_on": done_on}
        await people.audit(firm, scope.account, "special_check.noted", str(elevator), detail)


async def _elevator_inside(elevator: UUID) -> tuple[ElevatorRow, str]:
    firm = await queries.firm_of(elevator)
    zone = None if firm is None else await fact_queries.time_zone_of(firm)
    rows = [] if firm is None else await fact_queries.elevators(firm, [elevator])
    if zone is None or not rows:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    return rows[0], zone


def _checks_of(row: ElevatorRow, today: date) -> dict[str, tuple[str, str]]:
    """Return the special checks of an elevator: item and key → its names."""
    try:
        pack = load_pack(row.rule_pack, today)
    except UnknownPackError:
        return {}
    return {
        f"{check.item}:{check.key}": (check.title_zh, check.title_en)
        for check in pack.special_checks
        if items_by_code()[check.item].holds_for(row.equipment_type) and check.item not in row.excluded
    }
