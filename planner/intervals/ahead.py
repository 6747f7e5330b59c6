"""Versions of a rule pack that begin before a window ends: what they ask for counts from their first day on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from planner.intervals.days import plus_days
from planner.intervals.facts import ElevatorFacts
from planner.intervals.fallback import decide_mode
from planner.intervals.own import own_pack
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Candidate, ModeReceipt, Text
from planner.intervals.situation import Situation, situation

Candidates = Callable[[Situation], list[Candidate]]


def from_later_versions(
    facts: ElevatorFacts, pack: RulePack, today: date, mode: ModeReceipt, found: Sequence[Candidate], candidates: Candidates
) -> list[Candidate]:
    """Return the days of versions to come that lie before the last day found; the day before a version begins is the earliest.

    A version that allows more than the one of today changes nothing until it holds.
    """
    earlier: list[Candidate] = []
    following = pack.next
    while following is not None and following.version <= (last_day := min(one.day for one in (*found, *earlier))):
        own = own_pack(facts, following, today)
        now = situation(facts, own, today, _mode_then(facts, own, today, mode))
        before = plus_days(following.version, -1)
        earlier += [_moved(one, following, before) for one in candidates(now) if max(one.day, before) < last_day]
        following = following.next
    return earlier


def _mode_then(facts: ElevatorFacts, pack: RulePack, today: date, mode: ModeReceipt) -> ModeReceipt:
    """Return the mode under a later version; what it ends was not ended yet, so that no grace begins today."""
    then = decide_mode(facts, pack, today)
    if mode.effective == "on_demand" and then.effective == "fixed":
        return msgspec.structs.replace(then, fixed_again_on=None)
    return then


def _moved(candidate: Candidate, version: RulePack, before: date) -> Candidate:
    text = candidate.sentence
    sentence = Text(
        f"规则包{version.id}自{version.version}起的版本：{text.zh}",
        f"by the version of {version.id} that holds from {version.version}: {text.en}",
    )
    return msgspec.structs.replace(candidate, day=max(candidate.day, before), sentence=sentence, binds=False)
