"""What people call the states of rescues and of messages, in the language of the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.dispatch.views import Cause, DispatchSummary, NodeView, Outcome
from backend.messages.views import Channel, DeliveryState, Kind
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language


def state_name(code: str) -> str:
    """Return the name of a rescue's state."""
    names = {
        "ringing": _("Ringing"), "going": _("On the way"), "arrived": _("On site"), "released": _("Released"),
        "closed": _("Closed"),
    }  # fmt: skip
    return names.get(code, code)


def state_kind(code: str) -> str:
    """Return the badge of a rescue's state."""
    return {"ringing": "bad", "going": "warn", "arrived": "info", "released": "ok"}.get(code, "mute")


def source_name(code: str) -> str:
    """Return where a call came from."""
    names = {
        "telemetry": _("the elevator's monitor"), "office": _("the office"), "phone": _("the duty phone"),
        "import": _("another system"),
    }  # fmt: skip
    return names.get(code, code)


def outcomes() -> list[tuple[str, str]]:
    """Return how a rescue may end, with names."""
    names = {
        Outcome.RELEASED: _("Released by us"), Outcome.BY_OTHERS: _("Released by others (rescue centre, fire brigade)"),
        Outcome.BY_ITSELF: _("The elevator ran again by itself"), Outcome.FALSE_ALARM: _("Nobody was inside"),
    }  # fmt: skip
    return [(outcome.value, names[outcome]) for outcome in Outcome]


def causes() -> list[tuple[str, str]]:
    """Return why people may have been trapped, with names."""
    names = {
        Cause.UNKNOWN: _("not known yet"), Cause.DOOR: _("Door system"), Cause.CONTROL: _("Control"), Cause.DRIVE: _("Drive"),
        Cause.SAFETY: _("Safety circuit or gear"), Cause.POWER: _("Power cut"), Cause.WATER: _("Water"),
        Cause.MISUSE: _("Use it is not made for"), Cause.OTHER: _("Other"),
    }  # fmt: skip
    return [(cause.value, names[cause]) for cause in (Cause.UNKNOWN, *[each for each in Cause if each.value])]


def who_names() -> list[tuple[str, str]]:
    """Return whom a rung may ring, with names."""
    return [
        ("nearest", _("The nearest technician")), ("next", _("The next technicians")), ("managers", _("The managers")),
        ("firm_phone", _("The firm's 24-hour phone")),
    ]  # fmt: skip


def node_name(node: NodeView) -> str:
    """Return a point of time in words."""
    detail = node.detail
    rung = detail.get("names")
    names = ", ".join(str(name) for name in rung) if isinstance(rung, list) else ""
    name = str(detail.get("name", ""))
    said = {
        "raised": _("Called by %(source)s") % {"source": source_name(str(detail.get("source", "")))},
        "merged": _("Called again by %(source)s") % {"source": source_name(str(detail.get("source", "")))},
        "rung": _("Rang again: %(names)s") % {"names": names}
        if detail.get("again")
        else _("Rang: %(names)s") % {"names": names},
        "nobody": _("Nobody to ring: %(who)s") % {"who": dict(who_names()).get(str(detail.get("who", "")), "")},
        "cannot_be_rung": _("%(name)s cannot be rung: no account and no number") % {"name": name},
        "ladder_ended": _("Everybody was rung: nobody more will be"),
        "going": _("%(name)s is going") % {"name": name},
        "cannot": _("%(name)s cannot go") % {"name": name},
        "arrived": _("%(name)s arrived, by the label in the car") % {"name": name}
        if detail.get("how") == "scan"
        else _("%(name)s arrived, by the button") % {"name": name},
        "late": _("Nobody was there in time"),
        "released": _("The people are out"),
        "closed": _("Closed"),
    }
    return said.get(node.what, node.what)


def node_note(node: NodeView) -> str:
    """Return what was said at a point of time."""
    parts = [str(node.detail.get(name, "")) for name in ("caller", "words", "reason")]
    if node.detail.get("people") is not None and "people" in node.detail:
        parts.insert(0, _("people inside: %(count)s") % {"count": node.detail["people"]})
    return " · ".join(part for part in parts if part)


def countdown(summary: DispatchSummary, now: datetime) -> str:
    """Return how much time is left, or how late it is: `12:05`, `+3:20`."""
    end = summary.arrived_at or summary.released_at or summary.closed_at or now
    left_s = int((summary.due_at - end).total_seconds())
    minutes, seconds = divmod(abs(left_s), 60)
    return f"{'' if left_s >= 0 else '+'}{minutes}:{seconds:02d}"


def answer_name(code: str) -> str:
    """Return an answer in words."""
    return {"going": _("is going"), "cannot": _("cannot")}.get(code, _("no answer yet"))


def kind_name(code: str) -> str:
    """Return what a message is about."""
    names = {
        Kind.PLAN: _("Rounds"), Kind.VISIT: _("Visits given or taken"), Kind.NOTICE: _("Notices"), Kind.HAZARD: _("Hazards"),
        Kind.REVIEW: _("Reviews"), Kind.HELD: _("What a phone sent and waits"), Kind.PHONE: _("Phones"),
        Kind.RESCUE: _("Rescue"),
        Kind.CODE: _("One-time codes"), Kind.CONFIRMATION: _("Confirmations"), Kind.DIGEST: _("Digest"), Kind.TEST: _("Test"),
    }  # fmt: skip
    return names[Kind(code)]


def channel_name(code: str) -> str:
    """Return the name of a channel."""
    names = {
        Channel.SMS: _("SMS"), Channel.EMAIL: _("E-mail"), Channel.BOT: _("Bot"), Channel.FCM: _("App push"),
        Channel.WEB_PUSH: _("Browser push"),
    }  # fmt: skip
    return names[Channel(code)]


def delivery_state_name(code: str) -> str:
    """Return how a delivery stands."""
    names = {
        DeliveryState.WAITING: _("Waits"), DeliveryState.DIGEST: _("Waits for the digest"), DeliveryState.SENT: _("Sent"),
        DeliveryState.FAILED: _("Failed"), DeliveryState.NOT_SENT: _("Not sent"), DeliveryState.EXPIRED: _("Too late"),
    }  # fmt: skip
    return names[DeliveryState(code)]


def delivery_state_kind(code: str) -> str:
    """Return the badge of how a delivery stands."""
    return {"sent": "ok", "failed": "bad", "not_sent": "bad", "waiting": "info"}.get(code, "mute")


def own(value: Any, name: str) -> str:
    """Return a text of a thing that has it in both languages."""
    return str(getattr(value, f"{name}_zh" if language.get() == "zh" else f"{name}_en"))


def words() -> dict[str, Any]:
    """Return the words that templates of rescues and messages need."""
    return {
        "rescue_state_name": state_name, "rescue_state_kind": state_kind, "rescue_source_name": source_name,
        "node_name": node_name,
        "node_note": node_note, "countdown": countdown, "answer_name": answer_name, "message_kind_name": kind_name,
        "channel_name": channel_name, "delivery_state_name": delivery_state_name, "delivery_state_kind": delivery_state_kind,
        "own": own,
    }  # fmt: skip
