"""How devices speak, as the office looks after it: zone, codes, own names, names of elevators, and what nobody knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import database
from backend.errors import Fault, InvalidInput, NotFound
from backend.people.service import audit
from backend.scope import Scope
from backend.telemetry import dialect_queries, part_queries
from backend.telemetry.adapters.dialect import Dialect, Target
from backend.telemetry.adapters.names import PLAIN, is_target
from backend.telemetry.record_parts import MAX_RAW_NAME
from backend.telemetry.values import MAX_TEXT
from backend.telemetry.views import ForeignNameView
from backend.telemetry.vocabulary import vocabulary

MOST_NAMES = 500
"""Names of one device, and elevators of one gateway."""

LISTED_NAMES = 200

LARGEST_FACTOR = 1e9


async def dialect(scope: Scope, device: UUID) -> Dialect:
    """Return how a device speaks.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return (await _known(device)).dialect


async def _known(device: UUID) -> dialect_queries.KnownDevice:
    for found in await dialect_queries.contexts([device]):
        return found
    raise NotFound("no device {device}", device=device)


async def set_dialect(scope: Scope, device: UUID, spoken: Dialect) -> Dialect:
    """Note how a device speaks; holds for the messages to come.

    Raises
    ------
    InvalidInput
        With all faults.
    NotFound
        If the asker's firm has no such device.
    """
    async with database.tx(scope):
        await _known(device)
        faults = faults_of(spoken)
        codes = set(spoken.elevators.values())
        missing = codes - await dialect_queries.registration_codes(codes) if codes else set()
        reason = "your firm has no elevator of this registration code"
        faults += [
            Fault(f"elevators.{name[:40]}", code[:40], reason) for name, code in spoken.elevators.items() if code in missing
        ]
        if faults:
            raise InvalidInput("the device cannot be understood like this", faults=faults)
        await dialect_queries.set_dialect(device, spoken)
        await audit(scope.firm, scope.account, "device.dialect", str(device), {"names": len(spoken.names)})
    return spoken


async def foreign_names(scope: Scope, device: UUID) -> list[ForeignNameView]:
    """Return what a device says that no table knows, what should be looked at first.

    Raises
    ------
    NotFound
        If the asker's firm has no such device.
    """
    async with database.tx(scope):
        await _known(device)
        return await part_queries.foreign_names(device, LISTED_NAMES)


def faults_of(spoken: Dialect) -> list[Fault]:
    """Return what is wrong with a dialect by itself."""
    faults = []
    if spoken.time_zone and not _is_zone(spoken.time_zone):
        faults.append(Fault("time_zone", spoken.time_zone[:40], "give a zone such as Asia/Shanghai, or nothing for the firm's"))
    if spoken.codes and spoken.codes not in vocabulary().schemes:
        known = ", ".join(sorted(vocabulary().schemes))
        faults.append(Fault.of("codes", spoken.codes[:40], "use one of {known}, or nothing", known=known))
    for field, given in (("names", spoken.names), ("elevators", spoken.elevators)):
        faults += _unfit_names(field, given)
    for name, target in spoken.names.items():
        faults += _unfit_target(f"names.{name[:40]}", target)
    return faults


def _unfit_names(field: str, given: Mapping[str, object]) -> list[Fault]:
    if len(given) > MOST_NAMES:
        return [Fault.of(field, str(len(given)), "give at most {most} names", most=MOST_NAMES)]
    reason = "a name is printable text of at most 120 characters"
    return [
        Fault(f"{field}.{name[:40]}", None, reason)
        for name, value in given.items()
        if not (0 < len(name) <= MAX_RAW_NAME and name.isprintable() and (not isinstance(value, str) or len(value) <= MAX_TEXT))
    ]


def _unfit_target(field: str, target: Target) -> list[Fault]:
    faults = []
    if not is_target(target.to):
        reason = "use counters.trips or another of our counters and gauges, flags.entrapment, or one of {known}"
        faults.append(Fault.of(field, target.to[:40], reason, known=", ".join(sorted(PLAIN))))
    if not (math.isfinite(target.times) and 0 < abs(target.times) <= LARGEST_FACTOR):
        faults.append(Fault(field, str(target.times)[:40], "give a factor such as 3600 for hours that are seconds here, not 0"))
    return faults


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no such zone is a LookupError
        return False
    return True
