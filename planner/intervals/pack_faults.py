"""What can be wrong with a rule pack whose shape is right: links, order, parameters that a key needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import msgspec

from planner.intervals.health_faults import health_faults
from planner.intervals.items import CLASSES, ITEM_LISTS, WEAR_DRIVERS, all_items, items_by_code
from planner.intervals.pack import (
    Condition,
    ConditionKey,
    OnDemandRules,
    Rule,
    RulePack,
    SpecialCheck,
    Trigger,
    TriggerKey,
    VisitRules,
    WearBudget,
)
from planner.intervals.pack_proof import proof_faults
from planner.intervals.pack_rescue import rescue_faults
from planner.intervals.step_faults import looser_faults, on_demand_gap_faults, step_faults
from planner.rounds.faults import Fault

__all__ = ["CREDIT_CLASSES", "LINKS", "looser_faults", "pack_faults", "rules_of"]

_NEEDED: dict[str, tuple[str, ...]] = {
    "E1": ("worst_credit_class",),
    "E4": ("hours", "least_online", "within_days"),
    "E7": ("most_years", "within_days", "kinds"),
    "E8": ("site_kinds",),
    "monitor_silent": ("hours",),
    "incident": ("within_days", "kinds"),
    "fault_rate": ("within_days", "count", "kinds"),
    "credit_class": ("worst_credit_class",),
    "age": ("most_years",),
}
"""Parameters that a condition or trigger reads."""

_MAY: dict[str, tuple[str, ...]] = {
    "E8": ("special_kinds",),
    "E9": ("within_days", "gap_days", "trial_months"),
}
"""Parameters that a condition reads where a pack gives them."""

LINKS = ("base", "next")
"""Fields of a pack that are packs themselves, with rules of their own."""

CREDIT_CLASSES = ("A", "B", "C", "D")
"""Classes of the authority's classification (分类监管), the best first."""


def pack_faults(pack: RulePack, name: str) -> list[Fault]:
    """Return everything that is wrong with a pack.

    Parameters
    ----------
    pack
        The pack, with its base.
    name
        The id that it must have.
    """
    found: list[Fault] = []
    if pack.id != name:
        found.append(Fault("id", f"is {pack.id!r}, the file is {name}.toml; give both the same name"))
    if pack.item_list not in ITEM_LISTS:
        return [*found, Fault("item_list", f"is {pack.item_list!r}; use one of {', '.join(ITEM_LISTS)}")]
    found += _texts_missing(pack, "")
    found += _rule_faults(pack)
    found += step_faults(pack)
    found += rescue_faults(pack.rescue)
    found += _gap_faults(pack)
    for i, check in enumerate(pack.special_checks):
        found += _check_faults(check, f"special_checks[{i}]", pack.item_list)
    found += _season_faults(pack)
    found += _wear_faults(pack)
    found += _visit_faults(pack.visit)
    keys = [condition.key for condition in pack.stop_use_conditions]
    found += [Fault("stop_use_conditions", f"{key} stands twice; keep one") for key in sorted(_doubled(keys))]
    if pack.on_demand is not None:
        found += _on_demand_faults(pack, pack.on_demand)
    return found


def rules_of(value: Any, path: str = "") -> Iterator[tuple[str, Rule]]:
    """Yield every rule of a pack with its path, those of its base left out."""
    if isinstance(value, Rule):
        yield path, value
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            if field not in LINKS:
                yield from rules_of(getattr(value, field), f"{path}.{field}" if path else field)
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            yield from rules_of(inner, f"{path}[{i}]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from rules_of(inner, f"{path}.{key}")


def _texts_missing(value: Any, path: str) -> list[Fault]:
    """Texts that say nothing: everything a person reads must be there, in both languages."""
    found: list[Fault] = []
    if isinstance(value, str):
        return [] if value.strip() else [Fault(path, "is empty; write what it is")]
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            if field not in LINKS:
                found += _texts_missing(getattr(value, field), f"{path}.{field}" if path else field)
    elif isinstance(value, tuple):
        for i, inner in enumerate(value):
            found += _texts_missing(inner, f"{path}[{i}]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            found += _texts_missing(inner, f"{path}.{key}")
    return found


def _rule_faults(pack: RulePack) -> list[Fault]:
    rules = list(rules_of(pack))
    found = [
        Fault(f"{path}.source", f"is {rule.source!r}; name one of sources: {', '.join(sorted(pack.sources))}")
        for path, rule in rules
        if rule.source not in pack.sources
    ]
    doubled = _doubled([rule.id for _, rule in rules])
    found += [
        Fault(f"{path}.id", f"{rule.id!r} is used twice; receipts must tell rules apart")
        for path, rule in rules
        if rule.id in doubled
    ]
    return found


def _gap_faults(pack: RulePack) -> list[Fault]:
    days = [pack.class_gaps.of(name).days for name in CLASSES]
    found = [
        Fault(f"class_gaps.{higher}.days", f"is less than that of {lower}; a higher class has no shorter gap")
        for (lower, first), (higher, second) in itertools.pairwise(zip(CLASSES, days, strict=True))
        if second < first
    ]
    if pack.class_gaps.half_month.days < pack.visit_gap.days:
        found.append(
            Fault("class_gaps.half_month.days", "is less than visit_gap.days; every visit does these items, so raise it")
        )
    if pack.fall_back.past_due.hours > pack.fall_back.grace.days * 24:
        found.append(
            Fault("fall_back.past_due.hours", "is more than the grace; an elevator past its day is the more urgent one")
        )
    return found


def _is_item(code: str, item_list: str) -> bool:
    item = items_by_code().get(code)
    return item is not None and item.item_list == item_list


def _check_faults(check: SpecialCheck, path: str, item_list: str) -> list[Fault]:
    found = []
    if not _is_item(check.item, item_list):
        found.append(Fault(f"{path}.item", f"no item {check.item}; take a code of the list {item_list}"))
    ages = [band.up_to_years for band in check.bands]
    closed = [age for age in ages[:-1] if age is not None]
    if not ages or ages[-1] is not None or len(closed) != len(ages) - 1:
        found.append(Fault(f"{path}.bands", "all bands but the last have up_to_years; the last has none"))
    elif closed != sorted(set(closed)):
        found.append(Fault(f"{path}.bands", "order the bands by up_to_years, each once"))
    return found


def _season_faults(pack: RulePack) -> list[Fault]:
    found = []
    for i, season in enumerate(pack.seasons):
        path = f"seasons[{i}]"
        try:
            date(2001, season.month, season.day)  # a common year: a season begins in every year
        except ValueError:
            found.append(Fault(f"{path}.day", f"there is no day {season.month}-{season.day} in every year"))
        if not season.items:
            found.append(Fault(f"{path}.items", "is empty; name the items"))
        found += [Fault(f"{path}.items", f"no item {code}") for code in season.items if not _is_item(code, pack.item_list)]
    return found


def _wear_faults(pack: RulePack) -> list[Fault]:
    found = []
    for i, budget in enumerate(pack.wear_budgets):
        path = f"wear_budgets[{i}]"
        if budget.driver not in WEAR_DRIVERS:
            found.append(Fault(f"{path}.driver", f"is {budget.driver!r}; use one of {', '.join(WEAR_DRIVERS)}"))
        if budget.period not in CLASSES:
            found.append(Fault(f"{path}.period", f"is {budget.period!r}; use one of {', '.join(CLASSES)}"))
        reached = {
            item.code
            for item in all_items(pack.item_list)
            if item.wear_driver == budget.driver and item.period == budget.period
        }
        found += [
            Fault(f"{path}.items", f"{code} is no {budget.period} item worn by {budget.driver}")
            for code in budget.items
            if code not in reached
        ]
    found += _wear_overlaps(pack.wear_budgets)
    return found


def _wear_overlaps(budgets: tuple[WearBudget, ...]) -> list[Fault]:
    """Budgets of all items of a driver and class that are given more than once: which one holds would be chance."""
    general = [(budget.driver, budget.period) for budget in budgets if not budget.items]
    named = [code for budget in budgets for code in budget.items]
    found = [
        Fault("wear_budgets", f"two budgets for {driver}, {period}; keep one") for driver, period in sorted(_doubled(general))
    ]
    return found + [Fault("wear_budgets", f"two budgets for {code}; keep one") for code in sorted(_doubled(named))]


def _visit_faults(visit: VisitRules) -> list[Fault]:
    found = []
    if tuple(visit.service_s) != CLASSES:
        found.append(Fault("visit.service_s", f"give exactly {', '.join(CLASSES)}, in this order"))
    elif list(visit.service_s.values()) != sorted(visit.service_s.values()):
        found.append(Fault("visit.service_s", "a higher class includes the lower ones, so it takes no less time"))
    wanted = {field for field in visit.__struct_fields__ if field not in ("rules", "proof")}
    found += [
        Fault(f"visit.rules.{name}", "missing; say where the number comes from") for name in sorted(wanted - visit.rules.keys())
    ]
    found += [Fault(f"visit.rules.{name}", "there is no such number in visit") for name in sorted(visit.rules.keys() - wanted)]
    return found + proof_faults(visit.proof)


def _on_demand_faults(pack: RulePack, rules: OnDemandRules) -> list[Fault]:
    found = []
    if pack.base is None:
        found.append(Fault("base", "missing; name the pack of fixed intervals to fall back to"))
    else:
        found += [
            Fault(f"class_gaps.{name}.days", "is more than the base's; only visits and half-month items may be stretched")
            for name in CLASSES[1:]
            if pack.class_gaps.of(name).days > pack.base.class_gaps.of(name).days
        ]
    found += on_demand_gap_faults(pack, rules)
    found += health_faults(rules.data_health)
    for part, wanted in (("conditions", get_args(ConditionKey)), ("triggers", get_args(TriggerKey))):
        entries: tuple[Condition | Trigger, ...] = getattr(rules, part)
        keys = [entry.key for entry in entries]
        path = f"on_demand.{part}"
        found += [Fault(path, f"{key} is missing") for key in wanted if key not in keys and key not in rules.not_asked]
        found += [Fault(path, f"{key} stands twice; keep one") for key in sorted(_doubled(keys))]
        found += [
            Fault(f"on_demand.not_asked.{key}", f"stands among the {part} as well; keep one")
            for key in keys
            if key in rules.not_asked
        ]
        for i, entry in enumerate(entries):
            found += _parameter_faults(entry, f"{path}[{i}]")
    known = {item.remote_evidence for item in all_items(pack.item_list)} - {""}
    found += [
        Fault("on_demand.remote_check.signals", f"no item has the signal {signal!r}")
        for signal in rules.remote_check.signals
        if signal not in known
    ]
    return found


def _parameter_faults(entry: Condition | Trigger, path: str) -> list[Fault]:
    needed = _NEEDED.get(entry.key, ())
    found = [Fault(f"{path}.{name}", f"missing; {entry.key} reads it") for name in needed if not getattr(entry, name)]
    optional = [
        name for name in entry.__struct_fields__ if name not in (*Rule.__struct_fields__, "key", "title_zh", "title_en")
    ]
    found += [
        Fault(f"{path}.{name}", f"{entry.key} does not read this; remove it")
        for name in optional
        if name not in (*needed, *_MAY.get(entry.key, ())) and getattr(entry, name)
    ]
    worst = entry.worst_credit_class
    if worst is not None and worst not in CREDIT_CLASSES:
        found.append(Fault(f"{path}.worst_credit_class", f"is {worst!r}; use one of {', '.join(CREDIT_CLASSES)}"))
    return found


def _doubled(values: list[Any]) -> set[Any]:
    return {value for value in values if values.count(value) > 1}
