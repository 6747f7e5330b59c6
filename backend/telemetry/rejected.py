"""What was not accepted is kept with its reason; sent again, it is counted, not kept again."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from backend.telemetry import rejected_queries

MAX_BODY = 4000
"""Characters of a record that are shown; all of it is kept beside them."""

MAX_RAW = 8 * 1024 * 1024
"""Bytes of a message that are kept: the largest that any way lets in."""

_NOT_FOR_JSONB = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)
"""What JSON may escape and PostgreSQL cannot store: NUL and lone halves of surrogate pairs."""


_KEY = re.compile(r"lrd_[\w-]+")
"""A device's key: no secret is kept."""

_KEY_BYTES = re.compile(rb"lrd_[\w-]+")

MASK = "lrd_…"
"""What stands in a key's place."""


class Refused(Struct, frozen=True, kw_only=True):
    """A record or a whole message that was not accepted."""

    device: UUID | None
    field: str
    template: str
    params: dict[str, str]
    body: object
    """As parsed, or bytes where that failed: then it is a whole message."""

    adapter: str = ""
    """The message's format; empty for ours."""

    topic: str = ""
    """Where it was published, over MQTT."""


async def keep_inside(firm: UUID | None, refused: Sequence[Refused], *, source: str, now: datetime) -> None:
    """Keep what was not accepted, inside the caller's transaction."""
    kept: dict[bytes, rejected_queries.Kept] = {}
    for one in refused:
        body = storable(one.body)
        params = msgspec.json.encode(one.params, order="deterministic").decode()
        raw = _raw(one.body, body)
        name = "\0".join(
            [str(firm), str(one.device), source, one.field, one.template, params, body, one.adapter, _KEY.sub(MASK, one.topic)]
        )
        digest = hashlib.blake2b(name.encode(errors="replace") + (raw or b""), digest_size=16).digest()
        before = kept.get(digest)
        kept[digest] = rejected_queries.Kept(
            digest, firm, one.device, source, one.adapter, _KEY.sub(MASK, printable(one.topic)), one.field, one.template,
            params, body, isinstance(one.body, bytes), raw, 1 if before is None else before.times + 1,
        )  # fmt: skip
    if kept:
        await rejected_queries.keep(now, list(kept.values()))


def _raw(body: object, shown: str) -> bytes | None:
    """Return all of a body, packed and without keys; None where what is shown is all."""
    if isinstance(body, bytes):
        whole = body[:MAX_RAW]
    else:
        try:
            whole = json.dumps(body).encode("utf-8", errors="surrogatepass")
        except RecursionError:
            return None
        if _KEY.sub(MASK, whole.decode("utf-8", errors="surrogatepass")) == shown:
            return None
    return zlib.compress(_KEY_BYTES.sub(MASK.encode(), whole))


def storable(body: object) -> str:
    """Return a body as JSON that PostgreSQL can store, without keys.

    As text inside JSON where it is long or holds what cannot be stored.
    """
    return _KEY.sub(MASK, _storable(body))


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
    return json.dumps(printable(text[:MAX_BODY]))


def printable(text: str) -> str:
    """Return text with what cannot be printed told by its number."""
    return "".join(c if c.isprintable() else f"<{ord(c):x}>" for c in text)
