"""What can be wrong with the parts of a rule pack beside its plain gaps, and with gaps that are longer than they may be."""

from __future__ import annotations

from typing import get_args

from planner.intervals.items import CLASSES
from planner.intervals.pack import ConditionKey, OnDemandRules, RulePack, TriggerKey
from planner.intervals.pack_steps import Factor, ProgrammeRules
from planner.rounds.faults import Fault

_FACTOR_READS: dict[str, tuple[str, ...]] = {
    "age": ("more_than_years",),
    "environment": ("site_kinds",),
    "use": ("counter", "more_a_day"),
    "condition": ("count", "within_days"),
}
_FACTOR_PARAMETERS = tuple(name for names in _FACTOR_READS.values() for name in names)


def step_faults(pack: RulePack) -> list[Fault]:
    """Return what is wrong with dates, names of classes, deferral and the programme of single elevators."""
    found = []
    if pack.effective_until is not None and pack.effective_until < pack.effective_from:
        found.append(Fault("effective_until", f"is {pack.effective_until}, before effective_from {pack.effective_from}"))
    found += [
        Fault(f"class_names.{name}", f"no such class; use {', '.join(CLASSES)}")
        for name in pack.class_names
        if name not in CLASSES
    ]
    if pack.programme is not None:
        found += _programme_faults(pack.programme, pack)
    if pack.on_demand is not None:
        found += [
            Fault(name, "is not for a pack on demand; remove it") for name in ("deferral", "programme") if getattr(pack, name)
        ]
    return found


def _programme_faults(programme: ProgrammeRules, pack: RulePack) -> list[Fault]:
    found = []
    if programme.most_days < pack.visit_gap.days:
        found.append(Fault("programme.most_days", "is less than visit_gap.days, which counts without a programme; raise it"))
    for i, factor in enumerate(programme.factors):
        found += _factor_faults(factor, f"programme.factors[{i}]")
    return found


def _factor_faults(factor: Factor, path: str) -> list[Fault]:
    needed = _FACTOR_READS[factor.key]
    found = [Fault(f"{path}.{name}", f"missing; {factor.key} reads it") for name in needed if not getattr(factor, name)]
    found += [
        Fault(f"{path}.{name}", f"{factor.key} does not read this; remove it")
        for name in _FACTOR_PARAMETERS
        if name not in needed and getattr(factor, name)
    ]
    if not 0 < factor.share <= 1:
        found.append(Fault(f"{path}.share", "must be more than 0: a gap of no days cannot be kept"))
    return found


def on_demand_gap_faults(pack: RulePack, rules: OnDemandRules) -> list[Fault]:
    """Return gaps of an on-demand pack that are beyond its cap, and reasons for leaving out what no pack knows."""
    cap = rules.hard_cap.days
    gaps = {"visit_gap.days": pack.visit_gap.days, "class_gaps.half_month.days": pack.class_gaps.half_month.days}
    found = [
        Fault(path, f"is {days}, beyond the cap of {cap} days (on_demand.hard_cap)")
        for path, days in gaps.items()
        if days > cap
    ]
    for i, condition in enumerate(rules.conditions):
        path = f"on_demand.conditions[{i}].gap_days"
        found += [
            Fault(path, f"{days} is beyond visit_gap.days ({pack.visit_gap.days})")
            for days in condition.gap_days
            if days > pack.visit_gap.days
        ]
        if pack.base is not None:
            least = pack.base.visit_gap.days
            found += [
                Fault(path, f"{days} is less than the fixed gap ({least})") for days in condition.gap_days if days < least
            ]
    known = (*get_args(ConditionKey), *get_args(TriggerKey))
    return found + [
        Fault(f"on_demand.not_asked.{key}", "is no condition or trigger; remove it")
        for key in rules.not_asked
        if key not in known
    ]


def looser_faults(pack: RulePack, base: RulePack | None) -> list[Fault]:
    """Return gaps of a pack of fixed intervals that are longer than those of the pack it is built on: law is not stretched."""
    if base is None or pack.on_demand is not None or not pack.region.startswith(base.region):
        return []
    gaps = [("visit_gap.days", pack.visit_gap.days, base.visit_gap.days)]
    gaps += [(f"class_gaps.{name}.days", pack.class_gaps.of(name).days, base.class_gaps.of(name).days) for name in CLASSES]
    return [
        Fault(path, f"is {days}, more than the {least} of {base.id}, on which it is built in the same region")
        for path, days, least in gaps
        if days > least
    ]
