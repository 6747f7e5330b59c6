"""What tests read off the routes of the application: which ids they name, and bodies that they take."""

from __future__ import annotations

import enum
import re
import types
import typing
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar.handlers import BaseRouteHandler

KINDS = {
    "accounts": "account", "technicians": "technician", "certificates": "certificate", "absences": "absence",
    "crews": "crew", "crew-members": "member", "members": "member", "devices": "device", "elevators": "elevator",
    "special-periods": "period", "periods": "period", "labels": "label", "notices": "notice", "visits": "visit",
    "firms": "firm", "owners": "owner", "sites": "site", "contracts": "contract", "plan-runs": "run", "plan": "run",
    "rounds": "round", "work-orders": "order", "orders": "order", "findings": "finding", "sessions": "session",
    "claim": "code",
    "verify": "code", "comparisons": "comparison", "compare": "comparison", "proposals": "repair", "repairs": "repair",
    "levellings": "levelling", "levelling": "levelling", "deferrals": "deferral", "batches": "batch",
    "entries": "entry", "photos": "photo", "phones": "phone",
    "rejections": "rejection", "swaps": "swap", "known-phones": "known_phone",
    "c": "owner_code", "C": "owner_code",
    "dispatches": "dispatch", "duty-turns": "duty_turn", "deliveries": "delivery", "messages": "delivery", "bots": "bot",
    "passkeys": "passkey",
    "inbox": "message", "reviews": "visit", "push-subscriptions": "subscription", "subscriptions": "subscription",
}  # fmt: skip
"""The part of an address before an id → what the id names."""

PLAIN = {
    "zones": "MR", "records": "1", "versions": "1", "telemetry": "es1500", "rule-packs": "cn-fixed-15", "rules": "cn-fixed-15",
    "tile": "0/000",
}  # fmt: skip
"""The part of an address before something that names a part of the thing before it."""

FIELDS = {
    "site": "site", "owner": "owner", "contract": "contract", "elevator": "elevator", "elevators": "elevator",
    "technician": "technician", "second_technician": "technician", "work_order": "order", "work_orders": "order",
    "order": "order", "gives": "order", "takes": "order", "crew": "crew",
    "to_crew": "crew", "firm": "firm",
    "of_firm": "firm", "phone": "phone", "label": "label", "device": "device", "batch": "batch",
}  # fmt: skip
"""A field or a parameter with an id → what it names."""

MADE_BY_THE_SENDER = {"id", "batch"}
"""Ids in bodies that name what is made by the request."""


def filled(path: str, ids: dict[str, str]) -> str:
    """A path with the ids of a world in its places."""
    parts = path.split("/")
    for number, part in enumerate(parts):
        if not part.startswith("{"):
            continue
        before = next(
            name for name in reversed(parts[:number]) if not name.startswith("{") and not re.fullmatch(r"[0-9a-f-]{36}", name)
        )
        if before in PLAIN:
            parts[number] = PLAIN[before]
        else:
            assert before in KINDS, f"{path}: say in KINDS which thing stands behind /{before}/"
            parts[number] = ids[KINDS[before]]
    return "/".join(parts)


def body_type(handler: BaseRouteHandler) -> Any:
    field = handler.parsed_fn_signature.parameters.get("data")
    return None if field is None else field.annotation


def fields_of(kind: Any) -> list[Any]:
    return list(msgspec.structs.fields(kind)) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else []


def inner(hint: Any) -> Any:
    """A type without its wrappers: Annotated, optional, UNSET."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        choices = [one for one in typing.get_args(hint) if one not in (type(None), msgspec.UnsetType)]
        return inner(choices[0])
    return hint


def example(hint: Any, name: str, ids: dict[str, str]) -> Any:
    """A value of a type, plain but acceptable; ids are those of a world."""
    hint = inner(hint)
    origin = typing.get_origin(hint)
    if fields_of(hint):
        return {field.encode_name: example(field.type, field.name, ids) for field in fields_of(hint) if field.required}
    if origin is typing.Literal:
        return typing.get_args(hint)[0]
    if origin is not None:
        return {} if origin is dict else []
    if hint is UUID:
        return str(uuid4()) if name in MADE_BY_THE_SENDER else ids[FIELDS[name]]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    plain: dict[Any, Any] = {
        bool: True, int: 1, float: 1.0, date: "2027-01-01", datetime: "2026-11-01T00:00:00Z", str: "text", bytes: "",
    }  # fmt: skip
    return plain.get(hint, "text")
