"""What is known of a simulated elevator on a night, as the product knows it: never the truth, only what was told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from planner.intervals.due import counters_wanted
from planner.intervals.facts import (
    AgreementFacts,
    ElevatorFacts,
    EventFact,
    FirmFacts,
    ModeHistory,
    MonitorFacts,
    PeriodFact,
    PeriodKind,
    UsageFact,
    VisitFact,
)
from planner.intervals.forecast import UsePattern, pattern_of
from planner.intervals.health_evidence import CounterDays, Gap, HealthFacts, StuckCounter, observe_counters
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Mode
from planner.intervals.wear import scaled
from planner.simulate.holidays import holidays
from planner.simulate.lives import Lapse, Life
from planner.simulate.monitors import NIGHT_H, Monitor

EQUIPMENT = "traction_or_positive_drive_lift"
"""The simulated elevators are of annex A."""

AHEAD_DAYS = 60
"""How far ahead public holidays are known."""

_PERIODS: Mapping[str, PeriodKind] = {
    "complaint": "complaint", "authority_order": "authority_order", "major_event": "major_event"
}  # fmt: skip


class Told:
    """An elevator as the product knows it under one pack: everything but the course of visits."""

    def __init__(self, life: Life, monitor: Monitor | None, pack: RulePack, mode: Mode, filed_gap: int | None) -> None:
        self.life, self.monitor, self.pack, self.mode = life, monitor, pack, mode
        self._registered = life.begins - timedelta(365)
        self._firm = FirmFacts(licence_number="TS3310001", licence_expires_on=date.max - timedelta(800), credit_class="A")
        self._filing = "" if mode == "fixed" else _filing(filed_gap)
        self._periods = tuple(
            PeriodFact(name=lapse.kind, kind=_PERIODS[lapse.kind], starts_on=life.date_of(lapse.first),
                       ends_on=life.date_of(lapse.last), announced_on=life.date_of(lapse.first - _notice(lapse)))
            for lapse in life.lapses if lapse.kind in _PERIODS
        )  # fmt: skip
        self._filed_gap = filed_gap if mode == "on_demand" else None
        self._filed_on = life.begins  # a year after the monitor: after any trial that a scheme asks for
        self._within = within_days(pack)
        self._known_days: tuple[int, UsePattern | None] = (-1, None)
        self._dates = [life.date_of(day) for day in range(life.days)]
        self._counted = _counted(monitor, life.days)
        self._wanted: tuple[object, dict[tuple[str, date], set[int]]] = (None, {})

    def facts(
        self, day: int, visits: Mapping[str, int], done: Mapping[str, date], events: tuple[EventFact, ...],
        history: ModeHistory, checked_on: date | None,
    ) -> ElevatorFacts:  # fmt: skip
        """Return what is known in the night before a day.

        Parameters
        ----------
        day
            The day that begins.
        visits
            Day of the latest visit of each class.
        done
            Special checks made.
        events
            What has been told.
        history, checked_on
            What the computation before found.
        """
        life = self.life
        due, inspected = self._inspection(day)
        bare = ElevatorFacts(
            equipment_type=EQUIPMENT, mode=self.mode, site_kind=life.kind, registered_on=self._registered,
            in_use_since=life.in_use_since, filing=self._filing, filed_on=self._filed_on if self._filing else None,
            filed_gap_days=self._filed_gap,
            inspection_due_on=due, inspected_on=inspected, visits=self._visits(visits), done=dict(done),
            events=events, periods=tuple(one for one in self._periods if _concerns(one, life.date_of(day))),
            firm=self._firm, agreement=self._agreement(day), monitor=self._monitor(day, visits, events, checked_on),
            history=history,
        )  # fmt: skip
        usage = self._usage(bare, day)
        return (
            ElevatorFacts(**{name: getattr(bare, name) for name in bare.__struct_fields__} | {"usage": usage})
            if usage
            else bare
        )

    def _visits(self, visits: Mapping[str, int]) -> tuple[VisitFact, ...]:
        return tuple(VisitFact(day=self.life.date_of(day), maintenance_class=name) for name, day in visits.items())

    def _inspection(self, day: int) -> tuple[date, date | None]:
        """Return by when the elevator is to be inspected, and when it was."""
        due = next(due for due, made in self.life.inspections if made >= day)
        before = max((made for _, made in self.life.inspections if made < day), default=None)
        return self.life.date_of(due), None if before is None else self.life.date_of(before)

    def _agreement(self, day: int) -> AgreementFacts:
        lapsed = [one for one in self.life.lapses if one.kind == "insurance" and one.first <= day <= one.last]
        withdrawn = min((one.first for one in self.life.lapses if one.kind == "withdrawn" and one.first <= day), default=None)
        today = self.life.date_of(day)
        return AgreementFacts(
            starts_on=self._registered, consent_on=self._registered if self.mode == "on_demand" else None,
            withdrawn_on=None if withdrawn is None else self.life.date_of(withdrawn),
            insurance_until=self.life.date_of(min(one.first for one in lapsed) - 1) if lapsed else today + timedelta(200),
        )  # fmt: skip

    def _monitor(
        self, day: int, visits: Mapping[str, int], events: tuple[EventFact, ...], checked_on: date | None
    ) -> MonitorFacts:
        if self.monitor is None:
            return MonitorFacts()
        hour = 24.0 * day + NIGHT_H
        silence = self.monitor.at(hour)
        seen_h = hour - 0.5 if silence is None else silence.from_h
        return MonitorFacts(
            since=self._registered, silent_h=hour - seen_h, seen_on=self.life.date_of(int(seen_h // 24)),
            online_share=self.monitor.online_share(hour, self._within) if self.pack.on_demand is not None else None,
            checked_on=checked_on, health=self._health(day, hour, visits, events),
        )  # fmt: skip

    def _health(self, day: int, hour: float, visits: Mapping[str, int], events: tuple[EventFact, ...]) -> HealthFacts | None:
        limits = None if self.pack.on_demand is None else self.pack.on_demand.data_health
        if limits is None or self.monitor is None:
            return None
        since = min(hour - 24 * limits.within_days, 24.0 * (max(visits.values()) + 1))
        return HealthFacts(
            watched_since=self._instant(since), hours=int(hour - since),
            hours_seen=round((hour - since) * self.monitor.online_share(hour, max(1, round((hour - since) / 24)))),
            gaps=self._gaps(since, hour, limits.gap_hours), stuck=self._stuck(day, events, limits.counters),
        )  # fmt: skip

    def _instant(self, hour: float) -> datetime:
        return datetime.combine(self.life.begins, time()) + timedelta(hours=hour)

    def _gaps(self, since: float, hour: float, least_h: int) -> tuple[Gap, ...]:
        found = []
        assert self.monitor is not None  # noqa: S101 - asked for only where there is one
        for silence in self.monitor.silences[bisect_right(self.monitor.ends_h, since) :]:
            if silence.from_h >= hour:
                break
            begin, end = max(since, silence.from_h), min(hour, silence.until_h)
            if int(end - begin) >= least_h:
                ended = silence.until_h <= hour
                found.append(
                    Gap(begins_at=self._instant(begin), ends_at=self._instant(end) if ended else None, hours=int(end - begin))
                )
        return tuple(found)

    def _stuck(self, day: int, events: tuple[EventFact, ...], together: tuple[str, ...]) -> tuple[StuckCounter, ...]:
        """Return counters that stand still; the simulated ones stand still together."""
        assert self.monitor is not None  # noqa: S101 - asked for only where there is one
        told = self.monitor.told
        if told[day] > told[day - 1] or self.monitor.at(24.0 * day + NIGHT_H) is not None:
            return ()
        first = max(1, day - 56)
        growth = {self.life.date_of(one): int(told[one + 1] - told[one]) for one in range(first, day)}
        faults: dict[date, int] = {}
        for event in events:
            faults[event.day] = faults.get(event.day, 0) + 1
        counter = CounterDays(counter="trips", growth=growth)
        return observe_counters([counter], together, faults, self.life.date_of(day))

    def _usage(self, bare: ElevatorFacts, day: int) -> tuple[UsageFact, ...]:
        """Return the use since everything that a wear budget counts from, as the monitor has told it."""
        if self.monitor is None:
            return ()
        silence = self.monitor.at(24.0 * day + NIGHT_H)
        known = day if silence is None else int(silence.from_h // 24)
        told, life = self.monitor.told, self.life
        pattern = self._pattern(known)
        recent = max(0, known - 28)
        rate = (told[known] - told[recent]) / max(1, known - recent)
        until, facts = life.date_of(known), []
        since_when = (bare.visits, tuple(bare.done.items()))
        if self._wanted[0] != since_when:  # what is asked for depends on what was done when, and on nothing else
            self._wanted = (since_when, counters_wanted(bare, self.pack))
        for (counter, since), budgets in self._wanted[1].items():
            per_trip = life.per_trip.get(counter)
            if per_trip is None:
                continue
            begin = min(known, max(0, (since - life.begins).days + 1))
            used = int((told[known] - told[begin]) * per_trip)
            facts.append(
                UsageFact(
                    counter=counter, since=since, used=max(0, used), per_day=rate * per_trip, known_until=max(until, since),
                    crossed=self._crossed(begin, known, per_trip, used, budgets),
                    pattern=None if pattern is None else scaled(pattern, per_trip), rest=1.0,
                )
            )  # fmt: skip
        return tuple(facts)

    def _crossed(self, begin: int, known: int, per_trip: float, used: int, budgets: set[int]) -> tuple[tuple[int, date], ...]:
        assert self.monitor is not None  # noqa: S101 - asked for only where there is one
        told, found = self.monitor.told, []
        for most in budgets:
            if used >= most:
                at = told[begin] + most / per_trip
                day = next(one for one in range(begin, known + 1) if told[one] >= at or one == known)
                found.append((most, self.life.date_of(max(begin, day - 1))))
        return tuple(found)

    def _pattern(self, known: int) -> UsePattern | None:
        """Return use by weekday from the whole days up to one; counted once a night for all counters."""
        if self._known_days[0] != known:
            limits, life = self.pack.forecast, self.life
            first = max(0, known - limits.within_days)
            assert self.monitor is not None  # noqa: S101 - asked for only where there is one
            told = self.monitor.told
            dates, counted = self._dates, self._counted
            days = {dates[one]: told[one + 1] - told[one] for one in range(first, known) if counted[one]}
            past, ahead = _holidays_about(life.date_of(known), limits.within_days)
            self._known_days = (known, pattern_of(days, limits, holidays=past, upcoming=ahead))
        return self._known_days[1]


def _counted(monitor: Monitor | None, days: int) -> list[bool]:
    """Return for each day whether the monitor spoke at both of its ends: what it grew by is known only then."""
    spoke = [monitor is not None and monitor.at(24.0 * day) is None for day in range(days + 1)]
    return [before and after for before, after in pairwise(spoke)]


def within_days(pack: RulePack) -> int:
    """Return over how many days a pack asks for the online share."""
    return 1 if pack.on_demand is None else pack.on_demand.remote_check.within_days


def _filing(gap_days: int | None) -> str:
    return "BA-2026-1" if gap_days is None else f"BA-2026-{gap_days}"


def _notice(lapse: Lapse) -> int:
    """Return how many days before its first day something is known: a major event is announced, the rest is not."""
    return 30 if lapse.kind == "major_event" else 0


def _concerns(period: PeriodFact, today: date) -> bool:
    announced = period.announced_on or period.starts_on
    return announced <= today and (period.ends_on is None or period.ends_on >= today)


def _holidays_about(day: date, back_days: int) -> tuple[frozenset[date], tuple[date, ...]]:
    years = {(day - timedelta(back_days)).year, day.year, (day + timedelta(AHEAD_DAYS)).year}
    known = frozenset().union(*(holidays(year) for year in years))
    return known, tuple(sorted(one for one in known if day < one <= day + timedelta(AHEAD_DAYS)))
