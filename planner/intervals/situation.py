"""Facts, rules and day put together: from where each count starts, and which limits hold."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from planner.intervals.days import latest
from planner.intervals.facts import ElevatorFacts, VisitFact
from planner.intervals.items import CLASSES, TSG, Item, checklist, class_rank
from planner.intervals.pack import Rule, RulePack
from planner.intervals.receipt import Candidate, CandidateKind, Input, ModeReceipt, Text
from planner.intervals.wording import cited


class ItemState(Struct, frozen=True, kw_only=True):
    """One item of the elevator, and from where its count starts."""

    item: Item
    since: date
    known: bool
    """Whether it is known to have been done; otherwise `since` is the start of the count."""

    left_out: bool
    """Whether it was answered as not applicable: it is asked again with its class, but it does not wear."""


class Situation(Struct, frozen=True, kw_only=True):
    """What the rules look at."""

    facts: ElevatorFacts
    pack: RulePack
    """The elevator's own pack, with the gap that its own document gives it."""

    given: RulePack
    """The same pack as it was handed in."""

    today: date
    mode: ModeReceipt
    start: date
    """Start of the count where nothing is known: the latest of contract start, first use and registration here."""

    last: VisitFact | None
    """The last completed visit."""

    states: tuple[ItemState, ...]
    """The items that the elevator has, without those that the register excludes."""

    @property
    def limits(self) -> RulePack:
        """The pack whose gaps count."""
        return self.pack if self.mode.effective == "on_demand" else self.pack.fixed

    @property
    def counted_from(self) -> date:
        """The day from which the gap between visits counts."""
        return self.start if self.last is None else self.last.day

    def watched(self, item: Item) -> bool:
        """Return whether an item can be checked from afar under the elevator's pack."""
        rules = self.pack.on_demand
        return rules is not None and item.remote_evidence in rules.remote_check.signals

    @property
    def checked_from_afar(self) -> bool:
        """Whether the monitor was online enough for items to count as checked from afar today."""
        rules, share = self.pack.on_demand, self.facts.monitor.online_share
        return rules is not None and share is not None and share >= rules.remote_check.least_online

    def candidate(
        self, kind: CandidateKind, day: date, maintenance_class: str, rule: Rule, sentence: Text, *inputs: Input,
        items: tuple[str, ...] = (), pack: RulePack | None = None,
    ) -> Candidate:  # fmt: skip
        """Return a rule's last day; the rule is of the pack whose gaps count unless another is named."""
        return Candidate(
            kind=kind, day=day, maintenance_class=maintenance_class, cites=cited(rule, pack or self.limits), sentence=sentence,
            inputs=inputs, items=items,
        )  # fmt: skip


def situation(facts: ElevatorFacts, pack: RulePack, today: date, mode: ModeReceipt, given: RulePack | None = None) -> Situation:
    """Put facts, rules, day and mode together."""
    last = max(facts.visits, key=lambda visit: (visit.day, class_rank(visit.maintenance_class)), default=None)
    states = item_states(facts, pack.item_list)
    return Situation(
        facts=facts, pack=pack, given=given or pack, today=today, mode=mode, start=_start(facts), last=last, states=states
    )


def item_states(facts: ElevatorFacts, item_list: str = TSG) -> tuple[ItemState, ...]:
    """Return the items that the elevator has, each with the day from which it counts."""
    start = _start(facts)
    newest = {name: _newest_covering(name, facts.visits) for name in CLASSES}
    excluded = frozenset(facts.excluded)
    return tuple(
        _state(item, newest[item.period], facts.done.get(item.code), start)
        for item in checklist(facts.equipment_type, CLASSES[-1], item_list)
        if item.code not in excluded
    )


def _start(facts: ElevatorFacts) -> date:
    start = latest(facts.agreement.starts_on, facts.in_use_since, facts.registered_on)
    assert start is not None  # noqa: S101 - the day of registration is always known
    return start


def _newest_covering(name: str, visits: tuple[VisitFact, ...]) -> tuple[VisitFact, ...]:
    """Return the visits of the latest day on which one included the items of a class: mostly one, or none."""
    rank = class_rank(name)
    covering = [visit for visit in visits if class_rank(visit.maintenance_class) >= rank]
    day = max((visit.day for visit in covering), default=None)
    return tuple(visit for visit in covering if visit.day == day)


def _state(item: Item, newest: tuple[VisitFact, ...], alone: date | None, start: date) -> ItemState:
    """Return from where an item counts: the latest visits whose class includes it, or a later time of its own."""
    if alone is not None and (not newest or alone >= newest[0].day):
        return ItemState(item=item, since=alone, known=True, left_out=False)
    if not newest:
        return ItemState(item=item, since=start, known=False, left_out=False)
    left_out = all(item.code in visit.left_out for visit in newest)
    return ItemState(item=item, since=newest[0].day, known=True, left_out=left_out)
