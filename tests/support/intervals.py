"""Facts of elevators for tests of due windows: an ordinary one, seen on 10 November 2026, on 20 November."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from planner.intervals.due import DueWindow, due_window
from planner.intervals.facts import AgreementFacts, ElevatorFacts, FirmFacts, MonitorFacts, UsageFact, VisitFact
from planner.intervals.receipt import Receipt
from planner.intervals.rules import load_pack

TODAY = date(2026, 11, 20)
LAST = date(2026, 11, 10)

FIXED, ON_DEMAND = "cn-fixed-15", "cn-on-demand-30"
TRACTION = "traction_or_positive_drive_lift"

ORDINARY = ElevatorFacts(
    equipment_type=TRACTION,
    registered_on=date(2026, 1, 1),
    in_use_since=date(2018, 5, 1),
    inspection_due_on=date(2027, 8, 1),
    inspected_on=date(2026, 8, 1),
    site_kind="residential",
    visits=(VisitFact(day=LAST, maintenance_class="year"),),
    done={"A-4-06:governor_speed": date(2026, 8, 1)},
    firm=FirmFacts(licence_number="TS3310001", licence_expires_on=date(2029, 1, 1), credit_class="A"),
    agreement=AgreementFacts(starts_on=date(2026, 1, 1), consent_on=date(2026, 1, 5), insurance_until=date(2027, 12, 31)),
)
"""A traction elevator at fixed intervals whose whole year class was done on 10 November 2026."""

WATCHED = msgspec.structs.replace(
    ORDINARY,
    mode="on_demand",
    filing="BA-2026-7",
    filed_on=date(2026, 2, 1),
    monitor=MonitorFacts(since=date(2026, 1, 10), silent_h=1.0, seen_on=TODAY, online_share=0.99),
)
"""The same elevator, on demand and eligible."""


def with_facts(facts: ElevatorFacts, **changes: Any) -> ElevatorFacts:
    """The facts with some of them changed; `monitor__silent_h=30` changes a part of a part."""
    for name, value in changes.items():
        whole, _, part = name.partition("__")
        new = msgspec.structs.replace(getattr(facts, whole), **{part: value}) if part else value
        facts = msgspec.structs.replace(facts, **{whole: new})
    return facts


def computed(facts: ElevatorFacts, today: date = TODAY, pack: str | None = None) -> tuple[DueWindow, Receipt]:
    """The window and receipt of an elevator that is not scrapped, under the pack of its mode unless one is named."""
    found = due_window(facts, load_pack(pack or (ON_DEMAND if facts.mode == "on_demand" else FIXED)), today)
    assert found is not None
    return found


def last_day(facts: ElevatorFacts, today: date = TODAY, pack: str | None = None) -> date:
    return computed(facts, today, pack)[0].last_day


def used(counter: str, since: date, used_: int, per_day: float, known_until: date = TODAY) -> UsageFact:
    return UsageFact(counter=counter, since=since, used=used_, per_day=per_day, known_until=known_until)


def days_later(days: int, day: date = LAST) -> date:
    return day + timedelta(days=days)
