"""Tables of confirmations without an account: codes shown at departure, passwords sent to a number, phones known since."""

from piccolo.columns import SmallInt, Text, Timestamptz
from piccolo.constraints import Check
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Firm, Owner
from backend.visits.tables import Visit


class OwnerCode(Table, tablename="owner_code"):
    """A code that opens one visit's record for its owner; only its hash is kept."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    code_sha256 = Text(null=False, unique=True)  # of the 26 characters, upper case, hexadecimal
    made_by = Text(null=False)
    made_at = recorded_at()
    expires_at = Timestamptz(null=False)
    used_at = Timestamptz(null=True, default=None)  # one decision
    replaced_at = Timestamptz(null=True, default=None)  # a newer code of the same visit was shown
    owner_code_made_by_values = Check("made_by IN ('phone', 'server')")


class OwnerNumber(Table, tablename="owner_number"):
    """A number that the register has, or had, for an owner; the newest row is the present one."""

    id = key()
    firm = belongs_to(Firm)
    owner = belongs_to(Owner)
    number = Text(null=False)  # as in the register; empty = taken out
    entered_at = recorded_at()
    entered_by = may_belong_to(Account)


class OneTimePassword(Table, tablename="one_time_password"):
    """Six digits sent to an owner's number for one code; only a keyed hash of them is kept."""

    id = key()
    firm = belongs_to(Firm)
    owner = belongs_to(Owner)
    code = belongs_to(OwnerCode)
    number_mac = Text(null=False, index=True)  # keyed hash of the number
    client_mac = Text(null=False, index=True)  # keyed hash of the address that asked
    password_mac = Text(null=False)  # keyed hash of the digits and this row's id
    sent_at = recorded_at()
    expires_at = Timestamptz(null=False)
    wrong = SmallInt(default=0)  # digits typed that were not these
    ended_at = Timestamptz(null=True, default=None)  # used, guessed at too often, or followed by another
    one_time_password_wrong_range = Check("wrong >= 0")


class KnownPhone(Table, tablename="known_phone"):
    """A browser that has proved an owner's number: for one code, or remembered."""

    id = key()
    firm = belongs_to(Firm)
    owner = belongs_to(Owner)
    code = may_belong_to(OwnerCode)  # null = remembered, for all codes of the owner
    number_mac = Text(null=False)  # of the number it has proved: another number ends it
    number_tail = Text(null=False)  # its last digits, to be shown
    token_sha256 = Text(null=False, unique=True)
    client = Text()  # what the browser calls itself, shortened
    created_at = recorded_at()
    expires_at = Timestamptz(null=False)
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    revoked_by = may_belong_to(Account)
    revoked_reason = Text()
    known_phone_revoked_why = Check("(revoked_at IS NOT NULL) = (revoked_reason <> '')")
