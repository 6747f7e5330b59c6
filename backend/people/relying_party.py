"""For which address passkeys are made: they belong to one host name, over HTTPS or on the same machine (WebAuthn level 3)."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from backend.errors import Conflict

NAME = "Liftrounds"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_USUAL_PORTS = {"http": 80, "https": 443}

NO_NAME = "passkeys need a host name: the address of this installation is a number (LIFTROUNDS_PUBLIC_URL)"
NO_HTTPS = "passkeys need HTTPS: the address of this installation begins with http:// (LIFTROUNDS_PUBLIC_URL)"


class RelyingParty(Struct, frozen=True):
    """What a passkey of this installation is bound to."""

    id: str
    """The host name."""

    origin: str
    """Where the browser must have been: scheme, host and port."""


def relying_party(public_url: str) -> RelyingParty:
    """Return what passkeys are bound to under a public address; on this machine that is `localhost`.

    Raises
    ------
    Conflict
        Where browsers offer no passkeys: a number instead of a name, or plain HTTP.
    """
    parts = urlsplit(public_url)
    host = (parts.hostname or "").lower()
    if host in _THIS_MACHINE:
        host = "localhost"  # browsers take it for safe without HTTPS
    elif _is_number(host):
        raise Conflict(NO_NAME)
    elif parts.scheme != "https":
        raise Conflict(NO_HTTPS)
    if not host.isascii():
        host = host.encode("idna").decode()
    port = "" if parts.port in (None, _USUAL_PORTS.get(parts.scheme)) else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def why_none(public_url: str) -> str:
    """Return why there are no passkeys under a public address, a sentence to be translated; empty where there are."""
    try:
        relying_party(public_url)
    except Conflict as refusal:
        return refusal.template
    return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
