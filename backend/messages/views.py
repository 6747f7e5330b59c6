"""What is told to whom, and how it stands. Instants are UTC; phone numbers and addresses are as their owner gave them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct


class ToAccount(Struct, frozen=True, tag="account"):
    """Somebody with an account of the firm: in their inbox, by push, and by the ways that they have chosen."""

    account: UUID


class ToPhone(Struct, frozen=True, tag="phone"):
    """A phone number, by SMS."""

    number: str


class ToEmail(Struct, frozen=True, tag="email"):
    """An e-mail address."""

    address: str


class ToBots(Struct, frozen=True, tag="bots"):
    """The firm's bots in its group chats."""


Recipient: TypeAlias = ToAccount | ToPhone | ToEmail | ToBots


class Kind(StrEnum):
    """What a message is about; people mute kinds, and urgent ones are never muted."""

    PLAN = "plan"
    """A round was published, changed or withdrawn."""

    VISIT = "visit"
    """A visit was given to somebody, or taken from them."""

    NOTICE = "notice"
    """A written notice was issued or read."""

    HAZARD = "hazard"
    """A hazard was found that stops the use of an elevator."""

    REVIEW = "review"
    """A visit waits in the review queue."""

    HELD = "held"
    """What a phone has sent cannot be entered yet."""

    PHONE = "phone"
    """A technician's phone was enrolled or revoked."""

    RESCUE = "rescue"
    """People are trapped: somebody is rung."""

    CODE = "code"
    """A one-time code."""

    CONFIRMATION = "confirmation"
    """An owner is asked to confirm a visit, or has answered."""

    DIGEST = "digest"
    """What was told since the last morning, in one message."""

    TEST = "test"
    """Somebody tries a channel."""


class Message(Struct, frozen=True, kw_only=True):
    """Something to tell, in both languages; each recipient gets theirs."""

    to: Recipient
    kind: Kind
    title_zh: str
    title_en: str
    text_zh: str = ""
    text_en: str = ""
    urgent: bool = False
    """Rings: neither quiet hours nor digests hold it back, and it goes by SMS too."""

    secret: bool = False
    """A one-time code: the text is kept until it is sent, and is in no log, page or answer. The title must not have it."""

    expires_at: datetime | None = None
    """After this it is not sent any more; None = always."""

    subject: str = ""
    """The id of what it is about."""

    link: str = ""
    """A path of ours that it opens, such as `/office/notices/{id}`."""

    dedupe_key: str = ""
    """What is told once: a second message of the firm with this key is not written. Empty = always written."""

    def __repr__(self) -> str:
        return f"Message({self.kind}, {self.title_en!r})"


class Channel(StrEnum):
    """A way out of the house."""

    SMS = "sms"
    EMAIL = "email"
    BOT = "bot"
    FCM = "fcm"
    WEB_PUSH = "web_push"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    """It is its turn at `due_at`."""

    DIGEST = "digest"
    """It waits for the morning's one message."""

    SENT = "sent"
    """The gateway has taken it; whether it was read, nobody knows but the reader."""

    FAILED = "failed"
    """All attempts failed, or the gateway refuses it."""

    NOT_SENT = "not_sent"
    """There is no way to send it: no gateway, no address."""

    EXPIRED = "expired"
    """It was too late to be of use."""


class DeliveryView(Struct, frozen=True, kw_only=True):
    """A line of the delivery log."""

    id: UUID
    message: UUID
    kind: Kind
    title_zh: str
    title_en: str
    urgent: bool
    secret: bool
    recipient: str
    """Name of the account; empty for a number, an address or a bot."""

    channel: Channel
    shown: str
    """Where it went: a number or address in part, a bot's or browser's name."""

    state: DeliveryState
    reason: str
    """A value of `backend.messages.reasons`; empty where it was sent or waits for its turn."""

    reason_zh: str = ""
    reason_en: str = ""
    detail: str
    """What the gateway said, without addresses, keys and texts."""

    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


class DeliveryPage(Struct, frozen=True, kw_only=True):
    """A part of the delivery log, newest first."""

    rows: list[DeliveryView]
    next_cursor: str | None
    failed: int
    """Deliveries of the last seven days that failed or could not be sent, on all pages."""


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt at a delivery."""

    at: datetime
    outcome: str
    reason: str
    detail: str
    took_ms: int
