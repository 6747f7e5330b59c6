"""The last day that each rule of the calendar allows, one function per rule: visits, classes, checks, seasons, inspection."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from planner.intervals.days import plus_days, plus_months
from planner.intervals.deferral import holding
from planner.intervals.facts import DeferralFact
from planner.intervals.items import CLASSES
from planner.intervals.own import filing_condition
from planner.intervals.pack import DayLimit, Rule, Season, SpecialCheck
from planner.intervals.receipt import Candidate, Input, Text
from planner.intervals.situation import ItemState, Situation
from planner.intervals.wording import allowed, counted_from, names_of, span


class _Limit(NamedTuple):
    """A day, the rule that sets it, and the rule as a sentence."""

    day: date
    rule: Rule
    sentence: Text


def visit_gap(now: Situation) -> Iterator[Candidate]:
    """Yield the limit of days between two completed visits."""
    limit, since = now.limits.visit_gap, now.counted_from
    length = span(limit)
    if now.last is None:
        sentence = Text(
            f"两次完成的维保之间不得超过{length.zh}；尚无已知的维保，自{since}起计算",
            f"at most {length.en} between two completed visits; none is known, so the count starts on {since}",
        )
    else:
        sentence = Text(
            f"两次完成的维保之间不得超过{length.zh}；上次维保完成于{since}",
            f"at most {length.en} between two completed visits; the last one was completed on {since}",
        )
    longest = None if now.pack.on_demand is None else now.pack.visit_gap.after(since)
    found = _deferred(now, limit, _after_longer_gaps(now, since, limit, longest, sentence))
    yield now.candidate(
        "visit_gap",
        found.day,
        CLASSES[0],
        found.rule,
        found.sentence,
        counted_from(since, known=now.last is not None),
        allowed(limit),
        *_documents(now, limit),
    )


def _documents(now: Situation, limit: DayLimit) -> Iterator[Input]:
    """Yield the documents that a gap between visits stands on."""
    facts, condition = now.facts, filing_condition(now.pack)
    if now.mode.effective == "on_demand" and condition is not None and condition.gap_days:
        yield Input(name=Text("备案", "filing"), value=facts.filing)
    if now.pack.programme is not None and facts.programme is not None:
        yield Input(name=Text(now.pack.programme.title_zh, now.pack.programme.title_en), value=facts.programme.document)
    for deferral in _deferrals(now, limit):
        yield Input(name=Text("延期文件", "deferral"), value=f"{deferral.document}, {deferral.dated_on}, {deferral.days} d")


def _deferrals(now: Situation, limit: DayLimit) -> tuple[DeferralFact, ...]:
    """Return the deferrals of the running gap that hold; none on demand, and none where longer gaps have just ended."""
    since = now.counted_from
    if now.limits.deferral is None or not now.facts.deferrals:
        return ()
    return holding(now.facts.deferrals, now.limits, since, limit.after(since))


def _deferred(now: Situation, limit: DayLimit, found: _Limit) -> _Limit:
    """Return a limit of the running gap with what the user agreed to; one that came from longer gaps is not moved."""
    held = _deferrals(now, limit) if found.rule is limit else ()
    rule = now.limits.deferral
    if not held or rule is None:
        return found
    due = limit.after(now.counted_from)
    until = plus_days(due, sum(deferral.days for deferral in held))
    if until <= found.day:
        return found
    zh = "；".join(f"{one.issuer}{one.document}（{one.dated_on}，{one.days}日）" for one in held)
    en = "; ".join(f"{one.document} of {one.issuer}, {one.dated_on}, {one.days} days" for one in held)
    return _Limit(until, rule, Text(
        f"{due}到期前已获同意延期至{until}：{zh}", f"deferred from {due} to {until} by consent given before: {en}"
    ))  # fmt: skip


def _after_longer_gaps(now: Situation, since: date, limit: DayLimit, longest: date | None, sentence: Text) -> _Limit:
    """Return the day of a limit that may have been longer while the elevator was maintained on demand.

    Parameters
    ----------
    now, since, limit
        The limit counts from `since`.
    longest
        The day that the longer gap allowed: coming back never moves a day beyond it. None where the pack has changed and
        nobody knows.
    sentence
        The limit's own sentence.
    """
    day, noticed = limit.after(since), now.mode.fixed_again_on
    if noticed is None or since >= noticed or now.mode.effective == "on_demand":
        return _Limit(day, limit, sentence)
    grace, past_due = now.limits.fall_back.grace, now.limits.fall_back.past_due
    if day >= noticed:
        graced = plus_days(noticed, grace.days)
        if graced >= day:
            return _Limit(day, limit, sentence)
        return _Limit(graced, grace, Text(
            f"自{noticed}起恢复定期维保，{grace.days}日内到场",
            f"back to fixed intervals since {noticed}: a visit within {grace.days} days",
        ))  # fmt: skip
    urgent = plus_days(noticed, math.ceil(past_due.hours / 24))
    return _Limit(urgent if longest is None else min(urgent, max(longest, day)), past_due, Text(
        f"自{noticed}起恢复定期维保，当时已超过{limit.days}日，{past_due.hours}小时内到场",
        f"back to fixed intervals since {noticed}, {limit.days} days having passed already: a visit within {past_due.hours} h",
    ))  # fmt: skip


def class_gaps(now: Situation) -> Iterator[Candidate]:
    """Yield the limit of days between two times that an item is done: of every class the item that is first."""
    for name in CLASSES:
        alike: dict[tuple[date, bool, bool], list[ItemState]] = {}
        for state in now.states:
            if state.item.period == name:
                alike.setdefault((state.since, state.known, now.watched(state.item)), []).append(state)
        if not alike:
            continue
        limited = [(_item_limit(now, states[0]), states) for states in alike.values()]
        day = min(limit.day for limit, _ in limited)
        first = [(limit, states) for limit, states in limited if limit.day == day]
        limit, states = min(first, key=lambda pair: (pair[0].rule.id, pair[1][0].since, pair[1][0].known))
        yield now.candidate(
            "class_gap", day, name, limit.rule, limit.sentence, counted_from(states[0].since, known=states[0].known),
            items=tuple(sorted(state.item.code for _, group in first for state in group)),
        )  # fmt: skip


def _item_limit(now: Situation, state: ItemState) -> _Limit:
    name, since = state.item.period, state.since
    limit, names = now.limits.class_gaps.of(name), names_of(now.pack, name)
    length = span(limit)
    sentence = Text(
        f"{names.zh}项目的间隔不得超过{length.zh}；自{since}起计算",
        f"at most {length.en} between two times that {names.en} items are done; they count from {since}",
    )
    if name != CLASSES[0]:  # the higher classes are never stretched
        return _Limit(limit.after(since), limit, sentence)
    if now.mode.effective == "on_demand":
        return _checked_from_afar(now, state, limit, sentence)
    longest = None if now.pack.on_demand is None else _longest_on_demand(now, state)
    found = _after_longer_gaps(now, since, limit, longest, sentence)
    deferred = _deferred(now, now.limits.visit_gap, _Limit(found.day, now.limits.visit_gap, sentence))
    return deferred if found.rule is limit and deferred.day > found.day else found


def _checked_from_afar(now: Situation, state: ItemState, limit: DayLimit, sentence: Text) -> _Limit:
    """Return the day of a half-month item on demand: longer only while its signal is watched."""
    rules = now.pack.on_demand
    day = limit.after(state.since)
    if rules is None or not now.watched(state.item) or now.checked_from_afar:
        return _Limit(day, limit, sentence)
    check, share = rules.remote_check, now.facts.monitor.online_share
    shown = "?" if share is None else f"{share:.1%}"
    return _Limit(min(day, _longest_on_demand(now, state)), check, Text(
        f"可远程检查的项目须在线率不低于{check.least_online:.0%}，现为{shown}：现场间隔按定期维保",
        f"to be checked from afar, {check.least_online:.0%} of the hours must be online, it was {shown}: the fixed gap counts",
    ))  # fmt: skip


def _longest_on_demand(now: Situation, state: ItemState) -> date:
    """Return the day that an item was allowed on demand: on site, and for watched items by the last check from afar."""
    since, rules = state.since, now.pack.on_demand
    on_site = now.pack.class_gaps.of(state.item.period).after(since)
    if rules is None or not now.watched(state.item):
        return on_site
    checked = now.facts.monitor.checked_on
    if checked is None and now.facts.history.effective is None and now.mode.fixed_again_on is not None:
        checked = now.mode.fixed_again_on  # looked at for the first time: what came before is not held against it
    fixed = now.pack.fixed.class_gaps.of(state.item.period).after(since)
    watched = fixed if checked is None else max(fixed, plus_days(checked, rules.remote_check.within_days))
    return min(on_site, watched)


def special_checks(now: Situation) -> Iterator[Candidate]:
    """Yield checks inside an item with an interval of their own, such as the governor's tripping speed."""
    states = {state.item.code: state for state in now.states}
    for check in now.limits.special_checks:
        state = states.get(check.item)
        if state is None or state.left_out:
            continue
        done = now.facts.done.get(f"{check.item}:{check.key}")
        since = now.start if done is None else done
        day, months = _by_age(check, since, now.facts.in_use_since)
        sentence = Text(
            f"{check.title_zh}每{months}个月一次；自{since}起计算",
            f"{check.title_en}: every {months} months, counted from {since}",
        )
        interval = Input(name=Text("允许间隔", "allowed interval"), value=f"{months} months")
        yield now.candidate(
            "special_check", day, state.item.period, check, sentence, counted_from(since, known=done is not None), interval,
            items=(check.item,),
        )  # fmt: skip


def _by_age(check: SpecialCheck, since: date, in_use_since: date | None) -> tuple[date, int]:
    """Return the earliest day that the bands allow, and its months.

    A band holds from the day on which the age passes the band before. Without a known age every band holds.
    """
    found = []
    begins = date.min
    for band in check.bands:
        found.append((max(plus_months(since, band.months), begins), band.months))
        if band.up_to_years is not None and in_use_since is not None:
            begins = plus_months(in_use_since, 12 * band.up_to_years)
    return min(found)


def seasons(now: Situation) -> Iterator[Candidate]:
    """Yield items that must be done before a season begins."""
    states = {state.item.code: state for state in now.states}
    for season in now.limits.seasons:
        for code in season.items:
            state = states.get(code)
            if state is None or state.left_out:
                continue
            begins = _season_after(season, state)
            sentence = Text(
                f"{season.title_zh}（{begins}起）之前须完成{code}；上次{state.since if state.known else '未知'}",
                f"{code} must be done before {season.title_en} begins on {begins}; "
                + (f"the last time was {state.since}" if state.known else "no last time is known"),
            )
            since = counted_from(state.since, known=state.known)
            yield now.candidate("season", plus_days(begins, -1), state.item.period, season, sentence, since, items=(code,))


def _season_after(season: Season, state: ItemState) -> date:
    """Return the first beginning of the season for which the item still has to be done."""
    begins = date(state.since.year, season.month, season.day)
    served = plus_days(state.since, season.lead_days) if state.known else state.since
    while begins <= served:
        begins = date(begins.year + 1, season.month, season.day)
    return begins


def self_check(now: Situation) -> Iterator[Candidate]:
    """Yield the yearly self-check: the year class, before the periodic inspection."""
    rule, inspection = now.limits.self_check, now.facts.inspection_due_on
    if rule is None:
        return
    year_items = [state for state in now.states if state.item.period == CLASSES[-1] and not state.left_out]
    if inspection is None or not year_items:
        return
    known = all(state.known for state in year_items)
    since = min(state.since for state in year_items)
    day = plus_days(inspection, -rule.lead_days)
    if known:
        inspected = now.facts.inspected_on
        if since >= plus_days(inspection, -rule.covers_days) and (inspected is None or since > inspected):
            return
        day = max(day, plus_days(since, 1))
    elif inspection <= now.start:
        return  # the register's date was out of date when the elevator came; the receipt says so
    elif day < now.start:
        day = min(plus_days(inspection, -1), plus_days(now.start, now.limits.visit_gap.days))
    sentence = Text(
        f"定期检验（{inspection}）之前须完成年度自行检查，提前{rule.lead_days}日",
        f"the yearly self-check is due {rule.lead_days} days before the inspection on {inspection}",
    )
    inspected_by = Input(name=Text("下次检验", "next inspection"), value=inspection.isoformat())
    yield now.candidate("self_check", day, CLASSES[-1], rule, sentence, inspected_by, counted_from(since, known=known))


def missing_classes(now: Situation) -> list[str]:
    """Return the classes of which no visit is known."""
    return [name for name in CLASSES if any(state.item.period == name and not state.known for state in now.states)]
