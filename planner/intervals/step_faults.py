"""What can be wrong with the parts of a rule pack beside its plain gaps, and with gaps that are longer than they may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from planner.intervals.items import CLASSES
from planner.intervals.pack import ConditionKey, OnDemandRules, RulePack, SpecialCheck, TriggerKey
from planner.intervals.pack_rule import Rule
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
    """Return limits of a pack that are looser than those of the pack it is built on: law is not stretched.

    A pack of maintenance on demand may stretch visits and half-month items, and nothing else. One of fixed intervals stretches
    nothing that holds in its region.
    """
    if base is None:
        return []
    found = list(_stretched_self_check(pack, base))
    if pack.item_list == base.item_list:  # another list has other items, with checks and seasons of its own
        found += [*_stretched_checks(pack, base), *_stretched_seasons(pack, base)]
    if pack.on_demand is not None or not pack.region.startswith(base.region):
        return found
    gaps = [("visit_gap.days", pack.visit_gap.days, base.visit_gap.days)]
    gaps += [(f"class_gaps.{name}.days", pack.class_gaps.of(name).days, base.class_gaps.of(name).days) for name in CLASSES]
    return found + [
        Fault(path, f"is {days}, more than the {least} of {base.id}, on which it is built in the same region")
        for path, days, least in gaps
        if days > least
    ]


def _holds(rule: Rule, pack: RulePack) -> bool:
    """Return whether a rule of the base binds a pack: on demand it falls back to all of them, else by region."""
    return pack.on_demand is not None or pack.region.startswith(rule.region)


def _stretched_checks(pack: RulePack, base: RulePack) -> Iterator[Fault]:
    own = {(check.key, check.item): (i, check) for i, check in enumerate(pack.special_checks)}
    for check in base.special_checks:
        if not _holds(check, pack):
            continue
        if (check.key, check.item) not in own:
            yield Fault("special_checks", f"{check.key} of {check.item} is missing; {base.id} asks for it, take it over")
            continue
        i, mine = own[check.key, check.item]
        ages = {0, *(band.up_to_years + over for band in (*check.bands, *mine.bands) if band.up_to_years for over in (0, 1))}
        longer = [age for age in sorted(ages) if _months(mine, age) > _months(check, age)]
        if longer:
            yield Fault(
                f"special_checks[{i}].bands",
                f"{_months(mine, longer[0])} months at {longer[0]} years of use is more than the "
                f"{_months(check, longer[0])} of {base.id}; checks are never stretched",
            )


def _months(check: SpecialCheck, age: int) -> int:
    """Return the interval of a check at an age; nothing where its bands have a gap, which is a fault of its own."""
    return next((band.months for band in check.bands if band.up_to_years is None or age <= band.up_to_years), 0)


def _stretched_seasons(pack: RulePack, base: RulePack) -> Iterator[Fault]:
    for season in base.seasons:
        for code in season.items if _holds(season, pack) else ():
            own = [(i, mine) for i, mine in enumerate(pack.seasons) if code in mine.items]
            if not own:
                yield Fault("seasons", f"{code} is missing; {base.id} asks for it before a season, take it over")
            elif not any(
                (mine.month, mine.day) <= (season.month, season.day) and mine.lead_days <= season.lead_days for _, mine in own
            ):
                yield Fault(
                    f"seasons[{own[0][0]}]",
                    f"begins after {season.month}-{season.day} or counts from more than {season.lead_days} days before: "
                    f"looser for {code} than {base.id}; seasonal items are never stretched",
                )


def _stretched_self_check(pack: RulePack, base: RulePack) -> Iterator[Fault]:
    own, other = pack.self_check, base.self_check
    if other is None or not _holds(other, pack):
        return
    if own is None:
        yield Fault("self_check", f"is missing; {base.id} asks for it, take it over")
        return
    if own.lead_days < other.lead_days:
        yield Fault("self_check.lead_days", f"is {own.lead_days}, less than the {other.lead_days} of {base.id}")
    if own.covers_days > other.covers_days:
        yield Fault("self_check.covers_days", f"is {own.covers_days}, more than the {other.covers_days} of {base.id}")
