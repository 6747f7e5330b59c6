"""The receipt of a due window: every rule's last day with clause and source, which one binds, and what would move it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

Mode = Literal["fixed", "on_demand"]

CandidateKind = Literal[
    "visit_gap",
    "class_gap",
    "special_check",
    "season",
    "self_check",
    "wear",
    "fault_rate",
    "special_period",
    "holiday",
]

Outcome = Literal["met", "not_met", "unknown"]


class Text(Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Citation(Struct, frozen=True, kw_only=True):
    """Where a limit comes from."""

    pack: str
    """Id of the rule pack: the elevator's own, or the fixed one behind it."""

    version: date = date.min
    """The day from which this reading of the pack holds."""

    rule: str
    """Id of the rule inside the pack."""

    clause: Text
    source: Text
    effective_from: date
    region: str
    mark: str
    """`verified`, `expert` or `design`: see `planner.intervals.rules.Mark`."""


class Input(Struct, frozen=True, kw_only=True):
    """A value that went into a candidate."""

    name: Text
    value: str
    """A number with its unit, or a day as `2026-11-30`."""

    value_zh: str = ""
    """The value in Chinese where it is words; empty where both languages write it alike."""


class Candidate(Struct, frozen=True, kw_only=True):
    """The last day that one rule allows."""

    kind: CandidateKind
    day: date
    maintenance_class: str
    """The class of visit that satisfies the rule."""

    cites: Citation
    sentence: Text
    inputs: tuple[Input, ...] = ()
    items: tuple[str, ...] = ()
    """Codes of the items whose limit is this day; empty where the rule is about the visit as a whole."""

    binds: bool = False
    """Whether this is the rule that fixed the last day."""


class ConditionResult(Struct, frozen=True, kw_only=True):
    """What was found for one condition of on-demand maintenance; unknown counts as not met."""

    key: str
    outcome: Outcome
    title: Text
    reason: Text
    cites: Citation


class TriggerResult(Struct, frozen=True, kw_only=True):
    """A reason for falling back that is given."""

    key: str
    since: date | None
    """The day from which it holds; None where that is not known."""

    reason: Text
    cites: Citation
    inputs: tuple[Input, ...] = ()
    """What it was found by, such as from when to when the monitor said nothing."""


class ModeReceipt(Struct, frozen=True, kw_only=True):
    """Which mode counts, and why."""

    registered: Mode
    effective: Mode
    fallen_back: bool
    fixed_again_on: date | None
    """The day on which longer gaps were seen to have ended; None where there were none, or where they still hold."""

    reasons: tuple[Text, ...] = ()
    """Why the effective mode is not the registered one; empty where it is."""

    conditions: tuple[ConditionResult, ...] = ()
    triggers: tuple[TriggerResult, ...] = ()


class Move(Struct, frozen=True, kw_only=True):
    """What the window would be if one thing were otherwise."""

    key: str
    """What is changed, such as `visit_today` or `insurance_renewed`."""

    what: Text
    """The change, as the beginning of a sentence."""

    last_day: date
    days: int
    """Days by which the last day moves; negative where it comes earlier."""

    maintenance_class: str
    mode_effective: Mode
    because: Text
    """The rule that would bind then."""


class BestDay(Struct, frozen=True, kw_only=True):
    """Which day of a window costs least, and what each day costs more than it (`planner.risk.best_day`)."""

    day: date
    reason: Text
    faults_until_last_day: float
    """Expected from the last visit to the last day of the window, under a rate that grows with the days."""

    from_day: date
    """The day of the first of `day_costs`: the first day of the window, or today."""

    day_costs: tuple[float, ...]
    """Per day, in the currency."""

    currency: str


class Receipt(Struct, frozen=True, kw_only=True):
    """Why a due window is what it is. Days are local dates of the elevator's place and included."""

    pack: str
    pack_title: Text
    pack_version: date = date.min
    """The day from which this reading of the pack holds."""

    gap_days: int = 0
    """Days between two visits that count for the elevator now."""

    on_day: date
    """The day on which it was computed."""

    first_day: date
    first_day_reason: Text
    first_day_cites: Citation
    last_day: date
    maintenance_class: str
    class_reason: Text
    sentence: Text
    """The binding rule as one sentence."""

    mode: ModeReceipt
    candidates: tuple[Candidate, ...]
    """By day; exactly one binds."""

    assumptions: tuple[Text, ...]
    """What was not known, and what was taken instead."""

    would_move: tuple[Text, ...]
    """What would bring the window forward or let it move on."""

    moves: tuple[Move, ...] = ()
    """The same by computing it: the window with one fact changed; empty where nobody asked (see `planner.intervals.moves`)."""

    best: BestDay | None = None
    """The day that costs least by the expected faults; None where they are not known, or no day of the window is left."""

    paused: Text | None = None
    """Why the window is paused (the elevator is stopped); None where it counts."""

    @property
    def binding(self) -> Candidate:
        """The candidate that fixed the last day."""
        return next(candidate for candidate in self.candidates if candidate.binds)
