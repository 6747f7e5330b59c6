"""Enumerations of the Lift and Escalator objects of ANSI/ASHRAE 135-2020, by number."""

from __future__ import annotations

from collections.abc import Iterable

from backend.telemetry.adapters.sheet import clean

OBJECT_TYPES = ("elevator-group", "escalator", "lift")
FIRST_OBJECT_TYPE = 57

LIFT_FAULTS = (
    "controller-fault", "drive-and-motor-fault", "governor-and-safety-gear-fault", "lift-shaft-device-fault",
    "power-supply-fault", "safety-interlock-fault", "door-closing-fault", "door-opening-fault",
    "car-stopped-outside-landing-zone", "call-button-stuck", "start-failure", "controller-supply-fault", "self-test-failure",
    "runtime-limit-exceeded", "position-lost", "drive-temperature-exceeded", "load-measurement-fault",
)  # fmt: skip

ESCALATOR_FAULTS = (
    "controller-fault", "drive-and-motor-fault", "mechanical-component-fault", "overspeed-fault", "power-supply-fault",
    "safety-device-fault", "controller-supply-fault", "drive-temperature-exceeded", "comb-plate-fault",
)  # fmt: skip

LIFT_MODES = (
    "unknown", "normal", "vip", "homing", "parking", "attendant-control", "firefighter-control", "emergency-power",
    "inspection", "cabinet-recall", "earthquake-operation", "fire-operation", "out-of-service", "occupant-evacuation",
)  # fmt: skip

MODES = {
    "unknown": 7, "normal": 1, "homing": 1, "parking": 1, "vip": 1, "attendant-control": 1, "inspection": 2,
    "fire-operation": 3, "firefighter-control": 4, "emergency-power": 5, "earthquake-operation": 6, "out-of-service": 0,
}  # fmt: skip
"""Car mode → service mode of GB/T 24476: what the car does by itself or for somebody in it is automatic running."""

DOOR_STATUS: dict[str, int | None] = {
    "closed": 1, "opened": 0, "unknown": None, "door-fault": None, "unused": None, "none": None, "closing": 0, "opening": 0,
    "safety-locked": 1, "limited-opened": 0,
}  # fmt: skip
"""Status, in the order of its numbers → door closed."""

CAR_DIRECTION: dict[str, int | None] = {
    "unknown": None, "none": 0, "stopped": 0, "up": 1, "down": -1, "up-and-down": None,
}  # fmt: skip

DRIVE_STATUS: dict[str, int | None] = {
    "unknown": None, "stationary": 0, "braking": 1, "accelerate": 1, "decelerate": 1, "rated-speed": 1,
    "single-floor-jump": 1, "two-floor-jump": 1, "three-floor-jump": 1, "multi-floor-jump": 1,
}  # fmt: skip

RELIABILITY = ("no-fault-detected",)
"""Only the first says that what the object tells can be relied on."""


def word(value: object, table: Iterable[str], first: int = 0) -> str:
    """Return an enumeration's value by name, however it is spelt.

    Parameters
    ----------
    value
        A name, or a number.
    table
        Its names, in the order of their numbers.
    first
        Number of the first.

    Returns
    -------
    str
        The name of the table; a number without a name stays a number, and a name that the table has not is plainly spelt.
    """
    names = list(table)
    text = clean(str(value)).strip()
    if not isinstance(value, bool) and text.isascii() and text.isdigit():
        number = int(text) - first
        return names[number] if 0 <= number < len(names) else text
    plain = text.casefold().replace("_", "-").replace(" ", "-")
    return next((name for name in names if name.replace("-", "") == plain.replace("-", "")), plain)
