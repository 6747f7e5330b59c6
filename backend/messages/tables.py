"""Tables of messages: what is told to whom, by which channel, and what became of it."""

from piccolo.columns import UUID, Array, BigInt, Boolean, Integer, SmallInt, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Firm


class OutgoingMessage(Table, tablename="message"):
    """Something told to an account (it is in its inbox then), a phone number, an e-mail address or the firm's bots."""

    id = key()
    firm = belongs_to(Firm)
    account = may_belong_to(Account)
    phone = Text()
    email = Text()
    bots = Boolean(default=False)
    kind = Text(null=False)
    title_zh = Text(null=False)
    title_en = Text(null=False)
    text_zh = Text()  # empty for a secret one: see message_secret
    text_en = Text()
    urgent = Boolean(default=False)
    secret = Boolean(default=False)
    subject = Text()  # the id of what it is about
    link = Text()  # a path of ours that it opens
    dedupe_key = Text(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    created_at = recorded_at()
    number = BigInt(null=True, default=None)  # in the order in which the inbox showed it; given by who reads it first
    read_at = Timestamptz(null=True, default=None)
    acknowledged_at = Timestamptz(null=True, default=None)
    message_once = Unique([firm, dedupe_key])
    message_one_number = Unique([account, number])
    message_one_recipient = Check("(account IS NOT NULL)::int + (phone <> '')::int + (email <> '')::int + bots::int = 1")


class MessageSecret(Table, tablename="message_secret"):
    """The text of a secret message, such as a one-time password, until it is sent or has expired."""

    id = key()
    firm = belongs_to(Firm)
    message = belongs_to(OutgoingMessage, index=False)
    text_zh = Text(null=False)
    text_en = Text(null=False)
    message_secret_one = Unique([message])


class MessageDelivery(Table, tablename="message_delivery"):
    """A message by one channel to one address, and how it stands."""

    id = key()
    firm = belongs_to(Firm)
    message = belongs_to(OutgoingMessage)
    channel = Text(null=False)
    target = Text()  # the number, the address, or the id of the subscription or bot
    shown = Text()  # the target as the office sees it
    state = Text(null=False)
    reason = Text()  # a value of `backend.messages.reasons`; empty where it was sent
    detail = Text()  # what the gateway said, without addresses, keys and texts
    attempts = SmallInt(default=0)
    due_at = recorded_at()  # not before; later in quiet hours and between two attempts
    sent_at = Timestamptz(null=True, default=None)
    created_at = recorded_at()
    message_delivery_channels = Check("channel IN ('sms', 'email', 'bot', 'fcm', 'web_push', 'file')")
    message_delivery_states = Check("state IN ('waiting', 'digest', 'sent', 'failed', 'not_sent', 'expired')")


class MessageAttempt(Table, tablename="message_attempt"):
    """One attempt to deliver; written once, and removed with its message."""

    id = key()
    firm = belongs_to(Firm)
    delivery = belongs_to(MessageDelivery)
    at = recorded_at()
    outcome = Text(null=False)  # sent, failed, gone
    reason = Text()
    detail = Text()
    took_ms = Integer(null=False)


class PushSubscription(Table, tablename="push_subscription"):
    """A browser or app that takes pushes for an account."""

    id = key()
    firm = belongs_to(Firm)
    account = belongs_to(Account)
    phone = UUID(null=True, default=None, index=True)  # the enrolled phone it is on, where it is one
    kind = Text(null=False)
    endpoint = Text(null=False)  # the push service's address (Web Push), or the token (FCM)
    endpoint_hash = Text(null=False, unique=True)  # SHA-256, hexadecimal
    p256dh = Text()
    auth = Text()
    name = Text()  # what the browser or app calls itself, shortened
    created_at = recorded_at()
    last_sent_at = Timestamptz(null=True, default=None)
    push_subscription_kinds = Check("kind IN ('fcm', 'web_push')")


class MessageBot(Table, tablename="message_bot"):
    """A firm's bot in a group chat; its address is a secret and lies here encrypted."""

    id = key()
    firm = belongs_to(Firm)
    kind = Text(null=False)
    name = Text(null=False)
    sealed = Text(null=False)  # AES-256-GCM under the installation's message key
    shown = Text(null=False)  # masked
    active = Boolean(default=True)
    created_at = recorded_at()
    message_bot_kinds = Check("kind IN ('wecom', 'dingtalk', 'feishu', 'webhook')")
    message_bot_one_name = Unique([firm, name])


class MessagePreference(Table, tablename="message_preference"):
    """How an account wants to be told; null takes the firm's."""

    id = key()
    firm = belongs_to(Firm)
    account = belongs_to(Account, index=False)
    language = Text()  # zh, en; empty takes the firm's
    phone = Text()  # empty takes the technician's or owner's of the register
    email = Text()
    by_email = Boolean(default=False)  # also what is not urgent
    digest = Boolean(default=False)
    quiet_from_s = Integer(null=True, default=None)  # seconds after local midnight; may be after quiet_to_s: over midnight
    quiet_to_s = Integer(null=True, default=None)
    muted = Array(base_column=Text(), default=list)  # kinds that are only shown in the inbox
    message_preference_one = Unique([account])


class MessageRule(Table, tablename="message_rule"):
    """A firm's own ways of telling."""

    id = key()
    firm = belongs_to(Firm, index=False)
    language = Text(default="zh")
    quiet_from_s = Integer(null=True, default=None)
    quiet_to_s = Integer(null=True, default=None)
    digest_at_s = Integer(default=25_200)  # 07:00
    message_rule_one = Unique([firm])
