"""What became of one attempt, and what a channel is given to send. Channels are `backend.messages.channels`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from backend.messages.reasons import Reason


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    FAILED = "failed"
    """It may fare better later."""

    REFUSED = "refused"
    """The same again would be refused again."""

    GONE = "gone"
    """The recipient's subscription is no more."""

    NO_WAY = "no_way"
    """Nothing is set up for it."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one attempt."""

    result: Result
    reason: Reason = Reason.NONE
    detail: str = ""
    """What the gateway said, without addresses, keys and texts."""

    retry_after_s: float | None = None
    """What the gateway asked for."""


SENT = Outcome(result=Result.SENT)


class Parcel(Struct, frozen=True, kw_only=True):
    """A message as one recipient gets it, in their language."""

    message: str
    """Its id, so that a phone that gets it twice shows it once."""

    kind: str
    title: str
    text: str
    link: str
    """An address that opens it; empty where it opens nothing."""

    urgent: bool
    ttl_s: int
    """Seconds that a push service may keep it for a phone that is off, 0 or more."""


DETAIL_LENGTH = 200


def told(text: str, *secrets: str) -> str:
    """Return what a gateway said, shortened and without what must not be kept."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return " ".join(text.split())[:DETAIL_LENGTH]
