"""The gap that a document gives a single elevator: a filing under a filed scheme, a programme where the maker sets it."""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec

from planner.intervals.days import years_passed
from planner.intervals.facts import ElevatorFacts
from planner.intervals.pack import Condition, DayLimit, RulePack
from planner.intervals.pack_steps import Factor, ProgrammeRules
from planner.intervals.receipt import Text


def filing_condition(pack: RulePack) -> Condition | None:
    """Return the condition of the filing (E9), where the pack asks for one."""
    conditions = () if pack.on_demand is None else pack.on_demand.conditions
    return next((condition for condition in conditions if condition.key == "E9"), None)


def own_pack(facts: ElevatorFacts, pack: RulePack, today: date) -> RulePack:
    """Return a pack with the gap between visits that an elevator's own document gives it, never beyond what the pack allows.

    A gap that the pack does not accept changes nothing; the receipt says so (see `own_gap_notes`, and condition E9).
    """
    days = _filed_days(facts, pack)
    if days is None and pack.programme is not None:
        days = _programme_days(facts, pack, pack.programme, today)
    if days is None or days == pack.visit_gap.days:
        return pack
    return msgspec.structs.replace(
        pack,
        visit_gap=_shortened(pack.visit_gap, days),
        class_gaps=msgspec.structs.replace(pack.class_gaps, half_month=_shortened(pack.class_gaps.half_month, days)),
    )


def promised_days(pack: RulePack, filed_gap_days: int | None) -> int:
    """Return the longest gap that an elevator's on-demand maintenance promises: the filing's where the scheme takes it."""
    condition = filing_condition(pack)
    if condition is not None and filed_gap_days in condition.gap_days and filed_gap_days is not None:
        return min(filed_gap_days, pack.visit_gap.days)
    return pack.fixed.visit_gap.days if condition is not None and condition.gap_days else pack.visit_gap.days


def _shortened(limit: DayLimit, days: int) -> DayLimit:
    return msgspec.structs.replace(limit, days=days, months=None if days < limit.surely_days else limit.months)


def _filed_days(facts: ElevatorFacts, pack: RulePack) -> int | None:
    """Return the gap that the filing names, if the pack takes such gaps from filings."""
    condition = filing_condition(pack)
    named = facts.filed_gap_days
    if condition is None or named is None or named not in condition.gap_days or not facts.filing:
        return None
    return min(named, pack.visit_gap.days)


def _programme_days(facts: ElevatorFacts, pack: RulePack, rules: ProgrammeRules, today: date) -> int:
    """Return the gap of an elevator's programme, or the pack's own without one, shortened by what is known of the elevator."""
    programme = facts.programme
    accepted = programme is not None and 1 <= programme.gap_days <= rules.most_days and programme.dated_on <= today
    days = programme.gap_days if programme is not None and accepted else pack.visit_gap.days
    share = min((factor.share for factor in rules.factors if factor_met(facts, factor, today)), default=1.0)
    return max(1, math.floor(days * share))


def factor_met(facts: ElevatorFacts, factor: Factor, today: date) -> bool:
    """Return whether a factor of a programme shortens the gap of an elevator."""
    if factor.key == "age":
        return facts.in_use_since is not None and years_passed(facts.in_use_since, today, factor.more_than_years or 1)
    if factor.key == "environment":
        return facts.site_kind in factor.site_kinds
    if factor.key == "use":
        rates = [fact.per_day for fact in facts.usage if fact.counter == factor.counter]
        return max(rates, default=0.0) > (factor.more_a_day or 1)
    since = today - timedelta(factor.within_days or 1)
    return sum(event.day > since for event in facts.events) >= (factor.count or 1)


def own_gap_notes(facts: ElevatorFacts, pack: RulePack, today: date) -> list[Text]:
    """Return what a receipt says of the elevator's programme: where its gap comes from, or why the pack's own counts."""
    rules = pack.programme
    if rules is None:
        return []
    programme, default = facts.programme, pack.visit_gap.days
    if programme is None:
        notes = [Text(
            f"未登记{rules.title_zh}：按规则包的{default}日",
            f"no {rules.title_en} is registered: the {default} days of the rule pack count",
        )]  # fmt: skip
    elif not 1 <= programme.gap_days <= rules.most_days:
        notes = [Text(
            f"{programme.document}写明{programme.gap_days}日，超出允许的1至{rules.most_days}日：按规则包的{default}日",
            f"{programme.document} names {programme.gap_days} days, which is not within 1 to {rules.most_days}: "
            f"the {default} days of the rule pack count",
        )]  # fmt: skip
    elif programme.dated_on > today:
        notes = [Text(
            f"{programme.document}自{programme.dated_on}起：此前按规则包的{default}日",
            f"{programme.document} begins on {programme.dated_on}: until then the {default} days of the rule pack count",
        )]  # fmt: skip
    else:
        notes = [Text(
            f"间隔{programme.gap_days}日依{programme.document}（{programme.dated_on}）",
            f"the gap of {programme.gap_days} days is that of {programme.document} of {programme.dated_on}",
        )]  # fmt: skip
    notes += [
        Text(f"{factor.clause_zh}：间隔为其{factor.share:.0%}", f"{factor.clause_en}: {factor.share:.0%} of the gap")
        for factor in rules.factors
        if factor_met(facts, factor, today)
    ]
    return notes
