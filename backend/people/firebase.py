"""What Firebase says of a telephone number that somebody signed in with: its ID tokens, verified by firebase-admin."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from backend.errors import Unavailable
from backend.settings import Settings

FRESH = timedelta(minutes=10)
"""A sign-in at Firebase opens a session here for so long: a token that is found later opens nothing."""

_AHEAD = timedelta(minutes=2)
"""Clocks that differ."""

_HTTP_TIMEOUT_S = 5.0
_LONGEST_TOKEN = 8_192
_DETAIL_LENGTH = 160
_UNREACHABLE = "phone sign-in does not answer at the moment: use your password"
_starting = Lock()


class TokenRefusedError(Exception):
    """An ID token that opens nothing; the text is for the audit trail."""


def toolkit_url(settings: Settings) -> str:
    """Return the address of the API that browsers have their number verified by."""
    host = f"http://{settings.auth_emulator}/" if settings.auth_emulator else "https://"
    return f"{host}identitytoolkit.googleapis.com"


def verified_number(settings: Settings, token: str, now: datetime) -> str:
    """Return the number that Firebase has verified, in the international form (E.164); blocks.

    Parameters
    ----------
    settings
        Of this installation; a project is set.
    token
        An ID token of that project.
    now
        The time.

    Raises
    ------
    TokenRefusedError
        If it is not a token of this project, of a number, just made, or was taken back.
    Unavailable
        If Firebase does not answer.
    """
    if not 0 < len(token) <= _LONGEST_TOKEN:
        raise TokenRefusedError("no token")
    claims = _claims(settings, token)
    number, provider = claims.get("phone_number"), (claims.get("firebase") or {}).get("sign_in_provider")
    if provider != "phone" or not isinstance(number, str) or not number.startswith("+"):
        raise TokenRefusedError("not signed in by a number")
    if not now - FRESH <= _moment(claims, "auth_time") <= now + _AHEAD or _moment(claims, "exp") <= now:
        raise TokenRefusedError("too old")
    return number


def _moment(claims: dict[str, Any], name: str) -> datetime:
    found = claims.get(name)
    try:
        return datetime.fromtimestamp(float(found or 0), tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise TokenRefusedError(f"no {name}") from error


def _claims(settings: Settings, token: str) -> dict[str, Any]:
    from firebase_admin import _auth_utils, auth, exceptions

    if _auth_utils.is_emulated() != (settings.auth_emulator is not None):
        raise Unavailable(_UNREACHABLE)  # the library would take tokens that nobody signed
    try:
        app = _app(settings)
        claims: dict[str, Any] = auth.verify_id_token(token, app=app, check_revoked=True)
        known = auth.get_user(claims["uid"], app=app)
    except (auth.CertificateFetchError, OSError) as error:
        raise Unavailable(_UNREACHABLE) from error
    except (auth.InvalidIdTokenError, auth.UserDisabledError, auth.UserNotFoundError, ValueError) as error:
        raise TokenRefusedError(f"{type(error).__name__}: {error}"[:_DETAIL_LENGTH]) from error
    except exceptions.FirebaseError as error:
        raise Unavailable(_UNREACHABLE) from error
    if known.phone_number != claims.get("phone_number"):
        raise TokenRefusedError("the number was changed")
    return claims


def _app(settings: Settings) -> Any:
    """Return firebase's app of these settings; a changed service account makes a new one."""
    import firebase_admin
    from firebase_admin import credentials

    account = b"" if settings.fcm_account is None or settings.auth_emulator else settings.fcm_account.read_bytes()
    named = f"{settings.firebase_project} {settings.auth_emulator} ".encode() + account
    name = f"sign-in {hashlib.sha256(named).hexdigest()[:16]}"
    with _starting:
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            pass
        given = credentials.Certificate(str(settings.fcm_account)) if account else None
        options = {"projectId": settings.firebase_project, "httpTimeout": _HTTP_TIMEOUT_S}
        return firebase_admin.initialize_app(given, options, name)
