"""What was not accepted is kept with its reason; sent again, it is counted, not kept again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from backend.telemetry import intake_queries as queries

MAX_BODY = 4000
"""Characters of a record that are kept."""

_NOT_FOR_JSONB = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)
"""What JSON may escape and PostgreSQL cannot store: NUL and lone halves of surrogate pairs."""


_KEY = re.compile(r"lrd_[\w-]+")
"""A device's key: no secret is kept."""


class Refused(Struct, frozen=True, kw_only=True):
    """A record or a whole message that was not accepted."""

    device: UUID | None
    field: str
    template: str
    params: dict[str, str]
    body: object
    """As parsed, or bytes where that failed."""


async def keep_inside(firm: UUID | None, refused: Sequence[Refused], *, source: str, now: datetime) -> None:
    """Keep what was not accepted, inside the caller's transaction."""
    kept: dict[bytes, queries.Kept] = {}
    for one in refused:
        body = storable(one.body)
        params = msgspec.json.encode(one.params, order="deterministic").decode()
        name = "\0".join([str(firm), str(one.device), source, one.field, one.template, params, body])
        digest = hashlib.blake2b(name.encode(errors="replace"), digest_size=16).digest()
        before = kept.get(digest)
        times = 1 if before is None else before.times + 1
        kept[digest] = queries.Kept(digest, firm, one.device, source, one.field, one.template, params, body, times)
    if kept:
        await queries.keep_rejected(now, list(kept.values()))


def storable(body: object) -> str:
    """Return a body as JSON that PostgreSQL can store, without keys.

    As text inside JSON where it is long or holds what cannot be stored.
    """
    return _KEY.sub("lrd_…", _storable(body))


def _storable(body: object) -> str:
    if isinstance(body, bytes):
        return _as_text(body[:MAX_BODY].decode("utf-8", errors="backslashreplace"))
    try:
        text = json.dumps(body, allow_nan=False)
    except ValueError:
        return _as_text(json.dumps(body))
    except RecursionError:
        return _as_text("nested too deeply to be kept")
    if len(text) > MAX_BODY or _NOT_FOR_JSONB.search(text):
        return _as_text(text)
    return text


def _as_text(text: str) -> str:
    """Return text as a JSON string of what can be printed, backslashes doubled."""
    shown = "".join(c if c.isprintable() else f"<{ord(c):x}>" for c in text[:MAX_BODY])
    return json.dumps(shown)
