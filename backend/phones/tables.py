"""Tables of technicians' phones and of what they signed. An entry is written once; its position is apart, to be forgotten."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Firm, Technician


class Phone(Table, tablename="phone"):
    """A technician's phone, known by its public key."""

    id = key()
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    account = belongs_to(Account)  # who enrolled it
    name = Text(null=False)
    public_key = Bytea(null=False, unique=True)  # the uncompressed P-256 point
    enrolled_at = recorded_at()
    revoked_at = Timestamptz(null=True, default=None)
    revoked_by = may_belong_to(Account)
    revoked_reason = Text()
    head_seq = BigInt(default=0)  # of the last entry up to which nothing is missing
    head_sha256 = Text(null=False)  # of that entry's payload; of the public key where there is none
    phone_key_bytes = Check("length(public_key) = 65")
    phone_revoked_why = Check("(revoked_at IS NOT NULL) = (revoked_reason <> '')")


class PhoneInvite(Table, tablename="phone_invite"):
    """Leave to enrol one phone for one technician; only a keyed hash of the code is kept."""

    id = key()
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    code_sha256 = Text(null=False, unique=True)  # HMAC-SHA-256 under the installation's secret
    made_by = may_belong_to(Account)
    made_at = recorded_at()
    expires_at = Timestamptz(null=False)
    withdrawn_at = Timestamptz(null=True, default=None)  # a newer one replaced it, or the office took it back
    phone = may_belong_to(Phone)  # that was enrolled with it


class ChainEntry(Table, tablename="chain_entry"):
    """A signed entry of a phone's chain: written once. Of two with the same number, both are evidence."""

    id = key()
    firm = belongs_to(Firm)
    phone = belongs_to(Phone, index=False)
    seq = BigInt(null=False)
    sha256 = Text(null=False)  # of the payload
    prev = Text(null=False)  # what it names as the entry before
    payload = Bytea(null=False)
    signature = Bytea(null=False)
    kind = Text(null=False)
    visit = UUID(null=True, default=None, index=True)  # as the entry names it, whether there is such a visit or not
    label = Varchar(length=8, null=False, default="", index=True)  # first half of the scanned code; empty for none of ours
    at = Timestamptz(null=False)  # the phone's clock, as signed
    beacon_at = Timestamptz(null=True, default=None)  # the server time that the phone had; null = none that is ours
    beacon_refused = Boolean(default=False)  # it carries a server time that was not signed here
    received_at = recorded_at()
    received_from = may_belong_to(Account)
    standing = Text(null=False)  # how it stood when it came
    revoked = Boolean(default=False)  # it came after the phone was revoked
    chain_entry_once = Unique([phone, seq, sha256])
    chain_entry_standings = Check("standing IN ('linked', 'cut', 'forked')")
    chain_entry_seq = Check("seq >= 1")


class ChainLink(Table, tablename="chain_link"):
    """Which entry has a place in the chain: the one that follows the entry before it. Written once, when nothing is missing."""

    id = key()
    firm = belongs_to(Firm)
    phone = belongs_to(Phone, index=False)
    seq = BigInt(null=False)
    entry = ForeignKey(ChainEntry, null=False, on_delete=OnDelete.restrict, unique=True)
    linked_at = recorded_at()
    chain_link_one_per_place = Unique([phone, seq])


class ChainPosition(Table, tablename="chain_position"):
    """What opens an entry's position commitment; the columns are emptied when the place is forgotten."""

    id = key()
    firm = belongs_to(Firm)
    entry = ForeignKey(ChainEntry, null=False, on_delete=OnDelete.restrict, unique=True)
    salt = Bytea(null=True, default=None)
    lat_e7 = Integer(null=True, default=None)
    lon_e7 = Integer(null=True, default=None)
    accuracy_dm = BigInt(null=True, default=None)
    at_ms = BigInt(null=True, default=None)  # of the fix, by the phone's clock
    recorded_at = recorded_at()
    forgotten_at = Timestamptz(null=True, default=None)


class ChainRefusal(Table, tablename="chain_refusal"):
    """What came as an entry and is none: kept as evidence, never applied."""

    id = key()
    firm = belongs_to(Firm)
    phone = belongs_to(Phone, index=False)
    reason = Text(null=False)
    sha256 = Text(null=False)  # of what was sent
    content = Bytea(null=False)  # shortened
    received_from = may_belong_to(Account)
    first_at = recorded_at()
    times = SmallInt(default=1)
    chain_refusal_once = Unique([phone, sha256, reason])
