"""Bearer tokens of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from msgspec import Struct

from backend.people import firebase, phone_numbers, relying_party
from backend.people import sessions as people
from backend.scope import Role
from mobile_api.i18n import gettext
from mobile_api.inputs import Installation, JSONBody
from mobile_api.security import PEOPLE, PUBLIC


class SignInBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A login and its password."""

    login: str
    password: str


class Session(Struct, frozen=True, kw_only=True):
    """Who is signed in, as what, until when."""

    name: str
    role: Role
    firm: UUID | None
    account: UUID | None
    technician: UUID | None
    owner: UUID | None
    expires_at: datetime | None


class NewSession(Session, frozen=True, kw_only=True):
    """A session and its token, which is told only here."""

    token: str


class IdToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Firebase answered to the code from the SMS."""

    id_token: str


class PhoneNumberWay(Struct, frozen=True, kw_only=True):
    """Where a browser has its telephone number verified: the Identity Toolkit API of Firebase."""

    project: str
    api_key: str
    url: str
    """Its address, to which `/v1/accounts:sendVerificationCode` and `/v1/accounts:signInWithPhoneNumber` are added."""

    recaptcha: bool
    """Whether it wants to know that a person asks; its emulator does not."""


class SignInWays(Struct, frozen=True, kw_only=True):
    """How people sign in here besides the password."""

    passkey: bool
    why_no_passkey: str
    """A sentence; empty where there are passkeys."""

    phone_number: PhoneNumberWay | None
    """None where it is not set up."""


def _told(signed_in: people.SignedIn) -> dict[str, Any]:
    scope = signed_in.scope
    return {
        "name": signed_in.name, "role": scope.role, "firm": scope.firm, "account": scope.account,
        "technician": scope.technician, "owner": scope.owner, "expires_at": signed_in.expires_at,
    }  # fmt: skip


def new_session(request: Request[Any, Any, Any], opened: tuple[str, people.SignedIn]) -> NewSession:
    """Answer any way of signing in."""
    token, signed_in = opened
    request.scope["user"] = signed_in  # so that the answer marks a browser of maintenance staff
    return NewSession(token=token, **_told(signed_in))


@post("/api/v1/sessions", roles=PUBLIC, tags=["sessions"])
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignInBody]) -> NewSession:
    """Sign in: send the token of the answer as `Authorization: Bearer …`."""
    client = request.headers.get("user-agent", "")
    return new_session(request, await people.sign_in(data.login, data.password, api=True, client=client))


@get("/api/v1/sign-in-ways", roles=PUBLIC, tags=["sessions"])
async def ways(settings: Installation) -> SignInWays:
    """Say how people sign in here besides the password."""
    why = relying_party.why_none(settings.public_url)
    number = None
    if settings.firebase_project is not None:
        url = firebase.toolkit_url(settings)
        number = PhoneNumberWay(
            project=settings.firebase_project, api_key=settings.firebase_api_key or "none", url=url,
            recaptcha=settings.auth_emulator is None,
        )  # fmt: skip
    return SignInWays(passkey=not why, why_no_passkey=gettext(why) if why else "", phone_number=number)


@post("/api/v1/sessions/phone-numbers", roles=PUBLIC, tags=["sessions"])
async def sign_in_by_number(
    request: Request[Any, Any, Any], settings: Installation, data: JSONBody[IdToken]
) -> NewSession:  # fmt: skip
    """Sign a technician in by the number that Firebase has verified; 409 where it is not set up."""
    client = request.headers.get("user-agent", "")
    return new_session(request, await phone_numbers.sign_in(settings, data.id_token, api=True, client=client))


@get("/api/v1/sessions/current", roles=PEOPLE, tags=["sessions"])
async def current(request: Request[Any, Any, Any]) -> Session:
    """Say who is signed in with the token."""
    return Session(**_told(request.user))


@delete("/api/v1/sessions/current", roles=PEOPLE, tags=["sessions"])
async def sign_out(request: Request[Any, Any, Any]) -> None:
    """Sign out: the token is worth nothing from now on."""
    await people.sign_out(request.headers["authorization"].partition(" ")[2])


HANDLERS: list[Any] = [sign_in, ways, sign_in_by_number, current, sign_out]
