"""GB/T 24476-2017: real-time data (clause 9), statistics (10), faults, events and alarms (11), as JSON.

The standard names the data and gives no JSON; platforms write the names in Chinese or English, flat or in sections, and
`names.toml` has them. A fault's code lasts while it is told (0: none); an event or alarm is told once, with its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.telemetry.adapters.dialect import Context, Draft
from backend.telemetry.adapters.gather import gather
from backend.telemetry.adapters.sheet import Sheet
from backend.telemetry.values import kind_of
from backend.telemetry.views import Problem

SOURCE = "gbt24476"
VENDOR = "gbt24476-vendor"

_VENDORS_CODE = re.compile(r"\d{4}")
"""No code of the standard, and of the local lists that grew from it, has four digits."""

UNKNOWN_MODE = 7


def read(message: object, context: Context) -> Iterator[Draft | Problem]:
    """Return the record of a message."""
    if not isinstance(message, dict) or not message:
        yield Problem("message", "send an object of names and values, not {kind}", {"kind": kind_of(message)})
        return
    sheet = Sheet(SOURCE, context, scheme_of=scheme_of)
    problems = gather(sheet, message, "")
    if problems:
        yield from problems[:1]
        return
    mode = sheet.gauge_of("service_mode")
    if mode is not None and mode != UNKNOWN_MODE:
        sheet.state(f"{SOURCE}:service_mode", [f"{SOURCE}:mode-{int(mode)}"])
    yield sheet.draft()


def scheme_of(code: str) -> str:
    """Return the table of a code that came without one."""
    return VENDOR if _VENDORS_CODE.fullmatch(code) else SOURCE
