"""Tables of accounts, sessions and the audit trail."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.registry.tables import Firm, Owner, Technician


class Account(Table, tablename="account"):
    """Somebody who signs in; regulators and admins have no firm."""

    id = key()
    firm = may_belong_to(Firm)
    login = Text(null=False, unique=True)  # lower case
    password_hash = Text(null=False)  # argon2id
    role = Text(null=False)
    name = Text(null=False)
    technician = may_belong_to(Technician)
    owner = may_belong_to(Owner)
    active = Boolean(default=True)
    created_at = recorded_at()
    account_role_values = Check("role IN ('technician', 'manager', 'owner', 'regulator', 'admin')")
    account_firm_needed = Check("firm IS NOT NULL OR role IN ('regulator', 'admin')")
    account_technician_named = Check("(role = 'technician') = (technician IS NOT NULL)")
    account_owner_named = Check("(role = 'owner') = (owner IS NOT NULL)")


class SignInAttempt(Table, tablename="sign_in_attempt"):
    """Wrong passwords in a row for a login, whether there is such an account or not."""

    id = key()
    login_hash = Text(null=False, unique=True)  # SHA-256: what was typed may be a password in the wrong field
    failed = Integer(default=0)
    locked_until = Timestamptz(null=True, default=None)
    last_at = recorded_at()


class Session(Table, tablename="session"):
    """A signed-in browser (kind page) or API client (kind api); only the token's hash is kept."""

    id = key()
    account = belongs_to(Account)
    kind = Text(null=False)
    token_hash = Text(null=False, unique=True)  # SHA-256, hexadecimal
    client = Text()  # what the browser or app calls itself, shortened
    phone = UUID(null=True, default=None, index=True)  # the enrolled phone that it is on, as far as known; ends with it
    created_at = recorded_at()
    expires_at = Timestamptz(null=False)
    session_kind_values = Check("kind IN ('page', 'api')")


class Passkey(Table, tablename="passkey"):
    """A passkey of an account (WebAuthn): the authenticator's public key, by which it signs in without a password."""

    id = key()
    account = belongs_to(Account)
    credential_id = Bytea(null=False, unique=True)
    public_key = Bytea(null=False)  # a COSE key
    sign_count = BigInt(default=0)  # of the last use; 0 where the authenticator does not count
    name = Text(null=False)
    phone = UUID(null=True, default=None)  # the enrolled phone that it was made on, as far as known; ends with it
    created_at = recorded_at()
    last_used_at = Timestamptz(null=True, default=None)


class PasskeyChallenge(Table, tablename="passkey_challenge"):
    """A challenge that was given out and not yet answered: gone with its first answer, right or wrong."""

    id = key()
    challenge_sha256 = Text(null=False, unique=True)
    account = may_belong_to(Account)  # that a passkey is made for; null to sign in
    expires_at = Timestamptz(null=False, index=True)


class AuditEvent(Table, tablename="audit_event"):
    """Who did what; written once."""

    id = key()
    firm = may_belong_to(Firm)
    at = recorded_at()
    account = may_belong_to(Account)
    action = Text(null=False, index=True)  # such as `label.refused`, `visit.corrected`
    subject = Text()  # the id of what was acted on
    detail = JSONB(default="{}")
