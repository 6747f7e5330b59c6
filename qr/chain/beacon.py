"""Beacons: signed server times that a phone carries in its entries, so that none of them can claim to be older than the last.

A token is base64url of a signed note (C2SP signed-note, Ed25519) whose text has two lines: who signs, and milliseconds since
1970 UTC. To the phone it is opaque. The newest key signs; retired ones still verify.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from qr.base64url import from_base64url, to_base64url
from qr.chain.bodies import LARGEST_INTEGER
from qr.chain.entry import LONGEST_TOKEN
from qr.chain.errors import refused
from qr.errors import Bilingual
from qr.log import note
from qr.log.errors import NoteError
from qr.log.keys import LogKeys, Use
from qr.log.note import Verifier

BEACON: Final = Use(
    "liftrounds-beacon-keys/1",
    "liftrounds-beacon/",
    Bilingual(zh="服务器时间", en="the server's times"),
    Bilingual(zh="换新密钥会使旧的服务器时间无法验证", en="with a new one the server times of before could not be checked"),
)
"""What the keys of beacons are for."""

_TEXT: Final = re.compile(r"(?P<name>[^\n]+)\n(?P<at_ms>0|[1-9][0-9]{0,15})\n")


def issue(at_ms: int, keys: LogKeys) -> str:
    """Return a token for a server time.

    Parameters
    ----------
    at_ms
        Milliseconds since 1970 UTC.
    keys
        Of the use `BEACON`; the newest signs.
    """
    return to_base64url(note.sign(f"{keys.origin}\n{at_ms}\n", keys.origin, keys.signing[-1:]).encode())


def read(token: str, known: Iterable[Verifier]) -> int:
    """Return the server time of a token, milliseconds since 1970 UTC.

    Parameters
    ----------
    token
        As an entry carries it.
    known
        Public keys of all epochs.

    Raises
    ------
    ChainError
        ``bad_beacon`` if no known key has signed it.
    """
    raw = from_base64url(token) if len(token) <= LONGEST_TOKEN else None
    try:
        opened = note.opened((raw or b"").decode(), known)
    except (NoteError, UnicodeDecodeError):
        raise _bad() from None
    found = _TEXT.fullmatch(opened.text)
    if found is None or all(found["name"] != key.name for key in opened.signed_by) or int(found["at_ms"]) > LARGEST_INTEGER:
        raise _bad()
    return int(found["at_ms"])


def _bad() -> Exception:
    return refused(
        "bad_beacon", "条目中的服务器时间不是本系统签发", "The server time in the entry was not signed by this system"
    )
