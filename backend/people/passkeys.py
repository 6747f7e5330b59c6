"""Passkeys (WebAuthn level 3): an authenticator signs a challenge of ours, and no password is typed.

A passkey is one more way in and never the only one: the password stays. Every answer uses up its challenge, right or wrong.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from backend.people import passkey_queries as queries
from backend.people import sessions
from backend.people.passkey_queries import PasskeyRow, PasskeyView
from backend.people.queries import AccountRow, delete_attempts
from backend.people.relying_party import NAME, RelyingParty
from backend.people.service import audit
from backend.people.sessions import SignedIn
from backend.scope import SYSTEM
from qr.base64url import from_base64url

CHALLENGE_LIFETIME = timedelta(minutes=5)
"""Time to find the phone and touch it; the browser is given as long."""

MOST_CHALLENGES = 5_000
"""To sign in, at one time: anybody may ask for one, and must not fill the disk."""

MOST_CHALLENGES_OF_ACCOUNT = 10
MOST_PASSKEYS = 20
LONGEST_NAME = 80
LONGEST_CREDENTIAL_ID = 1023
"""Bytes (WebAuthn level 3, 4)."""

_CHALLENGE_BYTES = 32
_TIMEOUT_MS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_LONGEST_ANSWER = 32_768
_DETAIL_LENGTH = 160
_NOT_SIGNED_IN = "this passkey does not sign in here: use your password"


async def begin_registration(asker: SignedIn, party: RelyingParty, password: str) -> dict[str, Any]:
    """Return what a browser needs to make a passkey for the asker's account (`PublicKeyCredentialCreationOptions`).

    Parameters
    ----------
    asker
        Somebody with an account.
    party
        Of this installation.
    password
        Of the account: somebody who finds a browser signed in must not make a key of their own.

    Raises
    ------
    InvalidInput
        If the password is wrong.
    TooManyAttempts
        After too many wrong passwords, or with too many unanswered challenges.
    Conflict
        With `MOST_PASSKEYS` passkeys.
    """
    account, now = _account_of(asker), clock.now()
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    async with database.tx(SYSTEM):
        row = await queries.account_of(account)
        assert row is not None  # noqa: S101 - somebody is signed in with it
        is_right = await sessions.checked_inside(row.login, password, now) is not None
        if is_right:
            await _give_out(challenge, account)
            known = await queries.credential_ids_of(account)
            if len(known) >= MOST_PASSKEYS:
                raise Conflict("there are {most} passkeys: remove one first", most=MOST_PASSKEYS)
    if not is_right:
        raise InvalidInput("no passkey was made", faults=[Fault("password", None, "this is not your password")])
    return _creation_options(party, row, challenge, known)


async def register(asker: SignedIn, party: RelyingParty, credential: dict[str, Any], name: str) -> PasskeyView:
    """Take the passkey that a browser has made.

    Parameters
    ----------
    asker
        Who asked for it.
    party
        Of this installation.
    credential
        What the browser answered (`PublicKeyCredential.toJSON()`).
    name
        How its owner calls it.

    Raises
    ------
    InvalidInput
        If the name is empty or too long, or the answer is not one to a challenge that this account was given.
    Conflict
        If the passkey is there already.
    """
    account, now, name = _account_of(asker), clock.now(), name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        fault = Fault.of("name", None, "give the passkey a name of at most {most} characters", most=LONGEST_NAME)
        raise InvalidInput("no passkey was made", faults=[fault])
    passkey = uuid4()
    async with database.tx(SYSTEM):
        challenge = _challenge_in(credential)
        refused, made = "challenge", None
        if await queries.take_challenge(_hash(challenge), account, now):
            refused, made = _verified_registration(credential, challenge, party)
        if made is None:
            await audit(asker.scope.firm, account, "passkey.refused", str(account), {"reason": refused})
        elif not await queries.insert_passkey(
            passkey, account=account, session=asker.session, credential_id=made.credential_id,
            public_key=made.credential_public_key, sign_count=made.sign_count, name=name, at=now,
        ):  # fmt: skip
            raise Conflict("this passkey is there already")
        else:
            await audit(asker.scope.firm, account, "passkey.added", str(passkey), {"name": name})
    if made is None:
        fault = Fault("credential", None, "the browser's answer does not fit what was asked, or came too late: try again")
        raise InvalidInput("no passkey was made", faults=[fault])
    return PasskeyView(id=passkey, name=name, created_at=now, last_used_at=None)


async def passkeys(asker: SignedIn) -> list[PasskeyView]:
    """Return the passkeys of the asker's account, oldest first."""
    async with database.tx(SYSTEM):
        return await queries.passkeys_of(_account_of(asker))


async def remove(asker: SignedIn, passkey: UUID) -> None:
    """Remove a passkey of the asker's account; the password is always left.

    Raises
    ------
    NotFound
        If the account has no such passkey.
    """
    account = _account_of(asker)
    async with database.tx(SYSTEM):
        if not await queries.delete_passkey(passkey, account):
            raise NotFound("no such passkey")
        await audit(asker.scope.firm, account, "passkey.removed", str(passkey))


async def begin_sign_in(party: RelyingParty) -> dict[str, Any]:
    """Return what a browser needs to sign in with a passkey (`PublicKeyCredentialRequestOptions`); it names no account.

    Raises
    ------
    TooManyAttempts
        While `MOST_CHALLENGES` are unanswered.
    """
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    async with database.tx(SYSTEM):
        await _give_out(challenge, None)
    return _request_options(party, challenge)


async def sign_in(
    party: RelyingParty, credential: dict[str, Any], *, api: bool, client: str = ""
) -> tuple[str, SignedIn]:  # fmt: skip
    """Check what an authenticator signed and open a session.

    Parameters
    ----------
    party
        Of this installation.
    credential
        What the browser answered (`PublicKeyCredential.toJSON()`).
    api, client
        As of `sessions.sign_in`.

    Raises
    ------
    NotSignedIn
        For any answer that does not hold: what does not is in the audit trail only.
    TooManyAttempts
        After `sessions.MAX_FAILED_ATTEMPTS` refused answers in a row in the name of one passkey.
    """
    now, opened = clock.now(), None
    async with database.tx(SYSTEM):
        challenge = _challenge_in(credential)
        in_time = await queries.take_challenge(_hash(challenge), None, now)
        found = await queries.passkey_by_credential(_bytes_of(credential.get("rawId")))
        refused = "challenge" if not in_time else "unknown" if found is None else ""
        if found is not None:
            counted = _hash(b"passkey " + found.credential_id)
            attempts = await sessions.attempts_inside(counted, now)
            sign_count = 0
            if not refused:
                refused, sign_count = _verified_sign_in(credential, challenge, party, found)
            account = await queries.account_of(found.account)
            if not refused and account is not None:
                await delete_attempts(counted)
                await queries.note_use(found.id, sign_count, now)
                opened = await sessions.open_inside(account, api=api, client=client, way="passkey")
            else:
                await sessions.failed_inside(counted, attempts, now)
        if refused and (found is not None or in_time):  # else anybody could fill the audit trail with nothing
            await _note_refused(refused, found)
    if opened is None:
        raise NotSignedIn(_NOT_SIGNED_IN)
    return opened


async def _note_refused(reason: str, found: PasskeyRow | None) -> None:
    firm, account = (None, None) if found is None else (found.firm, found.account)
    action = "passkey.copied" if reason == "counter" else "sign_in.refused"
    detail = {"way": "passkey", "reason": reason}
    await audit(firm, account, action, "" if found is None else str(found.id), detail)


async def _give_out(challenge: bytes, account: UUID | None) -> None:
    now = clock.now()
    most = MOST_CHALLENGES if account is None else MOST_CHALLENGES_OF_ACCOUNT
    if await queries.open_challenges(now, account) >= most:
        wait_s = int(CHALLENGE_LIFETIME.total_seconds())
        raise TooManyAttempts("too many unanswered challenges: try again in five minutes", retry_after_s=wait_s)
    await queries.insert_challenge(_hash(challenge), account, now + CHALLENGE_LIFETIME)


def _creation_options(party: RelyingParty, account: AccountRow, challenge: bytes, known: list[bytes]) -> dict[str, Any]:
    from webauthn import generate_registration_options  # here, because it costs every start a quarter of a second
    from webauthn.helpers import options_to_json_dict, structs

    options = generate_registration_options(
        rp_id=party.id, rp_name=NAME, user_id=account.id.bytes, user_name=account.login, user_display_name=account.name,
        challenge=challenge, timeout=_TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=structs.UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
    )  # fmt: skip
    return options_to_json_dict(options)


def _request_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict, structs

    verified = structs.UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=_TIMEOUT_MS, user_verification=verified
    )
    return options_to_json_dict(options)


def _verified_registration(credential: dict[str, Any], challenge: bytes, party: RelyingParty) -> tuple[str, Any]:
    """Return why an answer does not hold (empty: it does), and what it is."""
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # the library's parsers raise whatever they stumble over
        return _told(error), None
    if not 0 < len(made.credential_id) <= LONGEST_CREDENTIAL_ID:
        return "credential id", None
    return "", made


def _verified_sign_in(
    credential: dict[str, Any], challenge: bytes, party: RelyingParty, found: PasskeyRow
) -> tuple[str, int]:  # fmt: skip
    """Return why an answer does not hold (empty: it does), and the authenticator's count of uses."""
    from webauthn import verify_authentication_response

    if not found.active:
        return "account switched off", 0
    if _bytes_of(_part(credential, "response").get("userHandle")) != found.account.bytes:
        return "another account", 0
    try:
        checked = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            credential_public_key=found.public_key, credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # the library's parsers raise whatever they stumble over
        return _told(error), 0
    count = checked.new_sign_count
    if (count or found.sign_count) and count <= found.sign_count:  # the key is used elsewhere as well (WebAuthn level 3, 6.1.1)
        return "counter", count
    return "", count


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_DETAIL_LENGTH].encode(errors="replace").decode().replace("\0", "")


def _challenge_in(credential: dict[str, Any]) -> bytes:
    """Return the challenge that an answer names; empty where it names none."""
    try:
        told = msgspec.json.decode(_bytes_of(_part(credential, "response").get("clientDataJSON")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b""
    return _bytes_of(told.get("challenge")) if isinstance(told, dict) else b""


def _part(credential: dict[str, Any], name: str) -> dict[str, Any]:
    found = credential.get(name)
    return found if isinstance(found, dict) else {}


def _bytes_of(text: object) -> bytes:
    """Return what base64url text holds, padded or not; nothing for anything else."""
    if not isinstance(text, str) or len(text) > _LONGEST_ANSWER:
        return b""
    return from_base64url(text.rstrip("=")) or b""


def _hash(secret: bytes) -> str:
    """Return the SHA-256 of a secret: found by its hash, so that time tells nothing of it."""
    return hashlib.sha256(secret).hexdigest()


def _account_of(asker: SignedIn) -> UUID:
    if asker.scope.account is None:
        raise NotFound("a device has a key and no passkeys")
    return asker.scope.account
