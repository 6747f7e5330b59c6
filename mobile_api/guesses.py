"""Keeps people from trying codes without end: refused codes are counted per address of the client, for a while.

Only codes that were not made here are held back, before the database is asked; a genuine label always opens, so that nobody
behind the same address (a whole building, a reverse proxy) is locked out of the rescue number by somebody else's guessing.
Chance itself guards the codes: of 2^40 ids hardly one in ten million is in use, and of 2^30 second halves one fits.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from litestar import Request
from msgspec import Struct

WINDOW = timedelta(minutes=10)
MOST_REFUSED = 300
"""Refused codes per client and window: nobody mistypes that often, and a crowd behind one address hardly does."""

MOST_CLIENTS = 10_000
"""Clients remembered; the ones not heard of for longest are forgotten."""


class _Count(Struct):
    """Refused codes of one client since an instant."""

    since: datetime
    refused: int = 0


class Guesses:
    """Counts of one process."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def wait_s(self, client: str, now: datetime) -> int | None:
        """Return how many seconds a client has to wait with wrong codes; None where it need not."""
        count = self._counts.get(client)
        if count is None or now - count.since >= WINDOW or count.refused < MOST_REFUSED:
            return None
        return int((count.since + WINDOW - now).total_seconds()) + 1

    def note(self, client: str, now: datetime) -> None:
        """Count one refused code of a client."""
        count = self._counts.get(client)
        if count is None or now - count.since >= WINDOW:
            count = self._counts[client] = _Count(now)
        count.refused += 1
        self._counts.move_to_end(client)
        while len(self._counts) > MOST_CLIENTS:
            self._counts.popitem(last=False)


def client_of(request: Request[Any, Any, Any]) -> str:
    """Return the client's address; of IPv6 the network, because one client has all of its addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def guesses_of(request: Request[Any, Any, Any]) -> Guesses:
    """Return the counts of the application."""
    state = request.app.state
    if "label_guesses" not in state:
        state["label_guesses"] = Guesses()
    found: Guesses = state["label_guesses"]
    return found
