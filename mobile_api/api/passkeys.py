"""Passkeys (WebAuthn): made by somebody signed in, and signing in with one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from msgspec import Struct

from backend.people import passkeys as people
from backend.people.passkey_queries import PasskeyView
from backend.people.relying_party import relying_party
from mobile_api.api.sessions import NewSession, new_session
from mobile_api.inputs import FromPath, Installation, JSONBody
from mobile_api.security import PEOPLE, PUBLIC

_TAGS = ["sessions"]


class Options(Struct, frozen=True, kw_only=True):
    """What the browser is given."""

    public_key: dict[str, Any]
    """For `navigator.credentials.create()` or `.get()`, in the JSON form of WebAuthn level 3; good for five minutes, once."""


class PasswordBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own password."""

    password: str


class NewPasskey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passkey that the browser has made."""

    name: str
    credential: dict[str, Any]
    """`PublicKeyCredential.toJSON()`."""


class CredentialBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the authenticator signed."""

    credential: dict[str, Any]
    """`PublicKeyCredential.toJSON()`."""


@post("/api/v1/sessions/passkey-challenges", roles=PUBLIC, tags=_TAGS)
async def begin_sign_in(settings: Installation) -> Options:
    """Ask for a challenge to sign in with a passkey; no account is named."""
    return Options(public_key=await people.begin_sign_in(relying_party(settings.public_url)))


@post("/api/v1/sessions/passkeys", roles=PUBLIC, tags=_TAGS)
async def sign_in(request: Request[Any, Any, Any], settings: Installation, data: JSONBody[CredentialBody]) -> NewSession:
    """Sign in with a passkey: send the token of the answer as `Authorization: Bearer …`."""
    party, client = relying_party(settings.public_url), request.headers.get("user-agent", "")
    return new_session(request, await people.sign_in(party, data.credential, api=True, client=client))


@post("/api/v1/passkey-challenges", roles=PEOPLE, tags=_TAGS)
async def begin(request: Request[Any, Any, Any], settings: Installation, data: JSONBody[PasswordBody]) -> Options:
    """Ask for a challenge to make a passkey for one's own account; the password is asked for once more."""
    party = relying_party(settings.public_url)
    return Options(public_key=await people.begin_registration(request.user, party, data.password))


@post("/api/v1/passkeys", roles=PEOPLE, tags=_TAGS)
async def register(request: Request[Any, Any, Any], settings: Installation, data: JSONBody[NewPasskey]) -> PasskeyView:
    """Add a passkey to one's own account."""
    return await people.register(request.user, relying_party(settings.public_url), data.credential, data.name)


@get("/api/v1/passkeys", roles=PEOPLE, tags=_TAGS)
async def passkeys(request: Request[Any, Any, Any]) -> list[PasskeyView]:
    """List the passkeys of one's own account."""
    return await people.passkeys(request.user)


@delete("/api/v1/passkeys/{id:uuid}", roles=PEOPLE, tags=_TAGS)
async def remove(request: Request[Any, Any, Any], id: FromPath[UUID]) -> None:
    """Remove a passkey of one's own account; the password stays."""
    await people.remove(request.user, id)


HANDLERS: list[Any] = [begin_sign_in, sign_in, begin, register, passkeys, remove]
