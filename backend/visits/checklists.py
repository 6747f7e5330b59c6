"""The checklist of a visit, and the judgement of its answers. Pure, apart from the item list that comes with the planner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

import msgspec
from msgspec import Struct

from backend.errors import Conflict, Fault
from backend.visits.checks import text_faults
from backend.visits.inputs import AnswerInput, Result
from backend.visits.views import AskedReason, ChecklistItem, Limit, SpecialCheckChoice
from planner.intervals.checklist import in_order
from planner.intervals.items import EQUIPMENT_TYPES, Item, checklist
from planner.intervals.rules import RulePack
from planner.intervals.signals import item_of

MOST_ANSWERS = 400
"""Answers of one request: the longest checklist has 76."""

LARGEST_VALUE = 1_000_000_000
"""Of a measured value, in either direction: beyond all that is measured on an elevator."""

LONGEST_UNIT = 60
"""Characters of a unit, such as mm or m/s²."""


class AskedItem(Struct, frozen=True, kw_only=True):
    """An item as it is kept with a visit: its place is that in the list."""

    item: str
    added: bool
    """Whether a signal asks for it, not the class."""

    reasons: list[AskedReason]


class Checklist(Struct, frozen=True, kw_only=True):
    """What is to be done at one elevator."""

    items: dict[str, Item]
    """By code, in the order in which they are done; those that the elevator has."""

    excluded: dict[str, str]
    """Items of the class that this elevator does not have, with the registered reason."""

    special: dict[str, list[SpecialCheckChoice]]
    """Checks with an interval of their own, by item."""

    asked: dict[str, AskedItem] = {}
    """Why items come first or were added, by code; empty where nothing is known of the elevator."""

    def is_added(self, code: str) -> bool:
        """Return whether a signal asks for an item and not the class."""
        return code in self.asked and self.asked[code].added


class Judged(Struct, frozen=True, kw_only=True):
    """Answers after their judgement."""

    good: list[AnswerInput]
    """As they are kept: units named, values outside of a limit turned into findings."""

    forced: list[str]
    rejected: list[Fault]


def checklist_for(equipment_type: str, maintenance_class: str, exclusions: Mapping[str, object], pack: RulePack) -> Checklist:
    """Return the checklist of a class, without the items that the elevator does not have (TSG T5002-2017, annexes, note 1).

    Parameters
    ----------
    equipment_type, exclusions
        As registered; a type that the regulation has no annex for has an empty checklist (see `require_annex`).
    maintenance_class
        Of the visit.
    pack
        Says which items have checks with an interval of their own.
    """
    annex = checklist(equipment_type, maintenance_class, pack.item_list) if equipment_type in EQUIPMENT_TYPES else ()
    return Checklist(
        items={item.code: item for item in annex if item.code not in exclusions},
        excluded={item.code: str(exclusions[item.code]) for item in annex if item.code in exclusions},
        special=_special(pack),
    )


def with_asked(checklist: Checklist, asked: Sequence[AskedItem] | None) -> Checklist:
    """Return a checklist in the order in which it is asked, with the items that signals ask for besides.

    Parameters
    ----------
    checklist
        Of the class: all of its items stay.
    asked
        What was asked; None where nothing is known of the elevator: then it is the class alone.
    """
    asked = asked or []
    added = {one.item: item_of(one.item) for one in asked if one.added and one.item not in checklist.excluded}
    items = checklist.items | {code: item for code, item in added.items() if item is not None and code not in checklist.items}
    kept = {
        one.item: one if one.item not in checklist.items else msgspec.structs.replace(one, added=False)
        for one in asked
        if one.item in items
    }
    order = in_order([one.item for one in asked], items)
    return msgspec.structs.replace(checklist, items={code: items[code] for code in order}, asked=kept)


def checklist_of_codes(codes: Iterable[str], pack: RulePack) -> Checklist:
    """Return a checklist of exactly these items, for a record that is corrected."""
    known = {code: item_of(code) for code in codes}
    items = {code: item for code, item in known.items() if item is not None}
    return Checklist(items=items, excluded={}, special=_special(pack))


def _special(pack: RulePack) -> dict[str, list[SpecialCheckChoice]]:
    found: dict[str, list[SpecialCheckChoice]] = {}
    for check in pack.special_checks:
        choice = SpecialCheckChoice(key=check.key, title_zh=check.title_zh, title_en=check.title_en)
        found.setdefault(check.item, []).append(choice)
    return found


def require_annex(equipment_type: str) -> None:
    """Let equipment pass that the regulation has an annex for.

    Raises
    ------
    Conflict
        For other equipment: nothing could be done there.
    """
    if equipment_type not in EQUIPMENT_TYPES:
        raise Conflict("there is no checklist for the equipment type {type}: correct it in the register", type=equipment_type)


def shown(checklist: Checklist) -> list[ChecklistItem]:
    """Return the items as they are shown."""
    return [
        _item_view(item, checklist.special.get(item.code, []), checklist.asked.get(item.code))
        for item in checklist.items.values()
    ]


def _item_view(item: Item, special: list[SpecialCheckChoice], asked: AskedItem | None) -> ChecklistItem:
    limit = Limit(least=item.limit.least, most=item.limit.most, unit=item.limit.unit) if item.limit else None
    return ChecklistItem(
        code=item.code, period=item.period, zone=item.zone, name_zh=item.name_zh, name_en=item.name_en,
        requirement_zh=item.requirement_zh, requirement_en=item.requirement_en, limit=limit,
        special_interval=item.special_interval, is_test=item.is_test, special_checks=special,
        added=asked is not None and asked.added, reasons=[] if asked is None else asked.reasons,
    )  # fmt: skip


def open_items(checklist: Checklist, answered: Iterable[str]) -> list[str]:
    """Return the items that still need an answer, in the order in which they are done.

    Those that a signal added need none: a phone that was offline since before the signal does not know of them.
    """
    done = set(answered)
    return [code for code in checklist.items if code not in done and not checklist.is_added(code)]


def judge(checklist: Checklist, answers: Sequence[AnswerInput]) -> Judged:
    """Judge answers one by one: a bad one does not spoil the good ones.

    Parameters
    ----------
    checklist
        Of the visit.
    answers
        As sent; an item that is answered twice counts once, and the second answer is rejected.
    """
    good: dict[str, AnswerInput] = {}
    forced: list[str] = []
    rejected: list[Fault] = []
    for index, answer in enumerate(answers):
        faults = _faults(f"answers[{index}]", checklist, answer)
        if not faults and answer.item in good:
            faults = [Fault(f"answers[{index}].item", answer.item, "answer each item once")]
        if faults:
            rejected += faults
            continue
        item = checklist.items[answer.item]
        kept = _normal(item, answer)
        if kept.result is not answer.result:
            forced.append(item.code)
        good[item.code] = kept
    return Judged(good=list(good.values()), forced=forced, rejected=rejected)


def outside_limit(item: Item, measured: float | None) -> bool:
    """Return whether a value breaks the number that the annex sets; both ends are allowed."""
    if measured is None or item.limit is None:
        return False
    least, most = item.limit.least, item.limit.most
    return (least is not None and measured < least) or (most is not None and measured > most)


def _normal(item: Item, answer: AnswerInput) -> AnswerInput:
    """Return an answer as it is kept: a value outside of its limit is a finding, whatever was ticked."""
    unit = "" if answer.measured is None else (answer.unit or "").strip() or (item.limit.unit if item.limit else "")
    result = Result.FINDING if outside_limit(item, answer.measured) else answer.result
    made = [] if result is Result.NOT_APPLICABLE else sorted(set(answer.special_checks))
    return msgspec.structs.replace(answer, result=result, unit=unit, note=answer.note.strip(), special_checks=made)


def _faults(path: str, checklist: Checklist, answer: AnswerInput) -> list[Fault]:
    item = checklist.items.get(answer.item)
    if answer.item in checklist.excluded:
        return [Fault(f"{path}.item", answer.item, "this elevator does not have this item: leave it out")]
    if item is None:
        return [Fault(f"{path}.item", answer.item[:60], "use an item of this visit's checklist")]
    needed = "say why the item does not apply" if answer.result is Result.NOT_APPLICABLE else None
    faults = [*text_faults(f"{path}.note", answer.note, needed=needed), *_measured_faults(path, item, answer)]
    keys = {choice.key for choice in checklist.special.get(item.code, [])}
    if unknown := [key for key in answer.special_checks if key not in keys]:
        reason = "use a special check of this item" if keys else "leave it out: this item has no special checks"
        faults.append(Fault(f"{path}.special_checks", unknown[0][:60], reason))
    return faults


def _measured_faults(path: str, item: Item, answer: AnswerInput) -> list[Fault]:
    faults = []
    if answer.measured is not None and not (isfinite(answer.measured) and abs(answer.measured) <= LARGEST_VALUE):
        faults.append(Fault(f"{path}.measured", str(answer.measured), "give a number that can be a measured value"))
    if answer.measured is not None and answer.result is Result.NOT_APPLICABLE:
        faults.append(Fault(f"{path}.measured", str(answer.measured), "leave the value out where the item does not apply"))
    unit = (answer.unit or "").strip()
    if unit and item.limit is not None and unit != item.limit.unit:
        faults.append(Fault(f"{path}.unit", unit[:60], "give the value in the item's own unit, or leave the unit out"))
    if len(unit) > LONGEST_UNIT or "\x00" in unit:
        faults.append(Fault(f"{path}.unit", unit[:LONGEST_UNIT], "use a short unit, such as mm"))
    return faults
