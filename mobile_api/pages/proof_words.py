"""What people call the questions about a visit, its grades and its review, in the language of the request."""

from __future__ import annotations

from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from qr.grade import MEANINGS, Grade


def check(code: str) -> str:
    """Return the name of a question about the evidence."""
    names = {
        "label_active": _("Label"), "code_seen": _("Code seen by the camera"), "label_once": _("Label in one place only"),
        "signed": _("Signed by the phone"), "key": _("Key of the phone"), "chain": _("Chain of the phone's entries"),
        "time_bounded": _("Time bounded by the server"), "clock": _("Clock"), "order": _("Order of the scans"),
        "dwell": _("Time on site"), "expected_time": _("Time for this checklist"),
        "arrival_geofence": _("Place of arrival"), "departure_geofence": _("Place of departure"), "place": _("Place"),
        "position_plausible": _("Believable position"), "technicians": _("Technicians"),
        "own_scans": _("Own scans of the others"), "one_place": _("One place at a time"), "one_site": _("One site at a time"),
        "travel_before": _("Way from the visit before"), "travel_after": _("Way to the next visit"), "zones": _("Zones"),
        "zones_proven": _("Labels of the zones"),
        "photos_in_app": _("Photos taken in the app"), "photos_arrived": _("Photos have arrived"),
        "photos_new": _("Photos not used before"), "photos_alike": _("Photos differ"),
        "elevator": _("The elevator's own word"), "planned": _("Plan"),
    }  # fmt: skip
    return names.get(code, code)


def review(code: str) -> str:
    """Return the name of where a review stands."""
    names = {
        "none": _("No review needed"), "waiting": _("Waits for a review"), "accepted": _("Accepted"),
        "disputed": _("Disputed"),
    }  # fmt: skip
    return names.get(code, code)


def graded_why(code: str) -> str:
    """Return why a version of a grade was made."""
    names = {
        "departure": _("at the departure"), "telemetry": _("the elevator's data came later"),
        "late_entries": _("entries or photos of a phone came later"), "correction": _("the record was corrected"),
    }  # fmt: skip
    return names.get(code, code)


def grade_kind(grade: str | None) -> str:
    """Return how a grade is shown: nothing is an alarm, D asks for somebody's attention."""
    return {"A": "ok", "B": "ok", "C": "mute", "D": "warn"}.get(grade or "", "mute")


def grade_meaning(grade: str) -> str:
    """Return what a grade means."""
    means = MEANINGS[Grade(grade)]
    return means.zh if language.get() == "zh" else means.en
