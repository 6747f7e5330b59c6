"""What the numbers of a rule pack and their values are called, in the language of the request."""

from __future__ import annotations

import re
from collections.abc import Callable

from mobile_api.i18n import gettext as _
from mobile_api.pages import visit_words
from mobile_api.pages.office import words
from mobile_api.pages.office.deferrals import reason_name
from mobile_api.pages.rescue_words import who_names

_BAND = re.compile(r"(?:up_to_years=(\d+) )?months=(\d+)")
_SECONDS_A_MINUTE = 60


def number_name(name: str) -> str:
    """Return what a number of a limit is about; one without a name of its own is called as in the file."""
    names = {
        "days": _("days"), "months": _("months"), "hours": _("hours"), "share": _("share"), "count": _("number"),
        "within_days": _("within days"), "least_days": _("days off, at least"), "most_days": _("days, at most"),
        "grace_days": _("days of grace"), "lead_days": _("days before"), "covers_days": _("counts for days"),
        "most_a_year": _("times a year"), "years": _("years"), "most_years": _("years, at most"), "kinds": _("events"),
        "items": _("items"), "item": _("item"), "bands": _("by age"), "reasons": _("reasons"), "site_kinds": _("kinds of site"),
        "special_kinds": _("kinds of elevator"), "gap_days": _("days that a filing may name"),
        "trial_months": _("months of trial"), "worst_credit_class": _("worst class"), "least_online": _("online, at least"),
        "signals": _("signals"), "counter": _("counter"), "most": _("budget"), "sample": _("a sample"),
        "month": _("month"), "day": _("day"), "service_s": _("minutes on site"), "minimum_technicians": _("technicians"),
        "minimum_dwell_s": _("seconds, at least"), "geofence_radius_m": _("metres"), "coarsest_accuracy_m": _("metres"),
        "most_chance": _("chance of passing, at most"), "prior_spread": _("spread of a day before two weeks are known"),
        "from_counter": _("follows from"), "factor": _("times"), "gap_hours": _("hours without a record"),
        "worst_online": _("online, below which it cannot be used"), "counters": _("counters"),
        "stuck_days": _("days a counter stands still"), "stuck_beside": _("while another one counted"),
        "zero_chance": _("chance of a day without use, below"), "frozen_hours": _("hours a value stands still"),
        "ahead_s": _("seconds a clock is ahead"), "behind_s": _("seconds a clock is behind"),
        "drift_s_per_day": _("seconds a clock drifts in a day"), "least_samples": _("records, at least"),
        "most_monitor_faults": _("faults of the monitor, at most"), "more_than_years": _("more than years"),
        "more_a_day": _("more in a day than"), "minutes": _("minutes"), "areas": _("areas"), "rungs": _("who is rung in turn"),
        "least_share": _("share, at least"), "most_times": _("times the usual, at most"),
        "tolerance_s": _("seconds a clock may be off"), "back_dating_s": _("seconds that are back-dated"),
        "width_s": _("seconds between server times, at most"), "highest_kmh": _("km/h, at most"),
        "slack_m": _("metres forgiven"), "finest_accuracy_m": _("metres, no phone is more exact"),
        "oldest_fix_s": _("seconds a position may be old"), "frozen_after_s": _("seconds until a position moves"),
        "least_change_s": _("seconds between zones, at least"), "same_bits": _("bits apart, the same picture"),
        "alike_bits": _("bits apart, alike"), "slack_s": _("seconds forgiven"), "kept_days": _("days kept"),
        "bands_m": _("bands in metres"),
    }  # fmt: skip
    return names.get(name, name)


def value_name(name: str, value: str) -> str:
    """Return a value of a limit in words: codes of events, sites, counters and signals are told as the office calls them."""
    if name == "bands":
        return "; ".join(_band(one) for one in value.split("; "))
    if name == "service_s":
        told = (one.split("=") for one in value.split())
        return ", ".join(f"{visit_words.maintenance_class(period)} {round(int(s) / _SECONDS_A_MINUTE)}" for period, s in told)
    if name == "rungs":
        return "; ".join(_rung(one) for one in value.split("; "))
    if name == "sample":
        return _("yes") if value == "True" else _("no")
    said = _VALUES.get(name)
    return value if said is None else _(", ").join(said(code) for code in value.split(", "))


def _band(text: str) -> str:
    found = _BAND.fullmatch(text)
    if found is None:
        return text
    years, months = found.groups()
    every = _("every %(months)s months") % {"months": months}
    return every if years is None else _("up to %(years)s years of use %(every)s") % {"years": years, "every": every}


def _rung(text: str) -> str:
    told = dict(part.split("=") for part in text.split())
    who = dict(who_names()).get(told["who"], told["who"])
    return _("%(who)s, %(seconds)s s") % {"who": who, "seconds": told["wait_s"]}


def signal_name(code: str) -> str:
    """Return what a signal that checks an item from afar is called."""
    names = {
        "temp_humidity": _("temperature and humidity"), "vibration": _("vibration"), "brake_state": _("state of the brake"),
        "brake_current": _("current of the brake"), "brake_selftest_log": _("log of the brake's self-test"),
        "speed_feedback": _("measured speed"), "safety_chain": _("safety chain"),
        "event43_inspection": _("inspection mode"), "car_camera": _("camera in the car"),
        "alarm_test_call": _("test call of the alarm"), "door_reopen_count": _("reopenings of the door"),
        "door_lock_circuit": _("door lock circuit"), "door_open_close_time": _("time of the door's opening and closing"),
        "level_error": _("levelling accuracy"), "water_sensor": _("water in the pit"), "oil_temp": _("oil temperature"),
        "oil_level": _("oil level"), "fault_code": _("fault codes"), "handrail_speed": _("speed of the handrail"),
        "starts": _("number of starts"), "motor_temp": _("temperature of the motor"),
    }  # fmt: skip
    return names.get(code, code)


_VALUES: dict[str, Callable[[str], str]] = {
    "kinds": words.event, "site_kinds": words.site_kind, "special_kinds": words.special_kind, "counter": words.counter,
    "from_counter": words.counter, "counters": words.counter, "reasons": reason_name, "signals": signal_name,
}  # fmt: skip
