"""What opening a label's code answers, for the page and the API alike: the facts, or the refusal, and how long to keep it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request, Response

from backend import clock
from backend.errors import LabelRefused, TooManyAttempts
from backend.labels.views import Refusal
from backend.public import service as public
from backend.public.views import PublicElevator
from mobile_api.guesses import client_of, guesses_of
from qr.keys import KeyRing

KEEP = "private, max-age=60, stale-while-revalidate=600, stale-if-error=604800"
"""Fresh for a minute; without a signal a phone may show what it has for a week, because a rescue code does not age."""

_INVENTED = (Refusal.MALFORMED, Refusal.CHECK_FAILED, Refusal.WRONG_MAC)


async def opened(request: Request[Any, Any, Any], ring: KeyRing, text: str) -> PublicElevator:
    """Return what anybody may know about the elevator of a code.

    Raises
    ------
    LabelRefused
        With its reason, counted.
    TooManyAttempts
        After too many codes that were not made here; genuine ones are always answered.
    """
    async with counted(request, ring, text):
        return await public.public_elevator(ring, text)


@asynccontextmanager
async def counted(request: Request[Any, Any, Any], ring: KeyRing, text: str) -> AsyncIterator[None]:
    """Let a code be opened inside, unless too many that were not made here have come from the same place.

    Raises
    ------
    TooManyAttempts
        After too many of them; genuine codes are always let in.
    """
    guesses, client, now = guesses_of(request), client_of(request), clock.now()
    wait_s = guesses.wait_s(client, now)
    if wait_s is not None and not public.is_ours(ring, text):
        raise TooManyAttempts(
            "too many wrong codes from here: scan the label in the car, or try again in {retry_after_s} seconds",
            retry_after_s=wait_s,
        )
    try:
        yield
    except LabelRefused as refusal:
        if refusal.reason in _INVENTED:
            guesses.note(client, now)
        raise


def kept(request: Request[Any, Any, Any], body: bytes, media_type: str, **headers: str) -> Response[Any]:
    """Answer with something that a phone may keep: 304 where it has it already."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'  # weak: a proxy may compress it
    headers = {"ETag": tag, "Cache-Control": KEEP, "Vary": "Accept-Language, Cookie", **headers}
    known = [given.strip().removeprefix("W/") for given in request.headers.get("if-none-match", "").split(",")]
    if tag.removeprefix("W/") in known or "*" in known:
        return Response(b"", status_code=304, media_type=media_type, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
