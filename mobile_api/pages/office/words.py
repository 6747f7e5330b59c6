"""What people call states, roles and kinds in the office, in the language of the request."""

from __future__ import annotations

from typing import Any

from backend.telemetry.vocabulary import vocabulary
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.pages import visit_words
from planner.intervals.items import CLASSES


def role(code: str) -> str:
    """Return the name of a role."""
    names = {
        "technician": _("Technician"), "manager": _("Manager"), "owner": _("Owner (using unit)"),
        "regulator": _("Regulator (reads)"), "admin": _("Admin of the installation"), "device": _("Device"),
    }  # fmt: skip
    return names.get(code, code)


def run_state(code: str) -> str:
    """Return the name of a plan run's state."""
    names = {
        "queued": _("Waits for a worker"), "running": _("Is planning"), "proposed": _("Proposed"), "committed": _("Committed"),
        "published": _("Published"), "failed": _("Failed"), "stopped": _("Stopped"), "discarded": _("Discarded"),
    }  # fmt: skip
    return names.get(code, code)


def run_kind(code: str) -> str:
    """Return the badge of a plan run's state."""
    kinds = {"proposed": "info", "committed": "warn", "published": "ok", "failed": "bad", "running": "info", "queued": "info"}
    return kinds.get(code, "mute")


def mode(code: str) -> str:
    """Return the name of a maintenance mode."""
    return {"fixed": _("Fixed interval"), "on_demand": _("On demand")}.get(code, code)


def elevator_state(code: str) -> str:
    """Return the name of an elevator's state."""
    return {"in_use": _("In use"), "stopped": _("Stopped"), "scrapped": _("Scrapped")}.get(code, code)


def site_kind(code: str) -> str:
    """Return the name of what a site is used for."""
    names = {
        "": _("Not told"), "residential": _("Homes"), "office": _("Offices"), "hospital": _("Hospital"), "mall": _("Mall"),
        "hotel": _("Hotel"), "school": _("School"), "station": _("Station"), "other": _("Other"),
    }  # fmt: skip
    return names.get(code, code)


def sector(code: str) -> str:
    """Return the name of a sector whose authority supervises a site."""
    names = {
        "": _("Not told"), "education": _("Education"), "health": _("Health"), "commerce": _("Commerce"),
        "transport": _("Transport"), "tourism": _("Culture and tourism"), "housing": _("Housing and building"),
        "other": _("Other"),
    }  # fmt: skip
    return names.get(code, code)


def special_kind(code: str) -> str:
    """Return the name of what makes an elevator a special one."""
    names = {"": "–", "firefighter": _("Firefighters' elevator"), "explosion_proof": _("Explosion-proof elevator")}
    return names.get(code, code)


def watch_list(code: str) -> str:
    """Return the name of a list of the authority."""
    names = {
        "": "–", "three_without": _("Without manager, maintenance or funds"),
        "listed_hazard": _("Major hazard under supervision"),
    }  # fmt: skip
    return names.get(code, code)


def equipment(code: str) -> str:
    """Return the name of a type of equipment."""
    names = {
        "traction_or_positive_drive_lift": _("Traction or drum elevator"),
        "hydraulic_lift": _("Hydraulic elevator"),
        "dumbwaiter": _("Dumbwaiter"),
        "escalator_or_moving_walk": _("Escalator or moving walk"),
    }
    return names.get(code, code.replace("_", " "))


def label_state(code: str) -> str:
    """Return the name of a label's state."""
    names = {"blank": _("Blank"), "active": _("Active"), "revoked": _("Revoked"), "replaced": _("Replaced")}
    return names.get(code, code)


def period_kind(code: str) -> str:
    """Return the name of a special period's kind."""
    names = {
        "major_event": _("Major event"), "authority_order": _("Order of the authority"), "complaint": _("Complaint"),
        "major_repair": _("After a major repair"), "inspection_failed": _("Failed inspection"),
        "incident": _("Entrapment or incident"),
    }  # fmt: skip
    return names.get(code, code)


def weekday(number: int) -> str:
    """Return the name of a weekday; 0 is Monday."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[number]


def refusal(code: str) -> str:
    """Return why a scanned code was refused."""
    names = {
        "malformed": _("No code of ours"), "check_failed": _("Misread or mistyped"), "wrong_mac": _("Not genuine"),
        "unknown": _("Unknown"), "foreign": _("Another firm's"), "blank": _("Not claimed yet"), "revoked": _("Revoked"),
        "replaced": _("Replaced"), "retired": _("Key retired"),
    }  # fmt: skip
    return names.get(code, code)


def counter(code: str) -> str:
    """Return the name of a counter of telemetry, with its unit."""
    found = vocabulary().counters.get(code)
    if found is None:
        return code
    name = found.zh if language.get() == "zh" else found.en
    return name if found.unit == "1" else f"{name} ({found.unit})"


def event(code: str) -> str:
    """Return what an event of telemetry means."""
    found = vocabulary().kinds.get(code)
    return code if found is None else found.zh if language.get() == "zh" else found.en


def quantity(value: str) -> str:
    """Return a value of a receipt with its unit in words: `15 days`, `15 日`; a day stays as it is."""
    number, _space, unit = value.partition(" ")
    units = {
        "d": _("days"), "months": _("months"), "trips": _("trips"), "door cycles": _("door cycles"),
        "rope bends": _("rope bends"), "seconds of running": _("seconds of running"),
    }  # fmt: skip
    return f"{number} {units.get(unit, unit)}" if unit else value


def class_options() -> list[tuple[str, str]]:
    """Return the maintenance classes to choose from, with one for all."""
    return [("", _("all")), *((code, visit_words.maintenance_class(code)) for code in CLASSES)]


def stock_options(stocks: Any) -> list[tuple[str, str]]:
    """Return the label sheets and rolls to choose from, with what is on them."""
    return [(one.name, f"{one.title}, {one.per_sheet}" if one.per_sheet > 1 else one.title) for one in stocks]


def words() -> dict[str, Any]:
    """Return these functions for a template."""
    return {
        "run_state_name": run_state, "run_kind": run_kind, "mode_name": mode, "elevator_state_name": elevator_state,
        "site_kind_name": site_kind, "sector_name": sector, "special_kind_name": special_kind,
        "watch_list_name": watch_list,        "equipment_name": equipment, "label_state_name": label_state,
        "counter_name": counter, "event_name": event, "class_options": class_options, "stock_options": stock_options,
        "period_kind_name": period_kind, "weekday_name": weekday, "refusal_name": refusal,
        "quantity_text": quantity,
    }  # fmt: skip
