"""Where pushes and bots may go: an address that a user gives must not make the server knock at doors inside of its network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

PUSH_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".notify.windows.com",
    ".push.apple.com",
)
"""The push services of the browsers: Chromium, Firefox, Safari, Edge; a dot at the beginning means every host below."""


def is_push_service(endpoint: str, more: Sequence[str] = ()) -> bool:
    """Return whether an address is one of a known push service, or of a host that the installation allows.

    Parameters
    ----------
    endpoint
        As the browser gave it.
    more
        `host` or `host:port` of the setting; one that names a port may be spoken to without TLS.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username is not None or not host:
        return False
    if _is_listed(host, port, more):
        return parts.scheme == "https" or (parts.scheme == "http" and f"{host}:{port}" in more)
    known = any(host == each or (each.startswith(".") and host.endswith(each)) for each in PUSH_SERVICES)
    return known and parts.scheme == "https" and port in (None, 443)


def _is_listed(host: str, port: int | None, more: Sequence[str]) -> bool:
    return host in more or f"{host}:{port}" in more


async def may_post_to(url: str, more: Sequence[str] = ()) -> bool:
    """Return whether a webhook's host is listed, or has public addresses only."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if not host:
        return False
    if _is_listed(host, port, more):
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(each[4][0]).partition("%")[0]).is_global for each in found)
