"""What a topic tells: the device, the format of its messages, and where their answer goes. Pure."""

from __future__ import annotations

import re

from msgspec import Struct

from backend.telemetry.adapters import jtc340, native, thingsboard
from backend.telemetry.adapters.reading import ADAPTERS

KEY_PREFIX = "lrd_"
"""So that leaked keys can be found by scanners, and the edge knows a device from a person."""

FILTERS = (
    "liftrounds/v1/+/telemetry",
    "liftrounds/v1/+/telemetry/+",
    "liftrounds/v1/+/v1/devices/me/telemetry",
    "liftrounds/v1/+/v1/gateway/telemetry",
    "v1/devices/me/telemetry",
    "v1/gateway/telemetry",
    "/device/+/+/thing/event/+/post/",
    "/device/+/+/thing/event/+/post",
    "/device/+/+/thing/service/+/post/",
    "/device/+/+/thing/service/+/post",
)
"""What is subscribed to; no two of them ever match the same topic, so that no message comes twice."""

_OURS = re.compile(r"liftrounds/v1/([^/]+)/telemetry(?:/([^/]+))?")
_THINGSBOARD = re.compile(r"(?:liftrounds/v1/([^/]+)/)?v1/(devices/me|gateway)/telemetry")
_JTC340 = re.compile(r"/device/([^/]+)/([^/]+)/thing/(event|service)/([^/]+)/post/?")


class Route(Struct, frozen=True, kw_only=True):
    """What a topic tells."""

    adapter: str
    device: str
    """As the topic names it; empty where it names none, and the body must hold the device's key."""

    hint: str = ""
    """What the adapter must know of the topic: JTC340's event, `gateway` of ThingsBoard."""

    answer: str | None = None
    """Where what became of a message is published; None where a device of that kind does not listen."""


def route_of(topic: str) -> Route | None:
    """Return what a topic tells; None where it is none of ours."""
    if found := _OURS.fullmatch(topic):
        adapter = found[2] or native.SOURCE
        known = adapter in ADAPTERS or not found[2]
        return Route(adapter=adapter, device=found[1], answer=f"liftrounds/v1/{found[1]}/answer") if known else None
    if found := _THINGSBOARD.fullmatch(topic):
        hint = thingsboard.GATEWAY if found[2] == "gateway" else ""
        return Route(adapter=thingsboard.SOURCE, device=found[1] or "", hint=hint)
    if found := _JTC340.fullmatch(topic):
        product, device, of, event = found.groups()
        answer = f"/server/{product}/{device}/thing/{of}/{event}/post_reply/"
        return Route(adapter=jtc340.SOURCE, device=device, hint=event, answer=answer)
    return None


def unknown_adapter(topic: str) -> tuple[str, str] | None:
    """Return device and adapter of a topic of ours that names an adapter which there is not; None of any other topic."""
    found = _OURS.fullmatch(topic)
    return (found[1], found[2]) if found and found[2] and found[2] not in ADAPTERS else None


def with_hint(message: object, route: Route) -> object:
    """Return a message as it can be read without its topic: JTC340's names its event then."""
    if route.adapter == jtc340.SOURCE and isinstance(message, dict) and route.hint and "Event" not in message:
        return {"Event": route.hint} | message
    return message


def take_key(message: object) -> str | None:
    """Take the device's key out of a message of another format, from its top or from among its values."""
    if not isinstance(message, dict):
        return None
    for place in (message, message.get("values")):
        if isinstance(place, dict) and isinstance(key := place.get("key"), str) and key.startswith(KEY_PREFIX):
            del place["key"]
            return key
    return None
