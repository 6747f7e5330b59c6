"""What to do at a visit, not only when: the items of its class in the order of the walk, what signals point at first.

The items of the class are the regulation's and are always there, whatever the signals say: they only change the order inside a
zone, and add items of a higher class (or the check of the monitor) with the reason for each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from planner.intervals.facts import EventFact
from planner.intervals.items import CLASSES, TSG, Item, checklist
from planner.intervals.receipt import Candidate, Text
from planner.intervals.signals import Signal, Signals, own_items, signal_table
from planner.intervals.wording import number

WALK: Final = ("MR", "CT", "SH", "CAR", "LD", "PIT", "UP", "STEP", "ENTRY", "LOW")
"""Zones in the order in which they are walked: from the machine room over car top, shaft and car to landings and pit; of an
escalator from the upper end over the steps to the lower one. A zone that is not here comes last."""

DATED: Final = ("special_check", "season")
"""Kinds of limits that are about single items and are told at the visit before they pass."""

_FINDING, _DATED, _SIGNAL, _WORN = 0, 1, 2, 1000
"""Weights of reasons, the weightiest first; signals follow one another in the order of their table."""


class Why(Struct, frozen=True, kw_only=True):
    """Why an item is looked at first or asked for besides its class."""

    key: str
    """`finding`, `dated`, `worn` or a signal of the table, such as `doors`."""

    text: Text


class GaugeFact(Struct, frozen=True, kw_only=True):
    """The highest value that a gauge showed since the last visit."""

    gauge: str
    value: float
    day: date


class FindingFact(Struct, frozen=True, kw_only=True):
    """A finding that is still open."""

    item: str
    since: date
    title: Text


class WornFact(Struct, frozen=True, kw_only=True):
    """A wear budget that is nearly used up or will be before the following visit."""

    items: tuple[str, ...]
    share: float
    """Share of the budget that is used; above 1 where it is passed."""

    due_on: date | None
    """By when its items are due; None for never."""

    budget: Text
    """Its size with its unit."""


class VisitFacts(Struct, frozen=True, kw_only=True):
    """What is known on the day of a visit. The order of lists does not matter."""

    equipment_type: str
    maintenance_class: str
    excluded: frozenset[str] = frozenset()
    """Items that the elevator does not have."""

    item_list: str = TSG
    today: date
    last_visit: date | None = None
    """Day of the last completed visit: events since then are told."""

    following: date | None = None
    """The latest day of the visit after this one; None where it is not known."""

    events: tuple[EventFact, ...] = ()
    gauges: tuple[GaugeFact, ...] = ()
    findings: tuple[FindingFact, ...] = ()
    worn: tuple[WornFact, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Limits of the due window: those about single items are told."""

    monitor: Text | None = None
    """What is wrong with the monitor, such as that it is silent; None where nothing is known to be."""

    risk: Text | None = None
    """Why many faults are expected; None where they are not."""


class Asked(Struct, frozen=True, kw_only=True):
    """An item of a visit."""

    item: Item
    added: bool
    """Whether a signal asks for it, not the class of the visit."""

    reasons: tuple[Why, ...] = ()
    """The weightiest first; never empty for an added item."""


class _Given(Struct, frozen=True):
    """A signal that is given, with its words."""

    signal: Signal
    rank: int
    count: int
    text: Text


def asked_items(facts: VisitFacts, table: Signals | None = None) -> tuple[Asked, ...]:
    """Return the items of a visit in the order in which they are done, added ones among them.

    Parameters
    ----------
    facts
        The visit, and what is known of the elevator.
    table
        What signals ask for; that of this version unless another is given.

    Returns
    -------
    tuple[Asked, ...]
        By zone of the walk; inside a zone what has a reason first, the weightiest reason before the others, then the order
        of the regulation. Each item once; all items of the class that the elevator has.

    Raises
    ------
    ValueError
        If there is no such equipment type, class or list.
    """
    table = signal_table() if table is None else table
    statutory = {item.code for item in checklist(facts.equipment_type, facts.maintenance_class, facts.item_list)}
    possible = [
        item
        for item in (*checklist(facts.equipment_type, CLASSES[-1], facts.item_list), *own_items().values())
        if item.code not in facts.excluded
    ]
    given = tuple(_given(facts, table))
    found = []
    for place, item in enumerate(possible):
        of_class = item.code in statutory
        reasons = sorted(_reasons(facts, table, item, of_class, given), key=lambda reason: reason[0])
        if of_class or reasons:
            asked = Asked(item=item, added=not of_class, reasons=tuple(why for _, why in reasons))
            weight = reasons[0][0] if reasons else 2 * _WORN
            found.append((_zone_rank(item.zone), weight, place, asked))
    return tuple(asked for *_, asked in sorted(found, key=lambda one: one[:3]))


def in_order(asked: Collection[str], items: Mapping[str, Item]) -> list[str]:
    """Return the codes of items in the order in which they were asked; those that were not come at the end of their zone.

    Parameters
    ----------
    asked
        Codes as they were stored with a visit.
    items
        The items that the visit has now.
    """
    places = {code: place for place, code in enumerate(asked)}
    return sorted(items, key=lambda code: (_zone_rank(items[code].zone), places.get(code, len(places))))


def _zone_rank(zone: str) -> int:
    return WALK.index(zone) if zone in WALK else len(WALK)


def _given(facts: VisitFacts, table: Signals) -> Iterator[_Given]:
    """Yield the signals that are given."""
    since = facts.today - timedelta(days=table.within_days)
    if facts.last_visit is not None and facts.last_visit > since:
        since = facts.last_visit
    for rank, signal in enumerate(table.signals, _SIGNAL):
        days = sorted(event.day for event in facts.events if event.kind in signal.kinds and since <= event.day <= facts.today)
        flagged = {"risk": facts.risk, "monitor": facts.monitor}.get(signal.when) or _too_high(facts, signal)
        if flagged is not None:
            yield _Given(signal, rank, signal.extend_from, Text(f"{signal.zh}：{flagged.zh}", f"{signal.en}: {flagged.en}"))
        elif days:
            yield _Given(signal, rank, len(days), _counted(signal, days, since))


def _too_high(facts: VisitFacts, signal: Signal) -> Text | None:
    """Write the highest value of a signal's gauge; None where it is within what the table allows."""
    limit = signal.above
    if limit is None:
        return None
    high = [one for one in facts.gauges if one.gauge == signal.gauge and one.value > limit]
    if not high:
        return None
    most = max(high, key=lambda one: (one.value, one.day))
    value, over = number(most.value), number(limit)
    return Text(f"{most.day}达{value}（高于{over}）", f"{value} on {most.day} (over {over})")


def _counted(signal: Signal, days: list[date], since: date) -> Text:
    """Write a number of events with its dates."""
    count, last = len(days), days[-1]
    if count == 1:
        return Text(f"{signal.zh}1次（{last}）", f"{signal.en}: once, on {last}")
    return Text(f"{signal.zh}{count}次（自{since}，最近{last}）", f"{signal.en}: {count} since {since}, the last on {last}")


def _reasons(
    facts: VisitFacts, table: Signals, item: Item, of_class: bool, given: tuple[_Given, ...]
) -> Iterator[tuple[int, Why]]:
    """Yield the reasons of an item with their weights."""
    for finding in sorted(facts.findings, key=lambda one: (one.since, one.title)):
        if finding.item == item.code:
            text = Text(f"自{finding.since}有未消除的问题：{finding.title.zh}",
                        f"open finding since {finding.since}: {finding.title.en}")  # fmt: skip
            yield _FINDING, Why(key="finding", text=text)
    for candidate in sorted(facts.candidates, key=lambda one: one.day):
        soon = facts.following is not None and candidate.day < facts.following
        if soon and candidate.kind in DATED and item.code in candidate.items:
            day, said = candidate.day, candidate.sentence
            yield _DATED, Why(key="dated", text=Text(f"须在{day}前完成：{said.zh}", f"due by {day}: {said.en}"))
    for one in given:
        if one.signal.means(item) and (of_class or 0 < one.signal.extend_from <= one.count):
            yield one.rank, Why(key=one.signal.id, text=one.text)
    for worn in facts.worn:
        why = _worn(facts, table, worn) if item.code in worn.items else None
        if why is not None:
            yield _WORN, why


def _worn(facts: VisitFacts, table: Signals, worn: WornFact) -> Why | None:
    """Return why the items of a budget are looked at; None where it lasts."""
    soon = worn.due_on is not None and facts.following is not None and worn.due_on < facts.following
    if worn.share < table.worn_share and not soon:
        return None
    zh, en = f"磨损预算{worn.budget.zh}已用{worn.share:.0%}", f"{worn.share:.0%} of the wear budget of {worn.budget.en} is used"
    if soon:
        zh, en = f"{zh}，{worn.due_on}到期", f"{en}; due by {worn.due_on}"
    return Why(key="worn", text=Text(zh, en))
