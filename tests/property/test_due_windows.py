"""Due windows for any facts: more use never later, longer gaps never earlier, never past the legal gap, silence no gain."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.intervals.due import due_window
from planner.intervals.facts import (
    AgreementFacts,
    DeferralFact,
    ElevatorFacts,
    EventFact,
    FirmFacts,
    Holiday,
    ModeHistory,
    MonitorFacts,
    PeriodFact,
    PeriodKind,
    ProgrammeFacts,
    UsageFact,
    VisitFact,
)
from planner.intervals.forecast import UsePattern
from planner.intervals.items import CLASSES, EQUIPMENT_TYPES, checklist, class_rank
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Mode
from planner.intervals.rules import load_pack, pack_ids
from planner.intervals.wear import threshold
from tests.support.intervals import FIXED, ON_DEMAND

TODAY = date(2027, 3, 1)
LOWEST = ("class_gap", "half_month")
COUNTERS = ("door_cycles", "trips", "run_s", "rope_bends")
MODES: st.SearchStrategy[Mode | None] = st.sampled_from((None, "fixed", "on_demand"))
CREDIT = st.sampled_from(("", "A", "C"))
PERIODS: st.SearchStrategy[PeriodKind] = st.sampled_from(
    ("major_event", "authority_order", "complaint", "major_repair", "inspection_failed", "incident")
)
KINDS = ("entrapment", "door_close_fault", "position_lost", "inspection_mode")

days_back = st.integers(0, 400).map(lambda days: TODAY - timedelta(days))
any_day = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days))
maybe_day = st.none() | any_day


@st.composite
def facts_of_an_elevator(draw: st.DrawFn) -> ElevatorFacts:
    """Any facts that can be known, the usage fitting the visits."""
    equipment_type = draw(st.sampled_from(EQUIPMENT_TYPES))
    codes = [item.code for item in checklist(equipment_type, "year")]
    some_codes = st.lists(st.sampled_from(codes), max_size=6, unique=True).map(tuple)
    visits = tuple(
        VisitFact(day=draw(days_back), maintenance_class=name, left_out=draw(some_codes))
        for name in draw(st.lists(st.sampled_from(CLASSES), unique=True, max_size=4))
    )
    registered_on = draw(days_back)
    in_use_since = draw(st.none() | st.integers(0, 9000).map(lambda days: TODAY - timedelta(days)))
    agreement = AgreementFacts(
        starts_on=draw(st.none() | days_back), ends_on=draw(maybe_day), consent_on=draw(st.none() | days_back),
        withdrawn_on=draw(st.none() | any_day), insurance_until=draw(maybe_day),
    )  # fmt: skip
    start = max(day for day in (registered_on, in_use_since, agreement.starts_on) if day is not None)
    since = sorted({visit.day for visit in visits} | {start})
    usage = tuple(
        UsageFact(
            counter=counter, since=day, used=draw(st.integers(0, 3_000_000)), per_day=draw(st.floats(0, 200_000)),
            known_until=max(day, draw(days_back)), pattern=draw(st.none() | patterns()), rest=draw(st.floats(0, 1)),
        )
        for counter in draw(st.lists(st.sampled_from(COUNTERS), unique=True))
        for day in since
    )  # fmt: skip
    return ElevatorFacts(
        equipment_type=equipment_type, state=draw(st.sampled_from(("in_use", "in_use", "stopped"))),
        mode=draw(st.sampled_from(("fixed", "on_demand"))), site_kind=draw(st.sampled_from(("", "residential", "hospital"))),
        registered_on=registered_on, in_use_since=in_use_since, inspection_due_on=draw(maybe_day),
        inspected_on=draw(st.none() | days_back),
        filing=draw(st.sampled_from(("", "BA-1", "BA-1"))), filed_on=draw(st.none() | days_back),
        filed_gap_days=draw(st.sampled_from((None, 45, 60, 90, 75))), declared_on=draw(maybe_day),
        watch=draw(st.sampled_from(("", "", "three_without"))), special_kind=draw(st.sampled_from(("", "", "firefighter"))),
        programme=draw(st.none() | a_programme()), holidays=draw(some_holidays()),
        hazard_since=draw(st.none() | days_back),
        excluded=draw(some_codes), visits=visits,
        done={code: draw(days_back) for code in draw(some_codes)}, usage=usage,
        events=tuple(EventFact(day=draw(days_back), kind=draw(st.sampled_from(KINDS))) for _ in range(draw(st.integers(0, 5)))),
        periods=tuple(draw(a_period()) for _ in range(draw(st.integers(0, 2)))),
        firm=FirmFacts(licence_number="TS", licence_expires_on=draw(maybe_day), credit_class=draw(CREDIT)),
        agreement=agreement, monitor=draw(a_monitor()), history=draw(a_history()),
    )  # fmt: skip


@st.composite
def patterns(draw: st.DrawFn) -> UsePattern:
    """Any use by weekday, of any spread and any length of history."""
    by_weekday = draw(st.booleans())
    means = draw(st.lists(st.floats(0, 20_000), min_size=7, max_size=7)) if by_weekday else [draw(st.floats(0, 20_000))] * 7
    spreads = draw(st.lists(st.floats(0, 1e8), min_size=7, max_size=7)) if by_weekday else [draw(st.floats(0, 1e8))] * 7
    counts = (draw(st.integers(1, 8)),) * 7
    return UsePattern(
        means=tuple(means), variances=tuple(spreads), counts=counts, by_weekday=by_weekday, degrees=draw(st.integers(3, 60)),
        inflation=draw(st.floats(1, 19)), holidays=tuple(sorted(draw(st.sets(any_day, max_size=3)))),
    )  # fmt: skip


@st.composite
def a_programme(draw: st.DrawFn) -> ProgrammeFacts:
    return ProgrammeFacts(document="P", dated_on=draw(any_day), gap_days=draw(st.integers(1, 400)))


@st.composite
def some_holidays(draw: st.DrawFn) -> tuple[Holiday, ...]:
    starts = draw(st.lists(any_day, max_size=2))
    return tuple(Holiday(name="H", starts_on=day, ends_on=day + timedelta(draw(st.integers(0, 9)))) for day in starts)


@st.composite
def a_deferral(draw: st.DrawFn, facts: ElevatorFacts) -> DeferralFact:
    """Any deferral, often of the gap that runs."""
    start = max(day for day in (facts.registered_on, facts.in_use_since, facts.agreement.starts_on) if day is not None)
    since = max((visit.day for visit in facts.visits), default=start)
    soon = st.integers(-5, 40).map(lambda days: since + timedelta(days))
    return DeferralFact(
        counted_from=draw(st.just(since) | days_back), days=draw(st.integers(-5, 400)),
        reason=draw(st.sampled_from(("no_access", "other"))), words=draw(st.sampled_from(("", "flood"))),
        document=draw(st.sampled_from(("", "D-1"))), issuer="I", dated_on=draw(soon), consent_on=draw(soon),
        entered_on=draw(soon),
    )  # fmt: skip


@st.composite
def an_elevator_of_any_pack(draw: st.DrawFn) -> tuple[ElevatorFacts, RulePack]:
    """Any facts, with deferrals, under any pack."""
    facts = draw(facts_of_an_elevator())
    deferrals = tuple(draw(a_deferral(facts)) for _ in range(draw(st.integers(0, 3))))
    pack = load_pack(draw(st.sampled_from(pack_ids())), TODAY)
    return changed(facts, deferrals=deferrals, mode=draw(st.sampled_from(("fixed", "on_demand")))), pack


@st.composite
def a_period(draw: st.DrawFn) -> PeriodFact:
    starts_on = draw(any_day)
    return PeriodFact(
        name="P", kind=draw(PERIODS),
        starts_on=starts_on, ends_on=draw(st.none() | st.integers(0, 60).map(lambda days: starts_on + timedelta(days))),
        gap_days=draw(st.none() | st.integers(1, 30)), announced_on=draw(st.none() | days_back),
    )  # fmt: skip


@st.composite
def a_monitor(draw: st.DrawFn) -> MonitorFacts:
    silent_h = draw(st.none() | st.floats(0, 2000))
    return MonitorFacts(
        since=draw(st.none() | days_back), silent_h=silent_h,
        seen_on=None if silent_h is None else TODAY - timedelta(hours=silent_h),
        online_share=draw(st.none() | st.floats(0, 1)), checked_on=draw(st.none() | days_back),
    )  # fmt: skip


@st.composite
def a_history(draw: st.DrawFn) -> ModeHistory:
    effective = draw(MODES)
    return ModeHistory(effective=effective, fixed_again_on=draw(st.none() | days_back) if effective == "fixed" else None)


@st.composite
def a_watched_elevator(draw: st.DrawFn) -> ElevatorFacts:
    """An elevator on demand that meets every condition."""
    visits = tuple(
        VisitFact(day=TODAY - timedelta(draw(st.integers(0, 40))), maintenance_class=name)
        for name in draw(st.lists(st.sampled_from(CLASSES), unique=True, min_size=1, max_size=4))
    )
    day = TODAY - timedelta(draw(st.integers(0, 20)))
    return ElevatorFacts(
        equipment_type=draw(st.sampled_from(EQUIPMENT_TYPES)), mode="on_demand", site_kind="mall",
        registered_on=date(2026, 1, 1),
        in_use_since=date(2020, 1, 1), inspection_due_on=date(2027, 12, 1), filing="BA-1", filed_on=date(2026, 1, 1),
        visits=visits,
        usage=tuple(
            UsageFact(counter=counter, since=visit.day, used=draw(st.integers(0, 200_000)), per_day=draw(st.floats(0, 9000)),
                      known_until=TODAY)
            for counter in COUNTERS
            for visit in visits
        ),
        firm=FirmFacts(licence_number="TS", licence_expires_on=date(2029, 1, 1), credit_class="A"),
        agreement=AgreementFacts(starts_on=date(2026, 1, 1), consent_on=date(2026, 1, 1), insurance_until=date(2029, 1, 1)),
        monitor=MonitorFacts(
            since=date(2026, 1, 1), silent_h=1.0, seen_on=TODAY, online_share=draw(st.floats(0.95, 1)),
            checked_on=draw(st.just(TODAY) | st.just(day)),
        ),
        history=ModeHistory(effective="on_demand"),
    )  # fmt: skip


def pack_of(facts: ElevatorFacts) -> RulePack:
    return load_pack(ON_DEMAND if facts.mode == "on_demand" else FIXED)


def last_day(facts: ElevatorFacts, pack: RulePack | None = None, today: date = TODAY) -> date:
    found = due_window(facts, pack or pack_of(facts), today)
    assert found is not None
    return found[0].last_day


def changed(facts: ElevatorFacts, **changes: Any) -> ElevatorFacts:
    return msgspec.structs.replace(facts, **changes)


@settings(deadline=None)
@given(facts_of_an_elevator())
def test_the_binding_limit_is_the_last_day_and_the_first_day_is_not_after_it(facts: ElevatorFacts) -> None:
    found = due_window(facts, pack_of(facts), TODAY)
    assert found is not None
    window, receipt = found
    assert receipt.binding.day == window.last_day == min(candidate.day for candidate in receipt.candidates)
    assert window.first_day <= window.last_day
    assert [candidate.binds for candidate in receipt.candidates].count(True) == 1


@settings(deadline=None)
@given(facts_of_an_elevator())
def test_the_last_day_is_never_past_the_legal_gap(facts: ElevatorFacts) -> None:
    found = due_window(facts, pack_of(facts), TODAY)
    assert found is not None
    window, _ = found
    known = [day for day in (facts.agreement.starts_on, facts.in_use_since, facts.registered_on) if day is not None]
    start = max((visit.day for visit in facts.visits), default=max(known))
    gap = 30 if window.mode_effective == "on_demand" else 15
    allowed = start + timedelta(days=gap)
    if facts.mode == "on_demand" and window.mode_effective == "fixed" and window.fixed_again_on is not None:
        allowed = max(allowed, min(window.fixed_again_on + timedelta(days=2), start + timedelta(days=30)))
    elif window.fixed_again_on is not None:  # put back to fixed intervals by the office: what the gap was is not known
        allowed = max(allowed, window.fixed_again_on + timedelta(days=2))
    assert window.last_day <= allowed


def never_stretched(facts: ElevatorFacts, pack: RulePack) -> dict[tuple[str, str, tuple[str, ...]], date]:
    """The days of what is never stretched: higher classes, checks, tests, seasons, the self-check."""
    found = due_window(facts, pack, TODAY)
    assert found is not None
    return {
        (one.kind, one.maintenance_class, one.items if one.kind != "class_gap" else ()): one.day
        for one in found[1].candidates
        if one.kind in ("special_check", "season", "self_check")
        or (one.kind == "class_gap" and one.maintenance_class != "half_month")
    }


@settings(deadline=None)
@given(an_elevator_of_any_pack())
def test_nothing_moves_year_class_tests_checks_seasons_or_self_check_beyond_their_interval(
    case: tuple[ElevatorFacts, RulePack],
) -> None:
    """Whatever mode, filing, programme, deferral, period or history: no later than at plain fixed intervals."""
    facts, pack = case
    plain = changed(
        facts, mode="fixed", deferrals=(), filing="", filed_gap_days=None, programme=None, periods=(), events=(),
        history=ModeHistory(), monitor=MonitorFacts(), usage=(), holidays=(),
    )  # fmt: skip
    base = never_stretched(plain, pack.fixed)
    found = never_stretched(facts, pack)
    assert found.keys() == base.keys()
    assert all(day <= base[key] for key, day in found.items())


@settings(deadline=None)
@given(an_elevator_of_any_pack())
def test_no_facts_move_the_last_day_beyond_the_hard_cap_and_a_deferral_adds_no_more_than_its_pack_allows(
    case: tuple[ElevatorFacts, RulePack],
) -> None:
    facts, pack = case
    found = due_window(facts, pack, TODAY)
    assert found is not None
    window, _ = found
    known = [day for day in (facts.agreement.starts_on, facts.in_use_since, facts.registered_on) if day is not None]
    start = max((visit.day for visit in facts.visits), default=max(known))
    if window.mode_effective == "on_demand":
        assert pack.on_demand is not None
        assert window.last_day <= start + timedelta(days=pack.on_demand.hard_cap.days)
        return
    longest = pack.fixed.programme.most_days if pack.fixed.programme is not None else pack.fixed.visit_gap.days
    allowed = start + timedelta(days=longest)
    if pack.fixed.deferral is not None and facts.deferrals:
        allowed += timedelta(days=min(pack.fixed.deferral.most_days, pack.fixed.visit_gap.days))
    if window.fixed_again_on is not None:  # what the gap was before is known of nobody; coming back is at once
        allowed = max(allowed, window.fixed_again_on + timedelta(days=2))
    assert window.last_day <= allowed


@settings(deadline=None)
@given(an_elevator_of_any_pack())
def test_a_deferral_moves_the_gap_and_the_lowest_class_and_nothing_else(case: tuple[ElevatorFacts, RulePack]) -> None:
    facts, pack = case
    found, without = due_window(facts, pack, TODAY), due_window(changed(facts, deferrals=()), pack, TODAY)
    assert found is not None
    assert without is not None
    assert found[0].last_day >= without[0].last_day
    others = [
        [one for one in receipt.candidates if one.kind != "visit_gap" and (one.kind, one.maintenance_class) != LOWEST]
        for _, receipt in (found, without)
    ]
    assert [msgspec.structs.replace(one, binds=False) for one in others[0]] == [
        msgspec.structs.replace(one, binds=False) for one in others[1]
    ]
    if pack.fixed.deferral is None or found[0].mode_effective == "on_demand":
        assert found[0] == without[0]


@settings(deadline=None)
@given(facts_of_an_elevator(), st.integers(1, 14), st.integers(1, 40))
def test_a_stricter_version_to_come_never_makes_a_visit_later(facts: ElevatorFacts, days: int, ahead: int) -> None:
    pack = pack_of(facts)
    begins = TODAY + timedelta(days=ahead)
    fixed = msgspec.structs.replace(pack.fixed, version=begins)
    gap = msgspec.structs.replace(fixed.visit_gap, days=days)
    stricter = msgspec.structs.replace(fixed, visit_gap=gap)
    then = msgspec.structs.replace(pack, version=begins, base=stricter) if pack.base is not None else stricter
    changing = msgspec.structs.replace(pack, next=then)
    assert last_day(facts, changing) <= last_day(facts, pack)
    assert last_day(facts, changing) >= min(last_day(facts, pack), begins - timedelta(days=1))


@settings(deadline=None)
@given(facts_of_an_elevator(), st.integers(0, 1_000_000), st.floats(0, 10_000))
def test_more_use_never_makes_a_visit_later(facts: ElevatorFacts, more: int, faster: float) -> None:
    used = tuple(
        msgspec.structs.replace(
            fact, used=fact.used + more, per_day=fact.per_day + faster,
            pattern=None if fact.pattern is None else with_pattern(fact.pattern, means=plus(fact.pattern.means, faster)),
        )
        for fact in facts.usage
    )  # fmt: skip
    assert last_day(changed(facts, usage=used)) <= last_day(facts)


def plus(values: tuple[float, ...], more: float) -> tuple[float, ...]:
    return tuple(value + more for value in values)


def with_pattern(pattern: UsePattern, **changes: Any) -> UsePattern:
    return msgspec.structs.replace(pattern, **changes)


@settings(deadline=None)
@given(facts_of_an_elevator(), st.floats(0, 1e8), st.floats(0, 5), st.integers(0, 40))
def test_less_certain_use_never_makes_a_visit_later(facts: ElevatorFacts, more: float, together: float, fewer: int) -> None:
    used = tuple(
        msgspec.structs.replace(
            fact,
            pattern=None
            if fact.pattern is None
            else with_pattern(
                fact.pattern, variances=plus(fact.pattern.variances, more), inflation=fact.pattern.inflation + together,
                degrees=max(3, fact.pattern.degrees - fewer),
            ),
        )
        for fact in facts.usage
    )  # fmt: skip
    assert last_day(changed(facts, usage=used)) <= last_day(facts)


@settings(deadline=None)
@given(facts_of_an_elevator())
def test_use_can_only_bring_a_visit_forward(facts: ElevatorFacts) -> None:
    assert last_day(facts) <= last_day(changed(facts, usage=()))


@settings(deadline=None)
@given(facts_of_an_elevator(), st.integers(0, 30))
def test_a_longer_gap_never_makes_a_visit_earlier(facts: ElevatorFacts, days: int) -> None:
    pack = pack_of(facts)
    longer = msgspec.structs.replace(pack, visit_gap=msgspec.structs.replace(pack.visit_gap, days=pack.visit_gap.days + days))
    if pack.base is not None:
        gap = msgspec.structs.replace(pack.base.visit_gap, days=pack.base.visit_gap.days + days)
        longer = msgspec.structs.replace(longer, base=msgspec.structs.replace(pack.base, visit_gap=gap))
    assert last_day(facts, longer) >= last_day(facts, pack)


def thresholds(counter: str) -> set[int]:
    """The totals of a counter at which a budget is used up, those of counters that follow from it among them."""
    pack = load_pack(ON_DEMAND)
    found = {budget.most for budget in pack.wear_budgets if budget.counter == counter}
    factors = {factor.counter: factor for factor in pack.counter_factors if factor.from_counter == counter}
    return found | {threshold(b.most, factors[b.counter]) for b in pack.wear_budgets if b.counter in factors}


def with_crossings(fact: UsageFact) -> UsageFact:
    """The fact with the day, a week ago, on which it reached each budget that is used up."""
    budgets = thresholds(fact.counter)
    day = max(fact.since, TODAY - timedelta(days=7))
    return msgspec.structs.replace(fact, crossed=tuple((most, day) for most in sorted(budgets) if most <= fact.used))


def used_on(fact: UsageFact, days: int) -> UsageFact:
    """The fact some days later, the use having gone on at its rate."""
    used = fact.used + int(fact.per_day * days)
    budgets = thresholds(fact.counter)
    new = tuple(
        (most, TODAY + timedelta(days=int((most - fact.used) / fact.per_day)))
        for most in sorted(budgets)
        if fact.used < most <= used
    )
    return msgspec.structs.replace(fact, used=used, known_until=TODAY + timedelta(days=days), crossed=fact.crossed + new)


@settings(deadline=None)
@given(a_watched_elevator(), st.integers(0, 5))
def test_a_monitor_that_falls_silent_never_lengthens_a_window(facts: ElevatorFacts, days: int) -> None:
    later = TODAY + timedelta(days=days)
    facts = changed(facts, usage=tuple(with_crossings(fact) for fact in facts.usage))
    speaking = changed(
        facts,
        usage=tuple(used_on(fact, days) for fact in facts.usage),
        monitor=msgspec.structs.replace(facts.monitor, seen_on=later, checked_on=later),
    )
    silent = changed(
        facts, monitor=msgspec.structs.replace(facts.monitor, silent_h=1.0 + 24.0 * days, online_share=0.5, checked_on=TODAY)
    )
    removed = changed(silent, monitor=MonitorFacts())
    assert last_day(silent, today=later) <= last_day(speaking, today=later) + timedelta(days=1)  # a day of rounding in `int`
    assert last_day(removed, today=later) <= last_day(speaking, today=later) + timedelta(days=1)


@settings(deadline=None)
@given(facts_of_an_elevator(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: ElevatorFacts, rng: random.Random) -> None:
    def shuffled(values: tuple[Any, ...]) -> tuple[Any, ...]:
        copy = list(values)
        rng.shuffle(copy)
        return tuple(copy)

    other = changed(
        facts, usage=shuffled(facts.usage), events=shuffled(facts.events), periods=shuffled(facts.periods),
        visits=shuffled(facts.visits), excluded=shuffled(facts.excluded), done=dict(shuffled(tuple(facts.done.items()))),
    )  # fmt: skip
    one, two = due_window(facts, pack_of(facts), TODAY), due_window(other, pack_of(facts), TODAY)
    assert one is not None
    assert two is not None
    assert one[0] == two[0]
    assert one[1].binding == two[1].binding
    assert sorted(map(msgspec.json.encode, one[1].candidates)) == sorted(map(msgspec.json.encode, two[1].candidates))


@settings(deadline=None)
@given(facts_of_an_elevator())
def test_the_class_covers_every_limit_that_falls_before_the_following_visit(facts: ElevatorFacts) -> None:
    found = due_window(facts, pack_of(facts), TODAY)
    assert found is not None
    window, receipt = found
    gap = 30 if window.mode_effective == "on_demand" else 15
    following = max(window.last_day, TODAY) + timedelta(days=gap)
    for candidate in receipt.candidates:
        if candidate.day < following:
            assert class_rank(window.maintenance_class) >= class_rank(candidate.maintenance_class)


@settings(deadline=None)
@given(facts_of_an_elevator(), st.integers(1, 60))
def test_waiting_never_moves_the_window_of_a_fixed_elevator_on(facts: ElevatorFacts, days: int) -> None:
    still = changed(facts, mode="fixed", usage=(), events=(), periods=(), history=ModeHistory())
    assert last_day(still, today=TODAY + timedelta(days=days)) == last_day(still)
