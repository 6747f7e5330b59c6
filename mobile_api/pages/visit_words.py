"""What people call classes, zones, answers and states of visits, in the language of the request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.visits.decider import How
from backend.visits.views import ChecklistItem, RecordVersion
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.pages import proof_words
from planner.intervals.checklist import WALK


def in_language(thing: Any, name: str) -> str:
    """Return the Chinese or English text of a field that comes in both."""
    found: str = getattr(thing, f"{name}_{language.get()}")
    return found


def zone(code: str) -> str:
    """Return the name of an access zone."""
    names = {
        "MR": _("Machine room"), "CT": _("Car top"), "CAR": _("Car"), "LD": _("Landings"), "SH": _("Shaft"), "PIT": _("Pit"),
        "UP": _("Upper station"), "LOW": _("Lower station"), "STEP": _("Steps"), "ENTRY": _("Entrances"),
    }  # fmt: skip
    return names.get(code, code)


def maintenance_class(code: str) -> str:
    """Return the name of a maintenance class."""
    names = {"half_month": _("Half-month"), "quarter": _("Quarter"), "half_year": _("Half-year"), "year": _("Year")}
    return names.get(code, code)


def result(code: str) -> str:
    """Return the name of an answer."""
    names = {
        "ok": _("In order"), "adjusted": _("Adjusted"), "replaced": _("Part replaced"), "finding": _("Finding"),
        "not_applicable": _("Not present"),
    }  # fmt: skip
    return names.get(code, code)


def severity(code: str) -> str:
    """Return the name of a severity."""
    names = {"general": _("General hazard"), "serious": _("Serious hazard"), "stop_use": _("Stop use")}
    return names.get(code, code)


def visit_state(code: str) -> str:
    """Return the name of a visit's state."""
    names = {"open": _("Not departed yet"), "finished": _("Finished"), "abandoned": _("Abandoned")}
    return names.get(code, code)


def order_state(code: str) -> str:
    """Return the name of a stop's state."""
    names = {"scheduled": _("To do"), "in_progress": _("In progress"), "done": _("Done"), "missed": _("Missed")}
    return names.get(code, code)


def planned(code: str) -> str:
    """Return what the rounds say about a visit."""
    names = {
        "own_round": _("On the round"), "other_crew": _("Another crew's stop"), "other_day": _("Another day's stop"),
        "unplanned": _("Not planned"),
    }  # fmt: skip
    return names.get(code, code)


def confirmation(code: str) -> str:
    """Return the name of what the owner said."""
    names = {
        "pending": _("Waits for the owner"),
        "confirmed": _("Confirmed by the owner"),
        "refused": _("Refused by the owner"),
    }
    return names.get(code, code)


def how(version: RecordVersion) -> str:
    """Return by what the owner is known who decided about a version."""
    tail = {"tail": version.number_tail}
    if version.decision_how is How.ONE_TIME_PASSWORD:
        return _("with a password sent to the number that ends in %(tail)s") % tail
    if version.decision_how is How.KNOWN_PHONE:
        return _("with a phone known for the number that ends in %(tail)s") % tail
    return _("with the account %(name)s") % {"name": version.decided_by} if version.decided_by else ""


def how_known(code: str) -> str:
    """Return by what an owner was known, in a word."""
    names = {
        "account": _("by the account"), "one_time_password": _("by a one-time password"), "known_phone": _("by a known phone"),
    }  # fmt: skip
    return names.get(code, code)


def photo_use(code: str) -> str:
    """Return what a photo shows."""
    names = {
        "item": _("Item"), "finding": _("Finding"), "part_before": _("Part before"), "part_after": _("Part after"),
    }  # fmt: skip
    return names.get(code, code)


def outcome(code: str) -> str:
    """Return the name of a check's outcome."""
    return {"passed": _("Holds"), "failed": _("Does not hold"), "skipped": _("Not known")}.get(code, code)


def label_place(code: str) -> str:
    """Return where in an elevator a label hangs."""
    names = {"": _("Car"), "machine_room": _("Machine room"), "car_top": _("Car top"), "pit": _("Pit")}
    return names.get(code, code)


def label_places(made_for: str = "") -> list[tuple[str, str]]:
    """Return the places to choose from for a label; one that is made for a zone has that place only."""
    codes = [made_for] if made_for else ["car", "machine_room", "car_top", "pit"]
    return [(code, label_place("" if code == "car" else code)) for code in codes]


def by_zone(checklist: Sequence[ChecklistItem]) -> dict[str, list[ChecklistItem]]:
    """Return the items of each zone, zones in the order in which they are walked."""
    order = [*WALK, *sorted({item.zone for item in checklist} - set(WALK))]
    grouped = {code: [item for item in checklist if item.zone == code] for code in order}
    return {code: items for code, items in grouped.items() if items}


def whys(checklist: Sequence[ChecklistItem]) -> list[str]:
    """Return why items are looked at first or were added, each reason once, in the order of the visit."""
    chinese = language.get() == "zh"
    return list(dict.fromkeys(why.zh if chinese else why.en for item in checklist for why in item.reasons))


def words() -> dict[str, Any]:
    """Return these functions for a template."""
    return {
        "in_language": in_language, "zone_name": zone, "class_name": maintenance_class, "result_name": result,
        "severity_name": severity, "visit_state_name": visit_state, "order_state_name": order_state, "planned_name": planned,
        "whys": whys, "confirmation_name": confirmation, "how_name": how, "outcome_name": outcome,
        "check_name": proof_words.check, "review_name": proof_words.review, "graded_why_name": proof_words.graded_why,
        "grade_kind": proof_words.grade_kind, "photo_use_name": photo_use,
    }  # fmt: skip
